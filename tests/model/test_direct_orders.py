"""Probabilities that do not change are learnt more exactly than bit histories could."""

from __future__ import annotations

import math
import random

import pytest

import weightless

SIZE = 40_000


def stationary(size: int, contexts: int) -> tuple[bytes, float]:
    """Return bytes, each drawn from one of four values by the two before; and their entropy."""
    rng = random.Random(3)
    weights = [1, 2, 3, 10]
    choices: dict[tuple[int, int], list[int]] = {}
    out = [97, 98]
    bits = 0.0
    for _ in range(size):
        key = (out[-2], out[-1])
        values = choices.setdefault(key, rng.sample(range(97, 97 + contexts), 4))
        [i] = rng.choices(range(4), weights)
        bits -= math.log2(weights[i] / sum(weights))
        out.append(values[i])
    return bytes(out[2:]), bits / 8


@pytest.mark.parametrize("width", [0, 16])
def test_fixed_probabilities_after_two_bytes(width: int) -> None:
    data, entropy = stationary(SIZE, contexts=8)
    parameters = weightless.Parameters(width=width, experts=2, memory_bits=22, horizon=4)
    payload = parameters.codec().encode(data)
    assert len(payload) < entropy * 1.036
    assert parameters.codec().decode(payload, SIZE) == data
