"""Signals that terminate the command: clean up first, then die by the same signal."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from types import FrameType

__all__ = ["Terminated", "die_by", "handle_termination"]


class Terminated(BaseException):
    """Raised by a terminating signal; no `except Exception` catches it."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def _raise(number: int, frame: FrameType | None) -> None:
    raise Terminated(number)


def handle_termination() -> None:
    """Make SIGTERM and SIGHUP raise `Terminated`, so that temporary files are removed."""
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, _raise)


def die_by(number: int) -> int:
    """Die by the signal itself, so that the shell sees it; elsewhere return 128 + number."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            stream.flush()
    if os.name == "posix":
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    return 128 + number
