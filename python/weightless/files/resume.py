"""Work that goes on: what a killed run has written is compared with its source, and kept."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from weightless.container.matching import End, FrameMatcher
from weightless.container.source import Source
from weightless.errors import UnsuitableFileError
from weightless.files.atomic import is_written_in_place
from weightless.files.descriptors import descriptor_of
from weightless.files.inputs import is_regular
from weightless.frames.archive_decoder import ArchiveDecoder
from weightless.frames.archive_encoder import ArchiveEncoder

__all__ = ["Kept", "keep_archive", "keep_content", "refuse_unsuitable"]


@dataclass(frozen=True)
class Kept:
    """What is kept of an unfinished output.

    Attributes
    ----------
    raw_size, compressed_size : int
        Bytes of content and of archive that need not be coded again.
    outdated : bool
        Whether more was there, which does not match the source or the options.
    """

    raw_size: int = 0
    compressed_size: int = 0
    outdated: bool = False


def refuse_unsuitable(source: Path, status: os.stat_result, output: Path) -> None:
    """Refuse what cannot be resumed.

    Raises
    ------
    UnsuitableFileError
        If the source or the output is a device, a pipe or an open descriptor.
    """
    reason = "is not a regular file; --resume needs one"
    if not is_regular(status) or descriptor_of(source) is not None:
        raise UnsuitableFileError(errno.EINVAL, reason, str(source))
    if is_written_in_place(output):
        raise UnsuitableFileError(errno.EINVAL, reason, str(output))


def keep_archive(sink: BinaryIO, source: BinaryIO, encoder: ArchiveEncoder) -> Kept:
    """Keep the frames of an unfinished archive that contain the start of the source.

    Afterwards the sink ends with them, and both files are at the position after them. Only the
    first block is coded again: should this build of the package code otherwise than the one that
    wrote the frames, nothing is kept.
    """
    archive, content = Source(sink), Source(source)
    matcher = FrameMatcher(archive, content, encoder.block_size)
    kept = Kept()
    outdated = False
    while (frame := matcher.next_frame()) is not None:
        if frame.offset == 0:
            start = encoder.first_block(memoryview(content.read_whole(0, encoder.block_size)))
            if archive.read_whole(0, len(start)) != start:
                outdated = True
                break
        if not encoder.take_over(frame):
            # What ends an archive, a shorter frame and a seek table, is written again.
            at_end = matcher.delivered == os.fstat(source.fileno()).st_size
            outdated = frame.header is not None and not at_end
            break
        kept = Kept(matcher.delivered, matcher.offset)
    else:
        outdated = matcher.end is not End.ARCHIVE
    sink.truncate(kept.compressed_size)
    sink.seek(kept.compressed_size)
    source.seek(kept.raw_size)
    return replace(kept, outdated=outdated)


def keep_content(sink: BinaryIO, source: BinaryIO, decoder: ArchiveDecoder) -> Kept:
    """Keep the unfinished content of an archive, the source, up to the end of a frame.

    Afterwards the sink ends there, and the source is at its start.
    """
    matcher = FrameMatcher(Source(source), Source(sink))
    kept = Kept()
    outdated = False
    while (frame := matcher.next_frame()) is not None:
        if not decoder.take_over(frame):
            break
        kept = Kept(matcher.delivered, matcher.offset)
    else:
        rest = os.fstat(sink.fileno()).st_size - kept.raw_size
        outdated = rest > 0 and matcher.end is not End.CONTENT
    sink.truncate(kept.raw_size)
    sink.seek(kept.raw_size)
    source.seek(0)
    return replace(kept, outdated=outdated)
