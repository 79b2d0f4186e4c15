"""Which folder uses which, read from the sources' includes and imports."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

#: Names for everyone, left out of the picture: they would be joined to almost every box.
LEFT_OUT = {
    *("model/parameters", "model/observer"),
    *("errors", "integers", "origin", "result", "sizes", "weightless"),
}
#: Modules that are drawn with another.
DRAWN_WITH = {"parameters": "levels", "speed": "levels"}

Graph = dict[str, set[str]]


def read_graph(root: Path) -> Graph:
    """Return for each box the boxes that it uses directly."""
    graph: Graph = {}
    for user, used in _uses(root):
        if LEFT_OUT.isdisjoint((user, used)):
            graph.setdefault(user, set()).add(used)
            graph.setdefault(used, set())
    for user, used_by_it in graph.items():
        used_by_it.discard(user)
    return graph


def reduce(graph: Graph) -> Graph:
    """Leave out what another path says already.

    Raises
    ------
    graphlib.CycleError
        If boxes use each other in a circle.
    """
    below: Graph = {}
    for box in TopologicalSorter(graph).static_order():
        below[box] = graph[box].union(*(below[used] for used in graph[box]))
    return {
        box: {used for used in graph[box] if not any(used in below[via] for via in graph[box])}
        for box in graph
    }


def _uses(root: Path) -> Iterator[tuple[str, str]]:
    sources = root / "cpp/src"
    for path in sorted(sources.rglob("*.?pp")):
        user = _cpp_box(path.relative_to(sources).as_posix())
        for used in re.findall(r'^#include "([\w/.]+)"', path.read_text("utf-8"), re.MULTILINE):
            yield user, _cpp_box(used)
    for path in sorted((root / "cpp/bindings").glob("*.?pp")):
        for used in re.findall(r'^#include "(\w+/.+)"', path.read_text("utf-8"), re.MULTILINE):
            yield "bindings", _cpp_box(used)
    package = root / "python/weightless"
    for path in sorted(package.rglob("*.py")):
        user = _python_box(["weightless", *path.relative_to(package).with_suffix("").parts])
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                # A name may be a module of its own: from weightless import _core.
                deeper = node.module == "weightless"
                names = [alias.name for alias in node.names] if deeper else [""]
                modules = [f"{node.module}.{name}".strip(".") for name in names]
            else:
                continue
            for module in modules:
                if module.split(".")[0] == "weightless":
                    yield user, _python_box(module.split("."))


def _cpp_box(path: str) -> str:
    folders = path.split("/")
    if folders[0] == "model":
        return f"model/{folders[1].removesuffix('.hpp')}"
    return folders[0]


def _python_box(parts: list[str]) -> str:
    if len(parts) == 1 or parts[1] in ("__init__", "__main__"):
        return "weightless"
    box = "bindings" if parts[1] == "_core" else parts[1]
    return DRAWN_WITH.get(box, box)
