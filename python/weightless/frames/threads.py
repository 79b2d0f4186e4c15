"""The number of threads that a codec uses."""

from __future__ import annotations

import os
from typing import SupportsIndex

from weightless.integers import integer

__all__ = ["count_threads"]

# More threads would have nothing to do in any model.
_MAX_THREADS = 256


def count_threads(threads: SupportsIndex) -> int:
    """Return the number of threads to use for the value of a `threads` argument.

    Parameters
    ----------
    threads : int
        0 for one thread per processor.

    Returns
    -------
    int
        1 to 256.

    Raises
    ------
    ParameterError
        If `threads` is negative.
    TypeError
        If `threads` is not an integer.
    """
    return min(integer(threads, "threads", 0) or _processors(), _MAX_THREADS)


def _processors() -> int:
    """Return the number of processors that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
