"""Parquet's pages, written plainly: dictionaries, and indices packed into few bits."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence


def varint(value: int) -> bytes:
    """Return seven bits in each byte, the least significant first."""
    out = bytearray()
    while value >= 128:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def header(kind: int, size: int, count: int, encoding: int) -> bytes:
    """Return a page header: kind 2 is a dictionary's, 0 that of data."""

    def number(value: int) -> bytes:
        return b"\x15" + varint(2 * value)

    fields = number(count) + number(encoding)
    fields += b"" if kind == 2 else number(3) + number(3)
    start = number(kind) + number(size) + number(size)
    return start + (b"\x4c" if kind == 2 else b"\x2c") + fields + b"\0\0"


def packed(indices: Sequence[int], width: int) -> bytes:
    """Return a run of indices of `width` bits, in groups of eight."""
    groups = (len(indices) + 7) // 8
    bits = sum(index << i * width for i, index in enumerate(indices))
    return varint(groups << 1 | 1) + bits.to_bytes(groups * width, "little")


def column(values: Iterable[float], layout: str = "<d", *, levels: bool = True) -> bytes:
    """Return a dictionary's page, whose values are in order of first use, and one of indices."""
    index: dict[float, int] = {}
    indices = [index.setdefault(value, len(index)) for value in values]
    width = max(1, (len(index) - 1).bit_length())
    entries = b"".join(struct.pack(layout, value) for value in index)
    body = bytes([width]) + packed(indices, width)
    if levels:  # one run of ones
        run = varint(len(indices) << 1) + b"\x01"
        body = len(run).to_bytes(4, "little") + run + body
    pages = header(2, len(entries), len(index), 0) + entries
    return pages + header(0, len(body), len(indices), 8) + body
