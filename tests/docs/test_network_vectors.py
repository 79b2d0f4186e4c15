"""The test vectors of docs/format_network.md are what the extension computes."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
TOOL = "tools/format/network_vectors.py"
PAGE = "docs/format_network.md"


def write(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(root / TOOL), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_vectors_are_current() -> None:
    done = write(ROOT, "--check")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_changed_digit_is_found_and_mended(tmp_path: Path) -> None:
    for name in (TOOL, PAGE):
        (tmp_path / name).parent.mkdir(parents=True)
        shutil.copy(ROOT / name, tmp_path / name)
    page = tmp_path / PAGE
    right = page.read_bytes()
    assert b"-525513" in right
    page.write_bytes(right.replace(b"-525513", b"-525514"))
    done = write(tmp_path, "--check")
    assert (done.returncode, done.stderr) == (1, "")
    assert f"python {TOOL}" in done.stdout
    assert write(tmp_path).returncode == 0
    assert page.read_bytes() == right
    assert write(tmp_path, "--wrong").returncode == 2
