"""Independent pieces of work at once; the model releases the GIL, so threads will do."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Generic, TypeVar

__all__ = ["Tick", "run_parallel"]

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")
#: What a piece of work calls now and then, with how much of it is done.
Tick = Callable[[int], object]


def run_parallel(
    work: Callable[[Item, Tick], Outcome],
    items: Sequence[Item],
    *,
    threads: int | None = None,
    progress: Tick | None = None,
) -> list[Outcome]:
    """Call `work` on all items, several at the same time; return what it gives, in their order.

    The threads live no longer than the call: who forks between two calls leaves none
    behind. Where the system gives no thread, the calling one does more of the work.

    Parameters
    ----------
    work : callable
        Called with an item and a function that it calls now and then: an interrupt, or
        a failure elsewhere, ends it there.
    items : sequence
        What `work` is called on.
    threads : int, optional
        How many threads share the items, the calling one included; one for each item if
        not given.
    progress : callable, optional
        Called with the sum of what all have done.

    Raises
    ------
    BaseException
        What interrupts the calling thread (`KeyboardInterrupt`, say), else the first
        failure of `work` or `progress` in any thread, once all threads have ended.
    """
    return _Crew(work, items, progress).run(len(items) if threads is None else threads)


class _StoppedError(Exception):
    """Raised in a thread whose work is not wanted any more: there is a failure already."""


class _Crew(Generic[Item, Outcome]):
    def __init__(
        self, work: Callable[[Item, Tick], Outcome], items: Sequence[Item], progress: Tick | None
    ) -> None:
        self._work = work
        self._items = items
        self._progress = progress
        self._lock = threading.Lock()
        self._todo = iter(range(len(items)))
        self._done = [0] * len(items)
        self._outcomes: dict[int, Outcome] = {}
        self._failure: BaseException | None = None

    def run(self, count: int) -> list[Outcome]:
        helpers = min(count, len(self._items)) - 1
        threads = [threading.Thread(target=self._help) for _ in range(helpers)]
        try:
            # Without these no more threads are to be had, and fewer will do.
            with contextlib.suppress(RuntimeError, MemoryError):
                for thread in threads:
                    thread.start()
            self._take_items()
            _join(threads)
        except BaseException as error:
            self._stop(error)
            _join(threads)
            if not isinstance(error, Exception):
                self._failure = error  # an interrupt is never passed over
        # The failure's traceback leads to this object: without the reference back, and
        # without what was made, nothing large lives on with the error.
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
        with self._lock:
            if self._failure is None:
                self._failure = error

    def _take_items(self) -> None:
        while self._failure is None:
            with self._lock:
                index = next(self._todo, None)
            if index is None:
                return
            self._outcomes[index] = self._work(self._items[index], partial(self._tick, index))

    def _tick(self, index: int, done: int) -> None:
        if self._failure is not None:
            raise _StoppedError
        if self._progress is not None:
            with self._lock:
                self._done[index] = done
                self._progress(sum(self._done))


def _join(threads: list[threading.Thread]) -> None:
    for thread in threads:
        if thread.ident is not None:  # it was started
            thread.join()
