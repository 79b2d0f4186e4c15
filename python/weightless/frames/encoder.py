"""One frame, written block by block."""

from __future__ import annotations

from collections.abc import Callable

from weightless import _core
from weightless.container.block import DEFAULT_BLOCK_SIZE, BlockHeader, check_block_size
from weightless.container.checks import Chain, content_hasher
from weightless.container.header import FrameHeader
from weightless.errors import ParameterError
from weightless.frames.models import ModelStore
from weightless.frames.threads import count_threads
from weightless.integers import optional_integer
from weightless.parameters import Parameters

__all__ = ["FrameEncoder"]

# Files may be finalized when the extension has been taken apart already.
_BRIEF = _core.BRIEF


class FrameEncoder:
    """Turns content into one frame.

    A block is written when one byte more than it is known, so that the last one can be
    marked as such. Not safe to share between threads; `Compressor` is.

    Parameters
    ----------
    parameters : Parameters
        Of the predictor.
    content_size : int, optional
        Written into the header; `finish` fails if it was wrong.
    block_size : int
        Bytes of content per block, 1 to 2^20.
    threads : int
        How many may work at once, 0 for as many as there are processors; the frame
        does not depend on it.
    progress : callable, optional
        Called with the bytes of content coded so far.
    models : ModelStore, optional
        Where the model comes from, and goes when the frame is done.
    """

    def __init__(
        self,
        parameters: Parameters,
        *,
        content_size: int | None = None,
        block_size: int = DEFAULT_BLOCK_SIZE,
        threads: int = 1,
        progress: Callable[[int], object] | None = None,
        models: ModelStore | None = None,
    ) -> None:
        block_size = check_block_size(block_size)
        content_size = optional_integer(content_size, "content_size", 0)
        self._header = FrameHeader(parameters, content_size).to_bytes()
        self._chain = Chain(self._header)
        self._parameters = parameters
        self._threads = count_threads(threads)
        self._models = ModelStore() if models is None else models
        self._codec: _core.Codec | None = None
        self._content = content_hasher()
        self._content_size = content_size
        self._block_size = block_size
        self._progress = progress
        self._pending = bytearray()
        self._blocks = 0
        self._coded = 0
        #: Bytes of content taken so far.
        self.raw_size = 0

    def write(self, data: memoryview) -> bytes:
        """Take content; return the part of the frame that is finished by it."""
        self.raw_size += len(data)
        if self._content_size is not None and self.raw_size > self._content_size:
            raise ParameterError(f"more content than the {self._content_size} bytes announced")
        if len(self._pending) + len(data) <= self._block_size:
            self._pending += data
            return b""
        out = bytearray()
        position = self._block_size - len(self._pending)
        if self._pending:
            self._pending += data[:position]
            out += self._take_pending(last=False)
        else:
            position = 0
        while len(data) - position > self._block_size:
            out += self._block(data[position : position + self._block_size], last=False)
            position += self._block_size
        self._pending += data[position:]
        return bytes(out)

    def flush(self) -> bytes:
        """Return all content taken so far as blocks; costs a few bytes."""
        return self._take_pending(last=False) if self._pending else b""

    def finish(self) -> bytes:
        """Return the rest of the frame."""
        if self._content_size not in (None, self.raw_size):
            raise ParameterError(
                f"{self.raw_size} bytes of content, not the {self._content_size} announced"
            )
        out = self._take_pending(last=True)
        if self._blocks > 1:
            out += self._content.intdigest().to_bytes(8, "little")
        if self._codec is not None:
            self._models.give_back(self._parameters, self._codec, self.raw_size)
            self._codec = None
        return out

    def release(self) -> None:
        """Let go of the model and of content that waits: nothing more will be written."""
        self._codec = None
        self._models.clear()
        self._pending.clear()

    def _take_pending(self, *, last: bool) -> bytes:
        data, self._pending = self._pending, bytearray()
        return self._block(memoryview(data), last=last)

    def _block(self, raw: memoryview, *, last: bool) -> bytes:
        first = self._blocks == 0
        self._blocks += 1
        if not (first and last):  # the check of an only block is enough
            self._content.update(raw)
        payload: bytes | memoryview = raw
        if raw:
            try:
                payload = self._model(len(raw), last=last).encode(raw, self._tick())
            except BaseException:
                self.release()  # whoever keeps the error keeps no model
                raise
        # The codec has learnt the bytes either way; a decoder that finds them stored
        # lets its own codec absorb them.
        stored = len(payload) >= len(raw)
        if stored:
            payload = raw
        header = BlockHeader(last, stored, len(raw), len(payload)).to_bytes()
        check = self._chain.block_check(header, payload, raw)
        self._coded += len(raw)
        return b"".join((self._header if first else b"", header, payload, check))

    def _model(self, size: int, *, last: bool) -> _core.Codec:
        """Return the frame's model; it is built for the first block that is not empty."""
        if self._codec is None:
            brief = last and size <= _BRIEF
            self._codec = self._models.take(self._parameters, brief=brief)
            self._codec.set_threads(self._threads)
        return self._codec

    def _tick(self) -> Callable[[int], object] | None:
        if self._progress is None:
            return None
        progress, base = self._progress, self._coded
        return lambda done: progress(base + done)
