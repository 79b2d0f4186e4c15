"""Skippable frames: bytes that decoders pass over, such as metadata or a seek table."""

from __future__ import annotations

from weightless.container.checks import header_check
from weightless.container.header import MAGIC, SKIPPABLE
from weightless.container.varint import NeedMoreData, decode_varint, encode_varint
from weightless.errors import CorruptError, ParameterError

__all__ = ["SEEK_TABLE", "is_skippable", "parse_skippable_header", "skippable_frame"]

#: Kind of the skippable frame that holds a seek table; 1 to 14 are reserved, 15 is
#: for applications.
SEEK_TABLE = 0


def is_skippable(data: bytes | bytearray | memoryview) -> bool:
    """Tell whether the frame at the start of `data` (4 bytes or more) is skippable."""
    return bytes(data[:3]) == MAGIC and len(data) > 3 and data[3] >> 4 == SKIPPABLE


def skippable_frame(content: bytes, kind: int = 15) -> bytes:
    """Return a frame that decoders skip, with `content` in it.

    Raises
    ------
    ParameterError
        For a kind that is not in 0 to 15.
    """
    if not 0 <= kind <= 15:
        raise ParameterError(f"kind is {kind}, not in [0, 15]")
    header = MAGIC + bytes([SKIPPABLE << 4 | kind]) + encode_varint(len(content))
    return header + bytes([header_check(header)]) + content


def parse_skippable_header(data: bytes | bytearray | memoryview) -> tuple[int, int, int]:
    """Read the header; return the kind, the content's size, and the header's own size."""
    size, position = decode_varint(data, 4, 63)
    if position >= len(data):
        raise NeedMoreData
    if data[position] != header_check(data[:position]):
        raise CorruptError("a skippable frame's header is damaged")
    return data[3] & 15, size, position + 1
