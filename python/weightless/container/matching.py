"""Frames of an archive that have a given content, found by their checks, without decoding.

The check of a block covers its content as well as its payload (``docs/format.md``, "Blocks"), so
a file that may be the content of an archive can be compared with it as fast as both can be read.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from weightless.container.block import BlockHeader, parse_block_header
from weightless.container.checks import (
    BLOCK_CHECK_SIZE,
    CONTENT_CHECK_SIZE,
    Chain,
    content_hasher,
)
from weightless.container.cuts import Cuts
from weightless.container.header import MAX_PRIOR_SIZE, FrameHeader, parse_header
from weightless.container.skippable import is_skippable, parse_skippable_header
from weightless.container.source import Source
from weightless.container.varint import NeedMoreData
from weightless.container.window import MAX_BLOCK_HEADER, MAX_FRAME_HEADER, PEEK, Window
from weightless.errors import DataError

__all__ = ["End", "FrameMatcher", "MatchedFrame"]


class End(Enum):
    """Why there is no further frame that matches."""

    ARCHIVE = "the archive ends with the last frame that matches, or within the next one"
    CONTENT = "the content ends before that of the next frame does"
    DIFFERENCE = "the content is not that of the next frame, or the frame is damaged"


@dataclass(frozen=True, slots=True)
class MatchedFrame:
    """A frame whose checks hold for the content at its place.

    Attributes
    ----------
    header : FrameHeader or None
        The frame header; None for a skippable frame.
    header_bytes : bytes
        The header as it stands in the archive.
    offset, size : int
        Offset and length of the frame in the archive, in bytes.
    delivered, raw_size : int
        Bytes of content before this frame, and in it.
    regular : bool
        Whether all blocks but the last contain `block_size` bytes, and the last one no more, and
        no frame should have ended before the end of this one.
    at_cut : bool
        Whether a frame should end where this one does, if more content follows.
    model_started_at : int or None
        Bytes of archive and content (their sum) before the first block whose decoding takes a
        model; None if there is none.
    content : bytes
        The content of a frame that is kept as a prior; empty for others.
    """

    header: FrameHeader | None
    header_bytes: bytes
    offset: int
    size: int
    delivered: int
    raw_size: int
    regular: bool
    model_started_at: int | None
    content: bytes = b""
    at_cut: bool = False


class FrameMatcher:
    """Iterates over the frames at the start of an archive that have a given content.

    Parameters
    ----------
    archive, content : Source
        Seekable sources; either may be incomplete.
    block_size : int
        The number of bytes that blocks of a regular frame contain.
    cuts : Cuts, optional
        Where frames should end.

    Attributes
    ----------
    offset, delivered : int
        Bytes of the archive and of the content in the frames that match.
    end : End
        After the last frame: why there is none after it.
    """

    def __init__(
        self, archive: Source, content: Source, block_size: int = 0, cuts: Cuts | None = None
    ) -> None:
        self._block_size = block_size
        self._cuts = cuts
        self._archive_size = archive.size()
        self._content_size = content.size()
        self._archive = Window(archive, self._archive_size)
        self._content = Window(content, self._content_size)
        self.offset = self.delivered = 0
        self.end = End.ARCHIVE

    def next_frame(self) -> MatchedFrame | None:
        """Return the next frame that matches, or None if there is none."""
        try:
            frame = self._match()
        except NeedMoreData:
            self.end = End.ARCHIVE
            return None
        except _ContentEnds:
            self.end = End.CONTENT
            return None
        except (DataError, _Differs):
            self.end = End.DIFFERENCE
            return None
        self.offset += frame.size
        self.delivered += frame.raw_size
        return frame

    def _match(self) -> MatchedFrame:
        start = self.offset
        data = self._archive.read(start, PEEK)
        if is_skippable(data):
            _, content, size = parse_skippable_header(data)
            if start + size + content > self._archive_size:
                raise NeedMoreData
            size += content
            return MatchedFrame(None, b"", start, size, self.delivered, 0, False, None)
        try:
            header, size = parse_header(data)
        except NeedMoreData:
            data = self._archive.read(start, MAX_FRAME_HEADER)
            header, size = parse_header(data)
        return self._match_blocks(header, data[:size])

    def _match_blocks(self, header: FrameHeader, header_bytes: bytes) -> MatchedFrame:
        chain, hasher = Chain(header_bytes), content_hasher()
        position = self.offset + len(header_bytes)
        raw_size = blocks = 0
        kept: list[bytes] = []
        regular = True
        at_cut = False
        if self._cuts is not None:
            self._cuts.reset()
        model_started_at: int | None = None
        last = False
        while not last:
            block, size = parse_block_header(self._archive.read(position, MAX_BLOCK_HEADER), 0)
            if model_started_at is None and (
                not block.stored or (block.raw_size > 0 and not block.last)
            ):
                model_started_at = position + self.delivered + raw_size
            raw = self._match_block(chain, position, size, block, raw_size)
            hasher.update(raw)
            if self._cuts is not None and raw:
                regular &= not at_cut
                size_taken, at_cut = self._cuts.take(memoryview(raw))
                regular &= size_taken == len(raw)
            if header.kept:
                kept.append(raw)
            position += size + block.payload_size + BLOCK_CHECK_SIZE
            raw_size += block.raw_size
            if header.kept and raw_size > MAX_PRIOR_SIZE:
                raise _Differs
            blocks += 1
            last = block.last
            full = block.raw_size == self._block_size
            regular &= full or (last and block.raw_size < self._block_size)
        if header.content_size not in (None, raw_size):
            raise _Differs
        if blocks > 1:
            check = self._read_archive(position, CONTENT_CHECK_SIZE)
            if check != hasher.intdigest().to_bytes(CONTENT_CHECK_SIZE, "little"):
                raise _Differs
            position += CONTENT_CHECK_SIZE
        return MatchedFrame(
            header,
            header_bytes,
            self.offset,
            position - self.offset,
            self.delivered,
            raw_size,
            regular,
            model_started_at,
            b"".join(kept),
            at_cut,
        )

    def _match_block(
        self, chain: Chain, position: int, header_size: int, block: BlockHeader, before: int
    ) -> bytes:
        """Return the content of a block whose check holds.

        Parameters
        ----------
        chain : Chain
            The check of the frame so far.
        position, header_size : int
            Where the block starts in the archive, and the size of its header.
        block : BlockHeader
            The header.
        before : int
            Bytes of content before the block in its frame.
        """
        size = header_size + block.payload_size
        data = self._read_archive(position, size + BLOCK_CHECK_SIZE)
        raw = self._content.read(self.delivered + before, block.raw_size)
        if len(raw) < block.raw_size:
            raise _ContentEnds
        if chain.block_check(data[:header_size], data[header_size:size], raw) != data[size:]:
            raise _Differs
        return raw

    def _read_archive(self, position: int, size: int) -> bytes:
        data = self._archive.read(position, size)
        if len(data) < size:
            raise NeedMoreData
        return data


class _ContentEnds(Exception):  # noqa: N818
    """The content ends within a block."""


class _Differs(Exception):  # noqa: N818
    """A check does not hold."""
