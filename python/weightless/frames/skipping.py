"""Which blocks an encoder stores without an attempt to compress them."""

from __future__ import annotations

from weightless import _core
from weightless.parameters import Parameters

__all__ = ["Skipping"]

#: After an attempt that has failed, so many times as many bytes are skipped at most.
_TIMES = 32
#: An attempt has failed if less than this part of the content was saved: 0.8 %.
_GAIN = 128
#: The fast model makes random bytes larger, by more than this part of them: 0.1 %.
_GROWTH = 1024
#: Its memory, as at level 1.
_MEMORY_BITS = 22


class Skipping:
    """Decides it from the content so far, so that a decoder need not know the rule.

    After a block that the model could hardly compress, the next ones are skipped as long as they
    look like random bytes and nothing of them is in the history: 32 times as many bytes as the
    block had. Then another attempt is made.

    If the first block of a frame looks like random bytes, a fast model tries it. The block is
    skipped if that one finds as little in it as in random bytes, which it makes larger.

    Parameters
    ----------
    parameters : Parameters
        Parameters of the frame's model.
    primed : bool
        Whether that model has read a prior, of which a fast model knows nothing.
    """

    def __init__(self, parameters: Parameters, *, primed: bool) -> None:
        self._left = 0  # bytes
        #: Of the fast model for the first block; None if that one is tried by the frame's model.
        self._fast: Parameters | None = None
        if parameters.experts > 1 and not primed:
            bits = min(parameters.memory_bits, _MEMORY_BITS)
            self._fast = Parameters(width=0, experts=1, memory_bits=bits)

    def wants(self, raw: bytes | memoryview) -> bool:
        """Return whether to store the next block without an attempt.

        If nothing of it is in the history, it must be done; otherwise `tried` must be called.
        """
        fast, self._fast = self._fast, None
        if fast is not None:
            size = len(raw)
            if not _core.look_random(raw) or len(fast.codec().encode(raw)) < size + size // _GROWTH:
                return False
            self._left = _TIMES * size
            return True
        self._left -= len(raw)
        return self._left >= 0 and _core.look_random(raw)

    def tried(self, raw_size: int, coded_size: int) -> None:
        """Take the result of an attempt."""
        failed = coded_size >= raw_size - raw_size // _GAIN
        self._left = _TIMES * raw_size if failed else 0
