"""From the name of a file to that of its archive, and back."""

from __future__ import annotations

import errno
from pathlib import Path

from weightless.errors import UnsuitableFileError

__all__ = ["SUFFIX", "archive_name", "content_name", "is_archive_name"]

SUFFIX = ".wl"

#: What an archive's name ends with, and what its content's name ends with instead.
_SUFFIXES = {SUFFIX: "", ".twl": ".tar"}


def is_archive_name(name: str) -> bool:
    """Tell whether a name, without its folder, is one from which the content's follows."""
    return _content(name) is not None


def archive_name(path: Path) -> Path:
    """Return the name of the archive of `path`: with .wl behind it.

    Raises
    ------
    UnsuitableFileError
        For a path that can only be a folder.
    """
    if path.name in ("", ".."):
        raise UnsuitableFileError(errno.EISDIR, "is a directory", str(path))
    return path.with_name(path.name + SUFFIX)


def content_name(path: Path) -> Path:
    """Return the name of the content of an archive: without .wl (.twl becomes .tar).

    Raises
    ------
    UnsuitableFileError
        If the name does not end like that of an archive, or nothing is left without it.
    """
    name = _content(path.name)
    if name is None:
        raise UnsuitableFileError(
            errno.EINVAL,
            f"unknown suffix ({SUFFIX} expected); name the output (-o on the command line)",
            str(path),
        )
    return path.with_name(name)


def _content(name: str) -> str | None:
    for suffix, replacement in _SUFFIXES.items():
        stem = name.removesuffix(suffix)
        if stem != name:
            content = stem + replacement
            # ".wl" and "..wl" are names of files like any other, not of archives.
            return content if stem and content not in (".", "..") else None
    return None
