"""Random numbers: the generator SplitMix64 (Steele, Lea & Flood, 2014), in integers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

__all__ = ["Numbers", "wave"]

_MASK = (1 << 64) - 1
_Item = TypeVar("_Item")


class Numbers:
    """Random integers of one seed."""

    def __init__(self, seed: int) -> None:
        self._state = seed

    def next(self) -> int:
        """Return the next number of 64 bits."""
        self._state = (self._state + 0x9E3779B97F4A7C15) & _MASK
        z = self._state
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & _MASK
        z = (z ^ z >> 27) * 0x94D049BB133111EB & _MASK
        return z ^ z >> 31

    def below(self, n: int) -> int:
        """Return a number from 0 to n - 1."""
        return (self.next() >> 32) * n >> 32

    def between(self, low: int, high: int) -> int:
        """Return a number from `low` to `high`."""
        return low + self.below(high - low + 1)

    def choice(self, items: Sequence[_Item]) -> _Item:
        """Return one of the items."""
        return items[self.below(len(items))]

    def early(self, items: Sequence[_Item]) -> _Item:
        """Return one of the items, an early one more often."""
        return items[self.below(len(items)) * self.below(len(items)) // len(items)]

    def bell(self, width: int) -> int:
        """Return a number around 0, a small one more often; at most `width` from it."""
        return (self.between(-width, width) + self.between(-width, width)) // 2

    def data(self, n: int) -> bytes:
        """Return n random bytes."""
        return bytes(self.next() >> 56 for _ in range(n))


def wave(count: int, height: int, slowness: int) -> list[int]:
    """Return `count` values of a wave; a large `slowness` makes it long."""
    at, speed = 0, height * 256 // slowness
    out = []
    for _ in range(count):
        at += speed
        speed -= at // (slowness * slowness)
        out.append(at >> 8)
    return out
