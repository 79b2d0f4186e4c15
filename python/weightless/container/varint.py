"""Integers of variable length (unsigned LEB128), and the zigzag mapping of signed integers.

A varint has 7 bits of the number per byte, the lowest first; the top bit of a byte is set
if more bytes follow. Only the shortest encoding is valid, so that each number has exactly
one.

Sources: LEB128 as in the DWARF standard; zigzag as in the encoding of Protocol Buffers.
"""

from __future__ import annotations

from weightless.errors import CorruptError

__all__ = ["NeedMoreData", "decode_varint", "encode_varint", "unzigzag", "zigzag"]


class NeedMoreData(Exception):  # noqa: N818
    """The data available ends within the structure; not an error in itself."""


def encode_varint(value: int) -> bytes:
    """Encode `value` >= 0 as a varint."""
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def decode_varint(
    data: bytes | bytearray | memoryview, position: int, bits: int
) -> tuple[int, int]:
    """Decode the varint at `position`, which must be less than ``2**bits``.

    Returns
    -------
    value, position : int
        The number, and the position of the next field.

    Raises
    ------
    NeedMoreData
        If the data ends within the varint.
    CorruptError
        If the number is too large or not in its shortest encoding.
    """
    value = shift = 0
    while True:
        if position >= len(data):
            raise NeedMoreData
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if value >> bits or (byte == 0 and shift):
            raise CorruptError("a number in the archive is out of range")
        if byte < 0x80:
            return value, position
        shift += 7
        if shift > bits:
            raise CorruptError("a number in the archive is out of range")


def zigzag(value: int) -> int:
    """Map 0, -1, 1, -2, … to 0, 1, 2, 3, …."""
    return 2 * value if value >= 0 else -2 * value - 1


def unzigzag(value: int) -> int:
    """Invert `zigzag`."""
    return -(value + 1) // 2 if value & 1 else value // 2
