"""Incremental compression."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, ClassVar

from weightless.container.block import DEFAULT_BLOCK_SIZE
from weightless.errors import ParameterError
from weightless.files.prior import Prior, check_prior
from weightless.frames.buffers import byte_view
from weightless.frames.encoder import FrameEncoder
from weightless.levels import level_parameters
from weightless.parameters import Parameters
from weightless.streams.no_reentry import NoReentry

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Buffer

__all__ = ["Compressor", "choose_parameters"]


def choose_parameters(
    level: int | None, parameters: Parameters | None, prior: Prior | None = None
) -> Parameters:
    """Return `parameters`, or the parameters of `level` if they are None.

    If both are None, the parameters are those of the prior if there is one.

    Raises
    ------
    ParameterError
        If both are given, or the level is out of range.
    TypeError
        If `parameters` is not a `Parameters`, `level` is not an integer, or `prior` is neither a
        `Prior` nor None.
    """
    prior = check_prior(prior)
    if parameters is None:
        return level_parameters(level) if level is not None or not prior else prior.parameters
    if level is not None:
        raise ParameterError("give a level or parameters, not both")
    if not isinstance(parameters, Parameters):
        raise TypeError(f"parameters is {type(parameters).__name__}, not Parameters")
    return parameters


class Compressor:
    """Compresses data that is given in pieces.

    The interface is that of `compression.zstd.ZstdCompressor` (PEP 784). An object may be
    shared between threads: its methods lock it. The GIL is released while the model works.
    After a call that failed or was interrupted, the object cannot be used any more.

    Parameters
    ----------
    level : int, optional
        1 (fastest) to 9 (strongest); 6 if neither this nor `parameters` is given.
    parameters : Parameters, optional
        Parameters of the predictor, instead of a level.
    prior : Prior, optional
        What the model reads before the content of each frame. Without a level or parameters,
        those of the prior are used.
    content_size : int, optional
        Size of the content of the first frame in bytes, if it is known. It is written to
        the frame header, and the frame must then have exactly that size.
    block_size : int
        Bytes of content per block, 1 to 2^20.
    threads : int
        Number of threads, 0 for one per processor. The output does not depend on it.
    progress : callable, optional
        A function that is called with the number of bytes of the frame's content coded so
        far.

    Raises
    ------
    ParameterError
        If a level, a parameter or an option is out of range, or both a level and parameters
        are given.
    TypeError
        If an argument has the wrong type.
    """

    CONTINUE: ClassVar[int] = 0
    FLUSH_BLOCK: ClassVar[int] = 1
    FLUSH_FRAME: ClassVar[int] = 2

    def __init__(
        self,
        level: int | None = None,
        *,
        parameters: Parameters | None = None,
        prior: Prior | None = None,
        content_size: int | None = None,
        block_size: int = DEFAULT_BLOCK_SIZE,
        threads: int = 1,
        progress: Callable[[int], object] | None = None,
    ) -> None:
        self._parameters = choose_parameters(level, parameters, prior)
        self._prior = prior
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
        """The mode of the last call; initially FLUSH_FRAME."""
        return self._last_mode

    def compress(self, data: Buffer, /, mode: int = CONTINUE) -> bytes:
        """Compress data; return the part of the archive that is complete.

        Parameters
        ----------
        data : bytes-like
            Any contiguous buffer.
        mode : int
            `CONTINUE` lets the compressor buffer data until a block is full.
            `FLUSH_BLOCK` ends the block, so that all data given so far can be decoded from
            the output; this makes the output slightly larger. `FLUSH_FRAME` ends the frame;
            later data start another one.

        Raises
        ------
        ParameterError
            If the mode is invalid, or the data do not agree with `content_size`.
        TypeError
            If `data` is not a buffer.
        ValueError
            If an earlier call failed or was interrupted.
        RuntimeError
            If called from the progress function or a signal handler during another call.
        """
        if mode not in (self.CONTINUE, self.FLUSH_BLOCK, self.FLUSH_FRAME):
            raise ParameterError(f"mode is {mode!r}, not CONTINUE, FLUSH_BLOCK or FLUSH_FRAME")
        view = byte_view(data)
        with self._lock:
            return self._call(lambda: self._run(view, mode))

    def flush(self, mode: int = FLUSH_FRAME, /) -> bytes:
        """End the block or the frame; return the rest of its output.

        If no data have been given at all, this writes an empty frame, but after the end of
        a frame it writes nothing.

        Parameters
        ----------
        mode : int
            `FLUSH_FRAME` or `FLUSH_BLOCK`, see `compress`.

        Raises
        ------
        ParameterError, ValueError, RuntimeError
            As `compress`.
        """
        if mode not in (self.FLUSH_BLOCK, self.FLUSH_FRAME):
            raise ParameterError(f"mode is {mode!r}, not FLUSH_BLOCK or FLUSH_FRAME")
        with self._lock:
            return self._call(lambda: self._run(memoryview(b""), mode))

    def __reduce__(self) -> str:
        """Raise TypeError: the state of the model cannot be pickled."""
        raise TypeError("a Compressor cannot be pickled")

    def _run(self, view: memoryview, mode: int) -> bytes:
        if not self._usable:
            raise ValueError("an earlier call failed or was interrupted; start again")
        if self._frame is None:
            if not view:  # no data after the end of a frame: do not start another
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
            prior=self._prior,
        )
