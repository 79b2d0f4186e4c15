"""The figures of an explanation, drawn by matplotlib."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from weightless.explanations.explanation import Explanation

__all__ = ["draw"]

_EXPERTS = 12


def draw(explanation: Explanation) -> Figure:
    """Draw the learning curve and what each expert saved.

    Raises
    ------
    ImportError
        If matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError("plot() needs matplotlib (the extra plot)") from error
    e = explanation
    figure = Figure(figsize=(10, 4.5), layout="constrained")
    curve, bars = figure.subplots(1, 2)
    n = len(e.segment_bits)
    sizes = np.minimum(e.segment_size, e.size - np.arange(n) * e.segment_size)
    at = np.arange(n) * e.segment_size
    ways = {"whole": 0, "mixers": 1, "network": 2}
    for name, column in ways.items():
        if name != "network" or e.segment_bits[:, 2].any():
            curve.plot(at, e.segment_bits[:, column] / np.maximum(sizes, 1), label=name, lw=1)
    curve.set(xlabel="position in the content (bytes)", ylabel="bits per byte", ylim=(0, None))
    curve.legend()
    names = list(e.experts[:_EXPERTS])
    totals = e.saved.sum(axis=0)[:_EXPERTS] / max(e.size, 1)
    bars.barh(names[::-1], totals[::-1])
    bars.set(xlabel="bits per byte that the expert saved")
    figure.suptitle(f"{e.name}: {e.size} bytes, {e.bits_per_byte:.3f} bits per byte")
    return figure
