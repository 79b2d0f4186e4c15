"""What an archive holds, read from headers alone: payloads are passed over by seeking."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from weightless.container.block import parse_block_header
from weightless.container.checks import BLOCK_CHECK_SIZE, CONTENT_CHECK_SIZE
from weightless.container.header import FrameHeader, parse_header
from weightless.container.skippable import is_skippable, parse_skippable_header
from weightless.container.source import Source
from weightless.container.varint import NeedMoreData
from weightless.errors import CorruptError, DataError, NotAnArchiveError, TruncatedError

__all__ = ["ArchiveInfo", "FrameInfo", "HeaderScan", "scan_archive"]

# More than any header of a block, and than the usual header of a frame.
_PEEK = 64
_MAX_HEADER = 1 << 12
_BLOCK_HEADER = 16


@dataclass(frozen=True, slots=True)  # there may be millions
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


def scan_archive(stream: BinaryIO) -> ArchiveInfo:
    """Read the headers of an archive that begins where a seekable stream stands.

    Raises
    ------
    DataError
        If a header is damaged or not an archive's; with its offset.
    """
    scan = HeaderScan(Source(stream))
    frames: list[FrameInfo] = []
    while (frame := scan.next_frame()) is not None:
        frames.append(frame)
    return ArchiveInfo(tuple(frames))


class HeaderScan:
    """Goes through an archive from header to header.

    It reads a few bytes for each block, or all bytes where headers are close to each
    other; never a byte twice but the few at hand.

    Parameters
    ----------
    source : Source
        One that can seek.
    offset : int
        Where to begin: at a frame.
    """

    def __init__(self, source: Source, offset: int = 0) -> None:
        self._end = source.size()
        self._window = _Window(source, self._end)
        self._first = self._start = offset
        self._position = offset  # of the next header
        # Of the frame that has been begun:
        self._header: FrameHeader | None = None
        self._raw_size = self._blocks = 0

    @property
    def at_end(self) -> bool:
        """Whether the last frame has been returned."""
        # Nothing at all is no archive.
        return self._first < self._start == self._position == self._end

    def next_frame(self, until: int | None = None) -> FrameInfo | None:
        """Return the next frame; None at the archive's end.

        Parameters
        ----------
        until : int, optional
            Return None too, as soon as the frame's blocks so far hold more content than
            that. The next call goes on from there.

        Raises
        ------
        DataError
            If a header is damaged or not an archive's; with its offset.
        """
        if self.at_end:
            return None
        try:
            return self._advance(until)
        except NeedMoreData:
            error: DataError = TruncatedError("the archive ends early")
        except NotAnArchiveError as wrong:
            if self._start > self._first:
                error = CorruptError("what follows a frame's end is no frame")
            else:
                error = wrong
        except DataError as damage:
            error = damage
        error.offset = self._start
        raise error from None

    def _advance(self, until: int | None) -> FrameInfo | None:
        if self._header is None:
            data = self._window.read(self._position, _PEEK)
            if is_skippable(data):
                _, content, size = parse_skippable_header(data)
                self._go_on(size + content)
                return self._frame_done(None)
            try:
                header, size = parse_header(data)
            except NeedMoreData:
                header, size = parse_header(self._window.read(self._position, _MAX_HEADER))
            self._go_on(size)
            self._header = header
        claim = self._header.content_size
        last = False
        while not last:
            if until is not None and self._raw_size > until:
                return None
            data = self._window.read(self._position, _BLOCK_HEADER)
            block, size = parse_block_header(data, 0)
            self._go_on(size + block.payload_size + BLOCK_CHECK_SIZE)
            self._raw_size += block.raw_size
            self._blocks += 1
            last = block.last
            if claim is not None and (self._raw_size > claim or (last and self._raw_size < claim)):
                raise CorruptError("the blocks do not add up to the content size")
        self._go_on(CONTENT_CHECK_SIZE if self._blocks > 1 else 0)
        return self._frame_done(self._header)

    def _go_on(self, size: int) -> None:
        if self._position + size > self._end:
            raise TruncatedError("the archive ends early")
        self._position += size

    def _frame_done(self, header: FrameHeader | None) -> FrameInfo:
        size = self._position - self._start
        frame = FrameInfo(header, self._start, size, self._raw_size, self._blocks)
        self._start = self._position
        self._header = None
        self._raw_size = self._blocks = 0
        return frame


class _Window:
    """Reads little, and more at a time as long as what is wanted follows what was read."""

    _LARGEST = 1 << 16

    def __init__(self, source: Source, end: int) -> None:
        self._source = source
        self._end = end
        self._data = b""
        self._start = 0
        self._span = _PEEK

    def read(self, position: int, size: int) -> bytes:
        """Return `size` bytes from `position` on; fewer at the end."""
        size = max(0, min(size, self._end - position))
        skip = position - self._start
        if not 0 <= skip <= len(self._data) - size:
            follows = self._data and 0 <= skip <= len(self._data)
            self._span = min(2 * self._span, self._LARGEST) if follows else _PEEK
            self._data = self._source.read_whole(position, max(size, self._span))
            self._start = position
            skip = 0
        return self._data[skip : skip + size]
