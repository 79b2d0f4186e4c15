"""An index of the frames of an archive, built lazily."""

from __future__ import annotations

import sys
from bisect import bisect_left, bisect_right

from weightless.container.scan import FrameInfo, HeaderScan
from weightless.container.seek_table import read_seek_table
from weightless.container.source import Source
from weightless.errors import DataError

__all__ = ["FrameIndex"]


class FrameIndex:
    """Finds the frame at a position by reading the headers of all blocks before it.

    Decoding a block yields as many bytes as its header states, or an error; but what is skipped
    is not decoded. So the headers are compared with the seek table, if the archive has one: where
    the two differ, one of them is wrong, and nothing beyond that frame is found without decoding.
    The table alone is never relied on. Each header is read at most once.

    Parameters
    ----------
    source : Source
        A seekable source.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._scan: HeaderScan | None = None
        self._frames = [(0, 0)]  # position of each frame in the content and in the archive
        self._kept: list[tuple[int, int, int]] = []  # (position, offset, size) of kept frames
        self._complete = False
        self._table: list[tuple[int, int]] | None = None
        #: Whether the headers after the frames found so far cannot be read, or do not agree
        #: with the seek table.
        self.damaged = False

    @property
    def size(self) -> int | None:
        """Bytes of content; None until all headers have been read."""
        return self._frames[-1][0] if self._complete else None

    def measure(self) -> int | None:
        """Read all headers; return the size of the content, or None if one is damaged."""
        self._extend(sys.maxsize)
        return self.size

    def find(self, position: int) -> tuple[int, int]:
        """Return where decoding must start to reach `position` in the content.

        Returns
        -------
        offset, position : int
            Position in the archive and in the content of the last frame that starts at
            `position` or before it, among those before damaged headers.
        """
        self._extend(position)
        index = bisect_right(self._frames, (position, sys.maxsize)) - 1
        start, offset = self._frames[index]
        return offset, start

    def kept_before(self, offset: int) -> tuple[int, int, int] | None:
        """Return the last frame before an offset whose content is kept as a prior.

        Returns
        -------
        position, offset, size : int, or None
            Position in the content and in the archive, and the size in the archive.
        """
        index = bisect_left(self._kept, offset, key=lambda kept: kept[1])
        return self._kept[index - 1] if index else None

    def _extend(self, position: int) -> None:
        """Read headers until the frame that contains `position` is known."""
        if self._scan is None:
            self._scan = HeaderScan(self._source)
            self._table = read_seek_table(self._source)
        while not (self._complete or self.damaged) and self._frames[-1][0] <= position:
            start, _ = self._frames[-1]
            try:
                frame = self._scan.next_frame(position - start)
            except DataError:  # decoding raises it after the content before the damage
                self.damaged = True
                return
            if frame is not None and self._disagrees(frame):
                self.damaged = True
                return
            if frame is not None:
                if frame.header is not None and frame.header.kept:
                    self._kept.append((start, frame.offset, frame.size))
                self._frames.append((start + frame.raw_size, frame.offset + frame.size))
            elif self._scan.at_end:
                self._complete = True
            else:  # the frame extends beyond the position
                return

    def _disagrees(self, frame: FrameInfo) -> bool:
        """Return whether the seek table lists other sizes for the next frame."""
        number = len(self._frames) - 1
        if self._table is None or number >= len(self._table):
            return False
        return (frame.size, frame.raw_size) != self._table[number]
