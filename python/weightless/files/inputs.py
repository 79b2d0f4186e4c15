"""Input files: opened and looked at before anything is written."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from weightless.errors import UnsuitableFileError
from weightless.files.descriptors import WaitingFile, descriptor_of

__all__ = ["is_regular", "open_input", "refuse_same_file"]


@contextlib.contextmanager
def open_input(path: Path) -> Iterator[tuple[BinaryIO, os.stat_result]]:
    """Open a file for reading; return it and what the system says about it.

    A path that stands for an open descriptor (/dev/stdin, /dev/fd/N) gives what is open,
    from where it is.

    Raises
    ------
    OSError
        As `open` does; IsADirectoryError for a directory on every system.
    """
    if os.path.isdir(path):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    descriptor = descriptor_of(path)
    source = os.fspath(path) if descriptor is None else os.dup(descriptor)
    with WaitingFile(source, "rb") as stream:
        yield stream, os.fstat(stream.fileno())


def is_regular(status: os.stat_result) -> bool:
    """Tell a plain file from a FIFO, a device or a socket."""
    return stat.S_ISREG(status.st_mode)


def refuse_same_file(source: BinaryIO, sink: BinaryIO) -> None:
    """Refuse to append to a file what is being read from it, which would never end.

    Raises
    ------
    UnsuitableFileError
        If both are the same regular file.
    """
    status = os.fstat(source.fileno())
    if is_regular(status) and os.path.samestat(status, os.fstat(sink.fileno())):
        raise UnsuitableFileError(errno.EINVAL, "input and output are the same file")
