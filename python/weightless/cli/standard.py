"""Standard input, output and error, in whatever state the process receives them.

Each may be closed, full, a broken pipe or non-blocking. Writes go to the descriptor at once:
nothing stays in Python's own buffers, where it could fail when the interpreter exits.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TextIO

from weightless.files.descriptors import WaitingFile, descriptor_of
from weightless.files.pump import write_all

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = [
    "StandardOutputError",
    "check_written",
    "clear_line",
    "columns",
    "is_terminal",
    "leads_to_terminal",
    "secure_descriptors",
    "standard_input",
    "standard_output",
    "write_error",
    "write_out",
]


class StandardOutputError(OSError):
    """Standard output could not be written."""


class _StandardOutput(WaitingFile):
    """Standard output as a raw stream that raises `StandardOutputError`."""

    def write(self, data: Buffer, /) -> int:
        """Write at least part of the data; return the number of bytes written."""
        try:
            return super().write(data)
        except OSError as error:
            raise _about_output(error) from None


def secure_descriptors() -> None:
    """Occupy the standard descriptors that are closed.

    Otherwise the next file to be opened could become standard output, for example, and
    messages or the content of another file would be written to it. Reading from and writing
    to these descriptors still fails.
    """
    if os.name != "posix":
        return
    for descriptor, flags in ((0, os.O_WRONLY), (1, os.O_RDONLY), (2, os.O_RDONLY)):
        try:
            os.fstat(descriptor)
        except OSError:
            with contextlib.suppress(OSError):
                # open() returns the lowest free descriptor, which is this one.
                os.open(os.devnull, flags)


def standard_input() -> BinaryIO:
    """Return standard input as a raw binary stream."""
    return WaitingFile(_binary(0), "rb", closefd=False)


def standard_output() -> BinaryIO:
    """Return standard output as a raw binary stream; it raises `StandardOutputError`."""
    try:
        return _StandardOutput(_binary(1), "wb", closefd=False)
    except OSError as error:
        raise _about_output(error) from None


def check_written() -> None:
    """Raise errors that the system reports only when standard output is closed.

    Raises
    ------
    StandardOutputError
        If written data was lost, for example on the full disk of a network file system.
    """
    try:
        os.close(os.dup(1))
    except OSError as error:
        raise _about_output(error) from None


def write_out(text: str) -> None:
    """Write to standard output at once.

    Raises
    ------
    StandardOutputError
        If standard output is full, closed or a broken pipe.
    """
    if sys.stdout is None:  # closed before Python began
        raise _about_output(OSError(errno.EBADF, os.strerror(errno.EBADF)))
    try:
        _write(sys.stdout, text)
    except (OSError, ValueError) as error:  # ValueError: closed in the meantime
        raise _about_output(error) from None


def write_error(text: str) -> None:
    """Write to standard error at once; a failure is ignored, as it cannot be reported."""
    if sys.stderr is not None:
        with contextlib.suppress(OSError, ValueError):
            _write(sys.stderr, text)


def columns() -> int:
    """Return the current width of the terminal on standard error."""
    try:
        return os.get_terminal_size(2).columns or 80
    except OSError:
        return 80


def clear_line() -> None:
    """Erase the current line of the terminal, including characters that it echoed."""
    write_error("\r" + " " * (columns() - 1) + "\r")


def is_terminal(descriptor: int) -> bool:
    """Tell whether a descriptor is a terminal."""
    try:
        return os.isatty(descriptor)
    except OSError:
        return False


def leads_to_terminal(path: Path) -> bool:
    """Tell whether a path, such as /dev/tty, refers to a terminal."""
    descriptor = descriptor_of(path)
    if descriptor is not None:
        return is_terminal(descriptor)
    try:
        if not stat.S_ISCHR(os.stat(path).st_mode):
            return False
        opened = os.open(path, os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
    except (OSError, AttributeError):  # AttributeError: a system without these flags
        return False
    try:
        return is_terminal(opened)
    finally:
        os.close(opened)


def _write(stream: TextIO, text: str) -> None:
    encoding = stream.encoding or "utf-8"
    # Characters that the terminal's encoding lacks are escaped; they must not cause an error.
    data = text.encode(encoding, "backslashreplace")
    descriptor = -1
    if isinstance(stream, io.TextIOWrapper):
        with contextlib.suppress(OSError):
            descriptor = stream.fileno()
    if descriptor < 0:  # sys.stdout or sys.stderr has been replaced
        stream.write(data.decode(encoding))
        stream.flush()
        return
    stream.flush()
    if os.linesep != "\n":
        data = data.replace(b"\n", os.linesep.encode())
    with WaitingFile(descriptor, "wb", closefd=False) as raw:
        write_all(raw, data)


def _about_output(error: Exception) -> StandardOutputError:
    if isinstance(error, OSError):
        return StandardOutputError(error.errno, error.strerror, "standard output")
    return StandardOutputError(errno.EBADF, os.strerror(errno.EBADF), "standard output")


def _binary(descriptor: int) -> int:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.setmode(descriptor, os.O_BINARY)
    return descriptor
