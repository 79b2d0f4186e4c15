"""Locks on open files, which the system releases when the process ends, however it ends."""

from __future__ import annotations

import errno
import os
import sys

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

__all__ = ["try_lock"]

# Where a file is locked on Windows: far from its content, because such a lock also keeps other
# handles from reading and writing what it covers.
_FAR = 0x7FFFFFF0


def try_lock(descriptor: int, *, shared: bool = False) -> bool | None:
    """Lock an open file for this process, without waiting.

    The lock ends when all descriptors that were duplicated from this one are closed. Another
    `open` of the same file, also by this process, cannot have the lock at the same time.

    Parameters
    ----------
    descriptor : int
        The file, open for writing unless the lock is shared.
    shared : bool
        Whether others may have a shared lock at the same time, where the system has such locks.

    Returns
    -------
    bool or None
        Whether the file is now locked; None if the file system does not support locks.
    """
    try:
        if sys.platform == "win32":
            position = os.lseek(descriptor, 0, os.SEEK_CUR)
            os.lseek(descriptor, _FAR, os.SEEK_SET)
            try:
                msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
            finally:
                os.lseek(descriptor, position, os.SEEK_SET)
        else:
            kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except OSError as error:
        taken = (errno.EAGAIN, errno.EACCES, errno.EDEADLK)
        return False if error.errno in taken else None
    return True
