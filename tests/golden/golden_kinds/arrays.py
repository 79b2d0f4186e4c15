"""Arrays of numbers, and rows of binary fields.

Floating-point numbers are fractions with a power of two below, so that no rounding is involved.
"""

from __future__ import annotations

import struct

from golden_kinds.numbers import Numbers, wave

__all__ = ["float32", "float64", "int32", "int64", "npy", "records", "similar"]


def float32(size: int, seed: int = 51) -> bytes:
    """Return a slow wave with noise, in single precision."""
    numbers = Numbers(seed)
    values = (20_000 + at + numbers.bell(40) for at in wave(size // 4, 6000, 30))
    return b"".join(struct.pack("<f", value / 1024) for value in values)


def float64(size: int, seed: int = 52) -> bytes:
    """Return a random walk in double precision, in steps of 1/4, every third value another."""
    numbers = Numbers(seed)
    out = b""
    at = 20_000
    for i in range(size // 8):
        at += numbers.bell(9)
        out += struct.pack("<d", (numbers.below(1 << 30) if i % 3 == 2 else at) / 4)
    return out


def int32(size: int, seed: int = 53) -> bytes:
    """Return a table of small numbers in no order, many of them 0, big-endian."""
    numbers = Numbers(seed)
    return b"".join(
        (numbers.below(2796) if numbers.below(4) else 0).to_bytes(4, "big")
        for _ in range(size // 4)
    )


def int64(size: int, seed: int = 54) -> bytes:
    """Return rising times."""
    numbers = Numbers(seed)
    out = b""
    now = 1_700_000_000_000_000
    while len(out) < size:
        now += 1_000_000 + numbers.bell(900)
        out += now.to_bytes(8, "little")
    return out[:size]


def npy(size: int, seed: int = 55) -> bytes:
    """Return an array of 16-bit integers as NumPy saves it."""
    numbers = Numbers(seed)
    count = size // 2
    head = f"{{'descr': '<i2', 'fortran_order': False, 'shape': ({count},), }}".encode()
    head = head.ljust(117) + b"\n"
    values = (at + numbers.bell(30) for at in wave(count, 7000, 25))
    body = b"".join(value.to_bytes(2, "little", signed=True) for value in values)
    return b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head + body


def records(size: int, seed: int = 56) -> bytes:
    """Return rows of 20 bytes: a counter, a level, flags and a name."""
    numbers = Numbers(seed)
    names = [numbers.data(5).hex().encode() for _ in range(12)]
    out = b""
    level = 1000
    for i in range(size // 20 + 1):
        level += numbers.bell(9)
        out += struct.pack("<IHH", 70_000 + 3 * i, level, numbers.early((0, 1, 4)))
        out += numbers.early(names) + b"\0\0"
    return out[:size]


def similar(size: int, seed: int = 57) -> bytes:
    """Return rows of 700 bytes, each like the one before but for small differences."""
    numbers = Numbers(seed)
    row = bytearray(numbers.data(700))
    out = bytearray()
    while len(out) < size:
        out += row
        for i in range(len(row)):
            row[i] = (row[i] + numbers.bell(3)) % 256
    return bytes(out[:size])
