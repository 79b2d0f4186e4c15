"""Data of two kinds, one after the other, cost about what they cost alone.

A structure's expert that goes on speaking after its data have ended, or that sees its structure
where there is none, costs up to as much again. bench/joined_kinds.py measures all pairs.
"""

from __future__ import annotations

import random
import struct
from functools import cache

import pytest
from kinds import KINDS, deflated, noise, noise200, prose, sound16
from payloads import codec

NAMES = list(KINDS)


@cache
def part(name: str, size: int) -> bytes:
    return KINDS[name](size)


@cache
def alone(name: str, size: int, experts: int) -> int:
    return len(codec(experts).encode(part(name, size)))


@pytest.mark.parametrize(
    ("experts", "step", "distances"), [(1, 1, (1, 7)), (3, 2, (5,)), (4, 4, (9,))]
)
def test_joined_kinds_cost_what_they_cost_alone(
    experts: int, step: int, distances: tuple[int, ...]
) -> None:
    size = 8000
    dear = {}
    for i in range(0, len(NAMES), step):
        for distance in distances:
            first, second = NAMES[i], NAMES[(i + distance) % len(NAMES)]
            joined = part(first, size) + part(second, size)
            cost = len(codec(experts).encode(joined))
            parts = alone(first, size, experts) + alone(second, size, experts)
            if cost > 1.02 * parts + 640:
                dear[first, second] = (cost, parts)
    assert not dear


@pytest.mark.parametrize(
    ("first", "second", "most"),
    [
        # A format that is certain is believed at once, though the claim before has not ended.
        ("sound8", "x86", 150),  # 436 without
        ("image8", "x86", 150),  # 279
        ("float32", "x86", 150),  # 205
        ("sound8", "m68k", 150),  # 315
        # The samples' claim ends after fewer bytes.
        ("counters", "csv", 250),  # 298
        ("counters", "prose", 290),  # 341
        # So does that of arrays if text follows, and that of x86 code.
        ("records", "prose", 195),  # 219
        ("x86", "prose", 280),  # 328
    ],
)
def test_a_claim_ends_soon(first: str, second: str, most: int) -> None:
    size = 16_000
    whole = codec(1, memory_bits=22).encode(part(first, size) + part(second, size))
    parts = sum(len(codec(1, memory_bits=22).encode(part(n, size))) for n in (first, second))
    assert len(whole) < parts + most


@pytest.mark.parametrize("second", ["sound16", "float32"])
@pytest.mark.parametrize("first", ["sound8", "image8", "image24"])
def test_numbers_after_an_image_are_seen(first: str, second: str) -> None:
    """An image's claim goes on into sound; the later claim of the samples is the right one."""
    size = 16_000
    joined = len(codec(1).encode(part(first, size) + part(second, size)))
    # Without it up to 1.42 times.
    assert joined < 1.03 * (alone(first, size, 1) + alone(second, size, 1)) + 640


@pytest.mark.parametrize("experts", [1, 2, 3, 4])
def test_a_claim_ends_with_its_data(experts: int) -> None:
    """A catalogue of messages: tables of offsets, then text."""
    rng = random.Random(16)
    table = struct.pack(
        "<3733I", *(rng.randrange(2796) if rng.random() < 0.75 else 0 for _ in range(3733))
    )
    story = prose(20_000)
    both, first, second = (
        len(codec(experts).encode(data)) for data in (table + story, table, story)
    )
    # Without a test of claims 2.1 times as much.
    assert both < 1.03 * (first + second) + 300


@pytest.mark.parametrize("experts", [1, 4])
@pytest.mark.parametrize("make", [noise, noise200, deflated])
def test_noise_is_not_taken_for_samples(experts: int, make: object) -> None:
    assert callable(make)
    data = make(16_000)
    payload = codec(experts).encode(data)
    least = 16_000 if make is not noise200 else 15_288  # log2(200) bits each
    assert len(payload) < 1.025 * least
    # A second copy is still seen as one.
    assert len(codec(experts).encode(data + data)) < 1.03 * len(payload) + 100


@pytest.mark.parametrize("experts", [1, 3, 4])
def test_joined_kinds_are_restored(experts: int) -> None:
    """Claims begin, change and end at the same places in the decoder."""
    sound = sound16(5000)
    data = prose(2500) + sound + b"!" + sound[:3000] + part("image8", 4000) + prose(2500)
    data += part("counters", 3000) + part("cells", 2500) + noise(1500)
    payload = codec(experts).encode(data)
    assert codec(experts).decode(payload, len(data)) == data
    two = codec(experts)
    two.set_threads(2)
    assert two.encode(data) == payload
