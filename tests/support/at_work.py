"""Actions during the work of a codec, independent of the speed of the machine."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from patience import PATIENCE

import weightless
from weightless import _core


@contextlib.contextmanager
def once_at_work(action: Callable[[], object]) -> Iterator[None]:
    """Call `action` in another thread while a codec made in this context codes a block.

    Threads take turns only where one lets go of the GIL by itself, for the time of the
    context: so `action` is called after the codec has let go of it, and before the codec
    takes it back. This waits in vain for a codec that never releases it.
    """
    begun, over = threading.Event(), threading.Event()
    at_work = False

    class Watched:
        """A codec that signals when it is at work."""

        def __init__(self, codec: _core.Codec) -> None:
            self.codec = codec

        def encode(self, *arguments: object) -> bytes:
            return self._work(self.codec.encode, *arguments)

        def decode(self, *arguments: object) -> bytes:
            return self._work(self.codec.decode, *arguments)

        def _work(self, method: Callable[..., bytes], *arguments: object) -> bytes:
            nonlocal at_work
            at_work = True
            begun.set()
            try:
                return method(*arguments)
            finally:
                at_work = False

        def __getattr__(self, name: str) -> object:
            return getattr(self.codec, name)

    def wait() -> None:
        while not over.is_set():
            begun.wait()
            begun.clear()
            if at_work:
                action()
                return

    make = weightless.Parameters.codec

    def codec(self: weightless.Parameters, **how: bool) -> Watched:
        return Watched(make(self, **how))

    before = sys.getswitchinterval()
    thread = threading.Thread(target=wait)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(weightless.Parameters, "codec", codec)
        thread.start()
        sys.setswitchinterval(1e6)
        try:
            yield
        finally:
            sys.setswitchinterval(before)
            over.set()
            begun.set()
            thread.join()


def interrupt() -> None:
    """Send this process the signal that Ctrl-C sends."""
    os.kill(os.getpid(), signal.SIGINT)


def wait_for_temporary(folder: Path) -> Path:
    """Wait until an output is being written below the folder; return its name until then."""
    deadline = time.monotonic() + PATIENCE
    while not (found := list(folder.rglob(".weightless-*"))):
        assert time.monotonic() < deadline, "nothing is being written"
        time.sleep(0.01)
    return found[0]
