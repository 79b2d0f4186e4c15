"""A guard against reentrant calls."""

from __future__ import annotations

__all__ = ["NoReentry"]


class NoReentry:
    """A context manager that raises RuntimeError if it is entered while it is active.

    It protects the methods of an object that run code of the user, such as a progress
    function or a signal handler. If that code called the object again, it would deadlock or
    see an inconsistent state; it gets a RuntimeError instead, as from `io.BufferedReader`.

    It must be entered while a `threading.RLock` is held, which excludes other threads. The
    lock is acquired by a ``with`` statement rather than in `__enter__`, where an interrupt
    could leave it locked.
    """

    def __init__(self) -> None:
        self._within = False

    def __enter__(self) -> None:
        """Begin a call."""
        if self._within:
            raise RuntimeError("reentrant call: this thread is already in a call of this object")
        self._within = True

    def __exit__(self, *error: object) -> None:
        """End the call."""
        self._within = False
