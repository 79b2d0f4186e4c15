"""Parallel execution of independent work items in threads; the model releases the GIL."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Generic, TypeVar

__all__ = ["Tick", "run_parallel"]

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")
#: A progress function, called from time to time with the amount of work done so far.
Tick = Callable[[int], object]


def run_parallel(
    work: Callable[[Item, Tick], Outcome],
    items: Sequence[Item],
    *,
    threads: int | None = None,
    progress: Tick | None = None,
) -> list[Outcome]:
    """Call `work` on all items in parallel; return its results in the order of the items.

    The threads exist only during the call, so that a fork between two calls is safe. If the
    system cannot start more threads, those that exist (at least the calling one) do all the
    work.

    Parameters
    ----------
    work : callable
        Called with an item and a function that it must call from time to time with the amount
        of work done. That function raises an exception if the work is to be abandoned.
    items : sequence
        The items.
    threads : int, optional
        Number of threads, including the calling one; by default one for each item.
    progress : callable, optional
        A function that is called with the total amount of work done.

    Raises
    ------
    BaseException
        If the calling thread is interrupted (for example by `KeyboardInterrupt`), that
        exception, otherwise the first exception of `work` or `progress` in any thread. It is
        raised after all threads have ended.
    """
    return _ParallelRun(work, items, progress).run(len(items) if threads is None else threads)


class _StoppedError(Exception):
    """Raised in a thread to abandon its work, after a failure elsewhere."""


class _ParallelRun(Generic[Item, Outcome]):
    """The state of one call of `run_parallel`, shared by its threads."""

    def __init__(
        self, work: Callable[[Item, Tick], Outcome], items: Sequence[Item], progress: Tick | None
    ) -> None:
        self._work = work
        self._items = items
        self._progress = progress
        self._lock = threading.Lock()
        self._todo = iter(range(len(items)))
        self._done = [0] * len(items)  # work done, by item
        self._total = 0  # the sum of these
        self._outcomes: dict[int, Outcome] = {}
        self._failure: BaseException | None = None
        self._over = False  # whether no more work is to be done

    def run(self, count: int) -> list[Outcome]:
        helpers = min(count, len(self._items)) - 1
        threads = [threading.Thread(target=self._help) for _ in range(helpers)]
        try:
            # If the system cannot start another thread, fewer threads do the work.
            with contextlib.suppress(RuntimeError, MemoryError):
                for thread in threads:
                    thread.start()
            self._take_items()
            _join(threads)
        except BaseException as error:
            try:
                self._stop(error)
                _join(threads)
            finally:  # again, in case that an interrupt ended it
                self._stop(error)
                _join(threads)
            if not isinstance(error, Exception):
                self._failure = error  # an interrupt takes precedence over any failure
        # The traceback of the failure refers to this object. Without the reference back, and
        # without the results, the exception keeps nothing large alive.
        failure, self._failure = self._failure, None
        if failure is None:
            return [self._outcomes[index] for index in range(len(self._items))]
        self._outcomes.clear()
        try:
            raise failure
        finally:
            del failure

    def _help(self) -> None:
        try:
            self._take_items()
        except BaseException as error:
            self._stop(error)

    def _stop(self, error: BaseException) -> None:
        self._over = True
        with self._lock:
            if self._failure is None:
                self._failure = error

    def _take_items(self) -> None:
        while not self._over:
            with self._lock:
                index = next(self._todo, None)
            if index is None:
                return
            self._outcomes[index] = self._work(self._items[index], partial(self._tick, index))

    def _tick(self, index: int, done: int) -> None:
        if self._over:
            raise _StoppedError
        if self._progress is not None:
            with self._lock:
                self._total += done - self._done[index]
                self._done[index] = done
                self._progress(self._total)


def _join(threads: list[threading.Thread]) -> None:
    for thread in threads:
        # One that an interrupt kept this thread from waiting for begins when the work is over.
        if thread.is_alive():
            thread.join()
