"""Output files that appear under their name only when they are complete."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from weightless.errors import OutputExistsError
from weightless.files.descriptors import WaitingFile, descriptor_of
from weightless.files.metadata import copy_metadata

__all__ = ["atomic_output", "is_temporary_name", "is_written_in_place"]

_ATTEMPTS = 100  # to remove a temporary file, when interrupts come faster than that
_TEMPORARY = re.compile(r"\.weightless-[0-9a-f]{16}\.tmp")


def is_temporary_name(name: str) -> bool:
    """Tell whether a name, without its folder, is that of an output not yet complete."""
    return _TEMPORARY.fullmatch(name) is not None


def is_written_in_place(path: Path) -> bool:
    """Tell whether an output is written where it is: a device, FIFO or open descriptor."""
    if descriptor_of(path) is not None:
        return True
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


@contextlib.contextmanager
def atomic_output(
    path: Path,
    *,
    overwrite: bool = False,
    sync: bool = False,
    like: tuple[BinaryIO, os.stat_result] | None = None,
) -> Iterator[BinaryIO]:
    """Open a file for writing that takes its name only when the block ends well.

    Until then it is a temporary file in the same folder that only its owner may read;
    any exception, an interrupt included, removes it.

    Parameters
    ----------
    path : Path
        The final name. A device, a FIFO or an open descriptor (/dev/stdout, /dev/fd/N),
        also one that a link leads to, is written in place.
    overwrite : bool
        Replace a file that exists. As with zstd, a link is replaced itself: what it
        leads to, and other names of a file that has several, stay what they are.
    sync : bool
        Wait until the data is on the disk before renaming, then until the name is.
    like : file and os.stat_result, optional
        The file whose owner, group, mode and time of modification the output gets as far
        as the system allows; else they are those of any new file.

    Raises
    ------
    OutputExistsError
        If the file exists, at the start or when it is complete.
    """
    in_place = _open_in_place(path)
    if in_place is not None:
        with in_place:
            yield in_place
            if sync:
                _sync_in_place(in_place)
        return
    _check_free(path, overwrite=overwrite)
    # Known before the file is there: an interrupt while it is being made removes it too.
    temporary = path.with_name(f".weightless-{os.urandom(8).hex()}.tmp")
    try:
        mode = _usual_mode(temporary, path) if like is None else None
        with _create(temporary, path) as stream:
            yield stream
            # By descriptor where possible: a name may be made to lead elsewhere.
            file = stream.fileno() if os.chmod in os.supports_fd else temporary
            if mode is not None:
                with contextlib.suppress(OSError):  # a file system that knows no modes
                    os.chmod(file, mode)
            elif like is not None and isinstance(file, int):
                copy_metadata(file, like[0].fileno(), like[1])
            if sync:
                os.fsync(stream.fileno())
        if like is not None and not isinstance(file, int):
            copy_metadata(file, like[0].fileno(), like[1])
        if overwrite:
            _replace(temporary, path)
        else:
            _rename_new(temporary, path)
        if sync:
            _sync_folder(path.parent)
    except BaseException:
        for _ in range(_ATTEMPTS):
            try:
                temporary.unlink()
            except OSError:
                break
            except BaseException:  # another interrupt; the first is raised below
                continue
            break
        raise


def _open_in_place(path: Path) -> BinaryIO | None:
    """Open what is written where it is; None for a regular file, a folder, or nothing."""
    if not is_written_in_place(path):
        return None
    descriptor = descriptor_of(path)
    if descriptor is not None:
        try:
            return WaitingFile(os.dup(descriptor), "wb")
        except OSError as error:
            error.filename = str(path)
            raise
    # Neither made nor emptied: what was no file a moment ago may be one now.
    flags = os.O_WRONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOCTTY", 0)
    stream = WaitingFile(os.open(path, flags), "wb")
    if stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
        stream.close()
        return None
    return stream


def _check_free(path: Path, *, overwrite: bool) -> None:
    """Find out before any work whether the name can be had."""
    try:
        os.lstat(path)
    except FileNotFoundError:
        return
    if os.path.isdir(path):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not overwrite:
        raise _exists(path)


def _usual_mode(temporary: Path, path: Path) -> int:
    """Return the mode of any new file in the folder.

    The system tells it only to who makes a file; to ask for the umask is to change it,
    for all threads.
    """
    with _create(temporary, path, 0o666) as stream:
        mode = stat.S_IMODE(os.fstat(stream.fileno()).st_mode)
    temporary.unlink()
    return mode


def _create(temporary: Path, path: Path, mode: int = 0o600) -> BinaryIO:
    """Open a new file; if no mode is given, only its owner may read it."""
    try:
        return WaitingFile(
            os.fspath(temporary), "xb", opener=lambda name, flags: os.open(name, flags, mode)
        )
    except OSError as error:
        # The temporary name would say nothing to whoever reads the message.
        error.filename = str(path)
        raise


def _replace(temporary: Path, target: Path) -> None:
    try:
        temporary.replace(target)
    except OSError as error:
        # The temporary name would say nothing to whoever reads the message.
        raise OSError(error.errno, error.strerror, str(target)) from None


def _rename_new(temporary: Path, target: Path) -> None:
    """Rename without replacing what may have appeared meanwhile."""
    try:
        os.link(temporary, target)
    except FileExistsError:
        raise _exists(target) from None
    except (OSError, AttributeError, NotImplementedError):  # a file system without links
        if os.path.lexists(target):
            raise _exists(target) from None
        _replace(temporary, target)
    else:
        temporary.unlink()


def _sync_in_place(stream: BinaryIO) -> None:
    """Wait until the data is on the disk, where there is one."""
    try:
        os.fsync(stream.fileno())
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EROFS):
            raise


def _sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk, where that can be asked for."""
    if os.name != "posix":
        return
    with contextlib.suppress(OSError):  # some file systems refuse it for folders
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _exists(path: Path) -> OutputExistsError:
    return OutputExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
