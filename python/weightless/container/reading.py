"""The size of the pieces in which files are read."""

from __future__ import annotations

__all__ = ["CHUNK_SIZE"]

#: Bytes per read.
CHUNK_SIZE = 1 << 17
