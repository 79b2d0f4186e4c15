"""Reuse of models from one frame to the next."""

from __future__ import annotations

import threading

from weightless import _core
from weightless.parameters import Parameters

__all__ = ["ModelStore"]

# Read in advance: a file may be finalized when the extension module has been cleared already.
_BRIEF = _core.BRIEF


class ModelStore:
    """Keeps the models of finished frames for later frames with equal parameters.

    Resetting a model to its initial state is cheaper than building one. A store may be shared
    between threads. It keeps at most as many models as were in use at the same time, all with
    the parameters used last.

    Parameters
    ----------
    trace : Trace, optional
        Where the codecs of all frames record what they do; the frames must then be coded one after
        another.
    """

    def __init__(self, trace: _core.Trace | None = None) -> None:
        #: Where the codecs record what they do.
        self.trace = trace
        #: The codec that recorded last; None without a trace.
        self.observed: _core.Codec | None = None
        self._lock = threading.Lock()
        self._idle: list[tuple[Parameters, _core.Codec]] = []
        self._brief = False  # whether the last frame was brief

    def take(self, parameters: Parameters, *, brief: bool = False) -> _core.Codec:
        """Return a model in its initial state, for the caller's exclusive use.

        Parameters
        ----------
        parameters : Parameters
            Parameters of the model.
        brief : bool
            Whether the model will see only few bytes (about `_core.BRIEF`). This is also
            assumed if the previous frame was that short.
        """
        codec: _core.Codec | None = None
        with self._lock:
            brief = brief or self._brief
            if self._idle and self._idle[-1][0] == parameters:
                codec = self._idle.pop()[1]
            else:
                self._idle.clear()  # before the new model is allocated
        if codec is None:
            return parameters.codec(brief=brief)
        codec.reset(brief)
        return codec

    def observe(self, codec: _core.Codec) -> None:
        """Let a codec record what it does, if the store has a trace."""
        if self.trace is not None:
            codec.observe(self.trace)
            self.observed = codec

    def give_back(self, parameters: Parameters, codec: _core.Codec, seen: int) -> None:
        """Return a model to the store.

        Parameters
        ----------
        parameters : Parameters
            Parameters of the model.
        codec : Codec
            The model.
        seen : int
            Number of bytes that it has coded or decoded.
        """
        with self._lock:
            self._brief = seen <= _BRIEF
            if self._idle and self._idle[-1][0] != parameters:
                self._idle.clear()
            self._idle.append((parameters, codec))

    def clear(self) -> None:
        """Release all models."""
        with self._lock:
            self._idle.clear()
