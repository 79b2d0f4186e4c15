"""The rows of pictures and the records of binary content."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Rows", "find_rows"]

_LONGEST = 8192
_SAMPLE = 1 << 17

#: PGM and PPM: the kind, then width, height and greatest value, among comments.
_PNM = re.compile(rb"P([56])" + 3 * rb"(?:\s+(?:#[^\n]*\n\s*)*)(\d{1,5})" + rb"\s")


@dataclass(frozen=True)
class Rows:
    """How content divides into rows.

    Attributes
    ----------
    size : int
        Bytes of a row; 0 if there are none.
    start : int
        Where a row starts.
    """

    size: int = 0
    start: int = 0


def find_rows(content: npt.NDArray[np.uint8]) -> Rows:
    """Return the rows that the header of an image states, or else those that bytes suggest."""
    head = content[:4096].tobytes()
    return _pnm(head) or _bmp(head) or Rows(_likeness(content))


def _pnm(head: bytes) -> Rows | None:
    found = _PNM.match(head)
    if not found:
        return None
    kind, width, _, greatest = (int(number) for number in found.groups())
    row = width * (3 if kind == 6 else 1) * (2 if greatest > 255 else 1)
    return Rows(row, found.end()) if 0 < row <= _LONGEST else None


def _bmp(head: bytes) -> Rows | None:
    if head[:2] != b"BM" or len(head) < 34:
        return None
    start, width = (int.from_bytes(head[i : i + 4], "little") for i in (10, 18))
    depth, compressed = (int.from_bytes(head[i : i + 2], "little") for i in (28, 30))
    row = (width * depth + 31) // 32 * 4
    return Rows(row, start) if 0 < row <= _LONGEST and not compressed else None


def _likeness(content: npt.NDArray[np.uint8]) -> int:
    """Return the distance at which bytes differ least, if they differ clearly less there.

    Of distances that are nearly the best, the shortest wins: others are its multiples.
    """
    data = content[:_SAMPLE].astype(np.float64)
    if len(data) < 256:
        return 0
    longest = min(_LONGEST, len(data) // 4)
    # The mean of squared differences at each distance, by the autocorrelation.
    size = 1 << (2 * len(data) - 1).bit_length()
    spectrum = np.fft.rfft(data, size)
    products = np.fft.irfft(spectrum * np.conj(spectrum), size)[: longest + 1]
    squares = np.concatenate([[0.0], np.cumsum(data * data)])
    lags = np.arange(longest + 1)
    n = len(data) - lags
    differences = (squares[len(data) - lags] + squares[-1] - squares[lags] - 2 * products) / n
    usual = float(np.median(differences[2:]))
    candidates = differences[4:]
    best = float(candidates.min())
    if usual <= 0 or best > 0.6 * usual:
        return 0
    near = np.flatnonzero(candidates <= best + 0.05 * usual)
    # In a smooth picture all neighbours are near: those of the byte itself are no row, and of
    # others that follow each other the least is one.
    runs = np.split(near, np.flatnonzero(np.diff(near) > 1) + 1)
    least = [int(run[np.argmin(candidates[run])]) for run in runs]
    if len(least) > 1 and least[0] == 0 and len(runs[0]) > 1:
        del least[0]
    return 4 + least[0]
