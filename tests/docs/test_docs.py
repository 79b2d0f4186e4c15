"""Statements of the documentation about code and tests are true."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

from weightless import _core
from weightless.levels import PARAMETER_SETS

ROOT = Path(__file__).parents[2]


@pytest.mark.filterwarnings("ignore:.*:UserWarning")
def test_guide_to_python(folder: Path) -> None:
    guide = (ROOT / "docs/python.md").read_text("utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```$", guide, flags=re.MULTILINE | re.DOTALL)
    assert len(blocks) > 8
    names: dict[str, object] = {}
    for block in blocks:
        needed = re.findall(r"^(?:import|from) (\w+)", block, flags=re.MULTILINE)
        needed += ["fsspec"] if "fsspec" in block or "memory://" in block else []
        if any(importlib.util.find_spec(module) is None for module in needed):
            continue  # its library is not installed here
        exec(compile(block, "docs/python.md", "exec"), names)


def test_format_lists_parameters_and_their_sets() -> None:
    document = (ROOT / "docs/format.md").read_text("utf-8")
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in document.splitlines()
        if line.startswith("| `")
    ]
    fields = [
        (row[0].strip("`"), int(row[1]), *map(int, row[2].split(" to ")))
        for row in rows
        if " to " in row[2]
    ]
    assert tuple(fields) == _core.FIELDS
    sets: dict[str, list[int]] = {
        row[0].strip("`"): [int(cell) for cell in row[1:]]
        for row in rows
        if len(row) == 1 + len(PARAMETER_SETS)
    }
    for name, default, _, _ in _core.FIELDS:
        values = [getattr(parameters, name) for parameters in PARAMETER_SETS.values()]
        assert sets.get(name, [default] * len(PARAMETER_SETS)) == values


def test_table_of_features_names_tests_that_exist() -> None:
    table = (ROOT / "docs/features.md").read_text("utf-8")
    named = set(re.findall(r"`(test_\w+)::(test_\w+)`", table))
    assert len(named) > 80
    files = {path.stem: path for path in (ROOT / "tests").rglob("test_*.py")}
    assert {file for file, _ in named} <= set(files)
    missing = [
        (file, name)
        for file, name in sorted(named)
        if f"def {name}(" not in files[file].read_text("utf-8")
    ]
    assert missing == []
    # A row without a test states a missing feature.
    rows = [line for line in table.splitlines() if line.endswith("| |")]
    assert all("| \N{EN DASH}" in row for row in rows)
