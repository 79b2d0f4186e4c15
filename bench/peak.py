"""The machine's peak rate of 16-bit multiply-adds, measured by `peak.cpp`."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

__all__ = ["measured_peak"]

_HERE = Path(__file__).parent


def measured_peak() -> dict[str, float]:
    """Return multiply-adds per second by target; empty where there is no compiler."""
    compiler = os.environ.get("CXX") or shutil.which("c++") or shutil.which("clang++")
    if compiler is None:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder, "peak")
        sources = [str(_HERE / name) for name in ("peak.cpp", "peak_main.cpp")]
        include = f"-I{_HERE.parent / 'cpp' / 'src'}"
        command = [*compiler.split(), "-std=c++20", "-O2", include, "-o", str(program), *sources]
        subprocess.run(command, check=True)
        from weightless import _core

        lines = subprocess.run(
            [str(program), *_core.targets()], check=True, capture_output=True, text=True
        ).stdout.splitlines()
    return {name: float(value) for name, value in (line.split() for line in lines)}
