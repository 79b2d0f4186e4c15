"""A binary file that is written to, however little it takes at a time."""

from __future__ import annotations

import errno
from io import RawIOBase
from typing import BinaryIO

from weightless.container.waiting import wait_until_ready

__all__ = ["Sink"]


class Sink:
    """Keeps what is to be written until the file has taken it.

    A file that does not block is waited for.

    Parameters
    ----------
    file : binary file
        Only `write` is needed.
    """

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self._pending: list[memoryview] = []

    def add(self, data: bytes) -> None:
        """Take what `drain` is to write."""
        if data:
            self._pending.append(memoryview(data))

    def drain(self) -> None:
        """Write all that has been added.

        Raises
        ------
        BlockingIOError
            If the file takes nothing now and cannot be waited for; nothing is lost, the
            next call goes on.
        OSError
            If the file cannot be written to; how much it has taken is not known.
        """
        while self._pending:
            view = self._pending[0]
            taken = self._write(view)
            if taken == len(view):
                del self._pending[0]
            else:
                self._pending[0] = view[taken:]

    def flush(self) -> None:
        """Write all that has been added, and flush the file if it can be."""
        self.drain()
        while hasattr(self.file, "flush"):
            try:
                self.file.flush()
            except BlockingIOError:
                wait_until_ready(self.file, writing=True)
            else:
                return

    def _write(self, view: memoryview) -> int:
        """Write some of a view; return how much."""
        try:
            taken: int | None = self.file.write(view)
        except BlockingIOError as error:
            taken = getattr(error, "characters_written", 0) or None
        else:
            # Of a raw file None means that it takes nothing now; other objects whose
            # `write` returns nothing have taken all.
            if taken is None and not isinstance(self.file, RawIOBase):
                return len(view)
        if taken is None:
            wait_until_ready(self.file, writing=True)
            return 0
        if not 0 < taken <= len(view):
            raise OSError(errno.EIO, f"write() returned {taken} for {len(view)} bytes")
        return taken
