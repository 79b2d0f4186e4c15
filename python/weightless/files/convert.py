"""Compression and decompression of files."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from weightless.files.atomic import atomic_output
from weightless.files.inputs import is_regular, open_input, refuse_same_file, refuse_same_name
from weightless.files.pump import compress_stream, decompress_stream
from weightless.frames.archive_decoder import ArchiveDecoder
from weightless.frames.archive_encoder import ArchiveEncoder
from weightless.result import Result

__all__ = ["compress_file", "decompress_file"]


def compress_file(
    source: Path,
    output: Path,
    encoder: ArchiveEncoder,
    *,
    overwrite: bool = False,
    sync: bool = False,
) -> Result:
    """Compress a file; the archive receives its owner, group, mode and modification time."""
    start = time.perf_counter()
    with open_input(source) as (stream, status):
        refuse_same_name(status, output)
        like = (stream, status) if is_regular(status) else None
        with atomic_output(output, overwrite=overwrite, sync=sync, like=like) as sink:
            refuse_same_file(stream, sink)
            raw_size, compressed_size = compress_stream(stream, sink, encoder)
    return Result(source, output, raw_size, compressed_size, time.perf_counter() - start)


def decompress_file(
    source: Path,
    output: Path,
    decoder: ArchiveDecoder,
    *,
    overwrite: bool = False,
    sync: bool = False,
    salvage: bool = False,
    consumed: Callable[[int], object] | None = None,
    delivered: Callable[[int], object] | None = None,
) -> Result:
    """Decompress a file; with `salvage`, keep the content that precedes any damage."""
    start = time.perf_counter()
    with open_input(source) as (stream, status):
        refuse_same_name(status, output)
        like = (stream, status) if is_regular(status) else None
        with atomic_output(output, overwrite=overwrite, sync=sync, like=like) as sink:
            refuse_same_file(stream, sink)
            raw_size, compressed_size, damage = decompress_stream(
                stream,
                sink,
                decoder,
                salvage=salvage,
                consumed=consumed,
                delivered=delivered,
            )
    return Result(source, output, raw_size, compressed_size, time.perf_counter() - start, damage)
