"""The stubs of the extension declare exactly the names that the extension defines."""

from __future__ import annotations

import ast
from pathlib import Path

from weightless import _core

STUB = Path(__file__).parents[2] / "python" / "weightless" / "_core.pyi"


def public(names: object) -> set[str]:
    assert isinstance(names, list)
    return {name for name in names if not name.startswith("_")}


def declared(body: list[ast.stmt]) -> dict[str, ast.stmt]:
    found: dict[str, ast.stmt] = {}
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found[node.name] = node
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found[node.target.id] = node
    return {name: node for name, node in found.items() if not name.startswith("_")}


def test_stubs_are_complete() -> None:
    names = declared(ast.parse(STUB.read_text(encoding="utf-8")).body)
    assert set(names) == public(dir(_core))
    for name, node in names.items():
        if isinstance(node, ast.ClassDef) and not issubclass(getattr(_core, name), Exception):
            assert set(declared(node.body)) == public(dir(getattr(_core, name))), name
