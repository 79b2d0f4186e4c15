"""A guard against reentrant calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["NoReentry"]

_T = TypeVar("_T")


class NoReentry:
    """Calls functions; raises RuntimeError if it is called while it is active.

    It protects the methods of an object that run code of the user, such as a progress
    function or a signal handler. If that code called the object again, it would deadlock or
    see an inconsistent state; it gets a RuntimeError instead, as from `io.BufferedReader`.

    It must be called while a `threading.RLock` is held, which excludes other threads. It is
    not a context manager, because an interrupt at the start of `__exit__` would leave it
    active for ever.
    """

    def __init__(self) -> None:
        self._within = False

    def __call__(self, work: Callable[[], _T]) -> _T:
        """Return what `work` returns."""
        if self._within:
            raise RuntimeError("reentrant call: this thread is already in a call of this object")
        self._within = True
        try:
            return work()
        finally:
            self._within = False
