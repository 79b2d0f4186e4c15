"""The model of what a cluster costs, and the program that measures it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[2] / "bench"
if not BENCH.is_dir():
    pytest.skip("no bench folder here", allow_module_level=True)
sys.path.insert(0, str(BENCH))
from cluster_cost import simulate  # noqa: E402


def test_the_model() -> None:
    assert simulate(8, 1, 10, 0, 0, 0) == 80
    assert simulate(8, 2, 10, 0, 0, 0) == 40
    assert simulate(9, 2, 10, 0, 0, 0) == 50  # the tail: one worker is idle
    assert simulate(8, 1000, 10, 0, 60, 5) == 75  # no more workers than frames help
    assert simulate(9, 4, 10, 10, 0, 0) == 30  # the first frame comes before the others


def test_the_program() -> None:
    done = subprocess.run(
        [
            *[sys.executable, BENCH / "cluster_cost.py"],
            *["--limit", "4K", "--sizes", "1K,8K", "--skip-cluster"],
        ],
        capture_output=True,
        check=True,
        text=True,
    )
    assert "| 1 KiB | +" in done.stdout
    assert "| 8 KiB | one frame |" in done.stdout
    assert "| 10,000 |" in done.stdout
