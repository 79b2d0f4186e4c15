"""Parquet's indices into dictionaries are predicted by the order of the values they stand for."""

from __future__ import annotations

import random

import pytest
from data import text
from kinds import KINDS
from parquet import column, header, packed, varint
from payloads import coded


def prices(count: int, seed: int = 81) -> list[float]:
    """Return a price that wanders by some hundredths."""
    rng = random.Random(seed)
    price = 10_000
    out = []
    for _ in range(count):
        price += rng.randrange(-3, 4)
        out.append(price / 100)
    return out


def times(count: int, seed: int = 82) -> list[int]:
    """Return rising times, of which a few are equal to the one before."""
    rng = random.Random(seed)
    now = 1_700_000_000_000
    out = []
    for _ in range(count):
        now += rng.choice((0, *range(40, 60)))
        out.append(now)
    return out


@pytest.mark.parametrize(
    ("pages", "most"),
    [
        # Without the expert 3,206, 2,847 and 2,666 bytes,
        pytest.param(column(prices(5000)), (2_450, 2_320, 2_260), id="prices"),
        # 3,207, 2,849 and 2,664,
        pytest.param(column(prices(5000), levels=False), (2_450, 2_320, 2_260), id="no-levels"),
        # and 2,932, 2,847 and 2,825.
        pytest.param(column(times(3000), "<q"), (2_250, 2_250, 2_150), id="times"),
    ],
)
def test_indices_are_predicted(pages: bytes, most: tuple[int, int, int]) -> None:
    for experts, limit in zip((1, 2, 4), most, strict=True):
        assert coded(b"PAR1" + pages, experts) < limit


def test_other_data_around_pages_cost_no_more() -> None:
    prose = text(6000)
    pages = column(prices(3000))
    alone = coded(b"PAR1" + pages) + coded(prose)
    assert coded(prose + b"PAR1" + pages + prose) < 1.03 * alone + coded(prose) / 4
    assert coded(b"PAR1" + prose) < coded(prose) + 20


@pytest.mark.parametrize("kind", ["sound16", "x86", "csv"])
def test_a_page_that_is_cut_ends_with_the_first_indices_beyond_its_dictionary(kind: str) -> None:
    rng = random.Random(1)
    page = (b"PAR1" + column([round(rng.gauss(50, 9), 1) for _ in range(20_000)]))[:12_000]
    other = KINDS[kind](16_000)
    parts = coded(page) + coded(other)
    assert coded(page + other) < 1.01 * parts + 100
    # Without a dictionary there are no indices.
    claim = b"PAR1" + header(0, 2**30, 9, 8) + bytes([16]) + varint(2**29 << 1 | 1)
    assert coded(claim + other) < 1.01 * coded(other) + len(claim) + 30


HUGE = 2**60
INDICES = list(range(300)) * 4


@pytest.mark.parametrize(
    "pages",
    [
        header(2, 0, 5, 0),
        header(2, HUGE, HUGE, 0) + bytes(100),
        header(2, 800, 100, 0) + bytes(50),
        header(2, 8 * 40_000, 40_000, 0) + bytes(320_000),
        header(0, 40, HUGE, 8) + bytes(40),
        header(0, 40, 9, 8) + b"\x03\0\0\0\x12\x01\x20" + bytes([0]) + varint(3) + bytes(90),
        header(0, 5, 9, 8) + b"\xff" * 5,
        header(0, 90, 9, 8) + b"\xff" * 90,
        header(0, 90, 9, 8) + bytes([32]) + varint(HUGE << 1 | 1) + b"\xff" * 90,
        header(0, 2000, 9, 8) + bytes([16]) + varint(999) + b"\xff\x7f" * 999,
        header(0, 2000, 9, 8) + bytes([8]) + varint(2 << 1) + b"\xff" + packed(INDICES, 9),
        header(0, 1403, 9, 8) + bytes([9]) + packed(INDICES, 9),
        header(0, 20, 9, 8) + bytes([0]) + bytes([3]) * 19,
        b"\x15\x04\x15" + b"\xff" * 30,
        b"\x15\x00" + b"\x1c" * 60,
        b"\x15\x00\x15\x10\x15\x10\x18" + varint(HUGE) + bytes(60),
        b"\x15\x00\x13\x07\x17" + bytes(8) + b"\x11\x12\x16\x02\x19" + bytes(9),
    ],
)
def test_odd_pages_come_back(pages: bytes) -> None:
    good = column(prices(300))
    coded(b"PAR1" + good + pages + good + b"PAR1" + pages + good, 1)
    coded(b"PAR1" + pages + bytes(range(256)) + b"PAR1" + good, 1)


@pytest.mark.parametrize("seed", range(12))
def test_damaged_pages_come_back(seed: int) -> None:
    rng = random.Random(seed)
    pages = bytearray(b"PAR1" + column(prices(400)) + column(times(300), "<q"))
    for _ in range(rng.randrange(1, 30)):
        pages[rng.randrange(len(pages))] = rng.randrange(256)
    coded(bytes(pages), 1)
