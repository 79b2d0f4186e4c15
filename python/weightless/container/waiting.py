"""Waiting for files whose descriptor is in non-blocking mode."""

from __future__ import annotations

import contextlib
import errno
import os
import select
from typing import Any

__all__ = ["may_not_block", "wait_until_ready"]


def may_not_block(file: Any) -> bool:
    """Return whether a file is, or may be, in non-blocking mode; True if that is unknown."""
    with contextlib.suppress(AttributeError, OSError, ValueError):
        return not os.get_blocking(file.fileno())
    return True


def wait_until_ready(file: Any, *, writing: bool = False) -> None:
    """Wait until a file is ready for reading (or writing), or its other end is closed.

    Raises
    ------
    BlockingIOError
        If the file has no descriptor that can be waited for.
    """
    try:
        descriptor = file.fileno()
        if hasattr(select, "poll"):
            poll = select.poll()
            poll.register(descriptor, select.POLLOUT if writing else select.POLLIN)
            poll.poll()
        else:
            files = [descriptor]
            select.select([] if writing else files, files if writing else [], files)
    except (AttributeError, OSError, ValueError):
        text = "the file accepts no data yet" if writing else "the file has no data to read yet"
        raise BlockingIOError(errno.EAGAIN, text) from None
