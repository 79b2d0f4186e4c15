"""Errors that come from writing an output state its name, not that of the input."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from data import noise
from patience import PATIENCE

DATA = noise(40_000)

PROGRAM = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
import weightless
import weightless.cli
if sys.argv[1] == "command":
    sys.exit(weightless.cli.main(sys.argv[2:]))
try:
    getattr(weightless, sys.argv[1])(sys.argv[2], output=sys.argv[3])
except OSError as error:
    sys.exit(f"weightless: {error.filename}: {error.strerror.lower()}")
"""


@pytest.fixture
def inputs(folder: Path) -> None:
    """A file, and an archive of it."""
    Path("in").write_bytes(DATA)
    subprocess.run([sys.executable, "-m", "weightless", "-1q", "in", "-o", "in.wl"], check=True)


@pytest.mark.skipif(sys.platform == "win32", reason="limits the size of files")
@pytest.mark.usefixtures("inputs")
@pytest.mark.parametrize(
    ("arguments", "output"),
    [
        (["command", "-1", "in", "-o", "out"], "out"),
        (["command", "-1", "-", "-o", "out"], "out"),
        (["command", "-d", "in.wl", "-o", "out"], "out"),
        (["command", "-1", "in", "--output-dir", "."], "in.wl"),
        (["compress", "in", "out"], "out"),
        (["decompress", "in.wl", "out"], "out"),
    ],
)
def test_a_full_disk(folder: Path, arguments: list[str], output: str) -> None:
    if output == "in.wl":
        Path("in.wl").unlink()
    before = sorted(os.listdir())
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        input=DATA,
        capture_output=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode == 1
    assert done.stderr == b"weightless: %b: file too large\n" % output.encode()
    assert sorted(os.listdir()) == before


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is always full")
def test_a_full_device(folder: Path) -> None:
    Path("in").write_bytes(DATA)
    done = subprocess.run(
        [sys.executable, "-m", "weightless", "-1f", "in", "-o", "/dev/full"],
        capture_output=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode == 1
    assert done.stderr == b"weightless: /dev/full: no space left on device\n"
