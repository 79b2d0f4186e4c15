"""Compress and decompress one file with one program, and check the round trip."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from comparison.programs import Program

__all__ = ["ProgramError", "Usage", "own_peak", "round_trip", "run_command"]

#: The unit of `ru_maxrss`: bytes on macOS, KiB elsewhere.
_RSS_UNIT = 1 if sys.platform == "darwin" else 1024


class ProgramError(Exception):
    """A program failed, or did not restore the content."""


@dataclass(frozen=True)
class Usage:
    """The resources that one run of a program used."""

    cpu: float  # seconds of user and system time
    wall: float  # seconds
    memory: int  # peak resident set size in bytes
    floor: int  # least value that `memory` can take: this process's peak when it forked


def own_peak() -> int:
    """Return this process's peak resident set size in bytes, not including its parent's."""
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _RSS_UNIT


def run_command(words: list[str], folder: Path, stdin: Path | None, stdout: Path | None) -> Usage:
    """Run a command in a folder.

    Raises
    ------
    ProgramError
        If it cannot be started or fails.
    """
    errors = folder / "stderr"
    with (
        open(stdin or os.devnull, "rb") as source,
        open(stdout or os.devnull, "wb") as sink,
        errors.open("wb") as log,
    ):
        # Until it calls exec, the child shares this process's pages, so its peak is at least this.
        floor = own_peak()
        begin = time.perf_counter()
        try:
            process = subprocess.Popen(words, cwd=folder, stdin=source, stdout=sink, stderr=log)
        except OSError as error:
            raise ProgramError(f"{words[0]}: {error.strerror}") from None
        try:
            _, status, used = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            process.wait()
            raise
        wall = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        message = errors.read_text(errors="replace").strip().splitlines()
        raise ProgramError(
            f"{' '.join(words)}: exit code {process.returncode}"
            + (f": {message[-1]}" if message else "")
        )
    return Usage(used.ru_utime + used.ru_stime, wall, used.ru_maxrss * _RSS_UNIT, floor)


def _run(command: tuple[str, ...], folder: Path, source: str, target: str) -> Usage:
    words = [word.replace("{in}", source).replace("{out}", target) for word in command]
    reads_file = any("{in}" in word for word in command)
    writes_file = any("{out}" in word for word in command)
    return run_command(
        words,
        folder,
        None if reads_file else folder / source,
        None if writes_file else folder / target,
    )


def round_trip(program: Program, content: Path, folder: Path) -> tuple[int, Usage, Usage]:
    """Compress and decompress a file; return the archive's size and both runs' resources.

    Parameters
    ----------
    program : Program
        The program to run.
    content : Path
        The file; it is only read.
    folder : Path
        An empty folder to work in.

    Raises
    ------
    ProgramError
        If a command fails or the content is not restored.
    """
    data = content.read_bytes()
    (folder / "content").write_bytes(data)
    archive = "archive" + program.suffix
    compressing = _run(program.compress, folder, "content", archive)
    if not (folder / archive).is_file():
        raise ProgramError(f"{program.name}: no archive was written")
    size = (folder / archive).stat().st_size
    (folder / "content").unlink(missing_ok=True)
    decompressing = _run(program.decompress, folder, archive, "restored")
    restored = folder / "restored"
    if not restored.is_file() or restored.read_bytes() != data:
        raise ProgramError(
            f"{program.name}: {content.name}: decompression did not restore the content"
        )
    return size, compressing, decompressing
