"""Output files that appear under their name only when they are complete."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from weightless.errors import OutputExistsError
from weightless.files.descriptors import descriptor_of
from weightless.files.metadata import copy_metadata
from weightless.files.output_file import OutputFile, about
from weightless.files.temporary import (
    Temporary,
    remove_left,
    remove_links,
    usual_mode,
)

__all__ = ["atomic_output", "is_written_in_place"]


def is_written_in_place(path: Path) -> bool:
    """Tell whether an output is written in place: a device, a FIFO or an open descriptor."""
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
    resume: bool = False,
) -> Iterator[BinaryIO]:
    """Open a file for writing that takes its name only when the block ends without error.

    Until then it is a temporary file in the same folder, readable only by its owner; any
    exception, including an interrupt, removes it. What a killed process has left for this
    output is removed.

    Parameters
    ----------
    path : Path
        The final name. A device, a FIFO or an open descriptor (/dev/stdout, /dev/fd/N) is
        written in place, even if the path is a link to it.
    overwrite : bool
        Replace an existing file. As with zstd, a symbolic link is itself replaced: its
        target and other hard links to the old file remain unchanged.
    sync : bool
        Wait until the data is on disk before renaming, then until the new name is.
    like : file and os.stat_result, optional
        The file whose owner, group, mode and modification time the output receives, as far
        as the system allows. By default they are those of any new file.
    resume : bool
        Yield the temporary file that a killed process has left for this output, if there is
        one, with its content and at its start; and keep it after an exception, unless it is
        empty.

    Raises
    ------
    OutputExistsError
        If the file exists, either at the start or when the output is complete.
    UnsuitableFileError
        With `resume`: if another process is writing the output, or the file system has no
        locks, so that it cannot be known.
    """
    in_place = _open_in_place(path)
    if in_place is not None:
        with in_place:
            yield in_place
            if sync:
                _sync_in_place(in_place, path)
        return
    _check_free(path, overwrite=overwrite)
    temporary = Temporary(path)
    try:
        mode = usual_mode(path) if like is None else None
        stream = temporary.take_left() if resume else None
        if stream is None:
            remove_left(path)
            stream = temporary.create()
        with stream:
            yield stream
            # Use the descriptor where possible: the name could be redirected by others.
            file = stream.fileno() if os.chmod in os.supports_fd else temporary.path
            if mode is not None:
                with contextlib.suppress(OSError):  # a file system without modes
                    os.chmod(file, mode)
            elif like is not None and isinstance(file, int):
                copy_metadata(file, like[0].fileno(), like[1])
            if sync:
                with about(path):
                    os.fsync(stream.fileno())
        if like is not None and not isinstance(file, int):
            copy_metadata(file, like[0].fileno(), like[1])
        if overwrite:
            _replace(temporary.path, path)
        else:
            _rename_new(temporary.path, path)
        if sync:
            _sync_folder(path.parent)
    except BaseException:
        try:
            temporary.discard(keep_content=resume)
        finally:  # again, in case that an interrupt kept it from beginning
            temporary.discard(keep_content=resume)
        raise
    finally:
        temporary.release()


def _open_in_place(path: Path) -> BinaryIO | None:
    """Open an output that is written in place; return None for any other path."""
    if not is_written_in_place(path):
        return None
    descriptor = descriptor_of(path)
    if descriptor is not None:
        try:
            return OutputFile(os.dup(descriptor), path, "wb")
        except OSError as error:
            error.filename = str(path)
            raise
    # Neither O_CREAT nor O_TRUNC: the path may have become a regular file in the meantime.
    flags = os.O_WRONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOCTTY", 0)
    stream = OutputFile(os.open(path, flags), path, "wb")
    if stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
        stream.close()
        return None
    return stream


def _check_free(path: Path, *, overwrite: bool) -> None:
    """Raise an error before any work if the name is not available."""
    try:
        os.lstat(path)
    except FileNotFoundError:
        return
    if os.path.isdir(path):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not overwrite:
        remove_links(path)
        raise _exists(path)


def _replace(temporary: Path, target: Path) -> None:
    try:
        temporary.replace(target)
    except OSError as error:
        # The temporary name would say nothing to whoever reads the message.
        raise OSError(error.errno, error.strerror, str(target)) from None


def _rename_new(temporary: Path, target: Path) -> None:
    """Rename without replacing a file that may have appeared in the meantime."""
    try:
        os.link(temporary, target)
    except FileExistsError:
        raise _exists(target) from None
    except (OSError, AttributeError, NotImplementedError):  # a file system without links
        if os.path.lexists(target):
            raise _exists(target) from None
        _replace(temporary, target)
    else:
        temporary.unlink(missing_ok=True)


def _sync_in_place(stream: BinaryIO, path: Path) -> None:
    """Wait until the data is on disk; ignored for outputs that cannot be synchronised."""
    try:
        with about(path):
            os.fsync(stream.fileno())
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EROFS):
            raise


def _sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on disk, where the system supports it."""
    if os.name != "posix":
        return
    with contextlib.suppress(OSError):  # some file systems do not support it
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _exists(path: Path) -> OutputExistsError:
    return OutputExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
