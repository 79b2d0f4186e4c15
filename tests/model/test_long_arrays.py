"""Arrays are found in frames of more than 4 GiB, where positions take more than 32 bits."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from patience import PATIENCE

CORE = Path(__file__).parents[2] / "cpp" / "src"
SOURCES = [
    CORE / "kernels" / "dispatch.cpp",
    CORE / "kernels" / "targets" / "scalar.cpp",
    CORE / "model" / "experts" / "arrays.cpp",
]


@pytest.mark.slow
def test_an_array_begins_where_positions_pass_32_bits(tmp_path: Path) -> None:
    compiler = shutil.which(os.environ.get("CXX", "c++"))
    if compiler is None:
        pytest.skip("there is no C++ compiler")
    program = tmp_path / "long_arrays"
    options = ["-std=c++20", "-O2", "-Wall", "-Wextra", "-Werror", f"-I{CORE}"]
    options += ["-fsanitize=undefined", "-fno-sanitize-recover=undefined"]
    source = Path(__file__).with_name("long_arrays.cpp")
    subprocess.run(
        [compiler, *options, *SOURCES, source, "-o", program], check=True, timeout=PATIENCE
    )
    done = subprocess.run([program], check=True, capture_output=True, text=True, timeout=PATIENCE)
    assert done.stdout.split() == ["active"] * 4
