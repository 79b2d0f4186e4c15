"""Open descriptors: raw files that wait for them, and the names that stand for them."""

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

_MAX_LINKS = 40  # as many as Linux follows


class WaitingFile(io.FileIO):
    """A raw file that waits where others return None.

    Whoever shares an open file (a terminal, the other commands of a pipeline) may have
    set it to O_NONBLOCK; "nothing now" is then neither the end nor "all written".
    """

    def read(self, size: int | None = -1, /) -> bytes:
        """Return at most `size` bytes, none at the end only; for -1 all that is left."""
        if size is None or size < 0:
            return self.readall()
        while (data := super().read(size)) is None:
            wait_until_ready(self)
        return data

    def readall(self) -> bytes:
        """Return all that is left."""
        pieces = []
        while piece := self.read(CHUNK_SIZE):
            pieces.append(piece)
        return b"".join(pieces)

    def readinto(self, buffer: Buffer, /) -> int:
        """Fill the buffer as far as one reading does; return how far."""
        while (count := super().readinto(buffer)) is None:
            wait_until_ready(self)
        return count

    def write(self, data: Buffer, /) -> int:
        """Write what can be written at once, but something; return how much."""
        while (count := super().write(data)) is None:
            wait_until_ready(self, writing=True)
        return count


def descriptor_of(path: Path) -> int | None:
    """Return the descriptor of this process that a path stands for; None for a usual file.

    Such paths are /dev/fd/N, /dev/stdin, /dev/stdout, /dev/stderr, /proc/self/fd/N, and
    links to them. To open one anew is not the same: where the open file is a regular one,
    a new position begins at its start, and to replace it would leave the open one behind.
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
        except OSError:  # no link
            return None
    return None
