"""Waiting for a file whose descriptor does not block."""

from __future__ import annotations

import contextlib
import errno
import os
import select
from typing import Any

__all__ = ["may_not_block", "wait_until_ready"]


def may_not_block(file: Any) -> bool:
    """Tell whether reads from a file may return before there is anything; True if unknown."""
    with contextlib.suppress(AttributeError, OSError, ValueError):
        return not os.get_blocking(file.fileno())
    return True


def wait_until_ready(file: Any, *, writing: bool = False) -> None:
    """Wait until a file has something to read, or room for more; or its other end is closed.

    Raises
    ------
    BlockingIOError
        If the file has no descriptor that could be waited for.
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
        text = "the file takes nothing more yet" if writing else "the file has nothing to read yet"
        raise BlockingIOError(errno.EAGAIN, text) from None
