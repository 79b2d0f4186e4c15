"""Numbers of variable length (LEB128: 7 bits a byte, lowest first, top bit: more follow).

Only the shortest form is valid, so a number has one encoding.
"""

from __future__ import annotations

from weightless.errors import CorruptError

__all__ = ["NeedMoreData", "decode_varint", "encode_varint", "unzigzag", "zigzag"]


class NeedMoreData(Exception):  # noqa: N818
    """The structure goes on behind the data at hand; not an error by itself."""


def encode_varint(value: int) -> bytes:
    """Return `value` >= 0 as a varint."""
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def decode_varint(
    data: bytes | bytearray | memoryview, position: int, bits: int
) -> tuple[int, int]:
    """Read a varint of at most `bits` bits.

    Returns
    -------
    value, position : int
        The number and where the next field starts.

    Raises
    ------
    NeedMoreData
        If the data ends within the number.
    CorruptError
        If the number is too large or not in its shortest form.
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
    """Undo `zigzag`."""
    return -(value + 1) // 2 if value & 1 else value // 2
