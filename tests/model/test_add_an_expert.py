"""Experts are added in one file and one line, and what they offer takes effect.

The expert of docs/add_an_expert.md compiles as printed and gains what the page states. The one of
checksum_expert.cpp also computes an input of the mixer.
"""

from __future__ import annotations

import random
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from data import noise, records, text
from patience import PATIENCE
from programs import CORE, compiler

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "add_an_expert.md"


#: The sources that an expert's program needs, with the kernels that every CPU has.
SOURCES = [
    CORE / "kernels" / "dispatch.cpp",
    CORE / "kernels" / "targets" / "scalar.cpp",
    *sorted((CORE / "model" / "experts").glob("*.cpp")),
    *sorted((CORE / "model" / "network").glob("*.cpp")),
]


Compile = Callable[[Path], Path]


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Compile:
    """Return a function that compiles a program with the core."""
    options = ["-std=c++20", "-O1", "-Wall", "-Wextra", "-Werror", "-pthread", f"-I{CORE}"]
    folder = tmp_path_factory.mktemp("core")
    subprocess.run(
        [compiler(), *options, "-c", *map(str, SOURCES)], check=True, timeout=PATIENCE, cwd=folder
    )
    objects = sorted(folder.glob("*.o"))

    def compiled(source: Path) -> Path:
        program = tmp_path_factory.mktemp("program") / source.stem
        command = [compiler(), *options, f"-I{source.parent}", source, *objects, "-o", program]
        subprocess.run(command, check=True, timeout=PATIENCE)
        return program

    return compiled


@pytest.fixture(scope="module")
def measure(compiled: Compile, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Compile the page's program."""
    folder = tmp_path_factory.mktemp("expert")
    page = PAGE.read_text(encoding="utf-8")
    for name, code in re.findall(r"```cpp\n// (\w+\.\w+)\n(.*?)```", page, re.DOTALL):
        (folder / name).write_text(code, encoding="utf-8")
    return compiled(folder / "measure.cpp")


@pytest.fixture(scope="module")
def checksum(compiled: Compile) -> Path:
    """Compile the program that measures each offer alone."""
    return compiled(Path(__file__).with_name("checksum_expert.cpp"))


def sizes(program: Path, data: bytes) -> tuple[int, int]:
    """Return the coded bytes without the expert and with it."""
    done = subprocess.run([program], input=data, capture_output=True, check=True, timeout=PATIENCE)
    without, with_it = done.stdout.split()
    return int(without), int(with_it)


def table(rows: int) -> bytes:
    """Return rows of numbers that rise in equal steps, rise in growing steps, or are random.

    The marks in front, which are random too, hide the lines from the recipe's expert for tables.
    """
    rng = random.Random(6)
    return "".join(
        f"{rng.choice('#%&*')}{9000 + 10 * i:6d}  "
        f"{1 + 0.05 * i:06.2f} {23117 + 7 * i:7d} {i * i // 50 % 1000:4d} "
        f"{rng.randrange(10)}\n"
        for i in range(rows)
    ).encode()


def test_it_gains_on_tables(measure: Path) -> None:
    rows = 600
    without, with_it = sizes(measure, table(rows))
    random_bytes = rows * (0.4153 + 0.25)
    assert with_it < without
    # The expert saves more than half of what is not random.
    assert with_it - random_bytes < (without - random_bytes) / 2


@pytest.mark.parametrize(
    "data",
    [
        b"",
        bytes(5000),
        text(12_000),
        records(12_000),
        random.Random(5).randbytes(4000),
        # Lines of equal length whose numbers do not rise in steps.
        "".join(f"{random.Random(i).randrange(10**9):9d}\n" for i in range(800)).encode(),
    ],
    ids=["empty", "zeros", "text", "records", "noise", "random numbers"],
)
def test_it_costs_next_to_nothing_elsewhere(measure: Path, data: bytes) -> None:
    without, with_it = sizes(measure, data)
    assert with_it <= 1.01 * without + 8


def coded(program: Path, data: bytes) -> dict[bytes, int]:
    """Return the coded bytes by each recipe; the program compares what it decodes."""
    done = subprocess.run([program], input=data, capture_output=True, check=True, timeout=PATIENCE)
    return {name: int(size) for name, size in (line.split() for line in done.stdout.splitlines())}


def with_checksums(groups: int) -> bytes:
    """Return groups of three random bytes, each followed by their exclusive or."""
    data = noise(3 * groups)
    out = bytearray()
    for i in range(0, len(data), 3):
        a, b, c = data[i : i + 3]
        out += bytes([a, b, c, a ^ b ^ c])
    return bytes(out)


def test_an_input_a_selector_and_an_apm_context_help_alone_and_together(checksum: Path) -> None:
    data = with_checksums(4000)
    by = coded(checksum, data)
    assert by[b"without"] > len(data)  # to the other experts the data are noise
    # A quarter of the data can be predicted.
    assert by[b"input"] < 0.79 * len(data)
    # Its mixer's prediction, and its APM stage's, are averaged with those of others.
    assert by[b"selector"] < 0.97 * len(data)
    assert by[b"apm"] < 0.97 * len(data)
    assert 0.75 * len(data) < by[b"all"] < 0.79 * len(data)


@pytest.mark.parametrize("data", [b"", b"x", text(6000), noise(3000)])
def test_offers_cost_next_to_nothing_elsewhere(checksum: Path, data: bytes) -> None:
    by = coded(checksum, data)
    assert max(by.values()) <= 1.01 * by[b"without"] + 8
