"""Runs that are killed at a chosen point, in a process of their own."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

from weightless.files import locks, output_file
from weightless.files.temporary import is_temporary_name

if TYPE_CHECKING:
    from typing_extensions import Buffer

#: The functions of the system by which an output is made.
STEPS = ("open", "link", "unlink", "replace", "rename", "chmod", "chown", "utime", "fsync", "close")


def killed_after_bytes(count: int, work: Callable[[], object]) -> bool:
    """Run `work`, and kill it once it has written this many bytes; return whether it was."""

    def run() -> None:
        left = count
        write = output_file.OutputFile.write

        def write_some(self: output_file.OutputFile, data: Buffer) -> int:
            nonlocal left
            piece = memoryview(data)[:left]
            written = write(self, piece) if piece else 0
            left -= written
            if not left:
                die()
            return written

        with mock.patch.object(output_file.OutputFile, "write", write_some):
            work()

    return _dies(run)


def killed_at_step(count: int, work: Callable[[], object]) -> bool:
    """Run `work`, and kill it before it calls the system for the time after `count` times."""

    def run() -> None:
        left = count

        def stepping(real: Callable[..., object]) -> Callable[..., object]:
            def step(*arguments: object, **options: object) -> object:
                nonlocal left
                if not left:
                    die()
                left -= 1
                return real(*arguments, **options)

            return step

        for name in STEPS:
            setattr(os, name, stepping(getattr(os, name)))
        locks.fcntl.flock = stepping(locks.fcntl.flock)  # type: ignore[assignment]
        write = output_file.OutputFile.write
        output_file.OutputFile.write = stepping(write)  # type: ignore[method-assign, assignment]
        work()

    return _dies(run)


def die() -> None:
    """End this process as a power failure does."""
    os.kill(os.getpid(), signal.SIGKILL)


def temporaries(folder: Path) -> list[Path]:
    """The temporary files in a folder."""
    return [path for path in folder.iterdir() if is_temporary_name(path.name)]


def _dies(work: Callable[[], object]) -> bool:
    child = os.fork()
    if child == 0:
        try:
            work()
            os._exit(0)
        except BaseException:
            os._exit(1)
    status = os.waitpid(child, 0)[1]
    code = os.waitstatus_to_exitcode(status)
    assert code in (0, -signal.SIGKILL)
    return code != 0
