"""The seek table: the size of each frame in the archive and of its content.

It is meant for readers that cannot afford to read the headers of all blocks. This package
itself finds frames by these headers, because a wrong length in a header is detected when
the block is decoded, whereas a seek table is not verified by anything else.

Source: ``docs/format.md``, "Seek table".
"""

from __future__ import annotations

from collections.abc import Sequence

from weightless.container.checks import table_check
from weightless.container.skippable import SEEK_TABLE, skippable_frame
from weightless.container.varint import encode_varint

__all__ = ["encode_seek_table"]

_MARK = b"WLSK"
_FOOTER = 16  # number of frames, check, size of the whole frame, mark; 4 bytes each
_WORD = 1 << 32


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
