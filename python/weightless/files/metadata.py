"""What an output takes over from its input beside the content: owner, group, mode, time.

Extended attributes and access control lists are left behind, as gzip, xz and zstd do.
"""

from __future__ import annotations

import contextlib
import os
import stat
import struct
from pathlib import Path

__all__ = ["copy_metadata"]

_ACL = "system.posix_acl_access"
_ACL_ENTRY = struct.Struct("<HHI")  # tag, permissions, whose
_ACL_OWNER, _ACL_MASK = 0x01, 0x10


def copy_metadata(file: int | Path, source: int | Path, like: os.stat_result) -> None:
    """Give a new file the owner, group, permissions and times of another.

    What the system does not allow, or the file system does not know, is left as it is;
    but nobody may do more with the new file than with the old one.

    Parameters
    ----------
    file, source : int or Path
        Descriptors, or paths where the system knows no better. Only its owner may use
        the new file so far.
    like : os.stat_result
        Of the source.
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
    # The group first: who gives the file away may not change it any more. Owner and group
    # before the mode: no right is given while it would be another's.
    group_kept = now.st_gid == like.st_gid or _chown(file, -1, like.st_gid)
    if now.st_uid != like.st_uid:
        _chown(file, like.st_uid, -1)
    # Set-user-id and the like stay behind: they belong to the original file.
    user, group, other = (like.st_mode >> 6 & 7, like.st_mode >> 3 & 7, like.st_mode & 7)
    common = _common_rights(source)
    if common is not None:
        # The bits of the group are a bound on named users and groups, which are not kept.
        group &= common
        other &= common
    if not group_kept:
        # Members of the old group are others now, and others may be in the new group.
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
    """Remove the access control list that a new file has from its folder, if any.

    It would let those it names do what the bits of the group say. Return whether there is
    none now.
    """
    if _common_rights(file) is not None:
        with contextlib.suppress(OSError):
            os.removexattr(file, _ACL)
    return _common_rights(file) is None


def _common_rights(source: int | Path) -> int | None:
    """Return what an access control list grants to all that it names beside the owner.

    None if there is no list.
    """
    if not hasattr(os, "getxattr"):
        return None
    try:
        packed = os.getxattr(source, _ACL)
    except OSError:  # no list, or a file system that knows none
        return None
    common = 7
    for tag, rights, _ in _ACL_ENTRY.iter_unpack(packed[4 : 4 + len(packed) // 8 * 8]):
        if tag not in (_ACL_OWNER, _ACL_MASK, 0x20):
            common &= rights
    return common
