"""Work that is interrupted at a chosen place, as by Ctrl-C, in a process of its own."""

from __future__ import annotations

import dis
import gc
import inspect
import os
import signal
import sys
import traceback
from collections.abc import Callable
from functools import cache
from types import CodeType, FrameType

from patience import PATIENCE

__all__ = ["interrupted_at"]

#: Instructions after which some version of Python calls the handlers of signals that have come.
_AFTER = ("CALL", "RESUME", "JUMP_BACKWARD", "JUMP_ABSOLUTE", "POP_JUMP_BACKWARD")

_COMPLETE, _INTERRUPTED, _FAILED = 10, 11, 12


def interrupted_at(
    place: int,
    work: Callable[[], object],
    within: tuple[str, ...],
    *,
    number: signal.Signals = signal.SIGINT,
    again: bool = False,
    afterwards: Callable[[], object] = lambda: None,
) -> int | None:
    """Call `work`, and the handler of a signal once so many places have been passed.

    The places are all those in the functions of some source files at which Python may call it.

    Parameters
    ----------
    work : callable
        Called in a forked process. If it is interrupted, it must raise what the handler raises.
    within : tuple of str
        Parts of the names of the source files.
    again : bool
        Whether the handler is called at every later call of a function, too, in any file.
    afterwards : callable
        Called in that process when the exception of `work` is gone.

    Returns
    -------
    int or None
        The signal by which the process died; 0 if it was interrupted otherwise; None if `work`
        was completed, because it has no such place.
    """
    child = os.fork()
    if child == 0:
        outcome = _FAILED
        try:
            signal.alarm(PATIENCE)  # a process that hangs makes the test fail
            gc.disable()  # what other tests have left is none of this process's business
            if _interrupt(place, work, within, number, again=again):
                afterwards()
                outcome = _INTERRUPTED
            else:
                outcome = _COMPLETE
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(outcome)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (_COMPLETE, _INTERRUPTED, -number), f"place {place}: {code}"
    return None if code == _COMPLETE else -code if code < 0 else 0


def _interrupt(
    place: int,
    work: Callable[[], object],
    within: tuple[str, ...],
    number: signal.Signals,
    *,
    again: bool,
) -> bool:
    """Return whether there was such a place."""
    left = place
    come = over = False

    def handle(frame: FrameType) -> None:
        handler = signal.getsignal(number)
        if callable(handler):
            handler(number, frame)
        else:
            assert handler == signal.SIG_DFL
            os.kill(os.getpid(), number)

    def begin(frame: FrameType, event: str, _: object) -> object:
        if not any(part in frame.f_code.co_filename for part in within):
            return None
        frame.f_trace_opcodes = True
        frame.f_trace_lines = False
        before = -1

        def step(frame: FrameType, event: str, _: object) -> object:
            nonlocal before, left, come
            if event == "opcode":
                if before in _places(frame.f_code):
                    if not left:
                        come = True
                        sys.settrace(None)
                        if again:
                            sys.setprofile(handle_again)
                        handle(frame)
                    left -= 1
                before = frame.f_lasti
            return step

        return step

    def handle_again(frame: FrameType, event: str, _: object) -> None:
        # When an exception enters a generator, handlers are not called before it does.
        enters = event == "call" and not frame.f_code.co_flags & inspect.CO_GENERATOR
        if (enters or event == "c_return") and not over:
            handle(frame)

    def lose(unraisable: sys.UnraisableHookArgs) -> None:
        if not issubclass(unraisable.exc_type, ResourceWarning):  # which the command does not show
            sys.__unraisablehook__(unraisable)
            os._exit(_FAILED)

    if again:  # a first signal that comes in a finalizer is lost, whatever its handler does
        sys.unraisablehook = lose
    frame = inspect.currentframe()
    assert frame is not None
    # Python 3.12 traces instructions only if a frame wants it by now.
    frame.f_trace_opcodes = True
    sys.settrace(begin)
    try:
        work()
    except Exception:
        raise
    except BaseException:
        assert come
        return True
    finally:
        over = True
        sys.settrace(None)
        sys.setprofile(None)
    assert not come, "the interrupt was lost"
    return False


@cache
def _places(code: CodeType) -> frozenset[int]:
    """The offsets of the instructions of a function after which it may be interrupted."""
    return frozenset(
        step.offset for step in dis.get_instructions(code) if step.opname.startswith(_AFTER)
    )
