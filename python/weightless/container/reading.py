"""Pieces of a binary stream."""

from __future__ import annotations

from typing import BinaryIO

__all__ = ["CHUNK_SIZE", "read_at", "read_up_to"]

#: Bytes read from a file at a time.
CHUNK_SIZE = 1 << 17


def read_at(stream: BinaryIO, position: int, size: int) -> bytes:
    """Return `size` bytes from `position` on; fewer only at the stream's end."""
    stream.seek(position)
    return read_up_to(stream, size)


def read_up_to(stream: BinaryIO, size: int) -> bytes:
    """Return `size` bytes, however few a raw stream gives at a time; fewer at its end."""
    out = stream.read(size)
    if len(out) == size:
        return out
    pieces = bytearray(out)
    while len(pieces) < size and (piece := stream.read(size - len(pieces))):
        pieces += piece
    return bytes(pieces)
