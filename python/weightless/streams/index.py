"""Where each frame of an archive begins, found out as far as anyone has asked."""

from __future__ import annotations

import sys
from bisect import bisect_right

from weightless.container.scan import HeaderScan
from weightless.container.source import Source
from weightless.errors import DataError

__all__ = ["FrameIndex"]


class FrameIndex:
    """Finds frames by the headers of all blocks before them.

    What these say cannot lead astray: decoding a block gives as many bytes as its header
    says, or an error. A seek table, which could say anything, is not needed. To find a
    position costs at most the headers of what stands before it.

    Parameters
    ----------
    source : Source
        One that can seek.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._scan: HeaderScan | None = None
        self._frames = [(0, 0)]  # where each begins: in the content, in the archive
        self._complete = False
        #: Headers that follow the frames found so far cannot be read.
        self.damaged = False

    @property
    def size(self) -> int | None:
        """Bytes of content, once the last header has been seen."""
        return self._frames[-1][0] if self._complete else None

    def measure(self) -> int | None:
        """Return the size of the content; None if headers are damaged."""
        self._extend(sys.maxsize)
        return self.size

    def find(self, position: int) -> tuple[int, int]:
        """Return where to begin for the content at `position`.

        Returns
        -------
        offset, position : int
            In the archive and in the content: of the last frame that begins there or
            before, or the last one before damage.
        """
        self._extend(position)
        index = bisect_right(self._frames, (position, sys.maxsize)) - 1
        start, offset = self._frames[index]
        return offset, start

    def _extend(self, position: int) -> None:
        """Look at headers until the frame that holds `position` is known."""
        if self._scan is None:
            self._scan = HeaderScan(self._source)
        while not (self._complete or self.damaged) and self._frames[-1][0] <= position:
            start, _ = self._frames[-1]
            try:
                frame = self._scan.next_frame(position - start)
            except DataError:  # who decodes what is before it will be told
                self.damaged = True
                return
            if frame is not None:
                self._frames.append((start + frame.raw_size, frame.offset + frame.size))
            elif self._scan.at_end:
                self._complete = True
            else:  # the frame goes on behind the position
                return
