"""All of a frame's content stays within reach of matches, for as much memory as was said."""

from __future__ import annotations

import random

import pytest

from weightless import Parameters, _core

PART = 100_000


def small(window_bits: int = 32, experts: int = 1) -> _core.Codec:
    """Return a codec with the smallest tables."""
    parameters = Parameters(width=0, experts=experts, memory_bits=16, window_bits=window_bits)
    return parameters.codec()


def parts(seed: int, *sizes: int) -> list[bytes]:
    rng = random.Random(seed)
    return [rng.randbytes(size) for size in sizes]


@pytest.mark.parametrize("experts", [1, 3])
def test_a_copy_far_beyond_what_the_tables_hold(experts: int) -> None:
    first, between = parts(1, PART // 5, PART)
    model = small(experts=experts)
    for part in (first, between):
        model.encode(part)
    decoder = small(experts=experts)
    decoder.absorb(first + between)
    payload = model.encode(first)
    assert len(payload) < 0.01 * len(first) + 100
    assert decoder.decode(payload, len(first)) == first


@pytest.mark.parametrize(("distance", "found"), [(50_000, True), (80_000, False)])
def test_a_window_that_has_been_filled_several_times(distance: int, found: bool) -> None:
    """With 2^16 bytes, copies are found within the window and not beyond it."""
    before, copied, between = parts(2, 3 * PART, 5_000, distance - 5_000)
    model, decoder = small(16), small(16)
    decoder.absorb(before + copied + between)
    for part in (before, copied, between):
        model.encode(part)
    payload = model.encode(copied)
    assert (len(payload) < 200) == found
    assert decoder.decode(payload, len(copied)) == copied


def test_copies_of_a_model_share_what_it_has_seen_and_change_nothing() -> None:
    """Both go on as a model that was never copied, whatever the other one sees."""
    before, first, second = parts(3, PART + 123, 3_000, 70_000)
    model, single = small(), small()
    model.encode(before)
    single.encode(before)
    other = model.copy()
    model.encode(second)
    later = before[-2_000:] + first + before[:2_000] + first
    assert other.encode(later) == single.encode(later)
    both = second + before[:2_000]
    single = small()
    for part in (before, second):
        single.encode(part)
    assert model.encode(both) == single.encode(both)


def test_what_is_said_of_the_window_grows_with_the_content() -> None:
    parameters = Parameters(width=0, experts=1, memory_bits=16)
    window = [parameters.memory_for(size) - parameters.memory for size in (0, 1, 1 << 20, 1 << 32)]
    assert window[0] == 0
    assert window[1] <= 3 << 16
    assert 1 << 20 < window[2] < 1.95 * (1 << 20)
    assert 1 << 32 < window[3] < 1.5 * (1 << 32)
    assert parameters.memory_for(1 << 62) < 1.5 * (1 << 32) + parameters.memory
    narrow = parameters.replace(window_bits=16)
    assert narrow.memory_for(1 << 62) < narrow.memory + (5 << 16)
    network = Parameters(width=16)  # without context mixing there is no window
    assert network.memory_for(1 << 62) == network.memory


def test_short_matches_stay_within_reach_as_the_tables_of_match_models_grow() -> None:
    """Phrases too short for the sparse table are found among more than the first table held."""
    phrases = [random.Random(i).randbytes(20) for i in range(6_000)]
    again = phrases[:1_000]
    random.Random(7).shuffle(again)
    parameters = Parameters(width=0, experts=1, memory_bits=20)  # 2^14 entries in the beginning
    model, decoder = parameters.codec(), parameters.codec()
    for codec in (model, decoder):
        codec.absorb(b"".join(phrases))
    copies = b"".join(again)
    payload = model.encode(copies)
    assert len(payload) < 0.7 * len(copies)
    assert decoder.decode(payload, len(copies)) == copies


@pytest.mark.parametrize("window_bits", [16, 17, 18])
@pytest.mark.parametrize("experts", [1, 4])
def test_matches_reach_further_than_the_window(window_bits: int, experts: int) -> None:
    """Symbols are kept for matches by larger tables, even where the bytes are not kept."""
    parameters = Parameters(width=0, experts=experts, memory_bits=22, window_bits=window_bits)
    first, again, between = parts(5, 100, 64, (3 << window_bits) // 2 - 40)
    data = first + again + between + again
    payload = parameters.codec().encode(data)
    assert parameters.codec().decode(payload, len(data)) == data
