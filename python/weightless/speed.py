"""How fast a model works on this machine, measured on a little content."""

from __future__ import annotations

import time

from weightless.parameters import Parameters

__all__ = ["estimate_seconds", "sample_text"]

_SAMPLE = 1 << 15

#: Seconds of measuring that are enough, and the bytes after which they are looked at.
_ENOUGH = 2.0
_PIECE = 1 << 10


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
    taken, done = 0.0, 0
    # The parameters may be those of any archive, far slower than a level.
    while done < len(sample) and (done == 0 or taken < _ENOUGH):
        codec.absorb(sample[done : done + _PIECE])
        done = min(len(sample), done + _PIECE)
        taken = time.perf_counter() - start
    return taken * size / done


def sample_text() -> bytes:
    """Return a sample for content that is not known: 32 KiB of words in no order, on lines."""
    words: list[bytes] = []
    state, size = 1, 0
    while size < _SAMPLE:
        state = state * 1_103_515_245 + 12_345 & 0x7FFFFFFF
        word = state >> 16 & 1023
        words.append(b"%x" % (word * word) + (b"\n" if word % 11 == 0 else b" "))
        size += len(words[-1])
    return b"".join(words)
