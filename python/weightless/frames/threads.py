"""How many threads a codec may use."""

from __future__ import annotations

import os
from typing import SupportsIndex

from weightless.integers import integer

__all__ = ["count_threads"]

# More would find nothing to do in any model.
_MOST = 256


def count_threads(threads: SupportsIndex) -> int:
    """Return a number of threads that a codec takes; 0 asks for one per processor.

    Raises
    ------
    ParameterError
        For a negative one.
    TypeError
        For what is no integer.
    """
    return min(integer(threads, "threads", 0) or _processors(), _MOST)


def _processors() -> int:
    """Count the processors that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
