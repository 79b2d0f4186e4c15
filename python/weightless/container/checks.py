"""Checksums: truncated XXH3 hashes (64 bits), chained through each frame.

The check of a block covers its raw bytes, its header and its payload and, through the
seed, every part of the frame before it. So it also detects a block that is missing,
duplicated, moved or taken from another archive.

Sources: ``docs/format.md``; the xxHash specification for XXH3.
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
    "prior_hash",
    "table_check",
]

BLOCK_CHECK_SIZE = 4
CONTENT_CHECK_SIZE = 8


class _Hash(NamedTuple):
    hasher: type[xxhash.xxh3_64]
    digest: Callable[..., int]


@cache
def load_hash() -> _Hash:
    """Import the hash function, on the first call.

    The import is deferred so that `weightless --version` does not wait for it. A caller that
    may still have to compute a check while the interpreter shuts down, when nothing can be
    imported any more, must call this function beforehand.
    """
    from xxhash import xxh3_64, xxh3_64_intdigest

    return _Hash(xxh3_64, xxh3_64_intdigest)


def content_hasher() -> xxhash.xxh3_64:
    """Return a new hasher for the content check of a frame."""
    return load_hash().hasher()


def header_check(header: bytes | bytearray | memoryview) -> int:
    """Return the check of a frame header: the lowest byte of its XXH3 hash."""
    return load_hash().digest(header) & 0xFF


def table_check(content: bytes | memoryview) -> bytes:
    """Return the check of a seek table: the lowest 4 bytes of its XXH3 hash, little-endian."""
    return (load_hash().digest(content) & 0xFFFFFFFF).to_bytes(4, "little")


def prior_hash(content: bytes | bytearray | memoryview) -> int:
    """Return the hash by which frames name a prior: its XXH3 hash of 128 bits."""
    from xxhash import xxh3_128_intdigest

    return xxh3_128_intdigest(content)


class Chain:
    """The chained check of a frame.

    Parameters
    ----------
    header : bytes-like
        The whole frame header, its own check included.
    """

    def __init__(self, header: bytes | bytearray | memoryview) -> None:
        self._state = load_hash().digest(header)

    def block_check(
        self, block_header: bytes, payload: bytes | memoryview, raw: bytes | memoryview
    ) -> bytes:
        """Extend the chain by one block.

        Parameters
        ----------
        block_header, payload, raw : bytes-like
            The encoded block header, the payload as it stands in the archive, and the
            content of the block.

        Returns
        -------
        bytes
            The check of the block, 4 bytes.
        """
        coded = load_hash().hasher(seed=self._state)
        coded.update(block_header)
        coded.update(payload)
        self._state = load_hash().digest(raw, seed=coded.intdigest())
        return (self._state & 0xFFFFFFFF).to_bytes(BLOCK_CHECK_SIZE, "little")
