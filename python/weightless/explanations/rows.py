"""The length of rows or records in binary content."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["find_row"]

_LONGEST = 8192
_SAMPLE = 1 << 17


def find_row(content: npt.NDArray[np.uint8]) -> int:
    """Return the distance at which bytes differ least, if they differ clearly less there.

    Returns
    -------
    int
        0 if there is none.
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
    # The shortest of the distances that are nearly the best.
    candidates = differences[4:]
    best = float(candidates.min())
    if usual <= 0 or best > 0.6 * usual:
        return 0
    return int(4 + np.flatnonzero(candidates <= best + 0.05 * usual)[0])
