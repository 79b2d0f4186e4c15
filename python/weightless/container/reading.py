"""Pieces of a binary stream."""

from __future__ import annotations

from typing import Protocol

__all__ = ["CHUNK_SIZE", "Readable", "read_at", "read_up_to"]

#: Bytes read from a file at a time.
CHUNK_SIZE = 1 << 17


class Readable(Protocol):
    """What is needed of a binary stream to read from it; not all can seek."""

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes; none at the end only."""

    def seekable(self) -> bool:
        """Tell whether `seek` and `tell` work."""

    def seek(self, position: int, whence: int = 0, /) -> int:
        """Go to a position and return it."""

    def tell(self) -> int:
        """Return the position."""


def read_at(stream: Readable, position: int, size: int) -> bytes:
    """Return `size` bytes from `position` on; fewer only at the stream's end."""
    stream.seek(position)
    return read_up_to(stream, size)


def read_up_to(stream: Readable, size: int) -> bytes:
    """Return `size` bytes, however few a raw stream gives at a time; fewer at its end."""
    out = stream.read(size)
    if len(out) == size:
        return out
    pieces = bytearray(out)
    while len(pieces) < size and (piece := stream.read(size - len(pieces))):
        pieces += piece
    return bytes(pieces)
