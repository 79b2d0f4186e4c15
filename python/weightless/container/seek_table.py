"""The seek table: where each frame begins, in the archive and in its content."""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Sequence

from weightless.container.checks import table_check
from weightless.container.reading import Readable, read_at
from weightless.container.skippable import (
    SEEK_TABLE,
    is_skippable,
    parse_skippable_header,
    skippable_frame,
)
from weightless.container.varint import NeedMoreData, decode_varint, encode_varint
from weightless.errors import DataError

__all__ = ["SeekTable", "encode_seek_table", "read_seek_table"]

_MARK = b"WLSK"
_FOOTER = 16  # number of frames, check, size of the whole frame, mark: 4 bytes each
_SIZE_BITS = 63
_WORD = 1 << 32


def encode_seek_table(frames: Sequence[tuple[int, int]]) -> bytes:
    """Return the skippable frame that goes behind `frames`; nothing if they are too many.

    Parameters
    ----------
    frames : sequence of (int, int)
        Of each frame so far its size in the archive, and that of its content.
    """
    pairs = b"".join(encode_varint(size) + encode_varint(raw) for size, raw in frames)
    size = len(skippable_frame(pairs + bytes(_FOOTER), SEEK_TABLE))
    if len(frames) >= _WORD or size >= _WORD:
        return b""
    content = pairs + len(frames).to_bytes(4, "little")
    content += table_check(content) + size.to_bytes(4, "little") + _MARK
    return skippable_frame(content, SEEK_TABLE)


class SeekTable:
    """What a seek table says.

    Parameters
    ----------
    frames : sequence of (int, int)
        Of each frame its size in the archive, and that of its content.
    """

    def __init__(self, frames: Sequence[tuple[int, int]]) -> None:
        offset = position = 0
        self._offsets: list[int] = []
        self._positions: list[int] = []
        for size, raw_size in (*frames, (0, 0)):
            self._offsets.append(offset)
            self._positions.append(position)
            offset += size
            position += raw_size

    @property
    def compressed_size(self) -> int:
        """Bytes of archive before the table."""
        return self._offsets[-1]

    @property
    def raw_size(self) -> int:
        """Bytes of content in all frames."""
        return self._positions[-1]

    def find(self, position: int) -> tuple[int, int]:
        """Return where to begin for the content at `position`: the last frame before it.

        Returns
        -------
        offset, position : int
            Where that frame begins in the archive, and in the content.
        """
        index = bisect_right(self._positions, position) - 1
        return self._offsets[index], self._positions[index]

    def fits(self, offset: int, position: int) -> bool:
        """Tell whether a frame at `offset` whose content is at `position` is as listed."""
        if offset > self.compressed_size:  # behind the table itself
            return position == self.raw_size
        index = bisect_right(self._offsets, offset) - 1
        return (self._offsets[index], self._positions[index]) == (offset, position)


def read_seek_table(stream: Readable, start: int = 0) -> SeekTable | None:
    """Return the table at the end of a seekable stream; None without one that fits.

    Parameters
    ----------
    stream, start
        As for `scan_archive`.
    """
    end = stream.seek(0, os.SEEK_END)
    if end - start < _FOOTER:
        return None
    footer = read_at(stream, end - _FOOTER, _FOOTER)
    size = int.from_bytes(footer[8:12], "little")
    if footer[12:] != _MARK or not _FOOTER < size <= end - start:
        return None
    data = read_at(stream, end - size, size)
    try:
        frames = _parse(data)
    except (DataError, NeedMoreData):
        return None
    if frames is None:
        return None
    table = SeekTable(frames)
    # What was put together from several archives has a table of its last part only.
    return table if table.compressed_size == end - size - start else None


def _parse(data: bytes) -> list[tuple[int, int]] | None:
    """Return the frames that a table lists; None if it is none."""
    if not is_skippable(data):
        return None
    kind, content_size, position = parse_skippable_header(data)
    last = len(data) - _FOOTER
    if kind != SEEK_TABLE or position + content_size != len(data) or last < position:
        return None
    if table_check(data[position : last + 4]) != data[last + 4 : last + 8]:
        return None
    pairs = data[:last]
    frames: list[tuple[int, int]] = []
    while position < last:
        size, position = decode_varint(pairs, position, _SIZE_BITS)
        raw_size, position = decode_varint(pairs, position, _SIZE_BITS)
        frames.append((size, raw_size))
    return frames if len(frames) == int.from_bytes(data[last : last + 4], "little") else None
