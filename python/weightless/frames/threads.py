"""How many threads a codec may use."""

from __future__ import annotations

import os

from weightless.errors import ParameterError

__all__ = ["count_threads"]

# More would find nothing to do in any model.
_MOST = 256


def count_threads(threads: int) -> int:
    """Return a number of threads that a codec takes; 0 asks for one per processor.

    Raises
    ------
    ParameterError
        For anything but an integer that is not negative.
    """
    if isinstance(threads, bool) or not isinstance(threads, int) or threads < 0:
        raise ParameterError(f"threads is {threads!r}, not a number of threads")
    return min(threads or _processors(), _MOST)


def _processors() -> int:
    """Count the processors that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
