"""Input files: opened and looked at before anything is written."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

__all__ = ["is_regular", "open_input"]


@contextlib.contextmanager
def open_input(path: Path) -> Iterator[tuple[BinaryIO, os.stat_result]]:
    """Open a file for reading; return it and what the system says about it.

    Raises
    ------
    OSError
        As `open` does; IsADirectoryError for a directory on every system.
    """
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    with path.open("rb", buffering=0) as stream:
        yield stream, os.fstat(stream.fileno())


def is_regular(status: os.stat_result) -> bool:
    """Tell a plain file from a FIFO, a device or a socket."""
    return stat.S_ISREG(status.st_mode)
