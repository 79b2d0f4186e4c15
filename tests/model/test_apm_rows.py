"""In brief use, rows of APM stages stand in the order of their first training."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from data import records, text
from programs import lines_of

from weightless.levels import PARAMETER_SETS


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, int]:
    source = Path(__file__).with_name("apm_rows.cpp")
    different, pages = map(int, lines_of(source, tmp_path_factory.mktemp("rows"))[0].split())
    return different, pages


def test_they_predict_the_same(figures: tuple[int, int]) -> None:
    """Also after their places are used up, and when the stage returns to an earlier state."""
    assert figures[0] == 0


@pytest.mark.skipif(sys.platform != "linux", reason="counts page faults as Linux does")
def test_they_take_few_pages(figures: tuple[int, int]) -> None:
    """700 contexts at random would touch nearly as many pages, of which there are 2,112."""
    assert figures[1] <= 100


@pytest.mark.parametrize("level", [1, 6, 9])
def test_a_model_for_brief_use_codes_as_any(level: int) -> None:
    """Also when it turns out not to be brief."""
    parameters = PARAMETER_SETS[level]
    data = text(600) + records(300)
    assert parameters.codec(brief=True).encode(data) == parameters.codec().encode(data)
