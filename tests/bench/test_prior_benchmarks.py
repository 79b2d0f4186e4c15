"""The programs that measure priors work; their figures on such small inputs mean nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from data import text
from patience import PATIENCE

BENCH = Path(__file__).parents[2] / "bench"
pytest.importorskip("resource", reason="memory and times are measured by the module resource")


def measure(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, str(BENCH / arguments[0]), *arguments[1:]],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("source", ["generated", "lines"])
def test_records(folder: Path, source: str) -> None:
    Path("lines").write_bytes(b"\n".join(text(300, seed) for seed in range(60)))
    given = [] if source == "generated" else ["lines"]
    out = measure(folder, "prior_records.py", *given, "--levels=1", "--records=5", "--prior=8000")
    assert out.startswith("5 records")
    assert "| weightless -1 |" in out


def test_patches(folder: Path) -> None:
    Path("old").write_bytes(text(3_000))
    Path("new").write_bytes(text(3_000)[:1_000] + b"change" + text(3_000)[1_000:])
    out = measure(folder, "patches.py", "old", "new", "--levels=1", "--limit=2500")
    assert out.startswith("old 2,500 bytes, new 2,500 bytes")


def test_primed_frames(folder: Path) -> None:
    Path("a").write_bytes(text(4_000))
    out = measure(folder, "primed_frames.py", "a", "--levels=1", "--frame-size=1000")
    assert out.splitlines()[-1].startswith("| a | 1 |")
