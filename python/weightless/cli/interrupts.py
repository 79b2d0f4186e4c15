"""Ctrl-C and kill: clean up first, then end as the signal would have."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from types import FrameType

__all__ = ["Terminated", "die_by", "handle_termination"]


class Terminated(BaseException):
    """A signal asked the command to end; passes every `except Exception`."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def _raise(number: int, frame: FrameType | None) -> None:
    raise Terminated(number)


def handle_termination() -> None:
    """Let SIGTERM and SIGHUP unwind the stack, so that temporary files are removed."""
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, _raise)


def die_by(number: int) -> int:
    """End by the signal itself, so that the shell knows; else return 128 + number."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            stream.flush()
    if os.name == "posix":
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    return 128 + number
