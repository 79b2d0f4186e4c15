"""Text at the fast levels: bounds that hold because of selectors, maps and step sizes."""

from __future__ import annotations

import random

import pytest
from payloads import coded


def prose(size: int, seed: int) -> bytes:
    """Sentences with marks, their words drawn from a Zipf distribution, in wrapped lines."""
    rng = random.Random(seed)
    words = ["".join(rng.choices("etaoinshrdlu", k=rng.randint(1, 9))) for _ in range(1500)]
    weights = [1 / (i + 1) for i in range(len(words))]
    out: list[str] = []
    column = 0
    starts = True
    for word in rng.choices(words, weights, k=size):
        shown = word.capitalize() if starts else word
        starts = False
        if rng.random() < 0.1:
            shown += rng.choice(".,;")
            starts = shown[-1] == "."
        out.append(shown + (" " if column < 60 else "\n"))
        column = 0 if column >= 60 else column + len(shown) + 1
    return "".join(out).encode()[:size]


# Before these selectors, maps and step sizes, experts 1 took 10,434 bytes and experts 2 10,733.
@pytest.mark.parametrize(("experts", "most"), [(1, 10_320), (2, 10_570)])
def test_text_selects_weights_by_what_has_been_seen(experts: int, most: int) -> None:
    data = prose(40_000, 1)
    size = coded(data, experts)
    assert size <= most


# Without folded contexts it takes 2,717 bytes.
def test_capitals_are_predicted_like_small_letters() -> None:
    rng = random.Random(2)
    words = ["".join(rng.choices("etaoinshrdlu", k=rng.randint(2, 5))) for _ in range(300)]
    chain = rng.choices(words, k=1000)
    data = b" ".join(rng.choice((w, w.capitalize())).encode() for _ in range(4) for w in chain)
    size = coded(data, 2)
    assert size <= 2_700
