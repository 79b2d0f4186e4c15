"""A progress bar with speed and time left, in the units of all other messages."""

from __future__ import annotations

import sys
from typing import Any

from tqdm import tqdm

from weightless.cli.standard import columns, write_error
from weightless.sizes import human_size

__all__ = ["Bar"]

_KNOWN = "{desc}: {percentage:3.0f}%|{bar}| {done}/{whole} [{elapsed}<{remaining}, {speed}]"
_UNKNOWN = "{desc}: {done} [{elapsed}, {speed}]"

#: Of a name that is longer, beginning and end are shown.
_LONGEST_NAME = 40

# Columns left free at the end of the line: ^C, which a terminal shows where it is typed,
# would otherwise begin another line, and the bar's could not be removed.
_MARGIN = 4

tqdm.monitor_interval = 0  # no thread beside ours


class Bar:
    """A line on standard error that shows how many bytes are done.

    Parameters
    ----------
    name : str
        Stands before the bar.
    total : int or None
        Bytes to come, if known.
    """

    def __init__(self, name: str, total: int | None) -> None:
        if len(name) > _LONGEST_NAME:
            half = (_LONGEST_NAME - 3) // 2
            name = f"{name[:half]}...{name[-half:]}"
        self._bar: _Bytes = _Bytes(
            total=total,
            desc=name,
            bar_format=_UNKNOWN if total is None else _KNOWN,
            leave=False,
            file=_Screen(),
            dynamic_ncols=True,
            mininterval=0.2,
        )

    def to(self, done: int) -> None:
        """Show that this many bytes are done."""
        # What has been decoded ahead is told of before what has been delivered.
        if done > self._bar.n:
            self._bar.update(done - self._bar.n)

    def close(self) -> None:
        """Show nothing more."""
        self._bar.close()


class _Bytes(tqdm):  # type: ignore[misc]  # tqdm has no types
    """Bytes in binary units, which tqdm calls K, M and G."""

    @property
    def format_dict(self) -> Any:
        """Return what the format may refer to."""
        values = super().format_dict
        elapsed = values["elapsed"]
        rate = values["rate"] or ((self.n - self.initial) / elapsed if elapsed else 0)
        return {
            **values,
            "ncols": max(1, columns() - _MARGIN),
            "done": human_size(self.n),
            "whole": human_size(self.total or 0),
            "speed": f"{human_size(rate)}/s",
        }


class _Screen:
    """Standard error as a file that takes everything, also when it is full or closed."""

    encoding = getattr(sys.stderr, "encoding", None) or "ascii"

    def write(self, text: str) -> None:
        """Write it now."""
        write_error(text)

    def flush(self) -> None:
        """Do nothing: nothing waits."""
