"""Standard input, output and error, in whatever state the command is given them.

Each may be closed, full, a broken pipe or non-blocking. What is written goes to the
descriptor at once: nothing waits in Python's own buffers, to fail when the interpreter ends.
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
    """What was asked for could not be written to standard output."""


class _StandardOutput(WaitingFile):
    """Standard output as a raw stream, whose errors tell that it is the one."""

    def write(self, data: Buffer, /) -> int:
        """Write some of it; return how much."""
        try:
            return super().write(data)
        except OSError as error:
            raise _about_output(error) from None


def secure_descriptors() -> None:
    """Take the place of standard descriptors that are closed.

    Otherwise the next file opened would be standard output, say, and messages or
    another file's content would go into it. Reading and writing fail as before.
    """
    if os.name != "posix":
        return
    for descriptor, flags in ((0, os.O_WRONLY), (1, os.O_RDONLY), (2, os.O_RDONLY)):
        try:
            os.fstat(descriptor)
        except OSError:
            with contextlib.suppress(OSError):
                # The lowest that is free: this one.
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
    """Find out what the system only tells when standard output is closed.

    Raises
    ------
    StandardOutputError
        If some of what was written is lost, as on a full disk of another machine.
    """
    try:
        os.close(os.dup(1))
    except OSError as error:
        raise _about_output(error) from None


def write_out(text: str) -> None:
    """Write to standard output, now.

    Raises
    ------
    StandardOutputError
        If it is full, say.
    """
    if sys.stdout is None:  # closed before Python began
        raise _about_output(OSError(errno.EBADF, os.strerror(errno.EBADF)))
    try:
        _write(sys.stdout, text)
    except (OSError, ValueError) as error:  # ValueError: closed since
        raise _about_output(error) from None


def write_error(text: str) -> None:
    """Write to standard error, now; nobody can be told if that fails."""
    if sys.stderr is not None:
        with contextlib.suppress(OSError, ValueError):
            _write(sys.stderr, text)


def columns() -> int:
    """Return the width of the terminal behind standard error, as it is now."""
    try:
        return os.get_terminal_size(2).columns or 80
    except OSError:
        return 80


def clear_line() -> None:
    """Remove what stands in the terminal's line, also what the terminal itself put there."""
    write_error("\r" + " " * (columns() - 1) + "\r")


def is_terminal(descriptor: int) -> bool:
    """Tell whether a person sits at the other end."""
    try:
        return os.isatty(descriptor)
    except OSError:
        return False


def leads_to_terminal(path: Path) -> bool:
    """Tell whether a path is another name of a terminal, as /dev/tty is."""
    descriptor = descriptor_of(path)
    if descriptor is not None:
        return is_terminal(descriptor)
    try:
        if not stat.S_ISCHR(os.stat(path).st_mode):
            return False
        opened = os.open(path, os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
    except (OSError, AttributeError):  # AttributeError: a system without such flags
        return False
    try:
        return is_terminal(opened)
    finally:
        os.close(opened)


def _write(stream: TextIO, text: str) -> None:
    encoding = stream.encoding or "utf-8"
    # Names that the terminal's character set does not have are no reason to fail.
    data = text.encode(encoding, "backslashreplace")
    descriptor = -1
    if isinstance(stream, io.TextIOWrapper):
        with contextlib.suppress(OSError):
            descriptor = stream.fileno()
    if descriptor < 0:  # something else has been put in place of the process's own
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
