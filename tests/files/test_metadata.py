"""Owner, group and permissions of outputs: kept where allowed, and never given to others."""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import stat
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Run
from patience import PATIENCE

import weightless
from weightless.files import metadata
from weightless.files.atomic import atomic_output

SMALL = weightless.Parameters(width=16, experts=0, horizon=2)
pytestmark = pytest.mark.skipif(os.name != "posix", reason="POSIX only")
root = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may give files away"
)
MODES = [0o600, 0o640, 0o660, 0o604, 0o666, 0o777, 0o070, 0o007, 0o4755, 0o2755, 0o1777, 0o6777]


def owner_and_mode(path: str) -> tuple[int, int, int]:
    status = os.stat(path)
    return status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)


@root
@pytest.mark.parametrize("mode", [0o660, 0o6755, 0o600])
def test_command_keeps_owner_and_group(run: Run, folder: Path, mode: int) -> None:
    Path("a").write_bytes(b"abc")
    os.chown("a", 1234, 4321)
    os.chmod("a", mode)
    kept = (1234, 4321, mode & 0o777)
    assert run("-1q", "a").returncode == 0
    assert owner_and_mode("a.wl") == kept
    assert run("-1qf", "--output-dir", "d", "a").returncode == 0
    assert owner_and_mode("d/a.wl") == kept
    assert run("-dqf", "--rm", "a.wl").returncode == 0
    assert owner_and_mode("a") == kept
    # Also through an open descriptor, but not if the file belongs to the caller.
    assert run("-1q", "-o", "b", stdin=b"abc").returncode == 0
    assert owner_and_mode("b")[:2] == (os.geteuid(), os.getegid())


@root
def test_functions_keep_owner_and_group(folder: Path) -> None:
    Path("a").write_bytes(b"abc")
    os.chown("a", 1234, 4321)
    os.chmod("a", 0o660)
    os.utime("a", ns=(10**18, 10**18 + 1))
    weightless.compress("a", parameters=SMALL)
    weightless.decompress("a.wl", output="b")
    for name in ("a.wl", "b"):
        assert owner_and_mode(name) == (1234, 4321, 0o660)
        assert os.stat(name).st_mtime_ns == 10**18 + 1


def rights(path: str, user: int, groups: set[int]) -> int:
    """Return the permissions that a user has on a file."""
    owner, group, mode = owner_and_mode(path)
    if user == owner:
        return mode >> 6 & 7
    return (mode >> 3 if group in groups else mode) & 7


def refuse(
    monkeypatch: pytest.MonkeyPatch, *, user: bool, group: bool, error: int = errno.EPERM
) -> None:
    """Make the system refuse to change owners, groups, or both."""
    real = os.chown

    def chown(path: object, uid: int, gid: int, **options: object) -> None:
        if (uid != -1 and user) or (gid != -1 and group):
            raise OSError(error, os.strerror(error))
        real(path, uid, gid, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(os, "chown", chown)
    monkeypatch.setattr(os, "fchown", chown)


@root
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("user", "group"), [(False, False), (True, False), (False, True), (True, True)]
)
@pytest.mark.parametrize("error", [errno.EPERM, errno.EINVAL, errno.ENOSYS])
def test_nobody_may_do_more_than_before(
    folder: Path, monkeypatch: pytest.MonkeyPatch, mode: int, user: bool, group: bool, error: int
) -> None:
    Path("a").write_bytes(b"abc")
    os.chown("a", 1234, 4321)
    os.chmod("a", mode)
    refuse(monkeypatch, user=user, group=group, error=error)
    weightless.compress("a", parameters=SMALL)
    here = os.geteuid(), os.stat(".").st_gid
    expected = here[0] if user else 1234, os.getegid() if group else 4321
    assert owner_and_mode("a.wl")[:2] == expected
    assert not owner_and_mode("a.wl")[2] & 0o7000
    # All users except both owners, who can change the mode of their files anyway.
    for groups in itertools.chain.from_iterable(
        itertools.combinations((4321, os.getegid(), 77), count) for count in range(4)
    ):
        before, after = rights("a", 5555, set(groups)), rights("a.wl", 5555, set(groups))
        assert after & ~before == 0, (groups, before, after)
    if not group:
        assert owner_and_mode("a.wl")[2] == mode & 0o777


@root
def test_rights_are_given_last(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("a").write_bytes(b"abc")
    os.chown("a", 1234, 4321)
    os.chmod("a", 0o666)
    seen: list[tuple[int, int, int]] = []

    def watched(real: Callable[..., None]) -> Callable[..., None]:
        def call(*arguments: object, **options: object) -> None:
            # This must be a descriptor, because a name could be redirected to another file.
            status = os.fstat(arguments[0])  # type: ignore[arg-type]
            seen.append((status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)))
            real(*arguments, **options)

        return call

    calls = {name: watched(getattr(os, name)) for name in ("chown", "chmod", "utime")}
    monkeypatch.setattr(os, "supports_fd", set(calls.values()))
    for name, call in calls.items():
        monkeypatch.setattr(os, name, call)
    weightless.compress("a", parameters=SMALL)
    # Until owner and group are final, only the owner has rights.
    assert len(seen) >= 4
    for user, group, mode in seen:
        assert mode == 0o600 or (user, group) == (1234, 4321)


def as_other_user(code: str) -> subprocess.CompletedProcess[bytes]:
    """Run Python code as an unprivileged user who is only in their own group."""
    # Modules may be in folders that this user cannot read.
    start = (
        "import os, weightless; weightless.compress(b'', 1)\n"
        "os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
    )
    return subprocess.run(
        [sys.executable, "-c", start + code], capture_output=True, check=False, timeout=PATIENCE
    )


@root
def test_without_root_the_group_gets_no_more_than_all(folder: Path) -> None:
    for parent in (folder, *folder.parents[:2]):
        with contextlib.suppress(OSError):
            parent.chmod(0o755)
    Path("d").mkdir()
    os.chown("d", 65534, 65534)
    for mode in (0o664, 0o660, 0o606):
        Path("d/a").write_bytes(b"abc")
        os.chown("d/a", 65534, 4321)
        os.chmod("d/a", mode)
        done = as_other_user("weightless.compress('d/a', 1, overwrite=True)")
        assert done.returncode == 0, done.stderr
        both = mode >> 3 & mode & 7
        assert owner_and_mode("d/a.wl") == (65534, 65534, 0o600 | both << 3 | both)


def test_file_system_without_modes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # vfat, for example, refuses what it cannot store; the archive must be kept nevertheless.
    Path("a").write_bytes(b"abc")
    os.chmod("a", 0o644)

    def refused(*_: object, **__: object) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "supports_fd", {refused})
    for name in ("chown", "chmod", "utime"):
        monkeypatch.setattr(os, name, refused)
    weightless.compress("a", parameters=SMALL)
    assert weightless.decompress(Path("a.wl").read_bytes()) == b"abc"
    assert owner_and_mode("a.wl")[2] == 0o600
    with atomic_output(Path("b")) as file:
        file.write(b"x")
    assert owner_and_mode("b")[2] == 0o600


def access_list(*entries: tuple[int, int, int]) -> bytes:
    """Return an access control list in the system's format: tag, rights, user or group."""
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)


NOBODY = 0xFFFFFFFF


@pytest.mark.skipif(not hasattr(os, "setxattr"), reason="no extended attributes here")
@pytest.mark.parametrize(
    ("named", "group", "other", "expected"),
    [
        # A named user may read and write; the bits of the group then show 6, not its own 0.
        (6, 0, 0, 0o600),
        (6, 4, 0, 0o640),
        (6, 4, 4, 0o644),
        (0, 4, 4, 0o600),  # the named user, as one of all users, may not read
    ],
)
def test_access_list_that_is_not_kept_gives_nothing(
    folder: Path, named: int, group: int, other: int, expected: int
) -> None:
    Path("a").write_bytes(b"abc")
    packed = access_list(
        (0x01, 6, NOBODY), (0x02, named, 1234), (0x04, group, NOBODY), (0x10, 6, NOBODY),
        (0x20, other, NOBODY),
    )  # fmt: skip
    try:
        os.setxattr("a", "system.posix_acl_access", packed)
    except OSError:
        pytest.skip("no access control lists on this file system")
    assert owner_and_mode("a")[2] == 0o660 | other
    weightless.compress("a", parameters=SMALL)
    assert owner_and_mode("a.wl")[2] == expected
    with pytest.raises(OSError, match=r"."):
        os.getxattr("a.wl", "system.posix_acl_access")


@pytest.mark.skipif(not hasattr(os, "setxattr"), reason="no extended attributes here")
def test_access_list_of_the_folder_gives_nobody_more(folder: Path) -> None:
    """New files inherit the list, but the users in it gain no access to the content."""
    Path("a").write_bytes(b"abc")
    os.chmod("a", 0o640)
    for name in ("archives", "contents"):
        os.mkdir(name)
        try:
            os.setxattr(
                name,
                "system.posix_acl_default",
                access_list(
                    (0x01, 7, NOBODY), (0x02, 7, 1234), (0x04, 5, NOBODY), (0x10, 7, NOBODY),
                    (0x20, 0, NOBODY),
                ),
            )  # fmt: skip
        except OSError:
            pytest.skip("no access control lists on this file system")
    weightless.compress("a", parameters=SMALL, output="archives/a.wl")
    weightless.decompress("archives/a.wl", output="contents/a")
    for name in ("archives/a.wl", "contents/a"):
        assert owner_and_mode(name)[2] == 0o640
        with pytest.raises(OSError, match=r"."):
            os.getxattr(name, "system.posix_acl_access")
    # An output that imitates no other file is like any new file in the folder.
    with atomic_output(Path("contents/b")) as file:
        file.write(b"abc")
    Path("contents/c").write_bytes(b"abc")
    lists = [os.getxattr(f"contents/{name}", "system.posix_acl_access") for name in "bc"]
    assert lists[0] == lists[1]


def test_access_lists_are_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    # This is tested even if no file system of the machine supports them.
    def read(_: object, __: str) -> bytes:
        return packed

    monkeypatch.setattr(os, "getxattr", read, raising=False)
    packed = access_list((0x01, 7, NOBODY), (0x04, 5, NOBODY), (0x20, 4, NOBODY))
    assert metadata._common_rights(0) == 5
    packed = access_list(
        (0x01, 7, NOBODY), (0x02, 3, 1), (0x04, 7, NOBODY), (0x08, 6, 9), (0x10, 7, NOBODY)
    )
    assert metadata._common_rights(0) == 2


@pytest.mark.parametrize("mask", [0o000, 0o002, 0o022, 0o027, 0o077, 0o777])
def test_new_file_has_the_mode_of_any_new_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch, mask: int
) -> None:
    before = os.umask(mask)
    try:
        # Reading the umask would require changing it for all threads.
        def changed(_: int) -> int:
            raise AssertionError("the umask was changed")

        with monkeypatch.context() as patch:
            patch.setattr(os, "umask", changed)
            with atomic_output(Path("a")) as file:
                (temporary,) = folder.iterdir()
                assert owner_and_mode(str(temporary))[2] == 0o600 & ~mask
                file.write(b"x")
        Path("b").touch()
    finally:
        os.umask(before)
    assert owner_and_mode("a")[2] == owner_and_mode("b")[2] == 0o666 & ~mask
    assert sorted(path.name for path in folder.iterdir()) == ["a", "b"]
