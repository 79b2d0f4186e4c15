"""Compression and decompression of files."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from weightless.files.atomic import atomic_output
from weightless.files.inputs import is_regular, open_input, refuse_same_file, refuse_same_name
from weightless.files.pump import compress_stream, decompress_stream
from weightless.files.resume import (
    Kept,
    is_whole_archive,
    is_whole_content,
    keep_archive,
    keep_content,
    refuse_unsuitable,
)
from weightless.files.temporary import protect_input, remove_left
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

    With `resume`, the frames that a killed process has written are kept, and so is the whole
    output if it exists.
    """
    start = time.perf_counter()
    with open_input(source) as (stream, status):
        refuse_same_name(status, output)
        protect_input(stream.fileno(), output)
        if resume:
            refuse_unsuitable(source, status, output)
            size = _size_if(output, lambda file: is_whole_archive(file, stream, encoder), sync)
            if size is not None:
                seconds = time.perf_counter() - start
                raw_size = status.st_size
                return Result(source, output, raw_size, size, seconds, resumed=raw_size)
            stream.seek(0)
        like = (stream, status) if is_regular(status) else None
        with atomic_output(
            output, overwrite=overwrite, sync=sync, like=like, resume=resume
        ) as sink:
            refuse_same_file(stream, sink)
            kept = keep_archive(sink, stream, encoder, output) if resume else Kept()
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

    With `resume`, the content of whole frames that a killed process has written is kept, and so
    is the whole output if it exists.
    """
    start = time.perf_counter()
    with open_input(source) as (stream, status):
        refuse_same_name(status, output)
        protect_input(stream.fileno(), output)
        if resume:
            refuse_unsuitable(source, status, output)
            size = _size_if(output, lambda file: is_whole_content(file, stream), sync)
            if size is not None:
                seconds = time.perf_counter() - start
                return Result(source, output, size, status.st_size, seconds, resumed=size)
            stream.seek(0)
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


def _size_if(output: Path, is_whole: Callable[[BinaryIO], bool], sync: bool) -> int | None:
    """Return the size of an output that an earlier run has completed; None if there is none."""
    try:
        if not is_regular(os.lstat(output)):
            return None
        with open_input(output) as (file, status):
            if not is_whole(file):
                return None
            if sync:
                os.fsync(file.fileno())
    except OSError:  # making the output will report it
        return None
    remove_left(output)
    return status.st_size
