"""Open descriptors: blocking raw files on them, and the paths that refer to them."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import TYPE_CHECKING

from weightless.container.reading import CHUNK_SIZE
from weightless.container.waiting import wait_until_ready

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["WaitingFile", "descriptor_of"]

_MAX_LINKS = 40  # the limit of Linux


class WaitingFile(io.FileIO):
    """A raw file that blocks where `io.FileIO` returns None.

    Another process that shares the open file (a terminal or a pipeline) may have set
    O_NONBLOCK. Reading nothing then does not mean the end of the file, and writing nothing
    does not mean that the data was written.
    """

    def read(self, size: int | None = -1, /) -> bytes:
        """Return at most `size` bytes, or all for -1; b"" means the end of the file."""
        if size is None or size < 0:
            return self.readall()
        while (data := super().read(size)) is None:
            wait_until_ready(self)
        return data

    def readall(self) -> bytes:
        """Return all remaining bytes."""
        pieces = []
        while piece := self.read(CHUNK_SIZE):
            pieces.append(piece)
        return b"".join(pieces)

    def readinto(self, buffer: Buffer, /) -> int:
        """Read into the buffer once; return the number of bytes read."""
        while (count := super().readinto(buffer)) is None:
            wait_until_ready(self)
        return count

    def write(self, data: Buffer, /) -> int:
        """Write at least part of the data; return the number of bytes written."""
        while (count := super().write(data)) is None:
            wait_until_ready(self, writing=True)
        return count


def descriptor_of(path: Path) -> int | None:
    """Return the descriptor of this process that a path refers to; None for other paths.

    Such paths are /dev/fd/N, /dev/stdin, /dev/stdout, /dev/stderr, /proc/self/fd/N, and
    links to them. Opening the path again is not equivalent: for a regular file, reading would
    start at the beginning instead of at the current position, and replacing the file would
    leave the open one unchanged.
    """
    if os.name != "posix":
        return None
    process = os.path.realpath("/proc/self")
    name = os.fspath(path)
    for _ in range(_MAX_LINKS):
        folder, last = os.path.split(name)
        folder = os.path.realpath(folder)
        if last.isascii() and last.isdigit() and len(last) < 10:
            if folder in ("/dev/fd", f"{process}/fd"):
                return int(last)
            if folder.startswith(f"{process}/task/") and folder.endswith("/fd"):
                return int(last)
        try:
            name = os.path.join(folder, os.readlink(os.path.join(folder, last)))
        except OSError:  # not a link
            return None
    return None
