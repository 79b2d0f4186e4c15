"""The structure of an archive, read from its headers alone by seeking past the payloads."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import BinaryIO

from weightless.container.block import parse_block_header
from weightless.container.checks import BLOCK_CHECK_SIZE, CONTENT_CHECK_SIZE
from weightless.container.header import EMPTY, FrameHeader, PriorName, parse_header
from weightless.container.skippable import is_skippable, parse_skippable_header
from weightless.container.source import Source
from weightless.container.varint import NeedMoreData
from weightless.container.window import MAX_BLOCK_HEADER, MAX_FRAME_HEADER, PEEK, Window
from weightless.errors import CorruptError, DataError, NotAnArchiveError, TruncatedError
from weightless.levels import level_of
from weightless.parameters import Parameters
from weightless.speed import estimate_seconds, sample_text

__all__ = ["ArchiveInfo", "FrameInfo", "HeaderScan", "scan_archive"]


@dataclass(frozen=True, slots=True)  # an archive may have millions of frames
class FrameInfo:
    """The position and size of one frame.

    Attributes
    ----------
    header : FrameHeader or None
        The frame header; None for a skippable frame.
    offset, size : int
        Offset and length of the frame in the archive, in bytes.
    raw_size, blocks : int
        Bytes of content and number of blocks; 0 for a skippable frame.
    """

    header: FrameHeader | None
    offset: int
    size: int
    raw_size: int
    blocks: int

    @property
    def level(self) -> int | None:
        """The level whose parameters the frame has; None for others and for a skippable frame."""
        return None if self.header is None else level_of(self.header.parameters)


@dataclass(frozen=True)
class ArchiveInfo:
    """The frames of an archive; only the headers have been verified.

    Attributes
    ----------
    frames : tuple of FrameInfo
        All frames, in the order of the archive.
    """

    frames: tuple[FrameInfo, ...]

    @property
    def compressed_size(self) -> int:
        """Bytes of the archive."""
        return sum(frame.size for frame in self.frames)

    @property
    def raw_size(self) -> int:
        """Bytes of content."""
        return sum(frame.raw_size for frame in self.frames)

    @property
    def blocks(self) -> int:
        """Number of blocks in all frames."""
        return sum(frame.blocks for frame in self.frames)

    @property
    def skippable(self) -> int:
        """Number of skippable frames."""
        return sum(frame.header is None for frame in self.frames)

    @property
    def ratio(self) -> float:
        """Raw size divided by compressed size; 0 if the compressed size is 0."""
        return self.raw_size / self.compressed_size if self.compressed_size else 0.0

    @property
    def levels(self) -> tuple[int | None, ...]:
        """The levels of the frames with content, each once; None for parameters of no level."""
        headers = {frame.header.parameters for frame in self.frames if frame.header is not None}
        found = {level_of(parameters) for parameters in headers}
        return tuple(sorted(found, key=lambda level: level or 0))

    @property
    def priors(self) -> tuple[PriorName, ...]:
        """The priors that frames name and that are not content of the archive, each once.

        Headers do not state the hash of a frame's content. A prior is assumed to be the content
        of the last frame before it that is kept if that has the same size.
        """
        names: dict[PriorName, None] = {}
        kept = 0
        for frame in self.frames:
            header = frame.header
            if header is None:
                continue
            if header.prior is not None and (header.kept or header.prior.size != kept):
                names[header.prior] = None
            if header.kept:
                kept = frame.raw_size
        return tuple(names)

    @property
    def memory(self) -> int:
        """Bytes of memory that decoding takes, for the frame that takes the most."""
        largest: dict[FrameHeader, int] = {}
        for frame in self.frames:
            if frame.header is not None:
                header = dataclasses.replace(frame.header, content_size=None)
                largest[header] = max(largest.get(header, 0), frame.raw_size)
        return max((header.memory_for(size) for header, size in largest.items()), default=0)

    def estimate_seconds(self) -> float:
        """Estimate how long decoding takes on this machine, on one thread, in seconds.

        Each model that the frames need codes 32 KiB of words now, which takes 50 ms at level 1 and
        about a second at level 9; the content itself is not read. Numbers, sound and images may
        take several times as long as words; copies and blocks that are stored take far less.
        Frames are decoded in parallel, so that several threads divide it. The measurement takes as
        much memory as the models, which `memory` tells before.
        """
        sizes: dict[Parameters, int] = {}
        for frame in self.frames:
            if frame.header is not None and frame.raw_size:
                parameters = frame.header.parameters
                sizes[parameters] = sizes.get(parameters, 0) + frame.raw_size
        sample = sample_text() if sizes else b""
        return sum(estimate_seconds(model, sample, size) for model, size in sizes.items())


def scan_archive(stream: BinaryIO) -> ArchiveInfo:
    """Read the headers of the archive that starts at the position of a seekable stream.

    Raises
    ------
    DataError
        If the archive is truncated, a header is damaged or the data is not an archive.
        Its `offset` is that of the frame concerned.
    """
    scan = HeaderScan(Source(stream))
    frames: list[FrameInfo] = []
    while (frame := scan.next_frame()) is not None:
        frames.append(frame)
    return ArchiveInfo(tuple(frames))


class HeaderScan:
    """Iterates over the frames of an archive by reading all headers.

    It reads a few bytes per block, or everything where headers are close together.

    Parameters
    ----------
    source : Source
        A seekable source.
    offset : int
        Offset of the first frame to read.
    """

    def __init__(self, source: Source, offset: int = 0) -> None:
        self._end = source.size()
        self._window = Window(source, self._end)
        self._first = self._start = offset
        self._position = offset  # of the next header
        # State of the frame that is not complete yet:
        self._header: FrameHeader | None = None
        self._raw_size = self._blocks = 0

    @property
    def at_end(self) -> bool:
        """Whether the last frame has been returned."""
        # An empty source is not an archive, so at least one frame must have been read.
        return self._first < self._start == self._position == self._end

    def next_frame(self, until: int | None = None) -> FrameInfo | None:
        """Return the next frame, or None at the end of the archive.

        Parameters
        ----------
        until : int, optional
            Also return None as soon as the blocks of the frame read so far contain more
            than this many bytes of content. The next call continues with the same frame.

        Raises
        ------
        DataError
            As `scan_archive`.
        """
        if self.at_end:
            return None
        try:
            return self._advance(until)
        except NeedMoreData:
            empty = self._end <= self._first
            error: DataError = TruncatedError(EMPTY if empty else "the archive is truncated")
        except NotAnArchiveError as wrong:
            if self._start > self._first:
                error = CorruptError("the data that follows a frame's end is not a frame")
            else:
                error = wrong
        except DataError as damage:
            error = damage
        error.offset = self._start
        raise error from None

    def _advance(self, until: int | None) -> FrameInfo | None:
        if self._header is None:
            data = self._window.read(self._position, PEEK)
            if is_skippable(data):
                _, content, size = parse_skippable_header(data)
                self._move_past(size + content)
                return self._end_frame(None)
            try:
                header, size = parse_header(data)
            except NeedMoreData:
                header, size = parse_header(self._window.read(self._position, MAX_FRAME_HEADER))
            self._move_past(size)
            self._header = header
        claim = self._header.content_size
        last = False
        while not last:
            if until is not None and self._raw_size > until:
                return None
            data = self._window.read(self._position, MAX_BLOCK_HEADER)
            block, size = parse_block_header(data, 0)
            self._move_past(size + block.payload_size + BLOCK_CHECK_SIZE)
            self._raw_size += block.raw_size
            self._blocks += 1
            last = block.last
            if claim is not None and (self._raw_size > claim or (last and self._raw_size < claim)):
                raise CorruptError("the blocks do not add up to the content size")
        self._move_past(CONTENT_CHECK_SIZE if self._blocks > 1 else 0)
        return self._end_frame(self._header)

    def _move_past(self, size: int) -> None:
        if self._position + size > self._end:
            raise TruncatedError("the archive is truncated")
        self._position += size

    def _end_frame(self, header: FrameHeader | None) -> FrameInfo:
        size = self._position - self._start
        frame = FrameInfo(header, self._start, size, self._raw_size, self._blocks)
        self._start = self._position
        self._header = None
        self._raw_size = self._blocks = 0
        return frame
