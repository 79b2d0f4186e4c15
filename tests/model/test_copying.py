"""Long matches are copied: almost nothing is coded or learnt while they last."""

from __future__ import annotations

import contextlib
import random

import pytest
from data import noise, text
from hypothesis import given, settings
from hypothesis import strategies as st
from kinds import KINDS
from payloads import codec

import weightless
from weightless import _core

RECIPES = [(1, 0), (2, 16), (3, 0), (4, 0)]


def changed(data: bytes, step: int, seed: int) -> bytes:
    """Return the data with a byte changed about every `step` bytes."""
    rng = random.Random(seed)
    out = bytearray(data)
    position = rng.randrange(step)
    while position < len(out):
        out[position] ^= rng.randrange(1, 256)
        position += rng.randrange(1, 2 * step)
    return bytes(out)


@pytest.mark.parametrize(("experts", "width"), RECIPES)
@pytest.mark.parametrize("unit", [b"\0", b"abc", noise(700, 1)], ids=["zeros", "three", "700"])
def test_runs(unit: bytes, experts: int, width: int) -> None:
    """A run is coded in a few bytes, and the model is not trained with most of it."""
    data = unit * (20_000 // len(unit))
    encoder = codec(experts, 18, width)
    payload = encoder.encode(data)
    assert len(payload) <= len(set(unit)) * 3 + 40
    assert encoder.trained() <= len(unit) + 1000
    decoder = codec(experts, 18, width)
    assert decoder.decode(payload, len(data)) == data
    assert decoder.trained() == encoder.trained()


@pytest.mark.parametrize(
    ("kind", "experts", "width"),
    [(kind, 1, 0) for kind in KINDS]
    + [(kind, *recipe) for kind in ("x86", "sound16", "csv") for recipe in RECIPES[1:]],
)
def test_copies_with_changes(kind: str, experts: int, width: int) -> None:
    """Copies that end anywhere, also within a structure, are decoded, and so is what follows."""
    first = KINDS[kind](2000)
    data = first + text(50, 2) + changed(first * 2, 1200, 3) + first[100:] + text(300, 4)
    encoder, decoder = codec(experts, 18, width), codec(experts, 18, width)
    payload = encoder.encode(data)
    assert decoder.decode(payload, len(data)) == data
    assert encoder.trained() < len(data)
    # Both sides go on from the same state.
    assert encoder.encode(first) == decoder.encode(first)


@settings(max_examples=5, deadline=None)
@given(st.lists(st.integers(1, 4000), min_size=1, max_size=6), st.sampled_from(RECIPES))
def test_neither_pieces_nor_snapshots_matter(cuts: list[int], recipe: tuple[int, int]) -> None:
    """A block may begin or end within a copy, and so may a copy of the codec or a snapshot."""
    experts, width = recipe
    first = text(800, 1)
    data = first * 3 + bytes(3000) + first[:700] + noise(100, 1) + first
    whole = codec(experts, 18, width)
    whole.encode(data)
    pieces, copied, frozen = (codec(experts, 18, width) for _ in range(3))
    at = 0
    for cut in [*cuts, len(data)]:
        piece = data[at : at + cut]
        payload = pieces.encode(piece)
        copied = copied.copy()
        assert copied.decode(payload, len(piece)) == piece
        frozen = frozen.freeze().codec()
        frozen.encode(data[:1500])
        frozen.revert()
        frozen.absorb(piece)
        at += cut
    assert copied.trained() == pieces.trained()
    assert frozen.trained() == pieces.trained()
    expected = whole.encode(data)
    for each in (pieces, copied, frozen):
        assert each.encode(data) == expected


@pytest.mark.parametrize("level", [1, 4, 7])
def test_threads_do_not_matter(level: int) -> None:
    """With two threads the context models run ahead only up to where copying begins."""
    data = changed((text(3000, 1) + bytes(1500)) * 4, 2000, 5)
    archive = weightless.compress(data, level=level)
    assert weightless.compress(data, level=level, threads=2) == archive
    assert weightless.decompress(archive) == data


@settings(max_examples=15, deadline=None)
@given(st.binary(max_size=60), st.sampled_from([1, 2, 3, 4]))
def test_any_payload_is_refused_or_decoded(payload: bytes, experts: int) -> None:
    """Decoding random bytes after a state that copies ends, with bytes or with an error."""
    decoder = codec(experts, 18)
    decoder.absorb(bytes(1000))
    with contextlib.suppress(_core.CorruptPayload):
        assert len(decoder.decode(payload, 3000)) == 3000
