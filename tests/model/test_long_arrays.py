"""Arrays are found in frames of more than 4 GiB, where positions take more than 32 bits."""

from __future__ import annotations

from pathlib import Path

import pytest
from programs import CORE, lines_of

SOURCES = [
    CORE / "kernels" / "dispatch.cpp",
    CORE / "kernels" / "targets" / "scalar.cpp",
    CORE / "model" / "experts" / "arrays.cpp",
]


@pytest.mark.slow
def test_an_array_begins_where_positions_pass_32_bits(tmp_path: Path) -> None:
    source = Path(__file__).with_name("long_arrays.cpp")
    options = ["-O2", "-fsanitize=undefined", "-fno-sanitize-recover=undefined"]
    printed = lines_of(source, tmp_path, *options, *SOURCES)
    assert " ".join(printed).split() == ["active"] * 4
