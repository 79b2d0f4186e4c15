"""Random access to the content of an archive."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from operator import index

from weightless.container.source import Source
from weightless.errors import TruncatedError, WeightlessError, copy_error
from weightless.frames.archive_decoder import ArchiveDecoder
from weightless.frames.decoder import FrameDecoder
from weightless.frames.prior_models import PriorModels
from weightless.frames.priors import Priors
from weightless.frames.threads import count_threads
from weightless.integers import optional_integer
from weightless.streams.index import FrameIndex

__all__ = ["ArchiveReader"]

_PEEK = 1 << 16


class ArchiveReader:
    """Decodes content on demand, starting from the frame that contains the position.

    A call that fails leaves the position unchanged, so that it can be repeated without
    losing content. Instances must not be shared between threads; `WeightlessFile` may be.

    Parameters
    ----------
    source : Source
        The archive.
    memory_limit : int or None
        Largest model in bytes; None means no limit.
    cost_limit : int or None
        Largest number of operations per byte; None means no limit.
    threads : int
        Number of threads, 0 for one per processor. With several threads, that many frames
        are decoded ahead in parallel.
    prior : PriorModels, optional
        The prior that frames may name.

    Raises
    ------
    ParameterError
        If an option is out of range.
    TypeError
        If an option is not an integer.
    """

    def __init__(
        self,
        source: Source,
        *,
        memory_limit: int | None,
        cost_limit: int | None,
        threads: int,
        prior: PriorModels | None = None,
    ) -> None:
        self._source = source
        self._priors = Priors(prior)
        self._memory_limit = optional_integer(memory_limit, "memory_limit", 0)
        self._cost_limit = optional_integer(cost_limit, "cost_limit", 0)
        self._threads = count_threads(threads)
        self._position = 0
        self._block = b""
        self._block_start = 0
        self._size: int | None = None  # of the content, once it is known
        self._ended = False  # whether all blocks have been decoded, up to the end
        self._index = FrameIndex(source)
        self._decoder: ArchiveDecoder | None = None
        self._blocks: Iterator[bytes] | None = None
        self._busy = False
        self._failure: WeightlessError | None = None

    def seekable(self) -> bool:
        """Return whether `seek` is possible."""
        return self._source.seekable()

    def tell(self) -> int:
        """Return the position in the content."""
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move to a position in the content, clamped to [0, size]; return it.

        Raises
        ------
        io.UnsupportedOperation
            If the source is not seekable.
        DataError, LimitError
            If the position cannot be reached by decoding.
        """
        if not self.seekable():
            raise io.UnsupportedOperation("the file that contains the archive is not seekable")
        self._refuse_reentry()
        offset = index(offset)
        if whence == os.SEEK_CUR:
            offset += self._position
        elif whence == os.SEEK_END:
            offset += self._content_size()
        elif whence != os.SEEK_SET:
            raise ValueError(f"whence is {whence!r}, not one of 0, 1, 2")
        offset = max(0, offset)
        if offset > self._block_end and self._size is None:
            self._index.find(offset)
            self._size = self._index.size
            if self._index.damaged:  # decoding raises the error with the exact offset
                self._decode_to(offset)
        if self._size is not None:
            offset = min(offset, self._size)
        self._position = offset
        return offset

    def read(self, size: int = -1) -> bytes:
        """Return `size` bytes, fewer only at the end; all the rest if `size` is negative."""
        return self._read_pieces(index(size), line=False)

    def readline(self, size: int = -1) -> bytes:
        """Return the rest of the line, at most `size` bytes if `size` is not negative."""
        return self._read_pieces(index(size), line=True)

    def readlines(self, hint: int = -1) -> list[bytes]:
        """Return lines of at least `hint` bytes in total; all if `hint` is not positive."""
        before = self._position
        lines: list[bytes] = []
        try:
            while line := self.readline():
                lines.append(line)
                if 0 < hint <= self._position - before:
                    break
        except BaseException:
            self._restore(lines, before)
            raise
        return lines

    def read1(self, size: int = -1) -> bytes:
        """Return at least one byte and at most the rest of a block; empty only at the end."""
        size = index(size)
        if size == 0 or not self._decode_to(self._position):
            return b""
        return self._take(sys.maxsize if size < 0 else size)

    def peek(self, size: int = 0) -> bytes:
        """Return the next bytes without moving the position; empty only at the end."""
        size = index(size)
        if not self._decode_to(self._position):
            return b""
        start = self._position - self._block_start
        return self._block[start : start + max(size, _PEEK)]

    def close(self) -> None:
        """Release the model."""
        self._refuse_reentry()
        self._blocks = self._decoder = None
        self._priors.release()
        self._block = b""

    @property
    def _block_end(self) -> int:
        return self._block_start + len(self._block)

    def _take(self, size: int) -> bytes:
        """Return at most `size` bytes of the current block, and move past them."""
        start = self._position - self._block_start
        piece = self._block[start : start + size]
        self._position += len(piece)
        return piece

    def _read_pieces(self, size: int, *, line: bool) -> bytes:
        """Return at most `size` bytes from one or more blocks; with `line`, one line."""
        left = sys.maxsize if size < 0 else size
        before = self._position
        pieces: list[bytes] = []
        try:
            while left and self._decode_to(self._position):
                start = self._position - self._block_start
                line_end = self._block.find(b"\n", start, start + left) + 1 if line else 0
                pieces.append(self._take(line_end - start if line_end else left))
                left -= len(pieces[-1])
                if line_end:
                    break
        except BaseException:
            self._restore(pieces, before)
            raise
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _restore(self, pieces: list[bytes], before: int) -> None:
        """Return to the position before a call that has failed after reading `pieces`."""
        if not self.seekable():
            read = b"".join(pieces)
            rest = self._block[max(0, before + len(read) - self._block_start) :]
            self._block, self._block_start = read + rest, before
        self._position = before

    def _content_size(self) -> int:
        """Return the size of the content from the headers.

        If a header is damaged, decode up to it, which raises the error.
        """
        if self._size is None:
            self._size = self._index.measure()
        if self._size is None:
            self._decode_to(sys.maxsize)
        assert self._size is not None
        return self._size

    def _decode_to(self, position: int) -> bool:
        """Make the block that contains `position` current; return False if it is the end."""
        if self._block_start <= position < self._block_end:
            return True
        self._refuse_reentry()
        if self._size is not None and position >= self._size:
            self._verify_end()
            return False
        if self._blocks is None or position != self._block_end:
            self._start_decoding(position)
        while position >= self._block_end:
            block = self._next_block()
            if block is None:
                self._record_size()
                return False
            self._block = block
        return True

    def _start_decoding(self, position: int) -> None:
        """Start decoding at the frame of `position`, unless the decoder is already in it."""
        offset = start = 0
        if position > 0 and self.seekable():
            offset, start = self._index.find(position)
        if self._blocks is not None and start <= self._block_end <= position:
            return
        if self._failure is not None:
            raise copy_error(self._failure)
        self._decoder = ArchiveDecoder(
            memory_limit=self._memory_limit,
            cost_limit=self._cost_limit,
            threads=self._threads,
            offset=offset,
            delivered=start,
            priors=self._priors,
        )
        kept = self._index.kept_before(offset)
        self._priors.fetch = None if kept is None else lambda: self._read_kept(*kept)
        self._blocks = self._decoder.decode(self._source)
        self._block, self._block_start = b"", start

    def _read_kept(self, position: int, offset: int, size: int) -> None:
        """Decode a frame whose content is kept as a prior."""
        decoder = FrameDecoder(
            memory_limit=self._memory_limit,
            cost_limit=self._cost_limit,
            threads=self._threads,
            offset=offset,
            delivered=position,
            priors=self._priors,
        )
        decoder.feed(self._source.read_whole(offset, size))
        while decoder.next_block() is not None:
            pass
        if not decoder.eof:  # the file has changed since its headers were read
            raise decoder.truncated()

    def _next_block(self) -> bytes | None:
        assert self._blocks is not None
        assert self._decoder is not None
        self._block, self._block_start = b"", self._block_end
        self._busy = True
        try:
            return next(self._blocks, None)
        except BaseException as error:
            self._blocks = None
            # The next read starts again at a frame if the source is seekable. Otherwise it
            # continues after a BlockingIOError, and fails after any other error.
            if self.seekable():
                self._decoder = None
            else:
                if isinstance(error, BlockingIOError):
                    self._blocks = self._decoder.decode(self._source)
                else:
                    lost = WeightlessError(
                        "reading was interrupted, and the source is not seekable"
                    )
                    # A copy, since the traceback of the error refers to this object.
                    self._failure = (
                        copy_error(error) if isinstance(error, WeightlessError) else lost
                    )
            raise
        finally:
            self._busy = False

    def _refuse_reentry(self) -> None:
        if self._busy:  # called from the source's read or from a signal handler
            raise RuntimeError("reentrant call: this thread is already reading the file")

    def _verify_end(self) -> None:
        """Let the decoder verify what follows the last block, if it has come that far.

        The size may be known from the headers; only decoding verifies the content check. All of
        an empty content has been asked for, wherever the caller has moved to.
        """
        if self._size == 0 and self._blocks is None and not self._ended:
            self._start_decoding(0)
        if self._blocks is None or self._block_end != self._size:
            return
        if self._next_block() is None:
            self._record_size()
        else:  # the file has grown since its headers were read
            self._blocks = None

    def _record_size(self) -> None:
        """Record the size of the content after the last block."""
        assert self._decoder is not None
        self._blocks = None
        self._ended = True
        if self._index.size is not None and self._block_start < self._index.size:
            raise TruncatedError(
                "the archive has become shorter since its headers were read",
                offset=self._decoder.offset,
                delivered=self._block_start,
            )
        self._size = self._block_start
