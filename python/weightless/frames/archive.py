"""A whole archive: frames one behind the other, with skippable ones between."""

from __future__ import annotations

from collections.abc import Callable

from weightless.errors import TruncatedError
from weightless.frames.decoder import DEFAULT_MEMORY_LIMIT, FrameDecoder

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
    """

    def __init__(
        self,
        *,
        memory_limit: int | None = DEFAULT_MEMORY_LIMIT,
        output_limit: int | None = None,
        threads: int = 1,
        progress: Callable[[int], object] | None = None,
    ) -> None:
        self._memory_limit = memory_limit
        self._output_limit = output_limit
        self._threads = threads
        self._progress = progress
        self._frame = self._new_frame(0, 0)
        #: Frames with content read to their end.
        self.frames = 0

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
            self.frames += not self._frame.skippable
            unused = self._frame.take_unused()
            self._frame = self._new_frame(self._frame.offset, self._frame.delivered)
            self._frame.feed(unused)

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

    def _new_frame(self, offset: int, delivered: int) -> FrameDecoder:
        return FrameDecoder(
            memory_limit=self._memory_limit,
            output_limit=self._output_limit,
            threads=self._threads,
            offset=offset,
            delivered=delivered,
            progress=self._progress,
        )
