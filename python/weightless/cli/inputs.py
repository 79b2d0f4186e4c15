"""The files that the command's arguments name, and how they are opened."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from weightless.cli.job import STDIN, Job
from weightless.errors import UnsuitableFileError
from weightless.files.inputs import is_regular, open_input
from weightless.files.names import SUFFIX

__all__ = ["find_inputs", "is_terminal", "open_source", "standard_stream"]


def find_inputs(job: Job) -> Iterator[tuple[str, OSError | None]]:
    """Give the names of the files to work on, or what is wrong with them."""
    for name in job.files:
        path = Path(name)
        if not name:  # which Path would take for the current folder
            yield name, FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        elif name == STDIN or not path.is_dir():
            yield name, None
        elif not job.recursive:
            yield name, UnsuitableFileError(errno.EISDIR, "is a directory (-r takes its files)")
        else:
            yield from _walk(path, archives=job.action not in ("compress", "benchmark"))


def _walk(path: Path, *, archives: bool) -> Iterator[tuple[str, OSError | None]]:
    """Give the plain files below a directory: archives, or all but archives."""
    errors: list[OSError] = []
    for folder, folders, files in os.walk(path, onerror=errors.append):
        folders.sort()
        for file in sorted(files):
            member = Path(folder, file)
            # Neither archives of archives when a command is repeated, nor links out.
            if file.endswith(SUFFIX) == archives and member.is_file() and not member.is_symlink():
                yield str(member), None
        for error in errors:
            yield str(error.filename), error
        errors.clear()


@contextlib.contextmanager
def open_source(name: str) -> Iterator[tuple[BinaryIO, int | None]]:
    """Open a file or standard input; give the size too, if there is one."""
    if name == STDIN:
        yield standard_stream(0), None
        return
    with open_input(Path(name)) as (stream, status):
        yield stream, status.st_size if is_regular(status) else None


def standard_stream(descriptor: int) -> BinaryIO:
    """Return standard input (0) or output (1) as a raw binary stream."""
    if sys.platform == "win32":
        import msvcrt

        msvcrt.setmode(descriptor, os.O_BINARY)
    return open(descriptor, "rb" if descriptor == 0 else "wb", buffering=0, closefd=False)


def is_terminal(descriptor: int) -> bool:
    """Tell whether a person sits at the other end."""
    try:
        return os.isatty(descriptor)
    except OSError:
        return False
