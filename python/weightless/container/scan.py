"""What an archive holds, read from headers alone: payloads are passed over by seeking."""

from __future__ import annotations

import os
from dataclasses import dataclass

from weightless.container.block import parse_block_header
from weightless.container.checks import BLOCK_CHECK_SIZE, CONTENT_CHECK_SIZE
from weightless.container.header import FrameHeader, parse_header
from weightless.container.reading import Readable, read_at
from weightless.container.skippable import is_skippable, parse_skippable_header
from weightless.container.varint import NeedMoreData
from weightless.errors import CorruptError, DataError, NotAnArchiveError, TruncatedError

__all__ = ["ArchiveInfo", "FrameInfo", "scan_archive"]

# More than any header of a block, and than the usual header of a frame.
_PEEK = 256
_MAX_HEADER = 1 << 12


@dataclass(frozen=True)
class FrameInfo:
    """One frame.

    Attributes
    ----------
    header : FrameHeader or None
        None for a skippable frame.
    offset, size : int
        Where it stands in the archive, and how many bytes it takes.
    raw_size, blocks : int
        Bytes of content, and blocks that hold them.
    """

    header: FrameHeader | None
    offset: int
    size: int
    raw_size: int
    blocks: int


@dataclass(frozen=True)
class ArchiveInfo:
    """A whole archive; nothing is verified but the headers."""

    frames: tuple[FrameInfo, ...]

    @property
    def compressed_size(self) -> int:
        """Bytes of archive."""
        return sum(frame.size for frame in self.frames)

    @property
    def raw_size(self) -> int:
        """Bytes of content."""
        return sum(frame.raw_size for frame in self.frames)

    @property
    def blocks(self) -> int:
        """Blocks in all frames."""
        return sum(frame.blocks for frame in self.frames)

    @property
    def skippable(self) -> int:
        """Frames without content."""
        return sum(frame.header is None for frame in self.frames)

    @property
    def ratio(self) -> float:
        """Raw size over compressed size; 0 for an empty archive."""
        return self.raw_size / self.compressed_size if self.compressed_size else 0.0

    @property
    def memory(self) -> int:
        """Bytes of memory that decoding takes: the largest frame's need."""
        headers = {frame.header for frame in self.frames if frame.header is not None}
        return max((header.parameters.memory for header in headers), default=0)


def scan_archive(stream: Readable, start: int = 0) -> ArchiveInfo:
    """Read the headers of an archive in a seekable stream.

    Parameters
    ----------
    stream : binary stream
        Its position changes.
    start : int
        Where the archive begins in it.

    Raises
    ------
    DataError
        If a header is damaged or not an archive's; with its offset.
    """
    end = stream.seek(0, os.SEEK_END)
    frames: list[FrameInfo] = []
    position = start
    try:
        while position < end or not frames:
            frames.append(_scan_frame(stream, position, end))
            position += frames[-1].size
    except NotAnArchiveError as error:
        if not frames:
            error.offset = position
            raise
        raise CorruptError("what follows a frame's end is no frame", offset=position) from None
    except DataError as error:
        error.offset = position if error.offset is None else error.offset
        raise
    return ArchiveInfo(tuple(frames))


def _scan_frame(stream: Readable, start: int, end: int) -> FrameInfo:
    early = TruncatedError("the archive ends early")
    try:
        data = read_at(stream, start, _PEEK)
        if is_skippable(data):
            _, content, size = parse_skippable_header(data)
            if start + size + content > end:
                raise early
            return FrameInfo(None, start, size + content, 0, 0)
        try:
            header, size = parse_header(data)
        except NeedMoreData:
            header, size = parse_header(read_at(stream, start, _MAX_HEADER))
        raw_size = blocks = 0
        position = start + size
        last = False
        while not last:
            data = read_at(stream, position, 16)
            block, size = parse_block_header(data, 0)
            position += size + block.payload_size + BLOCK_CHECK_SIZE
            if position > end:
                raise early
            raw_size += block.raw_size
            blocks += 1
            last = block.last
        position += CONTENT_CHECK_SIZE if blocks > 1 else 0
        if position > end:
            raise early
    except NeedMoreData:
        raise early from None
    return FrameInfo(header, start, position - start, raw_size, blocks)
