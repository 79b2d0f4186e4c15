"""Contexts that one byte value has followed take one slot; their bit histories stay the same."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from data import text
from patience import PATIENCE

import weightless

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> list[list[int]]:
    """Run single_bytes.cpp: with and without byte runs; its lines as numbers."""
    compiler = shutil.which(os.environ.get("CXX", "c++"))
    if compiler is None:
        pytest.skip("there is no C++ compiler")
    source = Path(__file__).with_name("single_bytes.cpp")
    program = tmp_path_factory.mktemp("single_bytes") / "follow"
    options = ["-std=c++20", "-O1", "-Wall", "-Wextra", "-Werror", f"-I{ROOT / 'cpp' / 'src'}"]
    subprocess.run([compiler, *options, source, "-o", program], check=True, timeout=PATIENCE)
    done = subprocess.run([program], check=True, capture_output=True, text=True, timeout=PATIENCE)
    return [[int(number) for number in line.split()] for line in done.stdout.splitlines()]


def test_bit_histories_are_the_same_as_with_slots_for_all(lines: list[list[int]]) -> None:
    assert len(lines) == 2
    for bits, different, _slots, _all in lines:
        assert bits == 320_000
        assert different == 0


def test_slots_are_saved(lines: list[list[int]]) -> None:
    for _bits, _different, slots, every in lines:
        assert slots < 0.65 * every


@pytest.mark.parametrize(("experts", "most"), [(1, 11_600), (2, 11_800)])
def test_small_tables_hold_more(experts: int, most: int) -> None:
    data = text(60_000)
    parameters = weightless.Parameters(width=0, experts=experts, memory_bits=16)
    archive = weightless.compress(data, parameters=parameters)
    assert weightless.decompress(archive) == data
    assert len(archive) < most
