"""A binary file that is read at stated positions."""

from __future__ import annotations

import errno
import io
import os
from typing import BinaryIO

from weightless.container.waiting import may_not_block, wait_until_ready

__all__ = ["Source"]


class Source:
    """What an archive is read from; positions count from where the file stood at first.

    Every read names its position, so several readers of one source (a decoder, a scan of
    the headers ahead of it) do not move each other. A file that does not block is waited
    for.

    Parameters
    ----------
    file : binary file
        Only `read` is needed; with `seek`, `tell` and `seekable` it may be gone back in.
    pread : bool
        Leave the position of a plain file alone, where the system has `pread`: then
        whoever else moves it, the other process after a fork, say, does no harm.
    """

    def __init__(self, file: BinaryIO, *, pread: bool = False) -> None:
        self._file = file
        seekable = getattr(file, "seekable", None)
        self._seekable = seekable is not None and bool(seekable())
        self._start = file.tell() if self._seekable else 0
        self._descriptor = -1
        if pread and self._seekable and isinstance(file, io.FileIO) and hasattr(os, "pread"):
            self._descriptor = file.fileno()

    def seekable(self) -> bool:
        """Tell whether every position can be read, not only the one behind the last read."""
        return self._seekable

    def size(self) -> int:
        """Return how many bytes there are now, if the source can seek."""
        return max(0, self._file.seek(0, os.SEEK_END) - self._start)

    def read(self, position: int, size: int) -> bytes:
        """Return some bytes from `position` on, at most `size`; none at the end only.

        A source that cannot seek returns what comes next, whatever `position` is.

        Raises
        ------
        BlockingIOError
            If there is nothing yet and waiting is not possible; nothing is lost.
        OSError
            If the file gives nothing at a place that is not its end.
        """
        again = False
        while True:
            data = self._read_some(position, size)
            if data is None:
                wait_until_ready(self._file)
                continue
            if data or not self._seekable or self._ends_by(position):
                return data
            if again:
                raise OSError(errno.EIO, "the file gives nothing before its end")
            again = True  # it may have grown meanwhile

    def read_whole(self, position: int, size: int) -> bytes:
        """Return `size` bytes from `position` on, fewer only at the end; it can seek."""
        data = self.read(position, size)
        if len(data) == size or not data:
            return data
        whole = bytearray(data)
        while len(whole) < size and (data := self.read(position + len(whole), size - len(whole))):
            whole += data
        return bytes(whole)

    def _read_some(self, position: int, size: int) -> bytes | None:
        """Return what one call of the file's gives; None if it has nothing yet."""
        try:
            if self._descriptor >= 0:
                return os.pread(self._descriptor, size, self._start + position)
            if self._seekable:
                self._file.seek(self._start + position)
                data: bytes | None = self._file.read(size)
                return data if data is None else data[:size]
            if not hasattr(self._file, "read1"):
                return self._file.read(size)
            # What a pipe has now, not only when it has `size` bytes.
            data = self._file.read1(size)
            if data == b"" and may_not_block(self._file):
                # That is all that `read1` can say; only `read` tells "nothing yet" (None)
                # from the end.
                data = self._file.read(1)
            return data
        except BlockingIOError:
            return None

    def _ends_by(self, position: int) -> bool:
        try:
            return position >= self.size()
        except OSError:  # a device, say, whose end only reading finds
            return True
