"""Encoding of one frame, block by block."""

from __future__ import annotations

from collections.abc import Callable

from weightless import _core
from weightless.container.block import DEFAULT_BLOCK_SIZE, BlockHeader, check_block_size
from weightless.container.checks import Chain, content_hasher
from weightless.container.header import FrameHeader
from weightless.errors import ParameterError
from weightless.frames.models import ModelStore
from weightless.frames.prior_models import PriorModels
from weightless.frames.skipping import Skipping
from weightless.frames.threads import count_threads
from weightless.integers import optional_integer
from weightless.parameters import Parameters

__all__ = ["FrameEncoder"]

# Read in advance: a file may be finalized when the extension module has been cleared already.
_BRIEF = _core.BRIEF


class FrameEncoder:
    """Encodes content, given in pieces, as one frame.

    A full block is written only when more content follows, so that the last block can be
    marked as such. Instances must not be shared between threads; `Compressor` may be.

    Parameters
    ----------
    parameters : Parameters
        Parameters of the predictor.
    content_size : int, optional
        Size of the content in bytes, which is written to the header. The content must have
        exactly that size.
    block_size : int
        Bytes of content per block, 1 to 2^20.
    threads : int
        Number of threads, 0 for one per processor. The frame does not depend on it.
    progress : callable, optional
        A function that is called with the number of bytes of content coded so far.
    models : ModelStore, optional
        The store to take the model from, and to return it to at the end of the frame.
    prior : PriorModels, optional
        What the model reads before the content.
    kept : bool
        Whether the content may be the prior of later frames: see `kept_prior`.

    Raises
    ------
    ParameterError
        If an option is out of range.
    TypeError
        If an option is not an integer.
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
        prior: PriorModels | None = None,
        kept: bool = False,
    ) -> None:
        block_size = check_block_size(block_size)
        content_size = optional_integer(content_size, "content_size", 0)
        name = None if prior is None else prior.name
        self._header = FrameHeader(parameters, content_size, name, kept).to_bytes()
        self._chain = Chain(self._header)
        self._parameters = parameters
        self._threads = count_threads(threads)
        self._models = ModelStore() if models is None else models
        self._prior = prior
        self._codec: _core.Codec | None = None
        self._kept = bytearray() if kept else None
        self._skipping = Skipping(parameters, primed=prior is not None)
        self._learnt_all = True  # whether the model has learnt from all content
        #: After the end of a frame that is kept: its content as a prior; None if it is empty.
        self.kept_prior: PriorModels | None = None
        self._content = content_hasher()
        self._content_size = content_size
        self._block_size = block_size
        self._progress = progress
        self._pending = bytearray()
        self._blocks = 0
        self._coded = 0
        #: Bytes of content given so far.
        self.raw_size = 0

    def write(self, data: memoryview) -> bytes:
        """Encode content; return the part of the frame that is complete.

        Raises
        ------
        ParameterError
            If there is more content than the announced size.
        """
        self.raw_size += len(data)
        if self._content_size is not None and self.raw_size > self._content_size:
            raise ParameterError(
                f"there is more content than the {self._content_size} bytes announced"
            )
        if self._kept is not None:
            self._kept += data
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
            # A copy: if another thread changes the buffer meanwhile, model, payload and check
            # must still agree on the content.
            block = memoryview(bytes(data[position : position + self._block_size]))
            out += self._block(block, last=False)
            position += self._block_size
        self._pending += data[position:]
        return bytes(out)

    def flush(self) -> bytes:
        """End the block and return it, which makes the frame slightly larger."""
        return self._take_pending(last=False) if self._pending else b""

    def finish(self) -> bytes:
        """End the frame; return the rest of it.

        Raises
        ------
        ParameterError
            If the content is smaller than the announced size.
        """
        if self._content_size not in (None, self.raw_size):
            raise ParameterError(
                f"the content has {self.raw_size} bytes, but {self._content_size} were announced"
            )
        out = self._take_pending(last=True)
        if self._blocks > 1:
            out += self._content.intdigest().to_bytes(8, "little")
        codec, self._codec = self._codec, None
        if self._kept:
            self.kept_prior = PriorModels(bytes(self._kept))
            if codec is not None and self._prior is None and self._learnt_all:
                self.kept_prior.adopt(self._parameters, codec)
                codec = None
        if codec is not None and self._prior is not None:
            self._prior.give_back(self._parameters, codec)
        elif codec is not None:
            self._models.give_back(self._parameters, codec, self.raw_size)
        return out

    def release(self) -> None:
        """Release the model and the buffered content; nothing more can be written."""
        self._codec = None
        self._models.clear()
        self._pending.clear()

    def _take_pending(self, *, last: bool) -> bytes:
        data, self._pending = self._pending, bytearray()
        return self._block(memoryview(data), last=last)

    def _block(self, raw: memoryview, *, last: bool) -> bytes:
        first = self._blocks == 0
        self._blocks += 1
        if not (first and last):  # a frame of a single block has no content check
            self._content.update(raw)
        payload: bytes | memoryview = raw
        stored = not raw
        if raw:
            try:
                stored = self._skips(raw, last=last)
                if not stored:
                    payload = self._model(len(raw), last=last).encode(raw, self._tick())
                    self._skipping.tried(len(raw), len(payload))
            except BaseException:
                self.release()  # so that the traceback of the exception keeps no model alive
                raise
        if len(payload) >= len(raw):
            # If the model has learnt from the bytes, the decoder's does so by Codec.absorb; but it
            # is not needed after the last block.
            payload = raw
            stored = stored or last
        header = BlockHeader(last, stored, len(raw), len(payload)).to_bytes()
        check = self._chain.block_check(header, payload, raw)
        self._coded += len(raw)
        return b"".join((self._header if first else b"", header, payload, check))

    def _skips(self, raw: memoryview, *, last: bool) -> bool:
        """Let the model skip a block that is to be stored without an attempt, if it is."""
        if not self._skipping.wants(raw):
            return False
        # Without a model there is no history yet.
        if self._codec is not None and self._codec.find_any(raw):
            return False
        self._learnt_all = False
        if not last:
            self._model(len(raw), last=last).skip(raw)
        elif self._models.trace is not None:
            self._model(len(raw), last=last).absorb(raw)  # as the decoder does to record it
        return True

    def _model(self, size: int, *, last: bool) -> _core.Codec:
        """Return the model of the frame, which is created for the first non-empty block."""
        if self._codec is None:
            if self._prior is not None:
                self._codec = self._prior.take(self._parameters, threads=self._threads)
            else:
                brief = last and size <= _BRIEF
                self._codec = self._models.take(self._parameters, brief=brief)
            self._codec.set_threads(self._threads)
            self._models.observe(self._codec)
        return self._codec

    def _tick(self) -> Callable[[int], object] | None:
        if self._progress is None:
            return None
        progress, base = self._progress, self._coded
        return lambda done: progress(base + done)
