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
from collections.abc import Callable, Iterator
from pathlib import Path

from weightless.errors import UnsuitableFileError
from weightless.files.locks import try_lock
from weightless.files.output_file import OutputFile

__all__ = [
    "Temporary",
    "create_temporary",
    "is_temporary_name",
    "left_temporary",
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
    """A temporary file that this process has locked.

    Attributes
    ----------
    path : Path
        Its name.
    stream : OutputFile
        The file, open for reading and writing.
    """

    def __init__(self, path: Path, stream: OutputFile, lock: int | None) -> None:
        self.path = path
        self.stream = stream
        self._status = os.fstat(stream.fileno())
        # A second descriptor, which keeps the file locked until it has its final name; None on
        # Windows, where an open file cannot be renamed.
        self._lock = lock

    def discard(self) -> None:
        """Remove the file and close it, despite interrupts."""
        if os.name == "nt":  # an open file cannot be removed
            self.release()
        _despite_interrupts(self._remove)
        self.release()

    def release(self) -> None:
        """Release the lock and close the file."""
        with contextlib.suppress(OSError):
            self.stream.close()
        if self._lock is not None:
            lock, self._lock = self._lock, None
            os.close(lock)

    def _remove(self) -> None:
        # Once the file has its final name, another process may use the temporary one.
        with contextlib.suppress(OSError):
            if os.path.samestat(os.lstat(self.path), self._status):
                self.path.unlink()


def create_temporary(output: Path) -> Temporary:
    """Create a temporary file for an output, and remove those that ended processes have left.

    It is empty, and accessible only to its owner.
    """
    try:
        remove_left(output)
        return _create_first(output, 0o600)
    except BaseException:
        # An interrupt may have come after a file was created, and before this was known here.
        _despite_interrupts(lambda: remove_left(output))
        raise


def usual_mode(output: Path) -> int:
    """Return the mode that a new file beside an output has.

    It is found by creating one: reading the umask would require changing it, which affects
    all threads.
    """
    try:
        probe = _create_first(output, 0o666)
        mode = stat.S_IMODE(os.fstat(probe.stream.fileno()).st_mode)
        probe.discard()
    except BaseException:
        _despite_interrupts(lambda: remove_left(output))
        raise
    return mode


def left_temporary(output: Path) -> Temporary | None:
    """Return the largest file that ended processes have left for an output; remove the others.

    A file that another user could have written is not returned.

    Raises
    ------
    UnsuitableFileError
        If another process is writing the output, or it cannot be known whether one is.
    """
    locks: dict[Path, int] = {}
    try:
        for name in _names(output):
            try:
                lock = _lock_left(name)
            except _Busy as busy:
                raise UnsuitableFileError(busy.code, busy.reason, str(output)) from None
            if lock is not None:
                locks[name] = lock
        best: Temporary | None = None
        for name in sorted(locks, key=lambda name: os.fstat(locks[name]).st_size, reverse=True):
            if best is None and _is_ours_alone(os.fstat(locks[name])):
                best = _open_left(name, locks.pop(name), output)
            else:
                _discard(name, locks.pop(name))
        return best
    finally:
        for lock in locks.values():
            os.close(lock)


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
                lock = _lock_left(name)
                if lock is not None:
                    _discard(name, lock)


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
        with contextlib.suppress(_Busy):
            lock = _lock_left(name)
            if lock is not None:
                _discard(name, lock)


def _lock_left(name: Path) -> int | None:
    """Lock a file that an ended process has left; return its descriptor, or None if there is none.

    Anything but a regular file of this user's was left by nobody, and is not touched.

    Raises
    ------
    _Busy
        If another process has locked it, or the file system does not support locks.
    """
    try:
        if not stat.S_ISREG(os.lstat(name).st_mode):
            return None
        lock = _open_to_lock(name)
    except OSError:
        return None
    try:
        if not _may_remove(os.fstat(lock)):
            return None
        locked = try_lock(lock)
        if locked is None:
            raise _Busy(errno.ENOTSUP, "the file system has no locks, which --resume needs")
        if not locked:
            raise _Busy(errno.EBUSY, "another process is writing this file")
        if not _is_named(lock, name):  # it was completed, or removed, in the meantime
            return None
        found, lock = lock, -1
        return found
    finally:
        if lock >= 0:
            os.close(lock)


def _open_to_lock(name: Path) -> int:
    try:
        return os.open(name, os.O_RDWR | _FLAGS)
    except PermissionError:  # the output was about to become a read-only file
        return os.open(name, os.O_RDONLY | _FLAGS)


def _open_left(name: Path, lock: int, output: Path) -> Temporary:
    """Open a file for reading and writing that this process has locked and nobody else can write.

    The lock is closed with it, or after an error.
    """
    if os.name == "nt":
        return Temporary(name, OutputFile(lock, output, "r+b"), None)
    try:
        os.chmod(lock, 0o600)  # it may already have had the permissions of its source
        stream = _open(name, os.O_RDWR, 0, output)
    except BaseException:
        os.close(lock)
        raise
    return Temporary(name, stream, lock)


def _discard(name: Path, lock: int) -> None:
    """Remove a file that this process has locked, and close it."""

    def remove() -> None:
        with contextlib.suppress(OSError):
            name.unlink()

    if os.name == "nt":  # an open file cannot be removed
        os.close(lock)
        remove()
        return
    try:
        remove()
    finally:
        os.close(lock)


def _create_first(output: Path, mode: int) -> Temporary:
    """Create a file under the first temporary name that is free."""
    for name in (*_names(output), _random_name(output)):
        if (made := _create(name, output, mode)) is not None:
            return made
    raise UnsuitableFileError(errno.EBUSY, "temporary files are in the way", str(output))


def _create(name: Path, output: Path, mode: int) -> Temporary | None:
    """Create and lock a file; return None if the name is taken, or another process was faster."""
    try:
        stream = _open(name, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode, output)
    except FileExistsError:
        return None
    made = Temporary(name, stream, None)
    # Without locks, nobody else touches the file either.
    if try_lock(stream.fileno()) is False or not _is_named(stream.fileno(), name):
        made.release()
        return None
    if os.name != "nt":
        made = Temporary(name, stream, os.dup(stream.fileno()))
    return made


def _open(name: Path, flags: int, mode: int, output: Path) -> OutputFile:
    try:
        return OutputFile(os.open(name, flags | _FLAGS, mode), output, "r+b")
    except OSError as error:
        error.filename = str(output)  # the temporary name would mean nothing to the user
        raise


def _despite_interrupts(action: Callable[[], object]) -> None:
    """Call a function until no interrupt ends it; the caller raises the first one."""
    for _ in range(_ATTEMPTS):
        try:
            action()
        except BaseException:
            continue
        return


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
