"""Signals that terminate the command: clean up first, then die by the same signal."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from types import FrameType

__all__ = ["Terminated", "die_by", "handle_termination", "leave_termination", "prepare_to_die"]


class Terminated(BaseException):
    """Raised by a terminating signal; no `except Exception` catches it."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


_DEFAULTS = {
    getattr(signal, name): default
    for name, default in (
        ("SIGINT", signal.default_int_handler),
        ("SIGTERM", signal.SIG_DFL),
        ("SIGHUP", signal.SIG_DFL),
    )
    if hasattr(signal, name)
}
_raised = False  # whether a signal has raised an exception
_dying = False  # whether `prepare_to_die` has been called


def handle_termination() -> None:
    """Make SIGINT, SIGTERM and SIGHUP raise an exception, so that temporary files are removed.

    SIGINT raises `KeyboardInterrupt`, the others `Terminated`. While such an exception is dealt
    with, more of these signals have no effect: a service manager may send two at once, and a
    user may press Ctrl-C again.
    """
    for number, default in _DEFAULTS.items():
        if signal.getsignal(number) == default:
            signal.signal(number, _raise)


def leave_termination() -> None:
    """Undo `handle_termination`: there is nothing left to remove."""
    for number, default in _DEFAULTS.items():
        if signal.getsignal(number) == _raise:
            signal.signal(number, default)


def prepare_to_die(number: int) -> int:
    """Ignore all further signals that `handle_termination` handles; return the number given.

    It must be called while the exception of the first one is being handled.
    """
    global _dying
    _dying = True
    return number


def die_by(number: int) -> int:
    """Die by the signal itself, so that the shell sees it; elsewhere return 128 + number."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            stream.flush()
    if os.name == "posix":
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    return 128 + number


def _raise(number: int, frame: FrameType | None) -> None:
    global _raised
    if _dying or _ends(sys.exc_info()[1]):
        return
    _raised = True
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    raise Terminated(number)


def _ends(error: BaseException | None) -> bool:
    """Tell whether an exception that is being handled ends the process, or follows one.

    While the first exception leaves the functions, generators end, too, by a `GeneratorExit`.
    """
    while error is not None:
        if isinstance(error, KeyboardInterrupt | Terminated):
            return True
        if _raised and isinstance(error, GeneratorExit):
            return True
        error = error.__context__
    return False
