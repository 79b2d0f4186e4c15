"""Archives that must be refused: what is wrong with each, and the error that is due."""

from __future__ import annotations

from typing import NamedTuple

from forms import frame_of, listed
from golden_kinds.plain import noise
from golden_kinds.texts import prose

import weightless
from weightless import Parameters
from weightless.container.checks import Chain, header_check
from weightless.container.header import MAGIC, MAGIC_0, FrameHeader, PriorName
from weightless.container.skippable import skippable_frame
from weightless.container.varint import encode_varint
from weightless.levels import PARAMETER_SETS

__all__ = ["BAD", "Bad"]


class Bad(NamedTuple):
    """A bad archive, the error that is due with the start of its message, and what is wrong."""

    error: str
    message: str
    reason: str
    archive: bytes


_TEXT = prose(600, 77)
_ONE = weightless.compress(_TEXT, level=1)  # a frame of one block
_THREE = weightless.compress(_TEXT, level=1, block_size=200)  # three blocks and a content check
_STORED = frame_of(PARAMETER_SETS[1], [("stored", noise(40, 3))])
_HEAD = _ONE[:6]

_NOT = "not a weightless archive"
_END = "the archive is truncated"
_RANGE = "a number in the archive is out of range"
_LENGTH = "a block's length is out of range"
_HEADER = "the frame header is damaged"
_BLOCK = "a block is damaged"
_AFTER = "the data that follows a frame's end is not a frame"


def _header(flags: int, fields: bytes) -> bytes:
    """Return a header with a right check."""
    header = MAGIC + bytes([flags]) + fields
    return header + bytes([header_check(header)])


def _flipped(archive: bytes, at: int, bit: int = 1) -> bytes:
    out = bytearray(archive)
    out[at] ^= bit
    return bytes(out)


def _blocks(archive: bytes) -> list[bytes]:
    """Return the blocks of a frame without a size, a prior and stored blocks."""
    at = 6
    out = []
    last = 0
    while not last:
        numbers = []
        end = at
        for _ in range(2):
            value = shift = 0
            while True:
                byte = archive[end]
                value |= (byte & 127) << shift
                shift += 7
                end += 1
                if byte < 128:
                    break
            numbers.append(value)
        last = numbers[0] & 1
        end += numbers[1] + 4
        out.append(archive[at:end])
        at = end
    return out


def _block(word: int, payload: bytes, raw: bytes, size: int | None = None) -> bytes:
    """Return a frame with one block whose check is right, whatever else is wrong."""
    head = encode_varint(word) + (b"" if size is None else encode_varint(size))
    return _HEAD + head + payload + Chain(_HEAD).block_check(head, payload, raw)


def _payload(change: bytes) -> bytes:
    """Return a frame whose only block has another payload, with a check that is right for that."""
    return _block(4 * len(_TEXT) + 1, change, _TEXT, len(change))


def _claim(size: int) -> bytes:
    header = FrameHeader(PARAMETER_SETS[1], size).to_bytes()
    return frame_of(PARAMETER_SETS[1], [("coded", _TEXT[:300]), ("coded", _TEXT[300:])], header)


def _cases() -> dict[str, Bad]:
    first, second, third = _blocks(_THREE)
    tail = _THREE[6 + len(first) + len(second) + len(third) :]
    coded = len(encode_varint(4 * len(_TEXT) + 1))
    payload = _ONE[6 + coded + 2 : -4]
    other = _blocks(weightless.compress(prose(600, 78), level=1, block_size=200))
    large = Parameters(width=1024, layers=3, gates=1, horizon=2)
    most = {"memory_bits": 30, "growth_bits": 8, "ngrams": 8, "ngram_bits": 30, "ngram_words": 2}
    dear = Parameters(width=16, experts=4, **most)
    prior = FrameHeader(PARAMETER_SETS[1], None, PriorName(0x5EED, 99)).to_bytes()
    corrupt, truncated = "CorruptError", "TruncatedError"
    unsupported, foreign = "UnsupportedError", "NotAnArchiveError"
    skip = skippable_frame(b"metadata", 15)
    return {
        # The start.
        "empty": Bad(truncated, f"{_NOT}: it is empty", "there is not a byte", b""),
        "text": Bad(foreign, _NOT, "another kind of file", b"Some text, which is no archive.\n"),
        "magic-cut": Bad(truncated, _END, "ends within the magic number", MAGIC[:2]),
        "magic-only": Bad(truncated, _END, "ends behind the magic number", MAGIC),
        "magic-crlf": Bad(foreign, _NOT, "line ends were translated", _ONE.replace(b"\n", b"\r\n")),
        "magic-7-bits": Bad(
            foreign, _NOT, "the eighth bit was lost", bytes(byte & 127 for byte in _ONE)
        ),
        "format-0": Bad(
            unsupported,
            "the archive was made before release 1.0",
            "format version 0, which has another magic number",
            MAGIC_0 + b"\x00" + _ONE[4:],
        ),
        "version-0": Bad(
            unsupported,
            "format version 0 is not supported",
            "format version 0 behind the magic number of version 1",
            MAGIC + b"\x00" + _ONE[4:],
        ),
        "version-14": Bad(
            unsupported,
            "format version 14 is not supported",
            "a format version that is not assigned",
            MAGIC + b"\xe0" + _ONE[4:],
        ),
        # The frame header.
        "flag-8": Bad(
            unsupported, "header flags 8 are not supported", "a reserved flag", _header(0x18, b"\1")
        ),
        "set-0": Bad(
            unsupported, "parameter set 0 is not supported", "no such id", _header(0x10, b"\0")
        ),
        "set-16383": Bad(
            unsupported,
            "parameter set 16383 is not supported",
            "an id that is not assigned",
            _header(0x10, b"\xff\x7f"),
        ),
        "set-too-large": Bad(corrupt, _RANGE, "an id of 15 bits", _header(0x10, b"\x80\x80\x01")),
        "set-too-long": Bad(
            corrupt, _RANGE, "an id that is not in its shortest form", _header(0x10, b"\x81\x00")
        ),
        "parameters-many": Bad(
            unsupported,
            "the header lists 200 parameters",
            "more parameters than there are",
            _header(0x12, encode_varint(200) + bytes(200)),
        ),
        "parameters-value": Bad(
            unsupported, "width is 1040", "a value beyond its range", listed([1040])
        ),
        "parameters-multiple": Bad(
            unsupported, "width is 24", "a width that is no multiple of 16", listed([24])
        ),
        "parameters-none": Bad(
            unsupported, "width and experts", "neither a network nor experts", listed([0])
        ),
        "parameter-too-large": Bad(
            corrupt, _RANGE, "a value of 33 bits", _header(0x12, b"\1\x80\x80\x80\x80\x10")
        ),
        "size-too-large": Bad(
            corrupt, _RANGE, "a content size of 64 bits", _header(0x11, b"\1" + b"\x80" * 9 + b"\1")
        ),
        "prior-0": Bad(
            corrupt,
            "the size of a prior is out of range",
            "a field for a prior, but none, and the frame is not kept",
            _header(0x14, b"\1\0"),
        ),
        "prior-too-large": Bad(
            corrupt,
            "the size of a prior is out of range",
            "a prior of more than a gibibyte",
            _header(0x14, b"\1" + encode_varint(2 << 30 | 2) + bytes(16)),
        ),
        "prior-missing": Bad(
            "PriorError",
            "decoding needs the prior with the XXH3-128 hash 00000000000000000000000000005eed",
            "names a prior that is not at hand",
            prior + _ONE[6:],
        ),
        "prior-of-no-frame": Bad(
            "PriorError",
            "decoding needs the prior",
            "the second of two primed frames, without the first",
            _primed_second(),
        ),
        "header-check": Bad(corrupt, _HEADER, "the check of the header", _flipped(_ONE, 5)),
        "header-changed": Bad(
            corrupt, _HEADER, "another id, with the check of the first", _flipped(_ONE, 4, 3)
        ),
        "header-cut": Bad(truncated, _END, "ends before the check of the header", _ONE[:5]),
        "header-only": Bad(truncated, _END, "ends behind the frame header", _HEAD),
        "prior-cut": Bad(truncated, _END, "ends within the hash of a prior", prior[:12]),
        # Blocks.
        "word-too-large": Bad(corrupt, _RANGE, "a word of 33 bits", _HEAD + b"\x80" * 4 + b"\x10"),
        "word-too-long": Bad(
            corrupt, _RANGE, "a word that is not in its shortest form", _HEAD + b"\x83\x00"
        ),
        "raw-too-long": Bad(
            corrupt,
            _LENGTH,
            "a block of more than 2^20 bytes",
            _HEAD + encode_varint((1 << 22) + 7),
        ),
        "payload-too-long": Bad(
            corrupt, _LENGTH, "a payload that is longer than its content", _HEAD + b"\x09\x03"
        ),
        "coded-empty": Bad(
            corrupt, _LENGTH, "an empty block that is not stored", _HEAD + b"\x01\x00"
        ),
        "payload-changed": Bad(corrupt, _BLOCK, "one bit of a payload", _flipped(_ONE, 40, 16)),
        "payload-cut": Bad(truncated, _END, "ends within a payload", _ONE[:40]),
        "payload-short": Bad(
            corrupt, _BLOCK, "a payload without its last 6 bytes", _payload(payload[:-6])
        ),
        "payload-more": Bad(
            corrupt, _BLOCK, "a payload with 6 bytes behind its end", _payload(payload + bytes(6))
        ),
        "payload-empty": Bad(corrupt, _BLOCK, "a payload without a byte", _payload(b"")),
        "raw-short": Bad(
            corrupt,
            _BLOCK,
            "a block that states 9 bytes less than were coded",
            _block(4 * (len(_TEXT) - 9) + 1, payload, _TEXT[:-9], len(payload)),
        ),
        "stored-changed": Bad(corrupt, _BLOCK, "one bit of a stored block", _flipped(_STORED, 20)),
        "block-check": Bad(corrupt, _BLOCK, "the check of a block", _flipped(_ONE, len(_ONE) - 1)),
        "block-check-cut": Bad(truncated, _END, "ends within the check of a block", _ONE[:-1]),
        "blocks-swapped": Bad(
            corrupt, _BLOCK, "two blocks have changed places", _HEAD + second + first + third + tail
        ),
        "block-twice": Bad(
            corrupt, _BLOCK, "a block stands twice", _HEAD + first + first + second + third + tail
        ),
        "block-missing": Bad(
            corrupt, _BLOCK, "the second block is missing", _HEAD + first + third + tail
        ),
        "block-of-another": Bad(
            corrupt, _BLOCK, "a block of another frame", _HEAD + first + other[1] + third + tail
        ),
        "no-last-block": Bad(
            truncated, _END, "ends behind a block that is not the last", _HEAD + first + second
        ),
        "content-check": Bad(
            corrupt,
            "the content check does not match",
            "the check of the content",
            _flipped(_THREE, len(_THREE) - 8),
        ),
        "content-check-cut": Bad(
            truncated, _END, "ends within the check of the content", _THREE[:-1]
        ),
        "size-too-small": Bad(
            corrupt,
            "the blocks do not add up to the content size",
            "the header states a byte less than there is",
            _claim(599),
        ),
        "size-too-great": Bad(
            corrupt,
            "the blocks do not add up to the content size",
            "the header states a byte more than there is",
            _claim(601),
        ),
        # Behind a frame, and frames without content.
        "garbage-behind": Bad(corrupt, _AFTER, "other data behind the frame", _ONE + b"garbage"),
        "zero-behind": Bad(corrupt, _AFTER, "one byte 0 behind the frame", _ONE + b"\0"),
        "magic-behind": Bad(truncated, _END, "a magic number behind the frame", _ONE + MAGIC),
        "frame-cut": Bad(truncated, _END, "the second frame is cut", _ONE + _ONE[:-9]),
        "format-0-behind": Bad(
            unsupported,
            "the archive was made before release 1.0",
            "a frame of format version 0 behind one of version 1",
            _ONE + MAGIC_0 + b"\x00" + _ONE[4:],
        ),
        "skippable-check": Bad(
            corrupt,
            "the header of a skippable frame is damaged",
            "the check of a skippable frame's header",
            _flipped(skip, 5) + _ONE,
        ),
        "skippable-size": Bad(
            corrupt, _RANGE, "a length of 64 bits", MAGIC + b"\xff" + b"\xff" * 9 + b"\1" + bytes(9)
        ),
        "skippable-cut": Bad(truncated, _END, "ends within a skippable frame", _ONE + skip[:-1]),
        # More than a reader grants.
        "memory": Bad(
            "MemoryLimitError",
            "decoding needs ",
            "needs more than 8 GiB of memory for the size that it states",
            FrameHeader(dear, 1 << 40).to_bytes() + _ONE[6:],
        ),
        "cost": Bad(
            "CostLimitError",
            "decoding needs ",
            "a network that takes more than 2^25 operations for each byte",
            FrameHeader(large).to_bytes() + _ONE[6:],
        ),
    }


def _primed_second() -> bytes:
    archive = weightless.compress(_TEXT, level=1, frame_size=300, primed=True)
    return archive[archive.index(MAGIC, 3) :]


BAD = _cases()
