"""Default outputs: next to the input, with a name derived from the name of the input."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path

from weightless.errors import UnsuitableFileError
from weightless.files.atomic import is_written_in_place
from weightless.files.descriptors import descriptor_of

__all__ = ["output_beside", "refuse_descriptor", "refuse_special"]


def output_beside(source: Path, name: Callable[[Path], Path]) -> Path:
    """Return the default output path for an input.

    Parameters
    ----------
    name : callable
        `archive_name` or `content_name`.

    Raises
    ------
    UnsuitableFileError
        If the input is an open descriptor, or the output path exists and is a device or a
        FIFO.
    """
    refuse_descriptor(source)
    output = name(source)
    refuse_special(output)
    return output


def refuse_descriptor(source: Path) -> None:
    """Refuse to derive a name from that of an open descriptor, such as /dev/stdin."""
    if descriptor_of(source) is not None:
        raise UnsuitableFileError(
            errno.EINVAL,
            "is an open descriptor; specify the output (-o or -c on the command line)",
            str(source),
        )


def refuse_special(output: Path) -> None:
    """Refuse a default output path that is a FIFO or a device."""
    if is_written_in_place(output):
        raise UnsuitableFileError(
            errno.EEXIST,
            "exists and is not a regular file; specify it as the output (-o) to write to it",
            str(output),
        )
