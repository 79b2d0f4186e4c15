"""Decoding of one frame, block by block, from input in pieces of any size."""

from __future__ import annotations

from collections.abc import Callable

from weightless import _core
from weightless.container.block import BlockHeader, parse_block_header
from weightless.container.checks import (
    BLOCK_CHECK_SIZE,
    CONTENT_CHECK_SIZE,
    Chain,
    content_hasher,
)
from weightless.container.header import MAX_PRIOR_SIZE, FrameHeader, may_begin_archive, parse_header
from weightless.container.skippable import is_skippable, parse_skippable_header
from weightless.container.varint import NeedMoreData
from weightless.errors import (
    CorruptError,
    DataError,
    MemoryLimitError,
    NotAnArchiveError,
    OutputLimitError,
    TruncatedError,
    WeightlessError,
    copy_error,
)
from weightless.frames.cost import DEFAULT_COST_LIMIT, Budget
from weightless.frames.models import ModelStore
from weightless.frames.prior_models import PriorModels
from weightless.frames.priors import Priors
from weightless.frames.threads import count_threads
from weightless.integers import optional_integer
from weightless.sizes import compare_sizes, human_size

__all__ = ["DEFAULT_MEMORY_LIMIT", "FrameDecoder", "check_memory"]

#: The default limit in bytes for the model of an archive, with its window.
DEFAULT_MEMORY_LIMIT = 8 << 30


def check_memory(header: FrameHeader, content_size: int, limit: int | None) -> None:
    """Check the memory that decoding a frame takes.

    Parameters
    ----------
    header : FrameHeader
        The header of the frame.
    content_size : int
        Size in bytes of the frame's content, as far as it is known.
    limit : int or None
        Largest model in bytes, with its window; None means no limit.

    Raises
    ------
    MemoryLimitError
        If more is needed.
    """
    if limit is None:
        return
    needed = header.memory_for(content_size)
    if needed > limit:
        needs, allowed = compare_sizes(needed, limit)
        raise MemoryLimitError(
            f"decoding needs {needs} of memory, but the limit is {allowed}; "
            "raise it with memory_limit (-M on the command line)",
            needed=needed,
            limit=limit,
        )


class FrameDecoder:
    """Decodes one frame (skippable or not), given in pieces, to blocks of content.

    After an error, `next_block` raises the same error again. The model is released when an
    error occurs. Instances must not be shared between threads; `Decompressor` may be.

    Parameters
    ----------
    memory_limit : int or None
        Largest model in bytes; None means no limit.
    cost_limit : int or None
        Largest number of operations per byte; None means no limit.
    output_limit : int or None
        Largest size of the content in bytes, including `delivered`; None means no limit.
    threads : int
        Number of threads, 0 for one per processor.
    offset, delivered : int
        Bytes of archive and of content before this frame.
    progress : callable, optional
        A function that is called with the number of bytes of content decoded so far,
        including `delivered`.
    models : ModelStore, optional
        The store to take the model from, and to return it to at the end of the frame.
    priors : Priors, optional
        The priors at hand, to which the content of a frame that is kept is added.
    budget : Budget, optional
        The cost limit of the archive, instead of `cost_limit`.
    buffer : bytearray, optional
        Initial input. The frame consumes its part of it from the start.

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
        offset: int = 0,
        delivered: int = 0,
        progress: Callable[[int], object] | None = None,
        models: ModelStore | None = None,
        priors: Priors | None = None,
        budget: Budget | None = None,
        buffer: bytearray | None = None,
    ) -> None:
        self._memory_limit = optional_integer(memory_limit, "memory_limit", 0)
        self._output_limit = optional_integer(output_limit, "max_output_size", 0)
        self._threads = count_threads(threads)
        self._progress = progress
        self._models = ModelStore() if models is None else models
        self._returns_model = models is not None
        self._priors = Priors() if priors is None else priors
        if budget is None:
            budget = Budget(cost_limit, offset + delivered, self._priors.given)
        self._budget = budget
        self._prior: PriorModels | None = None
        self._kept: list[bytes] | None = None  # the content, if it may be a prior
        self._learnt_all = True  # whether the model, if any, has seen all content
        self._buffer = bytearray() if buffer is None else buffer
        self._offset = offset  # position in the archive of the first byte of the buffer
        self._start = offset
        self._delivered = delivered
        self._delivered_before = delivered
        self._header: FrameHeader | None = None
        self._chain: Chain | None = None
        self._codec: _core.Codec | None = None
        self._content = content_hasher()
        self._blocks = 0
        self._last = False
        self._skip = 0
        self._wanted = 1  # bytes that the buffer must contain for decoding to proceed
        self._error: WeightlessError | None = None
        #: Bytes of archive and content (their sum) before the first block that needed a model.
        self.model_started_at: int | None = None
        #: Whether the whole frame has been decoded.
        self.eof = False

    @property
    def header(self) -> FrameHeader | None:
        """The header of the frame; None until it has been read, and for a skippable frame."""
        return self._header

    @property
    def offset(self) -> int:
        """Bytes of the archive decoded so far, without those in the buffer."""
        return self._offset

    @property
    def delivered(self) -> int:
        """Bytes of content decoded so far, including those of earlier frames."""
        return self._delivered

    @property
    def ready(self) -> bool:
        """Whether `next_block` may make progress without more input."""
        return not self.eof and len(self._buffer) >= self._wanted

    @property
    def started(self) -> bool:
        """Whether part of a frame, but not all of it, has been fed."""
        return not self.eof and (self._offset > self._start or bool(self._buffer))

    @property
    def skippable(self) -> bool:
        """Whether the frame is known to be skippable."""
        return self._skip > 0 or (self.eof and self._header is None)

    def feed(self, data: bytes | bytearray | memoryview) -> None:
        """Append the next part of the archive to the input."""
        if self._error is None:
            self._buffer += data

    def take_unused(self) -> bytes:
        """Remove and return the input after the end of the frame; only valid at `eof`."""
        unused = bytes(self._buffer)
        self._buffer.clear()
        return unused

    def take_buffer(self) -> bytearray:
        """Do the same as `take_unused` without a copy, for the decoder of the next frame."""
        buffer, self._buffer = self._buffer, bytearray()
        return buffer

    def release(self) -> None:
        """Release the model and the buffered input; nothing more can be decoded."""
        self._codec = None
        self._models.clear()
        self._buffer.clear()
        self._kept = None

    def next_block(self) -> bytes | None:
        """Return the content of the next block that is not empty.

        Returns
        -------
        bytes or None
            None at the end of the frame, or if more input is needed.

        Raises
        ------
        DataError
            If the frame cannot be decoded; with the offset.
        LimitError
            If a limit is exceeded.
        WeightlessError
            If an earlier call was interrupted.
        """
        if self._error is not None:
            raise copy_error(self._error)
        try:
            return self._advance()
        except DataError as error:
            if error.offset is None:
                error.offset = self._offset
            error.delivered = self._delivered
            self._fail(error)
            raise
        except WeightlessError as error:
            self._fail(error)
            raise
        except BaseException:
            # An interrupt leaves the codec in the middle of a block.
            self._fail(WeightlessError("decoding was interrupted; start again"))
            raise

    def truncated(self) -> TruncatedError:
        """Release the model; return the error for input that ends within the frame."""
        self.release()
        return TruncatedError(
            "the archive is truncated", offset=self._offset, delivered=self._delivered
        )

    def _fail(self, error: WeightlessError) -> None:
        self.release()
        # A copy, since the traceback of the error refers to this object: the two would form a
        # reference cycle, which only the garbage collector can free.
        self._error = copy_error(error)

    def _advance(self) -> bytes | None:
        while not self.eof and len(self._buffer) >= self._wanted:
            try:
                if self._skip:
                    self._skip_content()
                elif self._header is None:
                    self._read_header()
                elif not self._last:
                    block = self._read_block(self._header)
                    if block:
                        return block
                else:
                    self._read_end(self._header)
            except NeedMoreData:
                self._wanted = len(self._buffer) + 1
        return None

    def _consume(self, size: int) -> None:
        del self._buffer[:size]
        self._offset += size
        self._wanted = 1

    def _skip_content(self) -> None:
        size = min(self._skip, len(self._buffer))
        self._consume(size)
        self._skip -= size
        self.eof = self._skip == 0

    def _read_header(self) -> None:
        head = self._buffer[:4]
        if len(head) < 4 and may_begin_archive(head[:3]):
            raise NeedMoreData
        if is_skippable(head):
            _, self._skip, size = parse_skippable_header(self._buffer)
            self._consume(size)
            self.eof = self._skip == 0
            return
        try:
            header, size = parse_header(self._buffer)
        except NotAnArchiveError:
            if self._start:
                raise CorruptError("the data that follows a frame's end is not a frame") from None
            raise
        check_memory(header, header.content_size or 0, self._memory_limit)
        self._budget.check(header)
        self._prior = self._priors.find(header)
        self._kept = [] if header.kept else None
        self._chain = Chain(self._buffer[:size])
        self._header = header
        self._consume(size)

    def _read_block(self, frame: FrameHeader) -> bytes:
        assert self._chain is not None
        block, start = parse_block_header(self._buffer, 0)
        total = self._delivered - self._delivered_before + block.raw_size
        if frame.content_size is not None and (
            total > frame.content_size or (block.last and total != frame.content_size)
        ):
            raise CorruptError("the blocks do not add up to the content size")
        if self._kept is not None and total > MAX_PRIOR_SIZE:
            raise CorruptError("the content that is kept as a prior is too large")
        if self._output_limit is not None and self._delivered_before + total > self._output_limit:
            raise OutputLimitError(
                f"the content is larger than the limit of {human_size(self._output_limit)}; "
                "raise it with max_output_size (--max-output-size on the command line)",
                needed=self._delivered_before + total,
                limit=self._output_limit,
            )
        check_memory(frame, total, self._memory_limit)  # the window grows
        end = start + block.payload_size
        if len(self._buffer) < end + BLOCK_CHECK_SIZE:
            self._wanted = end + BLOCK_CHECK_SIZE
            return b""
        payload = bytes(self._buffer[start:end])
        if block.verbatim:
            raw = payload
        else:
            try:
                raw = self._model(frame, block).decode(payload, block.raw_size, self._tick())
            except _core.CorruptPayload:
                raise CorruptError("a block is damaged") from None
        check = self._chain.block_check(bytes(self._buffer[:start]), payload, raw)
        if check != self._buffer[end : end + BLOCK_CHECK_SIZE]:
            raise CorruptError("a block is damaged")
        if payload and block.verbatim:
            self._follow(frame, block, payload)
        self._consume(end + BLOCK_CHECK_SIZE)
        self._content.update(raw)
        if self._kept is not None:
            self._kept.append(raw)
        self._blocks += 1
        self._delivered += len(raw)
        self._last = block.last
        if self._last:
            if self._blocks == 1:
                self._end(frame)
            self._wanted = CONTENT_CHECK_SIZE
        return raw

    def _follow(self, frame: FrameHeader, block: BlockHeader, payload: bytes) -> None:
        """Let the model take a payload that is the content itself."""
        if block.stored:
            self._learnt_all = False
            if not block.last:
                self._model(frame, block).skip(payload)
                return
            # After the last block the model is not needed any more, except to record what it
            # makes of the bytes.
            if self._models.trace is None:
                return
        self._model(frame, block).absorb(payload, self._tick())

    def _end(self, frame: FrameHeader) -> None:
        """End the frame: all its content is verified."""
        self.eof = True
        codec, self._codec = self._codec, None
        if self._kept is not None:
            prior = self._priors.keep(b"".join(self._kept))
            self._kept = None
            if prior and codec is not None and self._prior is None and self._learnt_all:
                prior.adopt(frame.parameters, codec)
                return
        if codec is not None and self._prior is not None:
            self._prior.give_back(frame.parameters, codec)
        elif codec is not None and self._returns_model:
            self._models.give_back(
                frame.parameters, codec, self._delivered - self._delivered_before
            )

    def _model(self, frame: FrameHeader, block: BlockHeader) -> _core.Codec:
        """Return the model of the frame, which is created for the first block that needs it."""
        if self._codec is None:
            self._budget.start(frame, self._offset + self._delivered)
            self.model_started_at = self._offset + self._delivered
            if self._prior is not None:
                self._codec = self._prior.take(frame.parameters, threads=self._threads)
            else:
                brief = block.last and block.raw_size <= _core.BRIEF
                self._codec = self._models.take(frame.parameters, brief=brief)
            self._codec.set_threads(self._threads)
            self._models.observe(self._codec)
        return self._codec

    def _read_end(self, frame: FrameHeader) -> None:
        if self._content.intdigest().to_bytes(8, "little") != self._buffer[:CONTENT_CHECK_SIZE]:
            raise CorruptError("the content check does not match")
        self._consume(CONTENT_CHECK_SIZE)
        self._end(frame)

    def _tick(self) -> Callable[[int], object] | None:
        if self._progress is None:
            return None
        progress, base = self._progress, self._delivered
        return lambda done: progress(base + done)
