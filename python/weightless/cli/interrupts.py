"""Signals that terminate the command: clean up first, then die by the same signal."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable
from types import FrameType

__all__ = [
    "Terminated",
    "die_by",
    "handle_termination",
    "leave_termination",
    "prepare_to_die",
    "raise_lost",
]


class Terminated(BaseException):
    """Raised by a terminating signal; no `except Exception` catches it."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


Handler = signal.Handlers | Callable[[int, FrameType | None], object]

_DEFAULTS: dict[int, Handler] = {
    getattr(signal, name): default
    for name, default in (
        ("SIGINT", signal.default_int_handler),
        ("SIGTERM", signal.SIG_DFL),
        ("SIGHUP", signal.SIG_DFL),
    )
    if hasattr(signal, name)
}
_PATIENCE = 10.0  # seconds after which another signal ends even the cleaning up
_first: tuple[int, float] | None = None  # the signal that has raised an exception, and when
_dying = False  # whether `prepare_to_die` has been called


def handle_termination() -> None:
    """Make SIGINT, SIGTERM and SIGHUP raise an exception, so that temporary files are removed.

    SIGINT raises `KeyboardInterrupt`, the others `Terminated`. While such an exception is dealt
    with, more of these signals have no effect: a service manager may send two at once, and a
    user may press Ctrl-C again. If it takes long, because a terminal is stopped, say, the next
    one ends the process at once.
    """
    global _first, _dying
    _first, _dying = None, False
    for number, default in _DEFAULTS.items():
        _replace(number, default, _raise)


def leave_termination() -> None:
    """Undo `handle_termination`: there is nothing left to remove."""
    for number, default in _DEFAULTS.items():
        _replace(number, _raise, default)


def raise_lost() -> None:
    """Raise `Terminated` if the exception of a signal was lost, or became another one.

    That is so where it comes in a finalizer, or while an extension module is imported.
    """
    if _first is not None:
        raise Terminated(_first[0])


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
        _die_at_once(number)
    return 128 + number


def _die_at_once(number: int) -> None:
    with contextlib.suppress(ValueError):  # in another thread than the main one
        signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


def _replace(number: int, old: Handler, new: Handler) -> None:
    if signal.getsignal(number) == old:
        with contextlib.suppress(ValueError):  # only the main thread handles signals
            signal.signal(number, new)


def _raise(number: int, frame: FrameType | None) -> None:
    global _first
    if _dying or _ends(sys.exc_info()[1]):
        if _first is not None and time.monotonic() - _first[1] > _PATIENCE:
            _die_at_once(number)
        return
    _first = number, time.monotonic()
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
        if _first is not None and isinstance(error, GeneratorExit):
            return True
        error = error.__context__
    return False
