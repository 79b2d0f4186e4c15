"""The files that the command's arguments name, and how they are opened."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from weightless.cli.job import STDIN, Job
from weightless.cli.standard import standard_input
from weightless.errors import UnsuitableFileError
from weightless.files.atomic import is_temporary_name
from weightless.files.inputs import open_input
from weightless.files.names import is_archive_name

__all__ = ["find_inputs", "open_source"]


def find_inputs(job: Job) -> Iterator[tuple[str, OSError | None]]:
    """Give the names of the files to work on, or what is wrong with them."""
    for name in job.files:
        # os.path answers where Path's methods raise: names too long, folders not to be searched.
        if not name:  # which Path would take for the current folder
            yield name, FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        elif name == STDIN or not os.path.isdir(name):
            yield name, None
        elif not job.recursive:
            yield name, UnsuitableFileError(errno.EISDIR, "is a directory (-r takes its files)")
        else:
            yield from _walk(Path(name), archives=job.action not in ("compress", "benchmark"))


def _walk(path: Path, *, archives: bool) -> Iterator[tuple[str, OSError | None]]:
    """Give the plain files below a directory: archives, or all but archives."""
    errors: list[OSError] = []
    for folder, folders, files in os.walk(path, onerror=errors.append):
        folders.sort()
        for file in sorted(files):
            member = Path(folder, file)
            # Neither archives of archives when a command is repeated, nor links out, nor
            # what another run is writing or was ended at.
            if is_archive_name(file) != archives or is_temporary_name(file):
                continue
            name = str(member)
            try:
                if not stat.S_ISREG(os.lstat(name).st_mode):
                    continue
            except OSError as error:
                yield name, error
            else:
                yield os.path.join(os.curdir, name) if name == STDIN else name, None
    # Also of folders that could not be listed at all, which the walk passes over.
    for failure in errors:
        yield str(failure.filename), failure


@contextlib.contextmanager
def open_source(name: str) -> Iterator[BinaryIO]:
    """Open a file or standard input."""
    if name == STDIN:
        yield standard_input()
        return
    with open_input(Path(name)) as (stream, _):
        yield stream
