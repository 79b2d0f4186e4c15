"""The header of a block: its lengths, and whether it is stored and the last of its frame.

Source: ``docs/format.md``, "Blocks".
"""

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

#: The largest raw length of a block. It bounds the memory and time that a damaged length
#: can cause.
MAX_BLOCK_SIZE = 1 << 20
#: Blocks of this size add about 0.01 % to the compressed size of text. A damaged byte makes
#: at most this much of the content before it unrecoverable.
DEFAULT_BLOCK_SIZE = 1 << 18

_LAST = 1
_STORED = 2


def check_block_size(size: SupportsIndex) -> int:
    """Return `size` as an int if it is a valid block size, 1 to 2^20.

    Raises
    ------
    ParameterError
        If it is out of range.
    TypeError
        If it is not an integer.
    """
    return integer(size, "block_size", 1, MAX_BLOCK_SIZE)


@dataclass(frozen=True)
class BlockHeader:
    """The fields of a block header.

    Attributes
    ----------
    last : bool
        Whether this is the last block of its frame.
    stored : bool
        Whether the payload is the raw bytes, and the model learns nothing from them.
    raw_size, payload_size : int
        Length of the content and of the payload in bytes.
    """

    last: bool
    stored: bool
    raw_size: int
    payload_size: int

    @property
    def verbatim(self) -> bool:
        """Whether the payload is the raw bytes, whether or not the model learns from them."""
        return self.payload_size == self.raw_size

    def to_bytes(self) -> bytes:
        """Return the encoded header."""
        kind = (_LAST if self.last else 0) | (_STORED if self.stored else 0)
        out = encode_varint(self.raw_size << 2 | kind)
        return out if self.stored else out + encode_varint(self.payload_size)


def parse_block_header(
    data: bytes | bytearray | memoryview, position: int
) -> tuple[BlockHeader, int]:
    """Decode the block header at `position`.

    Returns
    -------
    header : BlockHeader
    position : int
        Where the payload starts.

    Raises
    ------
    NeedMoreData
        If the data ends within the header.
    CorruptError
        If a length is out of range.
    """
    word, position = decode_varint(data, position, 32)
    raw_size = word >> 2
    stored = bool(word & _STORED)
    if raw_size > MAX_BLOCK_SIZE:
        raise CorruptError("a block's length is out of range")
    payload_size = raw_size
    if not stored:
        payload_size, position = decode_varint(data, position, 32)
        # A payload as long as the content is the content, from which the model learns.
        if payload_size > raw_size or raw_size == 0:
            raise CorruptError("a block's length is out of range")
    return BlockHeader(bool(word & _LAST), stored, raw_size, payload_size), position
