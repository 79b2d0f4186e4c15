"""Data that resemble what came a fixed distance before are predicted from it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from data import text
from payloads import coded


def records(length: int, size: int = 36_000) -> bytes:
    """Records whose bytes drift slowly, with noise."""
    rng = np.random.default_rng(length)
    mean = rng.integers(0, 256, length).astype(float)
    rows = []
    for _ in range(size // length):
        mean += rng.normal(0, 0.5, length)
        rows.append(np.round(mean + rng.normal(0, 2, length)).astype(np.int64) & 255)
    return np.array(rows).astype(np.uint8).tobytes()


def echo(distance: int, size: int = 36_000) -> bytes:
    """Noise of which an echo returns again and again."""
    rng = np.random.default_rng(7)
    signal = rng.normal(0, 30, size)
    for i in range(distance, size):
        signal[i] = 0.97 * signal[i - distance] + 0.2 * signal[i]
    return np.clip(np.round(128 + signal), 0, 255).astype(np.uint8).tobytes()


@pytest.mark.parametrize(
    ("make", "most"),
    [
        (lambda: records(500), 16_600),  # without the expert 33591, 23932, 22114
        (lambda: records(3000), 18_200),  # 35803, 35661, 33679
        (lambda: echo(1501), 22_500),  # 30794, 30769, 30705
    ],
    ids=["500", "3000", "echo"],
)
def test_similar_rows_are_predicted(make: Callable[[], bytes], most: int) -> None:
    data = make()
    for experts in (1, 3, 4):
        assert coded(data, experts) < most


def test_similar_rows_begin_and_end_anywhere() -> None:
    rows = records(500, 30_000)
    noise = np.random.default_rng(3).bytes(5000)
    prose = text(9000)
    apart = sum(coded(part, 1) for part in (rows, noise, prose))
    assert coded(noise + rows + prose, 1) < apart + apart // 30
    assert coded(prose + rows[77:] + noise, 1) < apart + apart // 30


def test_rows_of_another_length_are_noticed() -> None:
    short, long = records(400, 24_000), records(900, 24_000)
    apart = coded(short, 1) + coded(long, 1)
    assert coded(short + long, 1) < apart + apart // 30
