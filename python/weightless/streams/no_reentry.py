"""No call of an object within another of its calls."""

from __future__ import annotations

__all__ = ["NoReentry"]


class NoReentry:
    """Entered by each call of an object that runs its user's code: progress, signal handlers.

    Such code would wait for itself, or work on half a state, if it called the object again;
    it gets a RuntimeError, as from `io.BufferedReader`. To be entered with a `threading.RLock`
    held, which keeps other threads out (and which an interrupt cannot leave locked, as it could
    one that is acquired here).
    """

    def __init__(self) -> None:
        self._within = False

    def __enter__(self) -> None:
        """Begin a call."""
        if self._within:
            raise RuntimeError("reentrant call: this object is at work in this thread")
        self._within = True

    def __exit__(self, *error: object) -> None:
        """End it."""
        self._within = False
