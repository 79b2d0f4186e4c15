"""Compression and decompression of whole binary streams."""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO

from weightless.container.reading import CHUNK_SIZE
from weightless.container.sink import Sink
from weightless.container.waiting import wait_until_ready
from weightless.errors import DataError, copy_error
from weightless.frames.archive_decoder import ArchiveDecoder
from weightless.frames.archive_encoder import ArchiveEncoder

__all__ = [
    "compress_stream",
    "copy_stream",
    "decompress_stream",
    "read_all",
    "read_some",
    "write_all",
]


def read_some(source: BinaryIO, size: int) -> bytes:
    """Return at most `size` bytes; b"" means the end of the stream.

    If the stream is non-blocking, wait until it has data.

    Raises
    ------
    BlockingIOError
        If it has no data at present and no descriptor that can be waited for.
    """
    while True:
        # Contrary to their type, raw streams return None if no data is available.
        data: bytes | None
        try:
            data = source.read(size)
        except BlockingIOError:
            data = None
        if data is not None:
            return data
        wait_until_ready(source)


def read_all(source: BinaryIO) -> bytes:
    """Return the whole remaining content of a stream."""
    pieces = []
    while piece := read_some(source, CHUNK_SIZE):
        pieces.append(piece)
    return b"".join(pieces)


def copy_stream(source: BinaryIO, sink: BinaryIO) -> int:
    """Copy everything up to the end of `source`; return how many bytes that were."""
    size = 0
    while piece := read_some(source, CHUNK_SIZE):
        write_all(sink, piece)
        size += len(piece)
    return size


def write_all(sink: BinaryIO | None, data: bytes) -> None:
    """Write all of `data`, in several calls if the stream accepts only part of it.

    Raises
    ------
    BlockingIOError, OSError
        As `Sink.drain`.
    """
    if sink is not None:
        buffer = Sink(sink)
        buffer.add(data)
        buffer.drain()


def compress_stream(
    source: BinaryIO, sink: BinaryIO | None, encoder: ArchiveEncoder
) -> tuple[int, int]:
    """Compress everything read from `source` up to its end.

    Returns
    -------
    raw_size, compressed_size : int
    """
    try:
        return _compress_stream(source, sink, encoder)
    finally:
        encoder.release()  # an error that is kept must not keep the model alive


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
    """Decompress everything read from `source`.

    Parameters
    ----------
    source, sink : binary streams
        If `sink` is None, the archive is only decoded and checked.
    decoder : ArchiveDecoder
        A decoder that has not been used yet.
    salvage : bool
        Return the error of a damaged archive instead of raising it; the content that
        precedes the damage has been written.
    consumed, delivered : callable, optional
        Called with the number of bytes of the archive read, and of content written, so far.

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
