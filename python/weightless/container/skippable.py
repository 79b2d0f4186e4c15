"""Skippable frames: data that decoders ignore, such as metadata or a seek table.

Source: ``docs/format.md``, "Skippable frames".
"""

from __future__ import annotations

from weightless.container.checks import header_check
from weightless.container.header import MAGIC, SKIPPABLE
from weightless.container.varint import NeedMoreData, decode_varint, encode_varint
from weightless.errors import CorruptError, ParameterError

__all__ = ["SEEK_TABLE", "is_skippable", "parse_skippable_header", "skippable_frame"]

#: The kind of a skippable frame that contains a seek table. Kinds 1 to 14 are reserved;
#: kind 15 is for applications.
SEEK_TABLE = 0


def is_skippable(data: bytes | bytearray | memoryview) -> bool:
    """Return whether `data` starts with a skippable frame; False for less than 4 bytes."""
    return bytes(data[:3]) == MAGIC and len(data) > 3 and data[3] >> 4 == SKIPPABLE


def skippable_frame(content: bytes, kind: int = 15) -> bytes:
    """Return a skippable frame of a `kind` from 0 to 15 that contains `content`.

    Raises
    ------
    ParameterError
        If `kind` is out of range.
    """
    if not 0 <= kind <= 15:
        raise ParameterError(f"kind is {kind}, not in [0, 15]")
    header = MAGIC + bytes([SKIPPABLE << 4 | kind]) + encode_varint(len(content))
    return header + bytes([header_check(header)]) + content


def parse_skippable_header(data: bytes | bytearray | memoryview) -> tuple[int, int, int]:
    """Decode the header of a skippable frame, at the start of `data`.

    Returns
    -------
    kind : int
    content_size : int
        Bytes of the content, which follows the header.
    size : int
        Length of the header in bytes.

    Raises
    ------
    NeedMoreData
        If the data ends within the header.
    CorruptError
        If the length is out of range or the header check does not match.
    """
    size, position = decode_varint(data, 4, 63)
    if position >= len(data):
        raise NeedMoreData
    if data[position] != header_check(data[:position]):
        raise CorruptError("the header of a skippable frame is damaged")
    return data[3] & 15, size, position + 1
