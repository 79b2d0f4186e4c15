"""Temporary files beside an output: whose they are, and what becomes of those that a kill left.

The temporary names of an output follow from its own name, so that the next run for the same
output finds what a killed one has left. A process holds a lock on the file that it writes; a file
that nobody has locked was left by a process that has ended.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import stat
from collections.abc import Iterator
from io import FileIO
from pathlib import Path

from weightless.errors import UnsuitableFileError
from weightless.files.locks import try_lock
from weightless.files.output_file import OutputFile

__all__ = [
    "Temporary",
    "is_temporary_name",
    "protect_input",
    "remove_left",
    "remove_links",
    "usual_mode",
]

_ATTEMPTS = 100  # to remove a temporary file despite repeated interrupts
_SLOTS = 8  # processes that write the same output at once; any more use random names
_TEMPORARY = re.compile(r"\.weightless-[0-9a-f]{16}\.tmp")
_FLAGS = (
    getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NOINHERIT", 0)
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)  # opening a FIFO must not block
    | getattr(os, "O_NOCTTY", 0)
)


def is_temporary_name(name: str) -> bool:
    """Tell whether a file name is that of an output which is not yet complete."""
    return _TEMPORARY.fullmatch(name) is not None


class Temporary:
    """The temporary file of an output, which this process has locked.

    It exists after `create` or `take_left`. Wherever one of these was interrupted, `discard`
    leaves nothing of it.

    Parameters
    ----------
    output : Path
        The final name.

    Attributes
    ----------
    path : Path
        The temporary name.
    """

    def __init__(self, output: Path) -> None:
        self.path = output
        self._output = output
        self._stream: OutputFile | None = None
        self._status: os.stat_result | None = None  # known before the file is locked
        self._discarded = False
        # A second descriptor, which keeps the file locked until it has its final name; None on
        # Windows, where an open file cannot be renamed.
        self._lock: FileIO | None = None

    def create(self, mode: int = 0o600) -> OutputFile:
        """Create the file under the first temporary name that is free.

        Parameters
        ----------
        mode : int
            Its permissions; by default, only its owner has access.

        Returns
        -------
        OutputFile
            The file, open for reading and writing.
        """
        for name in (*_names(self._output), _random_name(self._output)):
            try:
                stream = self._open(name, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode)
            except FileExistsError:
                continue
            # Without locks, nobody else touches the file either.
            if try_lock(stream.fileno()) is not False and _is_named(stream.fileno(), name):
                if os.name != "nt":
                    self._lock = FileIO(os.dup(stream.fileno()))
                return stream
            self._status = None  # another process was faster
            self.release()
        raise UnsuitableFileError(errno.EBUSY, "temporary files are in the way", str(self._output))

    def take_left(self) -> OutputFile | None:
        """Take the largest file that ended processes have left for the output; remove the others.

        A file that another user could have written is not taken.

        Returns
        -------
        OutputFile or None
            The file, open for reading and writing; None if there is none.

        Raises
        ------
        UnsuitableFileError
            If another process is writing the output, or it cannot be known whether one is.
        """
        left: dict[Path, OutputFile] = {}
        try:
            for name in _names(self._output):
                try:
                    file = _lock_left(name, self._output)
                except _Busy as busy:
                    raise UnsuitableFileError(busy.code, busy.reason, str(self._output)) from None
                if file is not None:
                    left[name] = file
            taken: OutputFile | None = None
            for name in sorted(left, key=lambda name: _status(left[name]).st_size, reverse=True):
                if taken is None and _is_ours_alone(_status(left[name])):
                    taken = self._take(name, left[name])
                else:
                    _discard(name, left[name])
            return taken
        finally:
            for file in left.values():
                if file is not self._lock and file is not self._stream:
                    file.close()

    def discard(self, *, keep_content: bool = False) -> None:
        """Remove the file and close it.

        It does so despite interrupts, and raises the last of them.

        Parameters
        ----------
        keep_content : bool
            Only close it, unless it is empty, or complete under its final name, or has a name
            that no later run looks for.
        """
        interrupt: BaseException | None = None
        for _ in range(_ATTEMPTS):
            try:
                self._discard(keep_content)
            except BaseException as error:
                interrupt = error
            else:
                break
        if interrupt is not None:
            try:
                raise interrupt
            finally:
                del interrupt

    def release(self) -> None:
        """Release the lock and close the file."""
        for file in (self._stream, self._lock):
            if file is not None:
                with contextlib.suppress(OSError):
                    file.close()

    def _open(self, name: Path, flags: int, mode: int) -> OutputFile:
        self.path = name
        try:
            self._stream = OutputFile(os.open(name, flags | _FLAGS, mode), self._output, "r+b")
        except OSError as error:
            error.filename = str(self._output)  # the temporary name means nothing to the user
            raise
        self._status = os.fstat(self._stream.fileno())
        return self._stream

    def _take(self, name: Path, file: OutputFile) -> OutputFile:
        """Open a file for reading and writing that was locked, and that nobody else can write."""
        if os.name == "nt":
            self.path, self._stream, self._status = name, file, _status(file)
            return file
        os.chmod(file.fileno(), 0o600)  # it may already have had the permissions of its source
        self._lock = file
        return self._open(name, os.O_RDWR, 0)

    def _discard(self, keep_content: bool) -> None:
        if self._status is None or os.name == "nt":  # an open file cannot be removed
            self.release()
        if self._status is None:  # then it is not locked
            for name in {*_names(self._output), self.path} - {self._output}:
                _remove_left(name, self._output, only_empty=keep_content)
        elif not self._discarded:
            with contextlib.suppress(OSError):
                # Once the file has its final name, another process may use the temporary one.
                status = os.lstat(self.path)
                ours = os.path.samestat(status, self._status) and self._is_locked()
                if ours and not (keep_content and status.st_size and self._is_found(status)):
                    self.path.unlink()
            # Once it is closed, another process's file may have its number.
            self._discarded = True
        self.release()

    def _is_found(self, status: os.stat_result) -> bool:
        """Tell whether a later run finds the file, and it has no second name, the final one."""
        return status.st_nlink == 1 and self.path in set(_names(self._output))

    def _is_locked(self) -> bool:
        """Tell whether this process has locked the file, or can; another one may be faster."""
        if self._stream is None or self._lock is not None or os.name == "nt":
            return True
        return not self._stream.closed and try_lock(self._stream.fileno()) is not False


def usual_mode(output: Path) -> int:
    """Return the mode that a new file beside an output has.

    It is found by creating one: reading the umask would require changing it, which affects
    all threads.
    """
    probe = Temporary(output)
    try:
        mode = stat.S_IMODE(_status(probe.create(0o666)).st_mode)
        probe.discard()
    except BaseException:
        try:
            probe.discard(keep_content=True)
        finally:  # again, in case that an interrupt kept it from beginning
            probe.discard(keep_content=True)
        raise
    return mode


def protect_input(descriptor: int, output: Path) -> None:
    """Lock an input if it has a temporary name of its output, so that it is not removed."""
    for name in _names(output):
        if _is_named(descriptor, name):
            try_lock(descriptor, shared=True)


def remove_links(output: Path) -> None:
    """Remove temporary names of a complete output: a kill came before that name was removed."""
    for name in _names(output):
        with contextlib.suppress(OSError, _Busy):
            if os.path.samestat(os.lstat(name), os.lstat(output)):
                file = _lock_left(name, output)
                if file is not None:
                    _discard(name, file)


class _Busy(Exception):  # noqa: N818
    """A file is locked, or there are no locks."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason


def _names(output: Path) -> Iterator[Path]:
    """Yield the temporary names of an output, which are short even where its own is not."""
    digest = hashlib.blake2b(os.fsencode(output.name), digest_size=8).hexdigest()
    for slot in range(_SLOTS):
        yield output.with_name(f".weightless-{digest[:15]}{slot:x}.tmp")


def _random_name(output: Path) -> Path:
    return output.with_name(f".weightless-{os.urandom(8).hex()}.tmp")


def remove_left(output: Path) -> None:
    """Remove the temporary files that ended processes have left for an output."""
    for name in _names(output):
        _remove_left(name, output)


def _remove_left(name: Path, output: Path, *, only_empty: bool = False) -> None:
    with contextlib.suppress(_Busy):
        file = _lock_left(name, output)
        if file is None:
            return
        if only_empty and _status(file).st_size:
            file.close()
        else:
            _discard(name, file)


def _lock_left(name: Path, output: Path) -> OutputFile | None:
    """Open and lock a file that an ended process has left; return None if there is none.

    Anything but a regular file of this user's was left by nobody, and is not touched.

    Raises
    ------
    _Busy
        If another process has locked it, or the file system does not support locks.
    """
    try:
        if not stat.S_ISREG(os.lstat(name).st_mode):
            return None
        file = OutputFile(_open_to_lock(name), output, "r+b")
    except OSError:
        return None
    found = False
    try:
        if _may_remove(_status(file)):
            locked = try_lock(file.fileno())
            if locked is None:
                raise _Busy(errno.ENOTSUP, "the file system has no locks, which --resume needs")
            if not locked:
                raise _Busy(errno.EBUSY, "another process is writing this file")
            # Otherwise it was completed, or removed, in the meantime.
            found = _is_named(file.fileno(), name)
    finally:
        if not found:
            file.close()
    return file if found else None


def _open_to_lock(name: Path) -> int:
    try:
        return os.open(name, os.O_RDWR | _FLAGS)
    except PermissionError:  # the output was about to become a read-only file
        return os.open(name, os.O_RDONLY | _FLAGS)


def _discard(name: Path, file: OutputFile) -> None:
    """Remove a file that this process has locked, and close it."""
    try:
        if os.name == "nt":  # an open file cannot be removed
            file.close()
        with contextlib.suppress(OSError):
            name.unlink()
    finally:
        file.close()


def _status(file: OutputFile) -> os.stat_result:
    return os.fstat(file.fileno())


def _is_named(descriptor: int, name: Path) -> bool:
    """Tell whether a name is still that of an open file."""
    try:
        return os.path.samestat(os.fstat(descriptor), os.lstat(name))
    except OSError:
        return False


def _may_remove(status: os.stat_result) -> bool:
    """Tell whether a file is this user's; root may have given it to the owner of the input."""
    return os.name == "nt" or os.geteuid() in (0, status.st_uid)


def _is_ours_alone(status: os.stat_result) -> bool:
    """Tell whether nobody else can have written to a file, and it has no other name."""
    if os.name == "nt":
        return True
    others = stat.S_IWGRP | stat.S_IWOTH
    return status.st_uid == os.geteuid() and status.st_nlink == 1 and not status.st_mode & others
