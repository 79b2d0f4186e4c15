"""Checks: truncated XXH3 (64 bits), chained through a frame so that no part can be moved.

A block's check covers its raw bytes, its own header and payload, and through the seed
every part of the frame before it: a block that is dropped, doubled or taken from
another archive does not fit.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    import xxhash

__all__ = [
    "BLOCK_CHECK_SIZE",
    "CONTENT_CHECK_SIZE",
    "Chain",
    "content_hasher",
    "header_check",
    "load_hash",
    "table_check",
]

BLOCK_CHECK_SIZE = 4
CONTENT_CHECK_SIZE = 8


class _Hash(NamedTuple):
    hasher: type[xxhash.xxh3_64]
    digest: Callable[..., int]


@cache
def load_hash() -> _Hash:
    """Import the hash function; who must not fail later calls it early.

    It is not imported before it is used: `weightless --version` need not wait for it.
    But while the interpreter ends, when an open file may have to write its archive's end,
    nothing can be imported any more.
    """
    from xxhash import xxh3_64, xxh3_64_intdigest

    return _Hash(xxh3_64, xxh3_64_intdigest)


def content_hasher() -> xxhash.xxh3_64:
    """Return a hasher for the check of a frame's whole content."""
    return load_hash().hasher()


def header_check(header: bytes | bytearray | memoryview) -> int:
    """Return the check of a header: the lowest byte of its XXH3."""
    return load_hash().digest(header) & 0xFF


def table_check(content: bytes | memoryview) -> bytes:
    """Return the check of a seek table (4 bytes)."""
    return (load_hash().digest(content) & 0xFFFFFFFF).to_bytes(4, "little")


class Chain:
    """The running check of a frame, from its header on."""

    def __init__(self, header: bytes | bytearray | memoryview) -> None:
        self._state = load_hash().digest(header)

    def block_check(
        self, block_header: bytes, payload: bytes | memoryview, raw: bytes | memoryview
    ) -> bytes:
        """Go on by one block; return its check (4 bytes)."""
        coded = load_hash().hasher(seed=self._state)
        coded.update(block_header)
        coded.update(payload)
        self._state = load_hash().digest(raw, seed=coded.intdigest())
        return (self._state & 0xFFFFFFFF).to_bytes(BLOCK_CHECK_SIZE, "little")
