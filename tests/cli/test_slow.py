"""Tests that take minutes, run by `pytest -m slow`."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

SIZE = 100_000_000


def run(command: list[str]) -> int:
    """Run a command; return its peak memory in bytes, or 0 where that is not known."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
    if not hasattr(os, "wait4"):
        assert process.wait() == 0
        return 0
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.stderr is not None
    message = process.stderr.read().decode()
    process.stderr.close()
    assert process.returncode == 0, message
    return used.ru_maxrss * 1024


def test_hundred_megabytes_of_zeros(command: str, folder: Path) -> None:
    with open("zeros", "wb") as stream:
        stream.truncate(SIZE)
    there = run([command, "-1", "-q", "zeros"])
    # The archive consists of little more than each block's header and check.
    assert Path("zeros.wl").stat().st_size < SIZE / 20_000
    back = run([command, "-d", "-q", "-o", "back", "zeros.wl"])
    assert Path("back").stat().st_size == SIZE
    with open("back", "rb") as stream:
        while piece := stream.read(1 << 20):
            assert not piece.strip(b"\0")
    # Neither compression nor decompression holds the content in memory.
    assert max(there, back) < 200 << 20
