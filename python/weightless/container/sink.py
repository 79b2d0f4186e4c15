"""Writing to a binary file that may accept only part of the data."""

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
        self._pending: list[bytes | memoryview] = []

    def add(self, data: bytes) -> None:
        """Append data for the next `drain`."""
        if data:
            self._pending.append(data)

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
            data = self._pending[0]
            taken = self._write(data)
            if taken == len(data):
                del self._pending[0]
            elif taken:
                self._pending[0] = memoryview(data)[taken:]

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

    def _write(self, data: bytes | memoryview) -> int:
        """Write a part of `data`; return the number of bytes written."""
        try:
            # Bytes unless a part has been written: some objects accept nothing else.
            taken: int | None = self.file.write(data)
        except BlockingIOError as error:
            taken = getattr(error, "characters_written", 0) or None
        else:
            # A raw file returns None if it accepts no data now. Any other object whose
            # write returns None has accepted everything.
            if taken is None and not isinstance(self.file, RawIOBase):
                return len(data)
        if taken is None:
            wait_until_ready(self.file, writing=True)
            return 0
        if taken == 0:
            raise OSError(errno.EIO, "the file accepts no data")
        if not 0 < taken <= len(data):
            raise OSError(errno.EIO, f"write() returned {taken} for {len(data)} bytes")
        return taken
