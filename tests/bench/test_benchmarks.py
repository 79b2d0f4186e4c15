"""The benchmarks run without error; their results are not tested."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from patience import PATIENCE

from weightless import _core

TREE = Path(__file__).parents[2]


def test_benchmarks_run() -> None:
    environment = {name: v for name, v in os.environ.items() if not name.startswith("PYTEST_")}
    chosen = "kernel or level1 or level6"
    command = [sys.executable, "-m", "pytest", "bench", "-p", "no:cacheprovider", "-k", chosen]
    done = subprocess.run(
        [*command, "--size", "300", "--width", "16"],
        cwd=TREE,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    kernels = [name for name in dir(_core.Kernels) if not name.startswith("_")]
    for target in _core.targets():
        for name in kernels:
            assert f"bench_kernel[{name}-{target}]" in done.stdout
    for way in ("compress", "decompress"):
        for content in ("text", "records"):
            for level in (1, 6):
                assert f"bench_{way}[{content}-level{level}]" in done.stdout
    assert " KB/s, " in done.stdout
