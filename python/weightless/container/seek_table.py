"""The seek table: the size of each frame in the archive and of its content.

It is meant for readers that cannot afford to read the headers of all blocks. This package finds
frames by these headers, because decoding a block verifies its header, whereas nothing verifies
what a table says. The table serves to notice damaged headers of frames that are not decoded.

Source: ``docs/format.md``, "Seek table".
"""

from __future__ import annotations

from collections.abc import Sequence

from weightless.container.checks import table_check
from weightless.container.skippable import (
    SEEK_TABLE,
    is_skippable,
    parse_skippable_header,
    skippable_frame,
)
from weightless.container.source import Source
from weightless.container.varint import NeedMoreData, decode_varint, encode_varint
from weightless.errors import DataError

__all__ = ["encode_seek_table", "read_seek_table"]

_MARK = b"WLSK"
_FOOTER = 16  # number of frames, check, size of the whole frame, mark; 4 bytes each
_WORD = 1 << 32
_SIZE_BITS = 63
_LARGEST = 1 << 24  # bytes of a table that is read; larger ones are ignored


def encode_seek_table(frames: Sequence[tuple[int, int]]) -> bytes:
    """Return the seek table as a skippable frame, which goes at the end of the archive.

    Parameters
    ----------
    frames : sequence of (int, int)
        For each frame of the archive, the size of the frame and that of its content, in
        bytes.

    Returns
    -------
    bytes
        The frame; empty if the number of frames or the size of the table does not fit in
        32 bits.
    """
    pairs = b"".join(encode_varint(size) + encode_varint(raw) for size, raw in frames)
    size = len(skippable_frame(pairs + bytes(_FOOTER), SEEK_TABLE))
    if len(frames) >= _WORD or size >= _WORD:
        return b""
    content = pairs + len(frames).to_bytes(4, "little")
    content += table_check(content) + size.to_bytes(4, "little") + _MARK
    return skippable_frame(content, SEEK_TABLE)


def read_seek_table(source: Source) -> list[tuple[int, int]] | None:
    """Return what the seek table at the end of an archive says.

    Parameters
    ----------
    source : Source
        A seekable source.

    Returns
    -------
    list of (int, int) or None
        For each frame, the size of the frame and that of its content, in bytes. None if
        there is no table, if its check fails, if it takes more than 16 MiB, or if its frames
        do not fill the archive before it, as in an archive that was put together from several.
    """
    end = source.size()
    footer = source.read_whole(end - _FOOTER, _FOOTER) if end > _FOOTER else b""
    size = int.from_bytes(footer[8:12], "little")
    if footer[12:] != _MARK or not _FOOTER < size <= min(end, _LARGEST):
        return None
    try:
        frames = _parse(source.read_whole(end - size, size))
    except (DataError, NeedMoreData):
        return None
    if frames is None or sum(length for length, _ in frames) != end - size:
        return None
    return frames


def _parse(data: bytes) -> list[tuple[int, int]] | None:
    """Return the frames that a seek table lists; None if the data is not a sound table."""
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
