"""Decoding of a whole archive: a sequence of frames, some of them skippable."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import BinaryIO

from weightless.container.header import EMPTY
from weightless.container.matching import MatchedFrame
from weightless.container.reading import CHUNK_SIZE
from weightless.container.scan import FrameInfo
from weightless.container.source import Source
from weightless.errors import LimitError, PriorError, TruncatedError, WeightlessError
from weightless.frames.batches import find_batches
from weightless.frames.cost import DEFAULT_COST_LIMIT, Budget
from weightless.frames.decoder import DEFAULT_MEMORY_LIMIT, FrameDecoder, check_memory
from weightless.frames.models import ModelStore
from weightless.frames.parallel import Tick, run_parallel
from weightless.frames.prior_models import PriorModels
from weightless.frames.priors import Priors
from weightless.frames.threads import count_threads
from weightless.integers import optional_integer

__all__ = ["ArchiveDecoder"]


class ArchiveDecoder:
    """Decodes an archive, given in pieces, to blocks of content.

    Instances must not be shared between threads.

    Parameters
    ----------
    memory_limit : int or None
        Largest model in bytes; None means no limit.
    cost_limit : int or None
        Largest number of operations per byte; None means no limit.
    output_limit : int or None
        Largest size of the whole content in bytes; None means no limit.
    threads : int
        Number of threads, 0 for one per processor.
    progress : callable, optional
        A function that is called with the number of bytes of content decoded so far.
    offset, delivered : int
        Bytes of archive and of content before the first frame.
    prior : PriorModels, optional
        The prior that frames may name.
    priors : Priors, optional
        All priors at hand, instead of `prior`.
    models : ModelStore, optional
        The store to take models from; one with a trace only with one thread.

    Raises
    ------
    ParameterError
        If an option is out of range.
    TypeError
        If an option is not an integer.
    """

    def __init__(
        self,
        *,
        memory_limit: int | None = DEFAULT_MEMORY_LIMIT,
        cost_limit: int | None = DEFAULT_COST_LIMIT,
        output_limit: int | None = None,
        threads: int = 1,
        progress: Callable[[int], object] | None = None,
        offset: int = 0,
        delivered: int = 0,
        prior: PriorModels | None = None,
        priors: Priors | None = None,
        models: ModelStore | None = None,
    ) -> None:
        self._owns_priors = priors is None
        self._priors = Priors(prior) if priors is None else priors
        self._memory_limit = optional_integer(memory_limit, "memory_limit", 0)
        self._output_limit = optional_integer(output_limit, "max_output_size", 0)
        self._threads = count_threads(threads)
        self._progress = progress
        self._models = ModelStore() if models is None else models
        self._cost_limit = cost_limit
        self._budget = Budget(cost_limit, offset + delivered, self._priors.given)
        self._frame = self._new_frame(offset, delivered, self._threads, progress)
        self._fed = offset  # end of the data fed so far, as an offset in the archive

    @property
    def offset(self) -> int:
        """Bytes of the archive decoded so far."""
        return self._frame.offset

    @property
    def delivered(self) -> int:
        """Bytes of content decoded so far."""
        return self._frame.delivered

    def take_over(self, frame: MatchedFrame) -> bool:
        """Start after a frame whose content is known already, as if it had been decoded.

        Call this before `decode`, for the first frames of the archive in their order.

        Returns
        -------
        bool
            False if decoding the frame would exceed a limit or lacks a prior; nothing changes
            then, and decoding it raises the error.
        """
        delivered = frame.delivered + frame.raw_size
        budget = copy.copy(self._budget)
        if self._output_limit is not None and delivered > self._output_limit:
            return False
        if frame.header is not None:
            try:
                check_memory(frame.header, frame.raw_size, self._memory_limit)
                budget.check(frame.header)
                if frame.model_started_at is not None:
                    budget.start(frame.header, frame.model_started_at)
                self._priors.find(frame.header)
            except (LimitError, PriorError):
                return False
            if frame.header.kept:
                self._priors.keep(frame.content)
        self._budget = budget
        self._fed = frame.offset + frame.size
        self._frame = self._new_frame(self._fed, delivered, self._threads, self._progress)
        return True

    def feed(self, data: bytes | bytearray | memoryview) -> None:
        """Append the next part of the archive to the input."""
        self._frame.feed(data)
        self._fed += len(data)

    def next_block(self) -> bytes | None:
        """Return the next block of content, not empty; None if it needs more input.

        Raises
        ------
        DataError, LimitError
            As `FrameDecoder.next_block`.
        """
        while True:
            block = self._frame.next_block()
            if block is not None:
                return block
            if not self._frame.eof:
                return None
            self._next_frame()

    def decode(self, source: Source | BinaryIO) -> Iterator[bytes]:
        """Yield the content of an archive, block by block, up to its end.

        Parameters
        ----------
        source : Source or binary stream
            The archive. A `Source` is read from `offset` on, any other stream from its
            current position. If it is seekable, frames are decoded in parallel.

        Raises
        ------
        DataError, LimitError
            After all valid content before the error has been yielded.
        BlockingIOError
            If a non-blocking stream has no data yet and cannot be waited for. If the stream
            is not seekable, another call of `decode` continues.
        """
        if not isinstance(source, Source):
            source = Source(source)
        try:
            yield from self._decode_all(source)
        except BlockingIOError:
            raise  # decoding may continue later
        except BaseException:
            self.release()  # so that neither this object nor the traceback keeps a model alive
            raise
        self.release()

    def finish(self) -> None:
        """Declare the end of the input.

        Raises
        ------
        TruncatedError
            If the archive is empty or incomplete.
        """
        if self._frame.offset == 0 and not self._frame.started:
            raise TruncatedError(EMPTY, offset=0, delivered=0)
        if self._frame.started:
            raise self._frame.truncated()

    def release(self) -> None:
        """Release the models and the buffered input; nothing more can be decoded."""
        self._frame.release()
        if self._owns_priors:
            self._priors.release()

    def _decode_all(self, source: Source) -> Iterator[bytes]:
        for group in find_batches(source, self._fed, self._threads, self._memory_limit):
            if len(group) > 1:
                yield from self._decode_group(source, group)
            else:
                yield from self._decode_up_to(source, group[0].offset + group[0].size)
        yield from self._decode_up_to(source, None)
        self.finish()

    def _decode_up_to(self, source: Source, end: int | None) -> Iterator[bytes]:
        """Yield the content up to `end`, the end of a frame; None means the end of the source."""
        while True:
            while (block := self.next_block()) is not None:
                yield block
            size = CHUNK_SIZE if end is None else min(end - self._fed, CHUNK_SIZE)
            data = source.read(self._fed, size) if size else b""
            if not data:
                break
            self.feed(data)
        if end is not None and (self._fed < end or self._frame.started):
            # The file has changed since its headers were read.
            raise self._frame.truncated()

    def _decode_group(self, source: Source, group: list[FrameInfo]) -> Iterator[bytes]:
        """Decode a group of frames in parallel, and yield their content in order.

        All frames before and between them are skippable.
        """
        at_work = min(self._threads, len(group))
        threads = self._threads // at_work
        delivered = self.delivered
        items: list[tuple[int, int, bytes]] = []
        for info in group:
            items.append((info.offset, delivered, source.read_whole(info.offset, info.size)))
            delivered += info.raw_size

        def decode(
            item: tuple[int, int, bytes], tick: Tick
        ) -> tuple[FrameDecoder, list[bytes], WeightlessError | None]:
            offset, delivered, data = item
            frame = self._new_frame(
                offset,
                delivered,
                threads=threads,
                progress=lambda done: tick(done - delivered),
                budget=Budget(self._cost_limit, offset + delivered, self._priors.given),
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
        decoded = run_parallel(decode, items, threads=at_work, progress=total)
        for (frame, blocks, error), info in zip(decoded, group, strict=True):
            # Account for the models in the order of the archive, not in that of execution.
            if frame.header is not None and frame.model_started_at is not None:
                self._budget.start(frame.header, frame.model_started_at)
            self._frame = frame
            yield from blocks
            if error is not None:
                try:
                    raise error
                finally:
                    del error  # breaks a reference cycle: its traceback refers to this frame
            if not frame.eof or frame.offset != info.offset + info.size:
                # The file has changed since its headers were read.
                raise frame.truncated()
            self._next_frame()
            self._fed = self.offset

    def _next_frame(self) -> None:
        """Continue with the frame after the present one."""
        self._frame = self._new_frame(
            self._frame.offset,
            self._frame.delivered,
            self._threads,
            self._progress,
            self._frame.take_buffer(),
        )

    def _new_frame(
        self,
        offset: int,
        delivered: int,
        threads: int,
        progress: Tick | None,
        buffer: bytearray | None = None,
        budget: Budget | None = None,
    ) -> FrameDecoder:
        return FrameDecoder(
            memory_limit=self._memory_limit,
            output_limit=self._output_limit,
            threads=threads,
            offset=offset,
            delivered=delivered,
            progress=progress,
            models=self._models,
            priors=self._priors,
            budget=self._budget if budget is None else budget,
            buffer=buffer,
        )
