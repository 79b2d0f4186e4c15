"""What one expert takes for its own is not left to it where another one predicts it better."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable

import pytest
from payloads import coded


def walk(columns: int, step: int, rows: int, seed: int = 81) -> bytes:
    """Integers of 32 bits in columns, each of which moves by at most `step` from row to row."""
    rng = random.Random(seed)
    row = [0] * columns
    out = bytearray()
    for _ in range(rows):
        row = [x + rng.randint(-step, step) for x in row]
        out += struct.pack(f"<{columns}i", *row)
    return bytes(out)


def objects() -> bytes:
    """Records of three coordinates, a number and a kind."""
    rng = random.Random(82)
    place = [0] * 3
    out = bytearray()
    for i in range(1500):
        place = [x + rng.randint(-50, 50) for x in place]
        out += struct.pack("<5i", *place, i, rng.randrange(4))
    return bytes(out)


def coordinates() -> bytes:
    return walk(3, 30, 2500)


def series() -> bytes:
    """Small integers, which were taken for records of a spreadsheet without any content."""
    return walk(1, 30, 6000, seed=84)


@pytest.mark.parametrize(
    ("make", "most_by_1", "most"),
    [
        (objects, 5000, 4540),  # 7285 while samples of the wrong stride spoke for them
        (coordinates, 6000, 5820),  # 7791, 5968
        (series, 4850, 4700),  # 5361, 5012
    ],
)
def test_numbers_are_left_to_the_expert_that_predicts_them_best(
    make: Callable[[], bytes], most_by_1: int, most: int
) -> None:
    """Experts 1, and 2 and 4."""
    data = make()
    assert coded(data, 1, 20) < most_by_1
    assert coded(data, 2, 20) < most
    assert coded(data, 4, 20) < most


def test_bytes_that_do_not_change_cost_next_to_nothing() -> None:
    """Wide records of which few bytes change: histograms are exact where a byte is."""
    rng = random.Random(83)
    row = rng.randbytes(1500)
    out = bytearray()
    for _ in range(40):
        row = bytes((x + rng.randint(-3, 3)) & 255 if rng.random() < 0.2 else x for x in row)
        out += row
    assert coded(bytes(out), 1, 20) < 10_450  # 10706 if a value lies across two of their nodes
