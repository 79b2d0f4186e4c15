"""A binary file that is read from a position of its own."""

from __future__ import annotations

import io
import os
from typing import BinaryIO

__all__ = ["Source"]


class Source:
    """What an archive is read from; offsets count from where the file stood at first.

    Whoever else moves the file's own position does no harm: not another thread, nor the
    other process after a fork (where the system has `pread`).

    Parameters
    ----------
    file : binary file
        Only `read` is needed; with `seek`, `tell` and `seekable` it may be gone back in.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        seekable = getattr(file, "seekable", None)
        self._seekable = seekable is not None and bool(seekable())
        self._start = file.tell() if self._seekable else 0
        self._position = 0
        self._descriptor = -1
        if self._seekable and isinstance(file, io.FileIO) and hasattr(os, "pread"):
            self._descriptor = file.fileno()

    def seekable(self) -> bool:
        """Tell whether `seek` works."""
        return self._seekable

    def tell(self) -> int:
        """Return the position."""
        return self._position

    def seek(self, position: int, whence: int = os.SEEK_SET, /) -> int:
        """Go to a position, from the archive's beginning or the file's end."""
        if whence == os.SEEK_END:
            position += self._file.seek(0, os.SEEK_END) - self._start
        self._position = position
        return position

    def read(self, size: int, /) -> bytes:
        """Return some bytes, at most `size`; none at the end only."""
        if self._descriptor >= 0:
            data = os.pread(self._descriptor, size, self._start + self._position)
        elif self._seekable:
            self._file.seek(self._start + self._position)
            data = self._file.read(size)
        else:
            # What a pipe has now, not only when it has `size` bytes.
            data = getattr(self._file, "read1", self._file.read)(size)
        self._position += len(data)
        return data
