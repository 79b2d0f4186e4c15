"""Outputs that nobody has named: beside the input, in a name made from its own."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path

from weightless.errors import UnsuitableFileError
from weightless.files.atomic import is_written_in_place
from weightless.files.descriptors import descriptor_of

__all__ = ["output_beside", "refuse_descriptor", "refuse_special"]


def output_beside(source: Path, name: Callable[[Path], Path]) -> Path:
    """Return the path of the output that belongs to an input.

    Parameters
    ----------
    name : callable
        `archive_name` or `content_name`.

    Raises
    ------
    UnsuitableFileError
        If the input has no name of its own, or something other than a file has the
        output's.
    """
    refuse_descriptor(source)
    output = name(source)
    refuse_special(output)
    return output


def refuse_descriptor(source: Path) -> None:
    """Refuse to make a name from that of an open descriptor (/dev/stdin)."""
    if descriptor_of(source) is not None:
        raise UnsuitableFileError(
            errno.EINVAL,
            "stands for an open descriptor; name the output (-o or -c on the command line)",
            str(source),
        )


def refuse_special(output: Path) -> None:
    """Refuse to write into a FIFO or a device that happens to have the output's name."""
    if is_written_in_place(output):
        raise UnsuitableFileError(
            errno.EEXIST,
            "exists and is not a regular file; it is written into when named as the output (-o)",
            str(output),
        )
