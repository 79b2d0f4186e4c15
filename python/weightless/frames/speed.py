"""How fast a model works on this machine, measured on a little content."""

from __future__ import annotations

import time

from weightless.parameters import Parameters

__all__ = ["estimate_seconds"]


def estimate_seconds(parameters: Parameters, sample: bytes, size: int) -> float:
    """Estimate how long coding takes on one thread, in either direction.

    Parameters
    ----------
    parameters : Parameters
        Parameters of the model.
    sample : bytes
        Some of the content, not empty; 32 KiB tell enough.
    size : int
        Bytes of content.

    Returns
    -------
    float
        Seconds; time grows in proportion to the size.
    """
    codec = parameters.codec()
    start = time.perf_counter()
    codec.absorb(sample)
    return (time.perf_counter() - start) * size / len(sample)
