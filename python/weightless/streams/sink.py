"""A buffer in front of a binary file whose writes may be partial."""

from __future__ import annotations

import errno
from io import RawIOBase
from typing import BinaryIO

from weightless.container.waiting import wait_until_ready

__all__ = ["Sink"]


class Sink:
    """Buffers data until the file has accepted them.

    If the file is non-blocking and accepts no data yet, writes wait for it.

    Parameters
    ----------
    file : binary file
        An object with `write`, and optionally `flush`.
    """

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self._pending: list[memoryview] = []

    def add(self, data: bytes) -> None:
        """Append data for the next `drain`."""
        if data:
            self._pending.append(memoryview(data))

    def drain(self) -> None:
        """Write all buffered data.

        Raises
        ------
        BlockingIOError
            If the file accepts no data now and cannot be waited for. No data are lost; the
            next call continues.
        OSError
            If writing failed. How much the file has accepted is then unknown.
        """
        while self._pending:
            view = self._pending[0]
            taken = self._write(view)
            if taken == len(view):
                del self._pending[0]
            else:
                self._pending[0] = view[taken:]

    def flush(self) -> None:
        """Write all buffered data, and flush the file if it has `flush`.

        Raises
        ------
        BlockingIOError, OSError
            As `drain`.
        """
        self.drain()
        while hasattr(self.file, "flush"):
            try:
                self.file.flush()
            except BlockingIOError:
                wait_until_ready(self.file, writing=True)
            else:
                return

    def _write(self, view: memoryview) -> int:
        """Write a part of `view`; return the number of bytes written."""
        try:
            taken: int | None = self.file.write(view)
        except BlockingIOError as error:
            taken = getattr(error, "characters_written", 0) or None
        else:
            # A raw file returns None if it accepts no data now. Any other object whose
            # write returns None has accepted everything.
            if taken is None and not isinstance(self.file, RawIOBase):
                return len(view)
        if taken is None:
            wait_until_ready(self.file, writing=True)
            return 0
        if not 0 < taken <= len(view):
            raise OSError(errno.EIO, f"write() returned {taken} for {len(view)} bytes")
        return taken
