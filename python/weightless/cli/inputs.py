"""Find the input files that the arguments name, and open them."""

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
from weightless.files.inputs import open_input
from weightless.files.names import is_archive_name
from weightless.files.temporary import is_temporary_name

__all__ = ["find_inputs", "open_source"]


def find_inputs(job: Job) -> Iterator[tuple[str, OSError | None]]:
    """Yield the name of each input file, with the error that makes it unusable, if any."""
    for name in job.files:
        # os.path returns False where Path's methods raise: for names that are too long and
        # for paths through folders without search permission.
        if not name:  # Path("") would be the current folder
            yield name, FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        elif name == STDIN or not os.path.isdir(name):
            yield name, None
        elif not job.recursive:
            yield (
                name,
                UnsuitableFileError(errno.EISDIR, "is a directory (use -r to process its files)"),
            )
        else:
            yield from _walk(
                Path(name), archives=job.action not in ("compress", "benchmark", "explain")
            )


def _walk(path: Path, *, archives: bool) -> Iterator[tuple[str, OSError | None]]:
    """Yield the regular files below a directory: only archives, or all other files."""
    errors: list[OSError] = []
    for folder, folders, files in os.walk(path, onerror=errors.append):
        folders.sort()
        for file in sorted(files):
            member = Path(folder, file)
            # Skip archives, so that a repeated command does not compress them again, and
            # temporary files that another run is writing or has left behind.
            if is_archive_name(file) != archives or is_temporary_name(file):
                continue
            name = str(member)
            try:
                # Links are skipped: they may lead out of the directory.
                if not stat.S_ISREG(os.lstat(name).st_mode):
                    continue
            except OSError as error:
                yield name, error
            else:
                yield os.path.join(os.curdir, name) if name == STDIN else name, None
    # os.walk skips folders that cannot be listed; report them too.
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
