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

__all__ = ["atomic_output", "copy_metadata"]


@contextlib.contextmanager
def atomic_output(
    path: Path, *, overwrite: bool = False, sync: bool = False, like: os.stat_result | None = None
) -> Iterator[BinaryIO]:
    """Open a file for writing that takes its name only when the block ends well.

    Until then it is a temporary file in the same folder that only its owner may read;
    any exception, an interrupt included, removes it.

    Parameters
    ----------
    path : Path
        The final name. A device or a FIFO is written in place.
    overwrite : bool
        Replace a file that exists.
    sync : bool
        Wait until the data is on the disk before renaming, then until the name is.
    like : os.stat_result, optional
        Of the file whose mode and time of modification the output gets; else the
        mode is that of any new file.

    Raises
    ------
    OutputExistsError
        If the file exists, at the start or when it is complete.
    """
    special = False
    with contextlib.suppress(OSError):
        special = not stat.S_ISREG(path.stat().st_mode)
    if special and not path.is_dir():
        with path.open("wb", buffering=0) as stream:
            yield stream
        return
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not overwrite and os.path.lexists(path):
        raise _exists(path)
    # Replace what a link points to, not the link.
    target = Path(os.path.realpath(path)) if path.is_symlink() else path
    # Known before the file is there: an interrupt while it is being made removes it too.
    temporary = target.with_name(f".weightless-{os.urandom(8).hex()}.tmp")
    try:
        with _create(temporary, path) as stream:
            yield stream
            if sync:
                os.fsync(stream.fileno())
        if like is not None:
            copy_metadata(temporary, like)
        else:
            temporary.chmod(0o666 & ~_umask())
        if overwrite:
            temporary.replace(target)
        else:
            _rename_new(temporary, target)
        if sync:
            _sync_folder(target.parent)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def _create(temporary: Path, path: Path) -> BinaryIO:
    """Open a new file that only its owner may read."""
    try:
        return open(temporary, "xb", buffering=0, opener=lambda p, f: os.open(p, f, 0o600))
    except OSError as error:
        # The temporary name would say nothing to whoever reads the message.
        error.filename = str(path)
        raise


def copy_metadata(path: Path, like: os.stat_result) -> None:
    """Give `path` the permissions and the time of modification of another file."""
    os.utime(path, ns=(like.st_atime_ns, like.st_mtime_ns))
    # Set-user-id and the like stay behind: they belong to the original file.
    path.chmod(stat.S_IMODE(like.st_mode) & 0o777)


def _rename_new(temporary: Path, target: Path) -> None:
    """Rename without replacing what may have appeared meanwhile."""
    try:
        os.link(temporary, target)
    except FileExistsError:
        raise _exists(target) from None
    except (OSError, AttributeError, NotImplementedError):  # a file system without links
        if os.path.lexists(target):
            raise _exists(target) from None
        temporary.replace(target)
    else:
        temporary.unlink()


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


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
