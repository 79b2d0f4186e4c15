"""Support for .tar.wl in `shutil.make_archive` and `shutil.unpack_archive`."""

from __future__ import annotations

import os
import shutil
import tarfile
from functools import partial
from pathlib import Path
from typing import Any

from weightless.errors import NotAnArchiveError
from weightless.files.atomic import atomic_output
from weightless.files.prior import Prior, check_prior
from weightless.integrations.tarfile import TarFile
from weightless.levels import level_parameters
from weightless.streams.file import WeightlessFile

__all__ = ["FORMAT", "register"]

#: The name of the format, as "gztar" and "xztar" are those of others.
FORMAT = "wltar"
_SUFFIX = ".tar.wl"
_DESCRIPTION = "weightless tar file"


def register(
    level: int | None = None,
    *,
    frame_size: int | None = None,
    primed: bool = False,
    prior: Prior | None = None,
    threads: int = 1,
) -> None:
    """Register "wltar" as an archive format of shutil.

    Another call replaces the options. `shutil.unpack_archive` recognises the suffixes .tar.wl
    and .twl. It extracts with tarfile's data filter unless another filter is given.

    Parameters
    ----------
    level, frame_size, primed, threads
        Options for creating archives, see `weightless.compress`.
    prior : Prior, optional
        A prior for creating and extracting archives.

    Raises
    ------
    ParameterError
        If the level is out of range.
    TypeError
        If the level is not an integer, or the prior is not a `Prior`.
    """
    level_parameters(level)
    check_prior(prior)
    make = partial(
        _make, level=level, frame_size=frame_size, primed=primed, prior=prior, threads=threads
    )
    # Without this attribute shutil changes the working directory of the process.
    make.supports_root_dir = True  # type: ignore[attr-defined]
    shutil.register_archive_format(FORMAT, make, description=_DESCRIPTION)
    if FORMAT in (name for name, *_ in shutil.get_unpack_formats()):
        shutil.unregister_unpack_format(FORMAT)
    unpack = partial(_unpack, prior=prior)
    shutil.register_unpack_format(FORMAT, [_SUFFIX, ".twl"], unpack, description=_DESCRIPTION)


def _make(
    base_name: str,
    base_dir: str,
    *,
    root_dir: str | None = None,
    owner: str | None = None,
    group: str | None = None,
    dry_run: bool = False,
    logger: Any = None,
    level: int | None,
    frame_size: int | None,
    primed: bool,
    prior: Prior | None,
    threads: int,
) -> str:
    """Create an archive and return its name; called by `shutil.make_archive`."""
    path = Path(base_name + _SUFFIX)
    if logger is not None:
        logger.info("creating %s", path)
    if dry_run:
        return str(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    source = base_dir if root_dir is None else os.path.join(root_dir, base_dir)
    with (
        atomic_output(path, overwrite=True) as stream,
        WeightlessFile(
            stream,
            "w",
            level,
            frame_size=frame_size,
            primed=primed,
            prior=prior,
            threads=threads,
        ) as file,
        tarfile.TarFile(fileobj=file, mode="w") as tar,
    ):
        tar.add(source, base_dir, filter=partial(_set_owner, owner=owner, group=group))
    return str(path)


def _set_owner(member: tarfile.TarInfo, owner: str | None, group: str | None) -> tarfile.TarInfo:
    """Set the owner and group of a member, where they are given."""
    if owner is not None:
        import pwd

        member.uid, member.uname = pwd.getpwnam(owner).pw_uid, owner
    if group is not None:
        import grp

        member.gid, member.gname = grp.getgrnam(group).gr_gid, group
    return member


def _unpack(name: str, folder: str, *, prior: Prior | None, filter: Any = "data") -> None:
    """Extract an archive; called by `shutil.unpack_archive`."""
    try:
        with TarFile.wlopen(name, prior=prior) as tar:
            tar.extractall(folder, filter=filter)
    except (tarfile.ReadError, NotAnArchiveError) as error:
        raise shutil.ReadError(f"{name} is not a compressed tar file") from error
