"""Sound of several formats costs little more than the noise in it."""

from __future__ import annotations

import itertools
import math
import random

import pytest
from payloads import coded


def resonances(n: int, noise: float, seed: int = 21) -> list[float]:
    """Return noise filtered by four resonances, whose pitches change every 1,500 samples."""
    rng = random.Random(seed)
    latest = [0.0] * 8
    out = []
    for i in range(n):
        if i % 1500 == 0:
            filter_ = [1.0]
            for band in (0.1, 0.5, 1.2, 2.2):
                pitch = band * rng.uniform(0.8, 1.2)
                pole = (-2 * 0.95 * math.cos(pitch), 0.95**2)
                wider = [*filter_, 0.0, 0.0]
                for k, weight in enumerate(filter_):
                    wider[k + 1] += pole[0] * weight
                    wider[k + 2] += pole[1] * weight
                filter_ = wider
        x = rng.gauss(0, noise) - sum(w * v for w, v in zip(filter_[1:], latest, strict=True))
        latest = [x, *latest[:-1]]
        out.append(x)
    return out


def echoes(n: int, noise: float, lag: int, seed: int = 22) -> list[float]:
    """Return noise with an echo of an echo, and so on, after `lag` samples."""
    rng = random.Random(seed)
    out = [0.0] * lag
    for _ in range(n):
        out.append(0.97 * out[-lag] + rng.gauss(0, noise))
    return out[lag:]


def packed(numbers: list[float], layout: str) -> bytes:
    """Return integers of so many bytes, little-endian (<) or big-endian (>), or single bytes."""
    if layout == "u1":
        return bytes(min(max(round(v) + 128, 0), 255) for v in numbers)
    if layout == "i1":
        return bytes(min(max(round(v), -128), 127) & 255 for v in numbers)
    size = int(layout[1])
    little = [round(v).to_bytes(size, "little", signed=True) for v in numbers]
    return b"".join(v if layout[0] == "<" else v[::-1] for v in little)


@pytest.mark.parametrize(
    ("experts", "layout", "noise", "most"),
    [
        # The noise alone takes 1941, 8290, 8290 and 15298 bytes, and all of it, without least
        # squares, what the comment says.
        (1, "u1", 0.8, 3350),  # 3505
        (3, "u1", 0.8, 3350),  # 3474
        (1, "<2", 40, 9500),  # 9872
        (3, "<2", 40, 9300),  # 9620
        (1, ">2", 40, 9800),  # 10096
        (3, ">2", 40, 9700),  # 10015
        (1, "<3", 3000, 16750),  # 16846
        (3, "<3", 3000, 16500),  # 16591
    ],
)
def test_resonances_are_predicted(experts: int, layout: str, noise: float, most: int) -> None:
    assert coded(packed(resonances(9000, noise), layout), experts) < most


@pytest.mark.parametrize(("experts", "most"), [(1, 9600), (3, 9400)])
def test_channels_are_predicted_from_each_other(experts: int, most: int) -> None:
    left = resonances(5000, 40)
    rng = random.Random(23)
    right = [
        0.5 * now - 0.3 * then + rng.gauss(0, 20) for then, now in itertools.pairwise([0.0, *left])
    ]
    pairs = zip(left, right, strict=True)
    # 10003 and 9766 bytes without least squares.
    assert coded(packed(list(itertools.chain.from_iterable(pairs)), "<2"), experts) < most


def test_a_long_memory_sees_echoes() -> None:
    # 13637 bytes without least squares over 128 samples; the noise alone takes 11560.
    assert coded(packed(echoes(9000, 300, lag=100), "<2"), 4) < 12500


@pytest.mark.parametrize(("layout", "like", "noise"), [("i1", "u1", 0.8), (">3", "<3", 3000)])
def test_formats_are_alike(layout: str, like: str, noise: float) -> None:
    numbers = resonances(9000, noise)
    assert coded(packed(numbers, layout), 1) < 1.03 * coded(packed(numbers, like), 1)


def test_eight_channels_are_apart() -> None:
    channels = [resonances(1500, 40, seed) for seed in range(30, 38)]
    frames = packed(list(itertools.chain.from_iterable(zip(*channels, strict=True))), "<2")
    assert coded(frames, 1) < 13000
