"""No level needs more bytes than the one below, whatever the data."""

from __future__ import annotations

import itertools

import pytest
from formats import FORMATS
from kinds import KINDS

import weightless


@pytest.mark.parametrize("kind", ["csv", "float64", "records", "image24", *FORMATS])
def test_levels_are_in_order(kind: str) -> None:
    data = (FORMATS | KINDS)[kind](12_000)
    sizes = [len(weightless.compress(data, level)) for level in (1, 3, 4, 5)]
    for below, size in itertools.pairwise(sizes):
        assert size <= below * 1.002 + 16, sizes
