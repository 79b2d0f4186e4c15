"""Frames assembled from their parts: quick to create, with any contents, even invalid."""

from __future__ import annotations

import xxhash

from weightless import Parameters
from weightless.container.block import BlockHeader
from weightless.container.checks import Chain
from weightless.container.header import FrameHeader

#: The smallest of models.
SMALL = Parameters(width=16, experts=0, horizon=2)


def stored_frame(
    content: bytes, block_size: int = 1 << 20, *, first: int = 0, claim: int | None = None
) -> bytes:
    """A frame whose blocks are all stored, so that no model is used.

    Parameters
    ----------
    content : bytes
    block_size : int
        Bytes of content per block.
    first : int
        Bytes of content in a block before those.
    claim : int, optional
        The content size that the header states.
    """
    header = FrameHeader(SMALL, claim).to_bytes()
    chain = Chain(header)
    pieces = [content[i : i + block_size] for i in range(first, len(content), block_size)]
    pieces = ([content[:first]] if first else []) + pieces or [b""]
    out = header
    for i, piece in enumerate(pieces):
        head = BlockHeader(i == len(pieces) - 1, True, len(piece), len(piece)).to_bytes()
        out += head + piece + chain.block_check(head, piece, piece)
    check = xxhash.xxh3_64_intdigest(content).to_bytes(8, "little")
    return out + (check if len(pieces) > 1 else b"")


def stored_frame_of(size: int, content: bytes) -> tuple[bytes, bytes]:
    """A frame that takes exactly `size` bytes, and its content: the first part of that given."""
    whole = stored_frame(content[:size])
    content = content[: size - (len(whole) - size)]
    return stored_frame(content), content
