"""Histograms of residuals learn a distribution, from a prior of any scale, and are consistent."""

from __future__ import annotations

from pathlib import Path

import pytest
from programs import lines_of


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> list[list[float]]:
    """Run residual_histogram.cpp; its lines as numbers."""
    source = Path(__file__).with_name("residual_histogram.cpp")
    lines = lines_of(source, tmp_path_factory.mktemp("residuals"))
    return [[float(number) for number in line.split()] for line in lines]


def test_the_probabilities_of_all_values_add_up_to_one(lines: list[list[float]]) -> None:
    assert len(lines) == 11
    assert max(widest for *_, widest in lines) < 1e-4


def test_the_cost_comes_close_to_the_distribution_s(lines: list[list[float]]) -> None:
    for _nodes, _magnitude, first, cost, least, _widest in lines:
        assert least - 0.01 < cost < least + 0.06
        assert first < 1.3 * least  # of 100 values, from a prior whose scale is wrong
