"""Progress of `compress` and `decompress` for their callers."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import Any

__all__ = ["Progress", "reporting"]

#: What `progress` may be: a function of the bytes of content done so far, or True for a bar.
Progress = Callable[[int], object] | bool | None


@contextlib.contextmanager
def reporting(
    progress: Progress, total: int | None, name: str
) -> Iterator[Callable[[int], object] | None]:
    """Yield the function to call with the bytes of content done so far; None for none.

    Parameters
    ----------
    progress : callable or bool or None
        True makes a bar of tqdm, in a notebook one that suits it.
    total : int or None
        Bytes of content, if known.
    name : str
        The label of the bar.

    Raises
    ------
    TypeError
        If `progress` is neither callable nor a bool nor None.
    """
    if progress is None or progress is False:
        yield None
    elif progress is True:
        from tqdm.auto import tqdm

        bar: Any = tqdm(total=total, desc=name, unit="B", unit_scale=True, unit_divisor=1024)
        lock = threading.Lock()

        def show(done: int) -> None:
            # Blocks that are decoded and delivered are both reported; the latter lag behind.
            with lock:
                if done > bar.n:
                    bar.update(done - bar.n)

        with bar:
            yield show
            if total is not None:  # what ends a job is not reported by all that report
                show(total)
    elif callable(progress):
        call, most = progress, 0

        def tell(done: int) -> None:
            nonlocal most
            most = max(most, done)
            call(done)

        yield tell
        if total is not None and most < total:  # as for the bar
            call(total)
    else:
        raise TypeError(f"progress must be callable or a bool, not {type(progress).__name__}")
