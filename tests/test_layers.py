"""The C++ sources include only what lies below them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "cpp" / "src"

#: What each folder may include beside itself.
BELOW = {
    "fixed": set(),
    "kernels": {"fixed"},
    "coder": {"fixed"},
    "model": {"fixed", "kernels"},
    "codec": {"fixed", "kernels", "coder", "model"},
}


def test_every_folder_has_its_place() -> None:
    assert {path.name for path in ROOT.iterdir()} == set(BELOW)


@pytest.mark.parametrize("folder", BELOW)
def test_includes(folder: str) -> None:
    includes = {
        (path.name, included)
        for path in (ROOT / folder).rglob("*.?pp")
        for included in re.findall(r'#include "(\w+)/', path.read_text(encoding="utf-8"))
    }
    assert includes
    assert {i for i in includes if i[1] not in BELOW[folder] | {folder}} == set()


def test_only_one_folder_knows_instruction_sets() -> None:
    # Beside the code that asks the CPU what it has, and the hint that a line will be read.
    knows = {
        path.relative_to(ROOT).as_posix()
        for path in ROOT.rglob("*.?pp")
        if re.search(
            r"\b_mm\d*_\w+|<\w*mmintrin\.h>|<arm_neon\.h>|\bv\w+q?_[su](?:8|16|32|64)\(",
            path.read_text("utf-8"),
        )
    }
    assert {i for i in knows if not i.startswith("kernels/simd/")} == {
        "kernels/dispatch.cpp",
        "fixed/prefetch.hpp",
    }
    assert len(knows) > 1


def test_only_one_folder_knows_threads() -> None:
    # Network and mixing are composed with threads by the predictor, above them all.
    header = r"#include <(?:thread|mutex|shared_mutex|atomic|condition_variable|future|semaphore)>"
    knows = {
        path.relative_to(ROOT).as_posix()
        for path in ROOT.rglob("*.?pp")
        if re.search(header, path.read_text("utf-8"))
    }
    assert knows
    assert {i for i in knows if not i.startswith("model/threads/")} == set()
    includes = {
        path.relative_to(ROOT).as_posix()
        for path in ROOT.rglob("*.?pp")
        if '#include "model/threads/' in path.read_text("utf-8")
    }
    assert includes
    assert {i for i in includes if not re.match("model/(?:threads/|predictor)", i)} == set()
