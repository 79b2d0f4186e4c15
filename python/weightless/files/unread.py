"""A look at the first bytes of a stream, which are then read again."""

from __future__ import annotations

import io
from typing import BinaryIO, cast

from weightless.files.pump import read_some

__all__ = ["first_bytes"]


def first_bytes(stream: BinaryIO, size: int) -> tuple[bytes, BinaryIO]:
    """Return the next `size` bytes, or all if there are fewer, and a stream that begins with them.

    The stream that is returned is the given one if that can seek.
    """
    head = b""
    while len(head) < size and (piece := read_some(stream, size - len(head))):
        head += piece
    if stream.seekable():
        stream.seek(-len(head), io.SEEK_CUR)
        return head, stream
    return head, cast(BinaryIO, _Unread(head, stream))


class _Unread(io.RawIOBase):
    """A stream after bytes that have been read from it."""

    def __init__(self, head: bytes, stream: BinaryIO) -> None:
        self._head = head
        self._stream = stream

    def readable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._stream.fileno()

    def read(self, size: int = -1, /) -> bytes:
        if not self._head:
            return self._stream.read(size)
        piece = self._head if size < 0 else self._head[:size]
        self._head = self._head[len(piece) :]
        return piece + self._stream.read() if size < 0 else piece
