"""Arrays of numbers, alone or as fields of records, are predicted in any format."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from data import text
from payloads import coded
from programs import CORE, lines_of


def rising(layout: str, least: int, most: int) -> bytes:
    """Integers that rise by random steps."""
    rng = random.Random(71)
    value = 1_500_000_000
    out = bytearray()
    for _ in range(4000):
        value += rng.randint(least, most)
        out += struct.pack(layout, value)
    return bytes(out)


def records(order: str) -> bytes:
    """Records of 14 bytes: a number, a price and a flag."""
    rng = random.Random(73)
    number = 100_000
    price = 50.0
    out = bytearray()
    for _ in range(2000):
        number += rng.randint(1, 3)
        price += rng.gauss(0, 0.05)
        out += struct.pack(order + "idh", number, round(price, 2), rng.randrange(5))
    return bytes(out)


def points() -> bytes:
    """Three coordinates of 4 bytes, of which each rises at a rate of its own, with noise."""
    rng = random.Random(74)
    out = bytearray()
    for i in range(3000):
        out += struct.pack("<3f", *(5 + i * rate + rng.gauss(0, 1e-4) for rate in (0.1, 0.02, 3)))
    return bytes(out)


def rows() -> bytes:
    """Rows of 90 numbers, each of which changes little from row to row."""
    rng = random.Random(76)
    row = [rng.uniform(1, 2) for _ in range(90)]
    out = bytearray()
    for _ in range(60):
        row = [x + rng.gauss(0, 1e-4) for x in row]
        out += struct.pack("<90f", *row)
    return bytes(out)


@pytest.mark.parametrize(
    ("make", "most_by_1", "most"),
    [
        (lambda: rising("<q", 990, 1010), 4200, 3600),  # without the expert 7465 and 5609
        (lambda: rising(">q", 990, 1010), 4800, 4000),  # 6551 and 4882
        (lambda: records("<"), 4400, 3300),  # 5601 and 3693
        (lambda: records(">"), 4000, 3200),  # 4523 and 3324
        (points, 15000, 9500),  # 24212 and 10832
        (rows, 17000, 9800),  # 16030 and 11043; experts 1 take them for samples
    ],
    ids=["little", "big", "records", "big-records", "points", "rows"],
)
def test_arrays_are_predicted(make: Callable[[], bytes], most_by_1: int, most: int) -> None:
    data = make()
    assert coded(data, 1) < most_by_1
    assert coded(data, 3) < most
    assert coded(data, 4) < most


def test_arrays_begin_and_end_anywhere() -> None:
    array = rising("<q", 990, 1010)[:16_000]
    noise = random.Random(75).randbytes(5000)
    prose = text(9000)
    # Alone they need 8,599 bytes.
    assert coded(noise + array + prose, 3) < 9400
    assert coded(prose + array + noise, 3) < 9400


def test_records_soon_after_another_format(tmp_path: Path) -> None:
    """A record may be longer than what there has been before the bytes that are compared."""
    source = Path(__file__).with_name("arrays_after_formats.cpp")
    parts = ("model/experts/arrays.cpp", "kernels/dispatch.cpp", "kernels/targets/scalar.cpp")
    assert lines_of(source, tmp_path, *(CORE / part for part in parts)) == ["124"]
