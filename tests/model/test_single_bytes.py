"""Contexts that one byte value has followed take one slot; their bit histories stay the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from data import text
from programs import lines_of

import weightless


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> list[list[int]]:
    """Run single_bytes.cpp: with and without byte runs; its lines as numbers."""
    source = Path(__file__).with_name("single_bytes.cpp")
    lines = lines_of(source, tmp_path_factory.mktemp("single_bytes"))
    return [[int(number) for number in line.split()] for line in lines]


def test_bit_histories_are_the_same_as_with_slots_for_all(lines: list[list[int]]) -> None:
    assert len(lines) == 2
    for bits, different, _slots, _all in lines:
        assert bits == 320_000
        assert different == 0


def test_slots_are_saved(lines: list[list[int]]) -> None:
    for _bits, _different, slots, every in lines:
        assert slots < 0.65 * every


@pytest.mark.parametrize(("experts", "most"), [(1, 11_600), (2, 11_800)])
def test_small_tables_hold_more(experts: int, most: int) -> None:
    data = text(60_000)
    parameters = weightless.Parameters(width=0, experts=experts, memory_bits=16)
    archive = weightless.compress(data, parameters=parameters)
    assert weightless.decompress(archive) == data
    assert len(archive) < most
