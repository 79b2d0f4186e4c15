"""A binary file that is read at explicit positions."""

from __future__ import annotations

import errno
import io
import os
from typing import BinaryIO

from weightless.container.waiting import may_not_block, wait_until_ready

__all__ = ["Source"]


class Source:
    """The file that an archive is read from.

    Positions are relative to the position of the file when the source was created. Every
    read states its position, so several readers of one source (a decoder, and a scan of the
    headers ahead of it) do not interfere. If the file is non-blocking and has no data yet,
    reads wait for it.

    Parameters
    ----------
    file : binary file
        An object with `read`; if it also has `seek`, `tell` and `seekable`, any position
        can be read.
    pread : bool
        Whether to read an `io.FileIO` with `os.pread` where the system has it. This neither
        uses nor changes the file position, so it does no harm if, for example, another
        process that shares the open file after a fork moves it.
    """

    def __init__(self, file: BinaryIO, *, pread: bool = False) -> None:
        self._file = file
        seekable = getattr(file, "seekable", None)
        self._seekable = seekable is not None and bool(seekable())
        self._start = file.tell() if self._seekable else 0
        # A subclass of FileIO may have a `read` of its own, which must be used.
        self._pread = pread and self._seekable and type(file) is io.FileIO and hasattr(os, "pread")

    def seekable(self) -> bool:
        """Return whether any position can be read, not only the one after the last read."""
        return self._seekable

    def size(self) -> int:
        """Return the present size in bytes; the source must be seekable."""
        return max(0, self._file.seek(0, os.SEEK_END) - self._start)

    def read(self, position: int, size: int) -> bytes:
        """Return 1 to `size` bytes from `position` on; empty only at the end.

        A source that is not seekable ignores `position` and returns the next bytes.

        Raises
        ------
        BlockingIOError
            If there is no data yet and the file cannot be waited for. No data is lost; the
            call can be repeated.
        OSError
            If the file returns no data at a position before its end.
        TypeError
            If the file is a text file, which returns str.
        """
        again = False
        while True:
            data = self._read_some(position, size)
            if data is None:
                wait_until_ready(self._file)
                continue
            if isinstance(data, str):
                raise TypeError("the file returned str, not bytes: it is a text file")
            if data or not self._seekable or self._ends_before(position):
                return data
            if again:
                raise OSError(errno.EIO, "the file returned no data before its end")
            again = True  # the file may have grown between the read and the check of its size

    def read_whole(self, position: int, size: int) -> bytes:
        """Return `size` bytes from `position` on, fewer only at the end.

        The source must be seekable.
        """
        data = self.read(position, size)
        if len(data) == size or not data:
            return data
        whole = bytearray(data)
        while len(whole) < size and (data := self.read(position + len(whole), size - len(whole))):
            whole += data
        return bytes(whole)

    def _read_some(self, position: int, size: int) -> bytes | None:
        """Return the result of a single read of the file; None if there is no data yet."""
        try:
            if self._pread:
                # Once the file is closed, its descriptor may be that of another file: `fileno`
                # raises an error then.
                return os.pread(self._file.fileno(), size, self._start + position)
            if self._seekable:
                self._file.seek(self._start + position)
                data: bytes | None = self._file.read(size)
                return data if data is None else data[:size]
            if not hasattr(self._file, "read1"):
                return self._file.read(size)
            # read1 returns what a pipe has now, without waiting for `size` bytes.
            data = self._file.read1(size)
            if data == b"" and may_not_block(self._file):
                # read1 returns b"" at the end and also if there is no data yet. Only read
                # distinguishes them: it returns None if there is no data yet.
                data = self._file.read(1)
            return data
        except BlockingIOError:
            return None

    def _ends_before(self, position: int) -> bool:
        try:
            return position >= self.size()
        except OSError:  # for example a device, whose end is found only by reading
            return True
