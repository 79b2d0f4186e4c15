"""Whole binary streams through a compressor or a decoder."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import BinaryIO

from weightless.container.reading import CHUNK_SIZE
from weightless.errors import DataError
from weightless.frames.archive_decoder import ArchiveDecoder
from weightless.frames.archive_encoder import ArchiveEncoder

__all__ = ["compress_stream", "decompress_stream", "read_all", "write_all"]


def read_all(source: BinaryIO) -> bytes:
    """Return everything that a raw stream gives."""
    pieces = []
    while piece := source.read(CHUNK_SIZE):
        pieces.append(piece)
    return b"".join(pieces)


def write_all(sink: BinaryIO | None, data: bytes) -> None:
    """Write all of `data`, however little the stream takes at a time."""
    if sink is None:
        return
    view = memoryview(data)
    while view:
        written = sink.write(view)
        view = view[len(view) if written is None else written :]


def compress_stream(
    source: BinaryIO, sink: BinaryIO | None, encoder: ArchiveEncoder
) -> tuple[int, int]:
    """Compress everything that `source` gives, up to its end as it is found then.

    Returns
    -------
    raw_size, compressed_size : int
    """
    try:
        return _compress_stream(source, sink, encoder)
    finally:
        encoder.release()  # who keeps an error keeps no model


def _compress_stream(
    source: BinaryIO, sink: BinaryIO | None, encoder: ArchiveEncoder
) -> tuple[int, int]:
    raw_size = compressed_size = 0
    while True:
        data = source.read(CHUNK_SIZE)
        out = encoder.write(memoryview(data)) if data else encoder.finish()
        raw_size += len(data)
        compressed_size += len(out)
        write_all(sink, out)
        if not data:
            return raw_size, compressed_size


def decompress_stream(
    source: BinaryIO,
    sink: BinaryIO | None,
    decoder: ArchiveDecoder,
    *,
    salvage: bool = False,
    consumed: Callable[[int], object] | None = None,
) -> tuple[int, int, DataError | None]:
    """Decompress everything that `source` gives.

    Parameters
    ----------
    source, sink : binary streams
        `sink` None: decode and check only.
    decoder : ArchiveDecoder
        A new one.
    salvage : bool
        Return damage instead of raising it; what comes before it has been written.
    consumed : callable, optional
        Called with the bytes of archive read so far.

    Returns
    -------
    raw_size, compressed_size : int
    damage : DataError or None
    """
    damage: DataError | None = None
    try:
        for block in decoder.decode(source):
            write_all(sink, block)
            if consumed is not None:
                consumed(decoder.offset)
    except DataError as error:
        if not salvage:
            raise
        damage = copy.copy(error)  # without the traceback, which leads back to here
    return decoder.delivered, decoder.offset, damage
