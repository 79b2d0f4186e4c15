"""Reading an archive or its content a little at a time."""

from __future__ import annotations

from weightless.container.source import Source

__all__ = ["MAX_BLOCK_HEADER", "MAX_FRAME_HEADER", "PEEK", "Window"]

#: Bytes to read for a header: longer than any block header and most frame headers.
PEEK = 64
MAX_FRAME_HEADER = 1 << 12  #: Longer than any frame header.
MAX_BLOCK_HEADER = 16  #: Longer than any block header.


class Window:
    """A buffer over a source whose reads double in size while the access is sequential."""

    _LARGEST = 1 << 16  # bytes per read, at most, unless more are needed

    def __init__(self, source: Source, end: int) -> None:
        self._source = source
        self._end = end
        self._data = b""
        self._start = 0
        self._span = PEEK

    def read(self, position: int, size: int) -> bytes:
        """Return `size` bytes from `position` on, fewer only at the end."""
        size = max(0, min(size, self._end - position))
        skip = position - self._start
        if not 0 <= skip <= len(self._data) - size:
            follows = self._data and 0 <= skip <= len(self._data)
            self._span = min(2 * self._span, self._LARGEST) if follows else PEEK
            self._data = self._source.read_whole(position, max(size, self._span))
            self._start = position
            skip = 0
        return self._data[skip : skip + size]
