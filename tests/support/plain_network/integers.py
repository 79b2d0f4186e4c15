"""The operations that the text defines ("Conventions"), and its random numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import mul


def clamp(a: int, low: int, high: int) -> int:
    return low if a < low else high if a > high else a


def within(a: int, b: int) -> int:
    """clamp(a, b) of the text."""
    return -b if a < -b else b if a > b else a


def rounded(a: int, n: int) -> int:
    """round(a, n) of the text."""
    return (a + ((1 << n) >> 1)) >> n


def bits(a: int) -> int:
    return a.bit_length()


def gradient(a: int) -> int:
    """G(a) of the text."""
    return within(a, 1 << 30)


def largest(values: Iterable[int]) -> int:
    """The largest absolute value."""
    return max(map(abs, values))


def dot(a: Sequence[int], b: Sequence[int]) -> int:
    return sum(map(mul, a, b))


def columns(table: Sequence[Sequence[int]]) -> list[list[int]]:
    """The table with rows and columns exchanged."""
    return [list(column) for column in zip(*table, strict=True)]


class SplitMix64:
    def __init__(self, state: int) -> None:
        self.state = state

    def next(self) -> int:
        self.state = (self.state + 0x9E3779B97F4A7C15) % 2**64
        v = self.state
        v = ((v ^ (v >> 30)) * 0xBF58476D1CE4E5B9) % 2**64
        v = ((v ^ (v >> 27)) * 0x94D049BB133111EB) % 2**64
        return v ^ (v >> 31)
