"""Models for one frame after the other."""

from __future__ import annotations

import threading

from weightless import _core
from weightless.parameters import Parameters

__all__ = ["ModelStore"]

# Files may be finalized when the extension has been taken apart already.
_BRIEF = _core.BRIEF


class ModelStore:
    """Keeps models of frames that are done for the next ones with equal parameters.

    To take a model back to its initial state is cheaper than to build one. Several threads
    may share a store: it then keeps as many models as were in use at once, and none of
    other parameters than were asked for last.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[tuple[Parameters, _core.Codec]] = []
        self._brief = False  # the last frame was

    def take(self, parameters: Parameters, *, brief: bool = False) -> _core.Codec:
        """Return a model in its initial state, which is the caller's until it is given back.

        Parameters
        ----------
        parameters : Parameters
            Of the model.
        brief : bool
            It will see a few bytes only. So it probably will behind a frame of few.
        """
        codec: _core.Codec | None = None
        with self._lock:
            brief = brief or self._brief
            if self._idle and self._idle[-1][0] == parameters:
                codec = self._idle.pop()[1]
            else:
                self._idle.clear()  # before another takes memory
        if codec is None:
            return parameters.codec(brief=brief)
        codec.reset(brief)
        return codec

    def give_back(self, parameters: Parameters, codec: _core.Codec, seen: int) -> None:
        """Take back a model that has seen so many bytes."""
        with self._lock:
            self._brief = seen <= _BRIEF
            if self._idle and self._idle[-1][0] != parameters:
                self._idle.clear()
            self._idle.append((parameters, codec))

    def clear(self) -> None:
        """Let go of all models."""
        with self._lock:
            self._idle.clear()
