"""The expert of docs/add_an_expert.md compiles as printed and gains what the page states."""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from data import records, text
from patience import PATIENCE

ROOT = Path(__file__).parents[2]
CORE = ROOT / "cpp" / "src"
PAGE = ROOT / "docs" / "add_an_expert.md"


@pytest.fixture(scope="module")
def measure(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the page's program, by the kernels that every CPU has."""
    compiler = shutil.which(os.environ.get("CXX", "c++"))
    if compiler is None:
        pytest.skip("there is no C++ compiler")
    folder = tmp_path_factory.mktemp("expert")
    page = PAGE.read_text(encoding="utf-8")
    for name, code in re.findall(r"```cpp\n// (\w+\.\w+)\n(.*?)```", page, re.DOTALL):
        (folder / name).write_text(code, encoding="utf-8")
    program = folder / "measure"
    sources = [
        folder / "measure.cpp",
        CORE / "kernels" / "dispatch.cpp",
        CORE / "kernels" / "targets" / "scalar.cpp",
        *(CORE / "model" / "experts").glob("*.cpp"),
        *(CORE / "model" / "network").glob("*.cpp"),
    ]
    options = ["-std=c++20", "-O1", "-Wall", "-Wextra", "-Werror", "-pthread"]
    subprocess.run(
        [compiler, *options, f"-I{CORE}", f"-I{folder}", *sources, "-o", program],
        check=True,
        timeout=PATIENCE,
    )
    return program


def sizes(program: Path, data: bytes) -> tuple[int, int]:
    """Return the coded bytes without the expert and with it."""
    done = subprocess.run([program], input=data, capture_output=True, check=True, timeout=PATIENCE)
    without, with_it = done.stdout.split()
    return int(without), int(with_it)


def table(rows: int) -> bytes:
    """Columns that go up in equal steps, in steps that grow slowly, and at random."""
    rng = random.Random(6)
    return "".join(
        f"{9000 + 10 * i:6d}  {1 + 0.05 * i:06.2f} {23117 + 7 * i:7d} {i * i // 50 % 1000:4d} "
        f"{rng.randrange(10)}\n"
        for i in range(rows)
    ).encode()


def test_it_gains_on_tables(measure: Path) -> None:
    rows = 600
    without, with_it = sizes(measure, table(rows))
    random_digits = rows * 0.4153  # bytes
    assert with_it < without
    # More than half of what is not random.
    assert with_it - random_digits < (without - random_digits) / 2


@pytest.mark.parametrize(
    "data",
    [
        b"",
        bytes(5000),
        text(12_000),
        records(12_000),
        random.Random(5).randbytes(4000),
        # Lines of equal length, but nothing goes on in steps.
        "".join(f"{random.Random(i).randrange(10**9):9d}\n" for i in range(800)).encode(),
    ],
    ids=["empty", "zeros", "text", "records", "noise", "random numbers"],
)
def test_it_costs_next_to_nothing_elsewhere(measure: Path, data: bytes) -> None:
    without, with_it = sizes(measure, data)
    assert with_it <= 1.01 * without + 8
