"""Small C++ programs that tests compile and run against the sources."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from patience import PATIENCE

__all__ = ["CORE", "compiler", "lines_of"]

CORE = Path(__file__).parents[2] / "cpp" / "src"


def compiler() -> str:
    """Return the C++ compiler; skip the test if there is none."""
    found = shutil.which(os.environ.get("CXX", "c++"))
    if found is None:
        pytest.skip("there is no C++ compiler")
    return found


def lines_of(source: Path, folder: Path, *options: str | Path) -> list[str]:
    """Compile a program in a folder, without warnings, run it, and return what it prints.

    It stops with an error where it looks beyond a container of the standard library (libstdc++).
    """
    program = folder / source.stem
    usual = ["-std=c++20", "-O1", "-Wall", "-Wextra", "-Werror", "-D_GLIBCXX_ASSERTIONS"]
    command = [compiler(), *usual, f"-I{CORE}", *options, source, "-o", program]
    subprocess.run(command, check=True, timeout=PATIENCE)
    done = subprocess.run([program], check=True, capture_output=True, text=True, timeout=PATIENCE)
    return done.stdout.splitlines()
