"""Access to the bytes of contiguous buffers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from weightless import _core

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["byte_view"]


def byte_view(data: Buffer, *, writable: bool = False) -> memoryview:
    """Return a one-dimensional view of the bytes of any contiguous buffer, without a copy.

    It accepts the same objects as `bytes.join` and `lzma`, including numpy arrays of dates and
    structures, whose formats `memoryview` itself does not support.

    Parameters
    ----------
    data : bytes-like
        A contiguous buffer.
    writable : bool
        Whether the buffer must be writable.

    Raises
    ------
    TypeError
        If `data` is not a buffer (for example a str); with `writable` also if it is read-only
        or not contiguous, as from `readinto` of Python's files.
    BufferError, ValueError
        If the buffer is not contiguous; which of the two depends on the object.
    """
    try:
        return memoryview(_core.ByteView(data, writable))
    except (BufferError, ValueError):
        if not writable:
            raise
        raise TypeError(
            f"a contiguous writable buffer is required, not {type(data).__name__}"
        ) from None
