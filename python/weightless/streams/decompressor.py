"""Incremental decompression of one frame."""

from __future__ import annotations

import threading
from operator import index
from typing import TYPE_CHECKING

from weightless.files.prior import Prior, check_prior
from weightless.frames.buffers import byte_view
from weightless.frames.cost import DEFAULT_COST_LIMIT
from weightless.frames.decoder import DEFAULT_MEMORY_LIMIT, FrameDecoder
from weightless.frames.priors import Priors
from weightless.streams.no_reentry import NoReentry

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["Decompressor"]


class Decompressor:
    """Decompresses one frame that is given in pieces.

    The interface is that of `compression.zstd.ZstdDecompressor` (PEP 784). An archive may
    have several frames: `weightless.decompress` and `weightless.open` read them all, whereas
    this object stops at the end of the first frame and keeps the data that follow in
    `unused_data`. A skippable frame counts as a frame without content. An object may be
    shared between threads: its methods lock it. The GIL is released while the model works.

    Parameters
    ----------
    memory_limit : int or None
        Largest model in bytes, with its window (8 GiB by default); None means no limit.
    cost_limit : int or None
        Largest number of operations per byte (2^25 by default); None means no limit.
    max_output_size : int, optional
        Largest size of the content in bytes; by default there is no limit.
    threads : int
        Number of threads, 0 for one per processor.
    prior : Prior, optional
        The prior that the frame may name.

    Raises
    ------
    ParameterError
        If an option is out of range.
    TypeError
        If an option has the wrong type.
    """

    def __init__(
        self,
        *,
        memory_limit: int | None = DEFAULT_MEMORY_LIMIT,
        cost_limit: int | None = DEFAULT_COST_LIMIT,
        max_output_size: int | None = None,
        threads: int = 1,
        prior: Prior | None = None,
    ) -> None:
        self._frame = FrameDecoder(
            memory_limit=memory_limit,
            cost_limit=cost_limit,
            output_limit=max_output_size,
            threads=threads,
            priors=Priors(check_prior(prior)),
        )
        self._lock = threading.RLock()
        self._call = NoReentry()
        self._output = bytearray()
        self._unused = b""
        self._needs_input = True
        self._eof = False

    @property
    def eof(self) -> bool:
        """Whether the frame has ended and all its content has been returned."""
        return self._eof

    @property
    def needs_input(self) -> bool:
        """Whether `decompress` needs more data to return more content."""
        return self._needs_input

    @property
    def unused_data(self) -> bytes:
        """The data after the end of the frame; empty until `eof` is True."""
        return self._unused

    def decompress(self, data: Buffer, max_length: int = -1) -> bytes:
        """Decompress a piece of the frame; return the content available.

        Parameters
        ----------
        data : bytes-like
            Any contiguous buffer. It may be empty, to get more content when `needs_input`
            is False.
        max_length : int
            If not negative, the largest number of bytes to return. The rest is kept for
            the next call, and `needs_input` is False.

        Raises
        ------
        EOFError
            If called after the end of the frame.
        DataError
            If the data are not a valid frame; with the offset.
        LimitError
            If a limit is exceeded.
        PriorError
            If the frame needs a prior that was not given.
        TypeError
            If `data` is not a buffer.
        RuntimeError
            If called from a signal handler during another call.
        """
        view = byte_view(data)
        max_length = index(max_length)
        with self._lock:
            return self._call(lambda: self._decompress(view, max_length))

    def __reduce__(self) -> str:
        """Raise TypeError: the state of the model cannot be pickled."""
        raise TypeError("a Decompressor cannot be pickled")

    def _decompress(self, view: memoryview, max_length: int) -> bytes:
        if self._eof:
            raise EOFError("already at the end of the frame")
        self._frame.feed(view)
        self._fill(max_length)
        if max_length < 0 or len(self._output) <= max_length:
            out = bytes(self._output)
            self._output.clear()
        else:
            out = bytes(self._output[:max_length])
            del self._output[:max_length]
        if self._frame.eof and not self._output:
            self._eof = True
            self._needs_input = False
            self._unused = self._frame.take_unused()
        else:
            # If the output was cut at max_length, the buffered input may contain more.
            self._needs_input = not (
                self._output or (0 <= max_length == len(out) and self._frame.ready)
            )
        return out

    def _fill(self, max_length: int) -> None:
        while max_length < 0 or len(self._output) < max_length:
            block = self._frame.next_block()
            if block is None:
                break
            self._output += block
