"""A progress bar that shows speed and remaining time in the units that other messages use."""

from __future__ import annotations

import sys
from typing import Any

from tqdm import tqdm

from weightless.cli.standard import columns, write_error
from weightless.sizes import human_size

__all__ = ["Bar"]

_KNOWN = "{desc}: {percentage:3.0f}%|{bar}| {done}/{whole} [{elapsed}<{remaining}, {speed}]"
_UNKNOWN = "{desc}: {done} [{elapsed}, {speed}]"

#: Of a longer name, only the beginning and the end are shown.
_LONGEST_NAME = 40

# Columns left free at the end of the line. The terminal echoes ^C there; without room it would
# wrap to the next line, and the bar could no longer be erased.
_MARGIN = 4

tqdm.monitor_interval = 0  # tqdm starts no monitor thread


class Bar:
    """A line on standard error that shows how many bytes are done.

    Parameters
    ----------
    name : str
        The label in front of the bar.
    total : int or None
        The number of bytes to process, if known.
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
        """Show that this many bytes have been processed."""
        # Both decoded and delivered bytes are reported here; the delivered ones lag behind.
        if done > self._bar.n:
            self._bar.update(done - self._bar.n)

    def close(self) -> None:
        """Remove the bar."""
        self._bar.close()


class _Bytes(tqdm):  # type: ignore[misc]  # tqdm has no types
    """A tqdm bar that shows bytes in the binary units KiB, MiB and GiB."""

    @property
    def format_dict(self) -> Any:
        """Return the values that the bar format can refer to."""
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
    """Standard error as a file whose writes never fail, even if it is full or closed."""

    encoding = getattr(sys.stderr, "encoding", None) or "ascii"

    def write(self, text: str) -> None:
        """Write the text at once."""
        write_error(text)

    def flush(self) -> None:
        """Do nothing: writes are not buffered."""
