"""The parameter sets that the container in C++ knows are those of the package."""

from __future__ import annotations

from pathlib import Path

from programs import CORE, lines_of

from weightless.levels import PARAMETER_SETS


def test_sets_are_the_packages(tmp_path: Path) -> None:
    source = Path(__file__).with_name("parameter_sets.cpp")
    lines = lines_of(source, tmp_path, f"-I{CORE.parent}")
    found = {}
    for line in lines:
        number, *values = map(int, line.split())
        found[number] = tuple(values)
    assert found == {number: p.values for number, p in PARAMETER_SETS.items()}
