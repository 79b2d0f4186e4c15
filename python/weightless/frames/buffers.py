"""Any contiguous buffer as bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["byte_view"]


def byte_view(data: Buffer) -> memoryview:
    """Return a flat view of the bytes of any contiguous buffer, without a copy.

    Raises
    ------
    TypeError
        For an object that is no buffer (a str, say).
    BufferError
        For a buffer that is not contiguous.
    """
    view = memoryview(data)
    if not view.c_contiguous:
        raise BufferError("memoryview: underlying buffer is not C-contiguous")
    if view.nbytes == 0:
        return memoryview(b"")
    return view.cast("B")
