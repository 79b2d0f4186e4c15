"""A whole archive: frames one behind the other, with skippable ones between."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from weightless.container.reading import CHUNK_SIZE, Readable, read_up_to
from weightless.container.scan import FrameInfo
from weightless.errors import TruncatedError, WeightlessError
from weightless.frames.batches import find_batches
from weightless.frames.decoder import DEFAULT_MEMORY_LIMIT, FrameDecoder
from weightless.frames.parallel import Tick, run_parallel
from weightless.frames.threads import count_threads

__all__ = ["ArchiveDecoder"]


class ArchiveDecoder:
    """Turns an archive, fed in pieces, into blocks of content.

    Parameters
    ----------
    memory_limit : int or None
        Bytes that a frame's model may take.
    output_limit : int or None
        Bytes that the whole content may have.
    threads : int
        How many may work at once, 0 for as many as there are processors.
    progress : callable, optional
        Called with the bytes of content decoded so far.
    offset, delivered : int
        Bytes of archive and of content before the first frame fed.
    """

    def __init__(
        self,
        *,
        memory_limit: int | None = DEFAULT_MEMORY_LIMIT,
        output_limit: int | None = None,
        threads: int = 1,
        progress: Callable[[int], object] | None = None,
        offset: int = 0,
        delivered: int = 0,
    ) -> None:
        self._memory_limit = memory_limit
        self._output_limit = output_limit
        self._threads = count_threads(threads)
        self._progress = progress
        self._frame = self._new_frame(offset, delivered, self._threads, progress)
        #: Where each frame so far begins, in the archive and in the content.
        self.starts = [(offset, delivered)]

    @property
    def offset(self) -> int:
        """Bytes of archive read so far."""
        return self._frame.offset

    @property
    def delivered(self) -> int:
        """Bytes of content delivered so far."""
        return self._frame.delivered

    def feed(self, data: bytes | bytearray | memoryview) -> None:
        """Take more of the archive."""
        self._frame.feed(data)

    def next_block(self) -> bytes | None:
        """Return the next piece of content, not empty; None if more must be fed."""
        while True:
            block = self._frame.next_block()
            if block is not None:
                return block
            if not self._frame.eof:
                return None
            self._next_frame()

    def decode(self, source: Readable) -> Iterator[bytes]:
        """Give the content of all that follows in a stream, block by block.

        Parameters
        ----------
        source : binary stream
            If it can seek, as many frames as there are threads are decoded at once.

        Raises
        ------
        DataError, LimitError
            When everything good before it has been given.
        """
        for group in find_batches(source, self._threads, self._memory_limit):
            if len(group) > 1:
                yield from self._decode_group(source, group)
            else:
                yield from self._decode_next(source, group[0].size)
        yield from self._decode_next(source, None)
        self.finish()

    def finish(self) -> None:
        """Say that nothing more will be fed.

        Raises
        ------
        TruncatedError
            If the archive is not complete.
        """
        if self._frame.offset == 0 and not self._frame.started:
            raise TruncatedError("not a weightless archive: it is empty", offset=0, delivered=0)
        if self._frame.started:
            raise self._frame.truncated()

    def _decode_next(self, source: Readable, size: int | None) -> Iterator[bytes]:
        """Give the content of the next `size` bytes; of all that follow for None."""
        while data := source.read(CHUNK_SIZE if size is None else min(size, CHUNK_SIZE)):
            if size is not None:
                size -= len(data)
            self.feed(data)
            while (block := self.next_block()) is not None:
                yield block

    def _decode_group(self, source: Readable, group: list[FrameInfo]) -> Iterator[bytes]:
        """Give the content of the next frames, which are decoded at the same time."""
        threads = max(1, self._threads // len(group))
        offset, delivered = self.offset, self.delivered
        items: list[tuple[int, int, bytes]] = []
        for info in group:
            items.append((offset, delivered, read_up_to(source, info.size)))
            offset += info.size
            delivered += info.raw_size

        def decode(
            item: tuple[int, int, bytes], tick: Tick
        ) -> tuple[FrameDecoder, list[bytes], WeightlessError | None]:
            offset, delivered, data = item
            frame = self._new_frame(
                offset, delivered, threads=threads, progress=lambda done: tick(done - delivered)
            )
            frame.feed(data)
            blocks: list[bytes] = []
            try:
                while (block := frame.next_block()) is not None:
                    blocks.append(block)
            except WeightlessError as error:
                return frame, blocks, error
            return frame, blocks, None

        progress, base = self._progress, self.delivered
        total = None if progress is None else lambda done: progress(base + done)
        for frame, blocks, error in run_parallel(decode, items, progress=total):
            self._frame = frame
            yield from blocks
            if error is not None:
                raise error
            if not frame.eof:  # the file has changed since the headers were read
                raise frame.truncated()
            self._next_frame()

    def _next_frame(self) -> None:
        """Go on behind the end of a frame."""
        unused = self._frame.take_unused()
        self._frame = self._new_frame(
            self._frame.offset, self._frame.delivered, self._threads, self._progress
        )
        self._frame.feed(unused)
        self.starts.append((self._frame.offset, self._frame.delivered))

    def _new_frame(
        self, offset: int, delivered: int, threads: int, progress: Tick | None
    ) -> FrameDecoder:
        return FrameDecoder(
            memory_limit=self._memory_limit,
            output_limit=self._output_limit,
            threads=threads,
            offset=offset,
            delivered=delivered,
            progress=progress,
        )
