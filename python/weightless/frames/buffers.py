"""Any contiguous buffer as bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from weightless import _core

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["byte_view"]


def byte_view(data: Buffer, *, writable: bool = False) -> memoryview:
    """Return a flat view of the bytes of any contiguous buffer, without a copy.

    Takes what `bytes.join` and `lzma` take: arrays of numpy's dates and structures too, which
    `memoryview` itself has no format for.

    Raises
    ------
    TypeError
        For an object that is no buffer (a str, say); if `writable`, for one that is
        read-only or not contiguous, too, as `readinto` of Python's files raises it.
    BufferError, ValueError
        For a buffer that is not contiguous: whatever it raises itself.
    """
    try:
        return memoryview(_core.ByteView(data, writable))
    except (BufferError, ValueError):
        if not writable:
            raise
        raise TypeError(
            f"a contiguous buffer that can be written to is needed, not {type(data).__name__}"
        ) from None
