"""The content of an archive as a raw stream that can seek."""

from __future__ import annotations

import io
import os
import sys
from bisect import bisect_right
from collections.abc import Iterator
from typing import TYPE_CHECKING

from weightless.container.seek_table import SeekTable, read_seek_table
from weightless.errors import CorruptError, WeightlessError
from weightless.frames.archive_decoder import ArchiveDecoder
from weightless.streams.source import Source

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["ArchiveReader"]


class ArchiveReader(io.RawIOBase):
    """Decodes when it is read; seeks by the archive's table, or by decoding.

    Without a table it goes back to the last frame that it has seen the beginning of. With
    one it compares where each frame ends.

    Parameters
    ----------
    source : Source
    memory_limit : int or None
        Bytes that the model may take.
    threads : int
        How many may work at once: with more than one, that many frames are decoded
        ahead.
    """

    def __init__(self, source: Source, *, memory_limit: int | None, threads: int) -> None:
        super().__init__()
        self._source = source
        self._memory_limit = memory_limit
        self._threads = threads
        self._position = 0
        self._block = b""
        self._block_start = 0
        self._size: int | None = None  # of the content, once it is known
        self._table: SeekTable | None = None
        self._table_looked_for = False
        self._frames = [(0, 0)]  # seen so far: position in the content, offset in the archive
        self._decoder: ArchiveDecoder | None = None
        self._blocks: Iterator[bytes] | None = None
        self._compared = 0
        self._failure: WeightlessError | None = None

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Tell whether the file can be gone back in."""
        return self._source.seekable()

    def tell(self) -> int:
        """Return the position in the content."""
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Go to a position in the content; it is kept between 0 and the end."""
        if not self.seekable():
            raise io.UnsupportedOperation("the archive comes from what cannot seek")
        if not self._table_looked_for:
            self._table = read_seek_table(self._source)
            self._table_looked_for = True
        if whence == os.SEEK_CUR:
            offset += self._position
        elif whence == os.SEEK_END:
            offset += self._measure()
        elif whence != os.SEEK_SET:
            raise ValueError(f"whence is {whence!r}, not one of 0, 1, 2")
        offset = max(0, offset)
        if offset > self._block_end and (self._table is not None or not self._reach(offset)):
            offset = min(offset, self._measure())
        self._position = offset
        return offset

    def readinto(self, buffer: Buffer, /) -> int:
        """Fill a buffer as far as the block at hand goes; 0 at the end only."""
        with memoryview(buffer) as whole, whole.cast("B") as view:
            if not view or not self._reach(self._position):
                return 0
            start = self._position - self._block_start
            piece = self._block[start : start + len(view)]
            view[: len(piece)] = piece
        self._position += len(piece)
        return len(piece)

    def readall(self) -> bytes:
        """Return all that follows."""
        pieces = []
        position = self._position
        while self._reach(position):
            pieces.append(self._block[position - self._block_start :])
            position += len(pieces[-1])
        self._position = position
        return b"".join(pieces)

    def close(self) -> None:
        """Let go of the model."""
        self._blocks = self._decoder = None
        super().close()

    @property
    def _block_end(self) -> int:
        return self._block_start + len(self._block)

    def _measure(self) -> int:
        """Return the content's size; without a table that takes decoding."""
        if self._table is not None:
            return self._table.raw_size
        if self._size is None:
            self._reach(sys.maxsize)
        assert self._size is not None
        return self._size

    def _reach(self, position: int) -> bool:
        """Decode until the block at hand holds `position`; tell whether there is one."""
        if self._failure is not None:
            raise self._failure
        if self._size is not None and position >= self._size:
            return False
        offset, start = self._nearest_frame(position)
        if self._blocks is None or position < self._block_start or start > self._block_end:
            self._begin(offset, start)
        while position >= self._block_end:
            block = self._next_block()
            if block is None:
                self._size = self._block_start
                return False
            self._block = block
        return True

    def _nearest_frame(self, position: int) -> tuple[int, int]:
        """Return offset and position of the last frame known to begin at or before it."""
        if self._table is not None:
            return self._table.find(position)
        start, offset = self._frames[bisect_right(self._frames, (position, sys.maxsize)) - 1]
        return offset, start

    def _begin(self, offset: int, position: int) -> None:
        """Begin to decode at a frame."""
        if offset != self._source.tell():
            self._source.seek(offset)
        self._decoder = ArchiveDecoder(
            memory_limit=self._memory_limit,
            threads=self._threads,
            offset=offset,
            delivered=position,
        )
        self._blocks = self._decoder.decode(self._source)
        self._block, self._block_start = b"", position
        self._compared = 0

    def _next_block(self) -> bytes | None:
        assert self._blocks is not None
        self._block, self._block_start = b"", self._block_end
        try:
            block = next(self._blocks, None)
            self._compare_frames()
        except BaseException as error:
            # Whoever reads on begins anew at a frame, or cannot.
            self._blocks = None
            if not self.seekable():
                lost = WeightlessError("reading was interrupted, and its source cannot seek")
                self._failure = error if isinstance(error, WeightlessError) else lost
            raise
        return block

    def _compare_frames(self) -> None:
        """Note where frames began; they must do so where the table says."""
        assert self._decoder is not None
        for offset, position in self._decoder.starts[self._compared :]:
            if self._table is not None and not self._table.fits(offset, position):
                raise CorruptError("the frames are not as the seek table says", offset=offset)
            if (position, offset) > self._frames[-1]:
                self._frames.append((position, offset))
        self._compared = len(self._decoder.starts)
