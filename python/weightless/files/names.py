"""Names of archives from names of files, and the reverse."""

from __future__ import annotations

import errno
from pathlib import Path

from weightless.errors import UnsuitableFileError

__all__ = ["SUFFIX", "archive_name", "content_name", "is_archive_name"]

SUFFIX = ".wl"

#: Maps the suffix of an archive to the suffix of its content.
_SUFFIXES = {SUFFIX: "", ".twl": ".tar"}


def is_archive_name(name: str) -> bool:
    """Tell whether a file name is that of an archive whose content can be named after it."""
    return _content(name) is not None


def archive_name(path: Path) -> Path:
    """Return the path of the archive of `path`, which has .wl appended.

    Raises
    ------
    UnsuitableFileError
        If the path can only be a folder.
    """
    if path.name in ("", ".."):
        raise UnsuitableFileError(errno.EISDIR, "is a directory", str(path))
    return path.with_name(path.name + SUFFIX)


def content_name(path: Path) -> Path:
    """Return the path of the content of an archive, without .wl (.twl becomes .tar).

    Raises
    ------
    UnsuitableFileError
        If the name does not have the suffix of an archive, or consists of nothing else.
    """
    name = _content(path.name)
    if name is None:
        raise UnsuitableFileError(
            errno.EINVAL,
            f"unknown suffix ({SUFFIX} expected); specify the output (-o on the command line)",
            str(path),
        )
    return path.with_name(name)


def _content(name: str) -> str | None:
    for suffix, replacement in _SUFFIXES.items():
        stem = name.removesuffix(suffix)
        if stem != name:
            content = stem + replacement
            # ".wl" and "..wl" do not count as names of archives.
            return content if stem and content not in (".", "..") else None
    return None
