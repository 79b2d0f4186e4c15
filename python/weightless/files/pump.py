"""Whole binary streams through a compressor or a decoder."""

from __future__ import annotations

import errno
from collections.abc import Callable
from typing import BinaryIO

from weightless.container.reading import CHUNK_SIZE
from weightless.container.waiting import wait_until_ready
from weightless.errors import DataError, copy_error
from weightless.frames.archive_decoder import ArchiveDecoder
from weightless.frames.archive_encoder import ArchiveEncoder

__all__ = ["compress_stream", "decompress_stream", "read_all", "read_some", "write_all"]


def read_some(source: BinaryIO, size: int) -> bytes:
    """Return at most `size` bytes, none at the end only.

    A stream that does not block is waited for.

    Raises
    ------
    BlockingIOError
        If it has nothing now, and no descriptor to wait for.
    """
    while True:
        # Raw streams return None, against their type, if there is nothing now.
        data: bytes | None
        try:
            data = source.read(size)
        except BlockingIOError:
            data = None
        if data is not None:
            return data
        wait_until_ready(source)


def read_all(source: BinaryIO) -> bytes:
    """Return everything that a raw stream gives."""
    pieces = []
    while piece := read_some(source, CHUNK_SIZE):
        pieces.append(piece)
    return b"".join(pieces)


def write_all(sink: BinaryIO | None, data: bytes) -> None:
    """Write all of `data`, however little the stream takes at a time.

    A stream that does not block is waited for.

    Raises
    ------
    BlockingIOError
        If it takes nothing now, and has no descriptor to wait for.
    """
    if sink is None:
        return
    view = memoryview(data)
    while view:
        # Raw streams return None, against their type, if nothing can be written now;
        # buffered ones raise, and have taken part of it.
        written: int | None
        try:
            written = sink.write(view)
        except BlockingIOError as error:
            written = getattr(error, "characters_written", None) or None
        if written is None:
            wait_until_ready(sink, writing=True)
        elif written == 0:
            raise OSError(errno.EIO, "a stream takes nothing of what is written to it")
        else:
            view = view[written:]


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
        data = read_some(source, CHUNK_SIZE)
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
    delivered: Callable[[int], object] | None = None,
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
    consumed, delivered : callable, optional
        Called with the bytes of archive read, and of content delivered, so far.

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
            if delivered is not None:
                delivered(decoder.delivered)
    except DataError as error:
        if not salvage:
            raise
        damage = copy_error(error)
    return decoder.delivered, decoder.offset, damage
