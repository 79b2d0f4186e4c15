"""The seek table: where each frame begins, in the archive and in its content.

It is for readers who cannot afford to read all headers. The package's own do: what the
frames' headers say is true or damage, whereas a table could say anything.
"""

from __future__ import annotations

from collections.abc import Sequence

from weightless.container.checks import table_check
from weightless.container.skippable import SEEK_TABLE, skippable_frame
from weightless.container.varint import encode_varint

__all__ = ["encode_seek_table"]

_MARK = b"WLSK"
_FOOTER = 16  # number of frames, check, size of the whole frame, mark: 4 bytes each
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
