"""Which blocks an encoder stores without an attempt to compress them."""

from __future__ import annotations

from weightless import _core

__all__ = ["Skipping"]

#: After an attempt that has failed, so many times as many bytes are skipped at most.
_TIMES = 32
#: An attempt has failed if less than this part of the content was saved: 0.8 %.
_GAIN = 128


class Skipping:
    """Decides it from the blocks before, so that a decoder need not know the rule.

    After a block that the model could hardly compress, the next ones are skipped as long as they
    look like random bytes and nothing of them is in the history: 32 times as many bytes as the
    block had. Then another attempt is made.
    """

    def __init__(self) -> None:
        self._left = 0  # bytes

    def wants(self, raw: bytes | memoryview) -> bool:
        """Return whether to store the next block without an attempt.

        If nothing of it is in the history, it must be done; otherwise `tried` must be called.
        """
        self._left -= len(raw)
        return self._left >= 0 and _core.look_random(raw)

    def tried(self, raw_size: int, coded_size: int) -> None:
        """Take the result of an attempt."""
        failed = coded_size >= raw_size - raw_size // _GAIN
        self._left = _TIMES * raw_size if failed else 0
