"""Arrays of numbers, alone or as fields of records, are predicted in any format."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable

import pytest

from weightless import _core

DEFAULTS = {name: default for name, default, _, _ in _core.FIELDS}


def coded(data: bytes, experts: int) -> int:
    """Bytes that the experts need, the round trip checked."""
    fields = DEFAULTS | {"width": 0, "experts": experts, "memory_bits": 18, "delay": 1}
    values = [fields[name] for name, *_ in _core.FIELDS]
    payload = _core.Codec(values).encode(data)
    assert _core.Codec(values).decode(payload, len(data)) == data
    return len(payload)


def rising(layout: str, least: int, most: int) -> bytes:
    """Integers that rise by random steps."""
    rng = random.Random(71)
    value = 1_500_000_000
    out = bytearray()
    for _ in range(4000):
        value += rng.randint(least, most)
        out += struct.pack(layout, value)
    return bytes(out)


def floats(layout: str, count: int) -> bytes:
    """Normally distributed numbers: only signs and exponents can be predicted."""
    rng = random.Random(72)
    return struct.pack(f"{layout[0]}{count}{layout[1]}", *(rng.gauss(0, 0.02) for _ in range(count)))


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


# Bytes that are needed by the experts 1 and 3. Without the expert for arrays they need the numbers
# in the comments.
@pytest.mark.parametrize(
    ("make", "least", "most"),
    [
        (lambda: rising("<q", 990, 1010), 1, 1),
        (lambda: rising(">q", 990, 1010), 1, 1),
        (lambda: floats("<f", 5000), 1, 1),
        (lambda: floats("<e", 10000), 1, 1),
        (lambda: records("<"), 1, 1),
        (lambda: records(">"), 1, 1),
        (points, 1, 1),
    ],
)
def test_arrays_are_predicted(make: Callable[[], bytes], least: int, most: int) -> None:
    data = make()
    print(coded(data, 1), coded(data, 3))
