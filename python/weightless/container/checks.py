"""Checks: truncated XXH3 (64 bits), chained through a frame so that no part can be moved.

A block's check covers its raw bytes, its own header and payload, and through the seed
every part of the frame before it: a block that is dropped, doubled or taken from
another archive does not fit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import xxhash

__all__ = [
    "BLOCK_CHECK_SIZE",
    "CONTENT_CHECK_SIZE",
    "Chain",
    "content_hasher",
    "header_check",
    "table_check",
]

BLOCK_CHECK_SIZE = 4
CONTENT_CHECK_SIZE = 8


def content_hasher() -> xxhash.xxh3_64:
    """Return a hasher for the check of a frame's whole content."""
    import xxhash  # where it is used: `weightless --version` need not wait for it

    return xxhash.xxh3_64()


def header_check(header: bytes | bytearray | memoryview) -> int:
    """Return the check of a header: the lowest byte of its XXH3."""
    import xxhash

    return xxhash.xxh3_64_intdigest(header) & 0xFF


def table_check(content: bytes | memoryview) -> bytes:
    """Return the check of a seek table (4 bytes)."""
    import xxhash

    return (xxhash.xxh3_64_intdigest(content) & 0xFFFFFFFF).to_bytes(4, "little")


class Chain:
    """The running check of a frame, from its header on."""

    def __init__(self, header: bytes | bytearray | memoryview) -> None:
        import xxhash

        self._state = xxhash.xxh3_64_intdigest(header)

    def block_check(
        self, block_header: bytes, payload: bytes | memoryview, raw: bytes | memoryview
    ) -> bytes:
        """Go on by one block; return its check (4 bytes)."""
        import xxhash

        coded = xxhash.xxh3_64(seed=self._state)
        coded.update(block_header)
        coded.update(payload)
        self._state = xxhash.xxh3_64_intdigest(raw, seed=coded.intdigest())
        return (self._state & 0xFFFFFFFF).to_bytes(BLOCK_CHECK_SIZE, "little")
