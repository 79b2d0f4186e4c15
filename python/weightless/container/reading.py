"""How much is read from a file at a time."""

from __future__ import annotations

__all__ = ["CHUNK_SIZE"]

#: In bytes.
CHUNK_SIZE = 1 << 17
