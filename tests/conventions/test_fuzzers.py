"""Every fuzzer is built, run, covered, given seeds, and described."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

import weightless

ROOT = Path(__file__).parents[2]
TARGETS = {path.stem for path in (ROOT / "fuzz").glob("*.cpp")} - {"mutants"}


@pytest.mark.parametrize(
    ("file", "pattern"),
    [
        ("fuzz/CMakeLists.txt", r"foreach\(name ([\w ]+)\)"),
        (".ci/fuzz", r"targets=\(([\w ]+) compare\)"),
        ("fuzz/coverage", r"for target in ([\w ]+);"),
    ],
)
def test_every_target_is_listed(file: str, pattern: str) -> None:
    found = re.search(pattern, (ROOT / file).read_text(encoding="utf-8"))
    assert found is not None
    assert set(found[1].split()) == TARGETS


def test_every_target_is_described() -> None:
    text = (ROOT / "docs" / "fuzzing.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(\w+)`", text, re.MULTILINE)) == TARGETS | {"compare"}


def test_seeds_of_archives_are_sound() -> None:
    seeds = runpy.run_path(str(ROOT / "fuzz" / "seeds.py"))
    assert set(seeds["TARGETS"]) == TARGETS
    needs_prior = 0
    for name, archive in seeds["archives"]():
        if name == "prior":
            needs_prior += 1
        else:
            weightless.decompress(archive, memory_limit=256 << 20)
    assert needs_prior == 1
