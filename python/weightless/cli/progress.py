"""A progress bar with speed and time left, on a terminal only."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tqdm import tqdm

__all__ = ["Progress"]


class Progress:
    """A bar for one file; does nothing, and imports nothing, unless `shown`.

    Parameters
    ----------
    name : str
        Stands before the bar.
    total : int or None
        Bytes to come, if known.
    shown : bool
        Whether there is a terminal, and it is wanted.
    """

    def __init__(self, name: str, total: int | None, *, shown: bool) -> None:
        self._bar: tqdm[Any] | None = None
        if shown:
            from tqdm import tqdm

            tqdm.monitor_interval = 0  # no thread beside ours
            self._bar = tqdm(
                total=total,
                desc=name,
                unit="B",
                unit_scale=True,
                unit_divisor=1024,
                leave=False,
                file=sys.stderr,
                dynamic_ncols=True,
                mininterval=0.2,
            )

    @property
    def callback(self) -> Callable[[int], object] | None:
        """What to call with the bytes done so far; None if nothing is shown."""
        return self._to if self._bar is not None else None

    def _to(self, done: int) -> None:
        if self._bar is not None:
            self._bar.update(done - self._bar.n)

    def __enter__(self) -> Progress:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Remove the bar."""
        if self._bar is not None:
            self._bar.close()
