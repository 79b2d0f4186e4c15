"""From the name of a file to that of its archive, and back."""

from __future__ import annotations

import errno
from pathlib import Path

from weightless.errors import UnsuitableFileError

__all__ = ["SUFFIX", "archive_name", "content_name"]

SUFFIX = ".wl"
_SHORT = {".twl": ".tar"}


def archive_name(path: Path) -> Path:
    """Return the name of the archive of `path`: with .wl behind it."""
    return path.with_name(path.name + SUFFIX)


def content_name(path: Path) -> Path:
    """Return the name of the content of an archive: without .wl (.twl becomes .tar).

    Raises
    ------
    UnsuitableFileError
        If the name does not end like that of an archive.
    """
    for suffix, replacement in {SUFFIX: "", **_SHORT}.items():
        stem = path.name[: -len(suffix)]
        if path.name.endswith(suffix) and stem:
            return path.with_name(stem + replacement)
    raise UnsuitableFileError(
        errno.EINVAL,
        f"unknown suffix ({SUFFIX} expected); name the output (-o on the command line)",
        str(path),
    )
