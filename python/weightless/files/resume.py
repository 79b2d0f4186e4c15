"""Work that goes on: what a killed run has written is compared with its source, and kept."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from weightless.container.matching import End, FrameMatcher, MatchedFrame
from weightless.container.seek_table import encode_seek_table
from weightless.container.source import Source
from weightless.errors import UnsuitableFileError
from weightless.files.atomic import is_written_in_place
from weightless.files.descriptors import descriptor_of
from weightless.files.inputs import is_regular
from weightless.frames.archive_decoder import ArchiveDecoder
from weightless.frames.archive_encoder import ArchiveEncoder

__all__ = [
    "Kept",
    "is_whole_archive",
    "is_whole_content",
    "keep_archive",
    "keep_content",
    "refuse_unsuitable",
]


_OTHER_OPTIONS = (
    "an earlier run has begun this file with other options; repeat them, or start again "
    "without --resume"
)


@dataclass(frozen=True)
class Kept:
    """What is kept of an unfinished output.

    Attributes
    ----------
    raw_size, compressed_size : int
        Bytes of content and of archive that need not be coded again.
    outdated : bool
        Whether more was there, which does not match the source.
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


def is_whole_archive(output: BinaryIO, source: BinaryIO, encoder: ArchiveEncoder) -> bool:
    """Tell whether a file is the archive that the encoder would make of the source.

    Of the payloads, only the first one is compared, as by `keep_archive`. The position in the
    files is lost.
    """
    archive, content = Source(output), Source(source)
    matcher = FrameMatcher(archive, content, encoder.block_size, encoder.new_cuts())
    size = content.size()
    entries: list[tuple[int, int]] = []
    while (not entries or matcher.delivered < size) and (frame := matcher.next_frame()) is not None:
        alike = bool(entries) or _starts_alike(archive, content, frame, encoder)
        if not alike or not encoder.take_over(frame, last=matcher.delivered == size):
            break
        entries.append((frame.size, frame.raw_size))
    encoder.start_again()
    if sum(raw_size for _, raw_size in entries) < size or not entries:
        return False
    table = encode_seek_table(entries) if len(entries) > 1 else b""
    return archive.read_whole(matcher.offset, len(table) + 1) == table


def is_whole_content(output: BinaryIO, source: BinaryIO) -> bool:
    """Tell whether a file is the content of the archive that the source is, by its checks.

    The position in the files is lost.
    """
    archive, content = Source(source), Source(output)
    matcher = FrameMatcher(archive, content)
    while matcher.next_frame() is not None:
        pass
    return 0 < matcher.offset == archive.size() and matcher.delivered == content.size()


def keep_archive(sink: BinaryIO, source: BinaryIO, encoder: ArchiveEncoder, output: Path) -> Kept:
    """Keep the frames of an unfinished archive that contain the start of the source.

    Afterwards the sink ends with them, and both files are at the position after them. Only the
    first block is coded again: should this build of the package code otherwise than the one that
    wrote the frames, nothing is kept.

    Raises
    ------
    UnsuitableFileError
        If the frames were made with other options. Nothing is changed then.
    """
    archive, content = Source(sink), Source(source)
    matcher = FrameMatcher(archive, content, encoder.block_size, encoder.new_cuts())
    kept = Kept()
    outdated = False
    while (frame := matcher.next_frame()) is not None:
        if not encoder.take_over(frame):
            # What ends an archive, a shorter frame and a seek table, is written again.
            at_end = matcher.delivered == os.fstat(source.fileno()).st_size
            if frame.header is not None and not at_end:
                raise UnsuitableFileError(errno.EEXIST, _OTHER_OPTIONS, str(output))
            break
        if not kept.raw_size:
            encoder.start_again()
            if not _starts_alike(archive, content, frame, encoder):
                outdated = True
                break
            encoder.take_over(frame)
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

    Raises
    ------
    LimitError, PriorError
        If decoding what is there would exceed a limit, or lacks a prior. Nothing is changed
        then, so that a run with other options can go on.
    """
    matcher = FrameMatcher(Source(source), Source(sink))
    kept = Kept()
    outdated = False
    while (frame := matcher.next_frame()) is not None:
        if not decoder.take_over(frame):
            source.seek(0)
            for _ in decoder.decode(source):  # which raises the error
                pass
            break
        kept = Kept(matcher.delivered, matcher.offset)
    else:
        rest = os.fstat(sink.fileno()).st_size - kept.raw_size
        outdated = rest > 0 and matcher.end is not End.CONTENT
    sink.truncate(kept.raw_size)
    sink.seek(kept.raw_size)
    source.seek(0)
    return replace(kept, outdated=outdated)


def _starts_alike(
    archive: Source, content: Source, frame: MatchedFrame, encoder: ArchiveEncoder
) -> bool:
    """Code the first block again, and compare it with that of the first frame."""
    size = min(encoder.block_size, frame.raw_size)
    raw = content.read_whole(0, size) if size else b""
    start = encoder.first_block(memoryview(raw), last=frame.raw_size <= encoder.block_size)
    return archive.read_whole(0, len(start)) == start
