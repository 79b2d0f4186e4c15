"""The extension's network against one in plain Python, written from docs/format_network.md."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from plain_network.forward import softmax
from plain_network.integers import within
from plain_network.network import Network
from plain_network.sizes import H, T
from plain_network.update import step_size, update_group
from plain_network.weights import Tensor, Weights

from weightless import _core
from weightless.levels import NETWORK_ALONE

NARROW, WIDE = 2**29 - 2**15, 2**30 - 2**16


def tensors(weights: Weights) -> dict[str, Tensor]:
    return {
        "layer0.recurrent": weights.U,
        "layer0.input": weights.I,
        "layer0.bias": weights.B,
        "output.weight": weights.V,
        "output.bias": weights.A,
    }


def as_array(tensor: Tensor) -> npt.NDArray[np.int32]:
    rows = np.array(tensor.rows, np.int32)
    return rows[0] if len(rows) == 1 else rows


class Pair:
    """Both networks, which take the same bytes."""

    def __init__(self) -> None:
        self.plain = Network()
        self.core = _core.Network(list(NETWORK_ALONE.values))

    def fill(self, draw: Callable[[int], int], rng: random.Random) -> None:
        """Draw all weights within their limits; the states are random, many at their ends."""
        weights = self.plain.weights
        for name, tensor in tensors(weights).items():
            tensor.rows = [[draw(tensor.limit) for _ in row] for row in tensor.rows]
            self.core.set_tensor(name, as_array(tensor))
        weights.copy()
        h, c = (
            [rng.choice((end, -end, rng.randint(-end, end))) for _ in range(H)]
            for end in (2**11, 2**24)
        )
        self.plain.h, self.plain.c = h, c
        self.core.set_state("layer0.h", h)
        self.core.set_state("layer0.c", c)

    def start_after(self, segments: int) -> None:
        self.core.set_state("segments", [segments])
        self.plain.n = segments
        self.plain.seen = [segments] * 256

    def take(self, choose: Callable[[list[int]], int], n: int) -> None:
        """Take n bytes, chosen by their probabilities, and compare everything."""
        for _ in range(n):
            p = self.plain.forward()
            assert self.core.predict().tolist() == p
            byte = choose(p)
            self.core.update(byte)
            self.plain.after(byte, p)
        state = self.core.state()
        assert state["layer0.h"].tolist() == self.plain.h
        assert state["layer0.c"].tolist() == self.plain.c
        found = self.core.tensors()
        for name, tensor in tensors(self.plain.weights).items():
            assert np.array_equal(found[name], as_array(tensor)), name


@pytest.mark.parametrize("kind", ["uniform", "ends", "scales"])
def test_weights_of_any_size(kind: str) -> None:
    """Sums and gradients at their clamps, saturated gates, errors from tiny to whole."""
    rng = random.Random(7)
    draws = {
        "uniform": lambda end: rng.randint(-end, end),
        "ends": lambda end: rng.choice((-end, 1 - end, -1, 0, 1, end)),
        "scales": lambda end: rng.randint(-end, end) >> rng.choice((0, 2, 4, 6, 8, 10)),
    }
    pair = Pair()
    pair.fill(draws[kind], rng)
    for surprising in (1, 0.3, 0):
        pair.take(
            lambda p, s=surprising: (  # type: ignore[misc]
                rng.choice((7, rng.randrange(256))) if rng.random() < s else p.index(max(p))
            ),
            T,
        )


@pytest.mark.parametrize("segments", [254, 2**32 - 2, 2**61])
def test_after_many_segments(segments: int) -> None:
    """The counts do not wrap, in frames of any length."""
    pair = Pair()
    pair.start_after(segments)
    pair.take(lambda p: b"some bytes"[sum(p) % 7 + len(pair.plain.steps) % 3], 3 * T)


def some(rng: random.Random, bits: int) -> int:
    """Draw a number of any magnitude up to 2^bits."""
    ends = (0, 1, 2**15 - 1, 2**15, 2**16 - 1, 2**16, 2**bits - 1, 2**bits)
    size = rng.getrandbits(rng.randint(0, bits)) if rng.random() < 0.9 else rng.choice(ends)
    return rng.choice((-size, size))


def test_updates_of_groups() -> None:
    """All that an update may meet: 32 groups with the same rate at once, each on its own."""
    rng = random.Random(5)
    kernels = _core.Kernels("scalar")
    for _ in range(100):
        members, limit = rng.choice((1, 4)), rng.choice((NARROW, WIDE))
        size = step_size(rng.choice((8000, 64000, 8192, 44000)), rng.choice((0, 7, 9999, 2**40)))
        r, scales = rng.randint(0, 8), [rng.randint(-25, 27) for _ in range(32)]
        grads = [[some(rng, 30) for _ in scales] for _ in range(members)]
        rows = [[within(some(rng, 30), limit) for _ in scales] for _ in range(members)]
        moments = [rng.choice((0, 2**31, 2**32 - 1, rng.getrandbits(31) + 2**31)) for _ in scales]
        weights, new = kernels.update(
            [2, r, 28, 2**16, size[0], size[1], limit, 0], grads, scales, rows, moments
        )
        for j, scale in enumerate(scales):
            moves, moment = update_group([g[j] for g in grads], moments[j], size, r, scale)
            assert moment == new.ravel()[j]
            moved = [within(row[j] - move, limit) for row, move in zip(rows, moves, strict=True)]
            assert moved == weights[:, j].tolist()


def test_softmax_of_any_logits() -> None:
    """Ties of the largest, differences from none to the largest there is."""
    rng = random.Random(3)
    kernels = _core.Kernels("scalar")
    for spread in (1, 2, 1000, 2**15, 2**18, 2**21, 2**24):
        for _ in range(6):
            logits = [rng.randint(-spread, spread) >> rng.choice((0, 3)) for _ in range(256)]
            logits[rng.randrange(256)] = logits[rng.randrange(256)] = max(logits)
            p, best = kernels.softmax(logits)
            assert p.tolist() == softmax(logits)
            assert best == logits.index(max(logits))
