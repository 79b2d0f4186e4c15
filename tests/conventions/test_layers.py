"""The C++ sources include only what lies below them."""

from __future__ import annotations

import graphlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "cpp" / "src"

#: What each folder, or a file that is a layer by itself, may include besides itself.
BELOW: dict[str, set[str]] = {
    "fixed": set(),
    "kernels": {"fixed"},
    "coder": {"fixed"},
    "model/parameters.hpp": {"fixed"},
    "model/observer.hpp": set(),
    "model/history": {"fixed"},
    "model/experts": {"fixed", "kernels", "model/history"},
    "model/mixing": {"fixed", "kernels", "model/history", "model/observer.hpp"},
    "model/network": {"fixed", "kernels", "model/parameters.hpp"},
    "model/threads": {"model/network"},
    "model/recipes": {"fixed", "model/history", "model/experts", "model/mixing"},
    "model/predictor": {
        "fixed",
        "kernels",
        "model/parameters.hpp",
        "model/observer.hpp",
        "model/history",
        "model/experts",
        "model/mixing",
        "model/threads",
        "model/network",
        "model/recipes",
    },
    "model/predictor.hpp": {
        "fixed",
        "model/parameters.hpp",
        "model/observer.hpp",
        "model/network",
        "model/threads",
        "model/predictor",
    },
    "codec": {
        "fixed",
        "coder",
        "model/parameters.hpp",
        "model/observer.hpp",
        "model/predictor.hpp",
    },
}


def layer(path: str) -> str:
    """Return the layer of a file, by its path below cpp/src."""
    parts = path.split("/")
    if path in BELOW:
        return path
    return "/".join(parts[:2]) if parts[0] == "model" else parts[0]


def includes(source: Path) -> set[str]:
    return set(re.findall(r'#include "([\w/.]+)"', source.read_text(encoding="utf-8")))


FILES = {str(p.relative_to(ROOT).as_posix()): includes(p) for p in ROOT.rglob("*.?pp")}


def test_every_file_has_its_layer() -> None:
    assert {layer(path) for path in FILES} == set(BELOW)
    # Included by its path from the root, so that the layer shows.
    assert {i for included in FILES.values() for i in included} <= set(FILES)


@pytest.mark.parametrize("name", BELOW)
def test_includes(name: str) -> None:
    allowed = BELOW[name] | {name}
    assert {
        (path, included)
        for path, all_included in FILES.items()
        for included in all_included
        if layer(path) == name and layer(included) not in allowed
    } == set()


def test_no_layer_includes_what_includes_it() -> None:
    graph = {
        name: {layer(i) for path in FILES if layer(path) == name for i in FILES[path]} - {name}
        for name in BELOW
    }
    assert set(graphlib.TopologicalSorter(graph).static_order()) == set(BELOW)
    assert set(graphlib.TopologicalSorter(FILES).static_order()) == set(FILES)


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


def test_levels_are_the_recipes_alone() -> None:
    """Outside the recipes nothing depends on which level of experts there is."""
    test = re.compile(r"level_? *(>=|<=|<|>|==)|is_rich|is_lean|experts *(>=|<=|<|>|==)")
    assert {
        (path, line)
        for path in FILES
        if path.startswith("model/") and layer(path) != "model/recipes"
        for line in (ROOT / path).read_text(encoding="utf-8").splitlines()
        if test.search(line)
    } == set()


def test_errors_are_reported_by_one_function() -> None:
    # So that a build without exceptions has none (fixed/failure.hpp); only the threads catch any.
    knows = {
        path.relative_to(ROOT).as_posix()
        for path in ROOT.rglob("*.?pp")
        if re.search(r"^[^/\n]*\b(?:throw|catch|try)\b(?! with)", path.read_text("utf-8"), re.M)
    }
    assert {i for i in knows if not i.startswith("model/threads/")} == {"fixed/failure.hpp"}
