"""The header of a block: kind, whether it is the frame's last, raw and coded length."""

from __future__ import annotations

from dataclasses import dataclass
from typing import SupportsIndex

from weightless.container.varint import decode_varint, encode_varint
from weightless.errors import CorruptError
from weightless.integers import integer

__all__ = [
    "DEFAULT_BLOCK_SIZE",
    "MAX_BLOCK_SIZE",
    "BlockHeader",
    "check_block_size",
    "parse_block_header",
]

#: No block holds more raw bytes: the bound of what a damaged length can cost.
MAX_BLOCK_SIZE = 1 << 20
#: Cost 0.01 % of what text compresses to; damage takes no more than this with it.
DEFAULT_BLOCK_SIZE = 1 << 18

_LAST = 1
_STORED = 2


def check_block_size(size: SupportsIndex) -> int:
    """Return a number of bytes that a block may hold; refuse any other."""
    return integer(size, "block_size", 1, MAX_BLOCK_SIZE)


@dataclass(frozen=True)
class BlockHeader:
    """What stands before a block's payload.

    Attributes
    ----------
    last : bool
        No block of this frame follows.
    stored : bool
        The payload is the raw bytes.
    raw_size, payload_size : int
        In bytes.
    """

    last: bool
    stored: bool
    raw_size: int
    payload_size: int

    def to_bytes(self) -> bytes:
        """Return the header as it stands in the archive."""
        kind = (_LAST if self.last else 0) | (_STORED if self.stored else 0)
        out = encode_varint(self.raw_size << 2 | kind)
        return out if self.stored else out + encode_varint(self.payload_size)


def parse_block_header(
    data: bytes | bytearray | memoryview, position: int
) -> tuple[BlockHeader, int]:
    """Read the header at `position`; return it and where the payload starts.

    Raises
    ------
    NeedMoreData
        If the data ends within the header.
    CorruptError
        For lengths that no block has.
    """
    word, position = decode_varint(data, position, 32)
    raw_size = word >> 2
    stored = bool(word & _STORED)
    if raw_size > MAX_BLOCK_SIZE:
        raise CorruptError("a block's length is out of range")
    payload_size = raw_size
    if not stored:
        payload_size, position = decode_varint(data, position, 32)
        # What would not be shorter is stored, so a longer payload is damage.
        if payload_size >= raw_size:
            raise CorruptError("a block's length is out of range")
    return BlockHeader(bool(word & _LAST), stored, raw_size, payload_size), position
