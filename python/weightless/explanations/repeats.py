"""Parts of content that are alike, and how much cheaper the second one was."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Repeat", "find_repeats"]

_SHORTEST = 32  # bytes of a repeat


@dataclass(frozen=True)
class Repeat:
    """A part of the content that occurred before.

    Attributes
    ----------
    first, second : int
        Positions of the two occurrences.
    size : int
        Bytes that are alike, apart from a few.
    first_bits, second_bits : float
        What they cost.
    """

    first: int
    second: int
    size: int
    first_bits: float
    second_bits: float


def find_repeats(
    lengths: npt.NDArray[np.uint16],
    places: npt.NDArray[np.int64],
    positions: npt.NDArray[np.int64],
    bits: npt.NDArray[np.float64],
    most: int = 12,
) -> tuple[Repeat, ...]:
    """Find the longest runs of bytes for which the match is at the same distance."""
    if not len(positions):
        return ()
    distance = np.where(lengths > 0, positions - places, 0)
    # A run also ends where the sample does.
    breaks = np.flatnonzero((np.diff(distance) != 0) | (np.diff(positions) != 1)) + 1
    starts = np.concatenate([[0], breaks])
    ends = np.concatenate([breaks, [len(positions)]])
    long = (distance[starts] > 0) & (ends - starts >= _SHORTEST)
    runs = zip((ends - starts)[long].tolist(), starts[long].tolist(), strict=True)
    total = np.concatenate([[0.0], np.cumsum(bits)])
    found: list[Repeat] = []
    for size, start in sorted(runs, reverse=True):
        first = int(positions[start] - distance[start])
        at = int(np.searchsorted(positions, first))
        if at + size > len(positions) or positions[at] != first:
            continue  # it was not recorded
        if positions[at + size - 1] != first + size - 1:
            continue
        found.append(
            Repeat(
                first,
                int(positions[start]),
                size,
                float(total[at + size] - total[at]),
                float(total[start + size] - total[start]),
            )
        )
        if len(found) == most:
            break
    return tuple(found)
