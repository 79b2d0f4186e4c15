"""Input files, which are opened and checked before anything is written."""

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

__all__ = ["is_regular", "open_input", "refuse_same_file", "refuse_same_name"]


@contextlib.contextmanager
def open_input(path: Path) -> Iterator[tuple[BinaryIO, os.stat_result]]:
    """Open a file for reading; yield it and its status.

    A path that refers to an open descriptor (/dev/stdin, /dev/fd/N) is read through that
    descriptor, from its current position.

    Raises
    ------
    OSError
        As raised by `open`; for a directory, IsADirectoryError on every system.
    """
    if os.path.isdir(path):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    descriptor = descriptor_of(path)
    source = os.fspath(path) if descriptor is None else os.dup(descriptor)
    with WaitingFile(source, "rb") as stream:
        yield stream, os.fstat(stream.fileno())


def is_regular(status: os.stat_result) -> bool:
    """Tell whether a status is that of a regular file."""
    return stat.S_ISREG(status.st_mode)


def refuse_same_file(source: BinaryIO, sink: BinaryIO) -> None:
    """Refuse to write to the file that is being read, which might never end.

    Raises
    ------
    UnsuitableFileError
        If both are the same regular file.
    """
    _refuse_same(os.fstat(source.fileno()), os.fstat(sink.fileno()))


def refuse_same_name(source: os.stat_result, output: Path) -> None:
    """Refuse to replace the file that is read, or a link to it.

    Raises
    ------
    UnsuitableFileError
        If both are the same regular file.
    """
    try:
        status = os.stat(output)
    except OSError:  # it does not exist
        return
    _refuse_same(source, status)


def _refuse_same(source: os.stat_result, output: os.stat_result) -> None:
    if is_regular(source) and os.path.samestat(source, output):
        raise UnsuitableFileError(errno.EINVAL, "input and output are the same file")
