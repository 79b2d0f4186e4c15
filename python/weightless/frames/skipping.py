"""Which blocks an encoder stores without an attempt to compress them."""

from __future__ import annotations

from weightless import _core

__all__ = ["Skipping"]

_FIRST = 4
_MOST = 64
#: An attempt has failed if less than this part of the content was saved: 0.8 %.
_GAIN = 128


class Skipping:
    """Decides it from the blocks before, so that a decoder need not know the rule.

    After a block that the model could hardly compress, the next ones are skipped as long as they
    look like random bytes and nothing of them is in the history: 4 times as many bytes as the
    block had, and 16 and then 64 times as many after the next attempts that fail, too.
    """

    def __init__(self) -> None:
        self._left = 0  # bytes
        self._times = _FIRST

    def wants(self, raw: bytes | memoryview) -> bool:
        """Return whether to store the next block without an attempt.

        If nothing of it is in the history, it must be done; otherwise `tried` must be called.
        """
        self._left -= len(raw)
        return self._left >= 0 and _core.look_random(raw)

    def tried(self, raw_size: int, coded_size: int) -> None:
        """Take the result of an attempt."""
        if coded_size >= raw_size - raw_size // _GAIN:
            self._left = self._times * raw_size
            self._times = min(4 * self._times, _MOST)
        else:
            self._left = 0
            self._times = _FIRST
