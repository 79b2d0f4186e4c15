"""Incremental compression."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, ClassVar

from weightless.container.block import DEFAULT_BLOCK_SIZE
from weightless.errors import ParameterError
from weightless.frames.buffers import byte_view
from weightless.frames.encoder import FrameEncoder
from weightless.levels import level_parameters
from weightless.parameters import Parameters
from weightless.streams.no_reentry import NoReentry

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Buffer

__all__ = ["Compressor", "choose_parameters"]


def choose_parameters(level: int | None, parameters: Parameters | None) -> Parameters:
    """Return `parameters`, or those of `level`; refuse both at once."""
    if parameters is None:
        return level_parameters(level)
    if level is not None:
        raise ParameterError("give a level or parameters, not both")
    if not isinstance(parameters, Parameters):
        raise TypeError(f"parameters is {type(parameters).__name__}, not Parameters")
    return parameters


class Compressor:
    """Compresses data that comes in pieces; shaped like `compression.zstd.ZstdCompressor`.

    Its calls may come from several threads; each waits for the others. The GIL is
    released while the model works.

    Parameters
    ----------
    level : int, optional
        1 (fastest) to 9 (strongest); 6 if neither this nor `parameters` is given.
    parameters : Parameters, optional
        Of the predictor, in place of a level.
    content_size : int, optional
        Bytes to come, if known: written into the frame's header, and checked.
    block_size : int
        Bytes of content per block, at most 2^20.
    threads : int
        How many may work at once, 0 for as many as there are processors; what is
        written does not depend on it.
    progress : callable, optional
        Called with the bytes of the frame's content coded so far.

    Raises
    ------
    ParameterError
        For a level or a parameter out of range.
    """

    CONTINUE: ClassVar[int] = 0
    FLUSH_BLOCK: ClassVar[int] = 1
    FLUSH_FRAME: ClassVar[int] = 2

    def __init__(
        self,
        level: int | None = None,
        *,
        parameters: Parameters | None = None,
        content_size: int | None = None,
        block_size: int = DEFAULT_BLOCK_SIZE,
        threads: int = 1,
        progress: Callable[[int], object] | None = None,
    ) -> None:
        self._parameters = choose_parameters(level, parameters)
        self._block_size = block_size
        self._threads = threads
        self._progress = progress
        self._lock = threading.RLock()
        self._call = NoReentry()
        self._usable = True
        self._last_mode = self.FLUSH_FRAME
        self._frame: FrameEncoder | None = self._new_frame(content_size)

    @property
    def last_mode(self) -> int:
        """The mode of the last call; FLUSH_FRAME also before the first."""
        return self._last_mode

    def compress(self, data: Buffer, /, mode: int = CONTINUE) -> bytes:
        """Take data; return compressed bytes as far as there are any yet.

        Parameters
        ----------
        data : bytes-like
            Any contiguous buffer.
        mode : int
            `CONTINUE` to let the compressor choose when to write; `FLUSH_BLOCK` to get
            all that is needed to decode what has been given so far (costs some bytes);
            `FLUSH_FRAME` to end the frame: what comes later starts another.
        """
        if mode not in (self.CONTINUE, self.FLUSH_BLOCK, self.FLUSH_FRAME):
            raise ParameterError(f"mode is {mode!r}, not one of Compressor's")
        view = byte_view(data)
        with self._lock, self._call:
            return self._run(view, mode)

    def flush(self, mode: int = FLUSH_FRAME, /) -> bytes:
        """End the block or the frame; return the bytes that remain.

        A frame that has had no data is written too, except after a frame has been ended.
        """
        if mode not in (self.FLUSH_BLOCK, self.FLUSH_FRAME):
            raise ParameterError(f"mode is {mode!r}, not FLUSH_BLOCK or FLUSH_FRAME")
        with self._lock, self._call:
            return self._run(memoryview(b""), mode)

    def __reduce__(self) -> str:
        """Refuse: the state of a codec cannot be pickled."""
        raise TypeError("a Compressor cannot be pickled")

    def _run(self, view: memoryview, mode: int) -> bytes:
        if not self._usable:
            raise ValueError("the compressor failed or was interrupted; start again")
        if self._frame is None:
            if not view:  # after a frame's end, nothing new
                return b""
            self._frame = self._new_frame(None)
        self._usable = False
        try:
            out = self._frame.write(view)
            if mode == self.FLUSH_BLOCK:
                out += self._frame.flush()
            elif mode == self.FLUSH_FRAME:
                out += self._frame.finish()
                self._frame = None
            self._usable = True
        finally:
            if not self._usable and self._frame is not None:
                self._frame.release()
        self._last_mode = mode
        return out

    def _new_frame(self, content_size: int | None) -> FrameEncoder:
        return FrameEncoder(
            self._parameters,
            content_size=content_size,
            block_size=self._block_size,
            threads=self._threads,
            progress=self._progress,
        )
