"""`bench/network.py`: its table, and its usage errors."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from data import text
from patience import PATIENCE

import weightless
from weightless.levels import network_parameters

BENCH = Path(__file__).parents[2] / "bench"
pytest.importorskip("resource", reason="peak memory is measured by the module resource")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(BENCH / "network.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)


def test_table(folder: Path) -> None:
    Path("words").write_bytes(text(4000))
    reference = bool(shutil.which("c++") or shutil.which("clang++"))
    done = run("words", "--widths", "16,32", "--set", "horizon=10", *["--no-float"][reference:])
    assert done.returncode == 0, done.stderr
    head, _, *rows = [line.strip("| ").split(" | ") for line in done.stdout.splitlines()]
    assert head[:6] == ["file", "width", "bytes", "KB/s compress", "KB/s decompress", "peak MiB"]
    for width, row in zip((16, 32), rows, strict=True):
        parameters = network_parameters(width, horizon=10)
        size = len(weightless.compress(text(4000), parameters=parameters))
        assert row[:3] == ["words", str(width), f"{size:,}"]
        if reference:
            assert abs(float(row[7].removesuffix(" %"))) < 3


def test_wrong_usage(folder: Path) -> None:
    Path("words").write_bytes(b"x")
    for arguments in (["--widths", "17"], ["--widths", "x"], ["--set", "nothing=1"]):
        done = run("words", *arguments)
        assert done.returncode == 2
        assert "error: " in done.stderr
