"""Copies the owner, group, mode and times of an input to its output.

Like gzip, xz and zstd, it does not copy extended attributes or access control lists.
"""

from __future__ import annotations

import contextlib
import os
import stat
import struct
from pathlib import Path

__all__ = ["copy_metadata"]

_ACL = "system.posix_acl_access"
_ACL_ENTRY = struct.Struct("<HHI")  # tag, permissions, user or group ID
_ACL_OWNER, _ACL_MASK, _ACL_OTHER = 0x01, 0x10, 0x20


def copy_metadata(file: int | Path, source: int | Path, like: os.stat_result) -> None:
    """Give a new file the owner, group, permissions and times of another.

    Attributes that the system does not allow to be set, or the file system does not support,
    are left as they are; but nobody gets more permissions on the new file than on the old.

    Parameters
    ----------
    file, source : int or Path
        Descriptors, or paths on systems that do not support descriptors here. The new file
        must be accessible only to its owner so far.
    like : os.stat_result
        The status of the source.
    """
    if os.name == "posix":
        _copy_rights(file, source, like)
    else:
        with contextlib.suppress(OSError):
            os.chmod(file, stat.S_IMODE(like.st_mode))
    with contextlib.suppress(OSError):
        os.utime(file, ns=(like.st_atime_ns, like.st_mtime_ns))


def _copy_rights(file: int | Path, source: int | Path, like: os.stat_result) -> None:
    now = os.stat(file)
    # The group is changed first, because after a change of owner it may not be changed any
    # more. Owner and group are changed before the mode, so that no permission is granted to
    # the wrong user or group.
    group_kept = now.st_gid == like.st_gid or _chown(file, -1, like.st_gid)
    if now.st_uid != like.st_uid:
        _chown(file, like.st_uid, -1)
    # The set-user-ID, set-group-ID and sticky bits are not copied.
    user, group, other = (like.st_mode >> 6 & 7, like.st_mode >> 3 & 7, like.st_mode & 7)
    common = _common_rights(source)
    if common is not None:
        # With a list, the group bits are its mask, an upper bound for users and groups whose
        # entries are not copied.
        group &= common
        other &= common
    if not group_kept:
        # Members of the old group now count as others, and others may be in the new group.
        group = other = group & other
    if not _without_list(file):
        group = 0
    with contextlib.suppress(OSError):
        os.chmod(file, user << 6 | group << 3 | other)


def _chown(file: int | Path, user: int, group: int) -> bool:
    try:
        os.chown(file, user, group)
    except OSError:
        return False
    return True


def _without_list(file: int | Path) -> bool:
    """Remove the access control list that a new file inherited from its folder, if any.

    Otherwise the group bits would grant permissions to the users and groups in the list.
    Return whether the file has no list any more.
    """
    if _common_rights(file) is not None:
        with contextlib.suppress(OSError):
            os.removexattr(file, _ACL)
    return _common_rights(file) is None


def _common_rights(source: int | Path) -> int | None:
    """Return the permissions common to the named users and all groups of an access control list.

    Return None if there is no list.
    """
    if not hasattr(os, "getxattr"):
        return None
    try:
        packed = os.getxattr(source, _ACL)
    except OSError:  # no list, or a file system without lists
        return None
    common = 7
    for tag, rights, _ in _ACL_ENTRY.iter_unpack(packed[4 : 4 + len(packed) // 8 * 8]):
        if tag not in (_ACL_OWNER, _ACL_MASK, _ACL_OTHER):
            common &= rights
    return common
