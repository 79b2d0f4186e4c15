"""Incremental decompression of one frame."""

from __future__ import annotations

import threading
from operator import index
from typing import TYPE_CHECKING

from weightless.frames.buffers import byte_view
from weightless.frames.cost import DEFAULT_COST_LIMIT
from weightless.frames.decoder import DEFAULT_MEMORY_LIMIT, FrameDecoder
from weightless.streams.no_reentry import NoReentry

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["Decompressor"]


class Decompressor:
    """Decompresses one frame; shaped like `compression.zstd.ZstdDecompressor`.

    An archive may have several frames: `weightless.decompress` and `weightless.open`
    read them all, this object stops at the first one's end and keeps what follows in
    `unused_data`. A skippable frame counts as one without content. Its calls may come
    from several threads; each waits for the others.

    Parameters
    ----------
    memory_limit : int or None
        Bytes that the model may take; None for no limit.
    cost_limit : int or None
        Operations that a byte may take; None for no limit.
    max_output_size : int, optional
        Bytes of content to deliver before giving up with `OutputLimitError`.
    threads : int
        How many may work at once, 0 for as many as there are processors.
    """

    def __init__(
        self,
        *,
        memory_limit: int | None = DEFAULT_MEMORY_LIMIT,
        cost_limit: int | None = DEFAULT_COST_LIMIT,
        max_output_size: int | None = None,
        threads: int = 1,
    ) -> None:
        self._frame = FrameDecoder(
            memory_limit=memory_limit,
            cost_limit=cost_limit,
            output_limit=max_output_size,
            threads=threads,
        )
        self._lock = threading.RLock()
        self._call = NoReentry()
        self._output = bytearray()
        self._unused = b""
        self._needs_input = True
        self._eof = False

    @property
    def eof(self) -> bool:
        """The frame's end has been reached and all its content has been returned."""
        return self._eof

    @property
    def needs_input(self) -> bool:
        """Whether `decompress` needs more data to return more content."""
        return self._needs_input

    @property
    def unused_data(self) -> bytes:
        """What was given behind the end of the frame; empty before `eof`."""
        return self._unused

    def decompress(self, data: Buffer, max_length: int = -1) -> bytes:
        """Take a piece of the frame; return content.

        Parameters
        ----------
        data : bytes-like
            Any contiguous buffer; may be empty when `needs_input` is False.
        max_length : int
            Return at most that many bytes, if not negative; the rest waits for the
            next call and `needs_input` is False meanwhile.

        Raises
        ------
        EOFError
            If called after the end of the frame.
        DataError, LimitError
            If the frame cannot be decoded.
        """
        view = byte_view(data)
        max_length = index(max_length)
        with self._lock, self._call:
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
                # Full: there may be more to get out of what is at hand.
                self._needs_input = not (
                    self._output or (0 <= max_length == len(out) and self._frame.ready)
                )
            return out

    def __reduce__(self) -> str:
        """Refuse: the state of a codec cannot be pickled."""
        raise TypeError("a Decompressor cannot be pickled")

    def _fill(self, max_length: int) -> None:
        while max_length < 0 or len(self._output) < max_length:
            block = self._frame.next_block()
            if block is None:
                break
            self._output += block
