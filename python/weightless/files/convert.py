"""Compression and decompression of files."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from weightless.files.atomic import atomic_output
from weightless.files.inputs import is_regular, open_input, refuse_same_file, refuse_same_name
from weightless.files.pump import compress_stream, decompress_stream
from weightless.files.resume import Kept, keep_archive, keep_content, refuse_unsuitable
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
    resume: bool = False,
) -> Result:
    """Compress a file; the archive receives its owner, group, mode and modification time.

    With `resume`, the frames that a killed process has written are kept.
    """
    start = time.perf_counter()
    with open_input(source) as (stream, status):
        refuse_same_name(status, output)
        if resume:
            refuse_unsuitable(source, status, output)
        like = (stream, status) if is_regular(status) else None
        with atomic_output(
            output, overwrite=overwrite, sync=sync, like=like, resume=resume
        ) as sink:
            refuse_same_file(stream, sink)
            kept = keep_archive(sink, stream, encoder) if resume else Kept()
            raw_size, compressed_size = compress_stream(stream, sink, encoder)
    return Result(
        source,
        output,
        kept.raw_size + raw_size,
        kept.compressed_size + compressed_size,
        time.perf_counter() - start,
        resumed=kept.raw_size,
        outdated=kept.outdated,
    )


def decompress_file(
    source: Path,
    output: Path,
    decoder: ArchiveDecoder,
    *,
    overwrite: bool = False,
    sync: bool = False,
    salvage: bool = False,
    resume: bool = False,
    consumed: Callable[[int], object] | None = None,
    delivered: Callable[[int], object] | None = None,
) -> Result:
    """Decompress a file; with `salvage`, keep the content that precedes any damage.

    With `resume`, the content of whole frames that a killed process has written is kept.
    """
    start = time.perf_counter()
    with open_input(source) as (stream, status):
        refuse_same_name(status, output)
        if resume:
            refuse_unsuitable(source, status, output)
        like = (stream, status) if is_regular(status) else None
        with atomic_output(
            output, overwrite=overwrite, sync=sync, like=like, resume=resume
        ) as sink:
            refuse_same_file(stream, sink)
            kept = keep_content(sink, stream, decoder) if resume else Kept()
            raw_size, compressed_size, damage = decompress_stream(
                stream,
                sink,
                decoder,
                salvage=salvage,
                consumed=consumed,
                delivered=delivered,
            )
    return Result(
        source,
        output,
        raw_size,
        compressed_size,
        time.perf_counter() - start,
        damage,
        resumed=kept.raw_size,
        outdated=kept.outdated,
    )
