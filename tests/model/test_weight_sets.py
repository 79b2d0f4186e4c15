"""Weight sets of a mixer stand in the order of their first use, and are still independent."""

from __future__ import annotations

from pathlib import Path

from programs import CORE, lines_of


def test_those_in_use_are_neighbours(tmp_path: Path) -> None:
    """So brief content touches few pages, however many weight sets there could be."""
    source = Path(__file__).with_name("weight_sets.cpp")
    kernels = CORE / "kernels" / "targets" / "scalar.cpp"
    differences, used, room = map(int, lines_of(source, tmp_path, kernels))
    assert differences == 0
    assert used == room == 43
