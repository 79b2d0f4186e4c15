"""A second reader of the container, written from docs/format.md; the model is the caller's.

It wants the whole archive, is slow, and raises `BadArchiveError` for whatever is not as
the document says. Only the hash is shared with the package.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import xxhash


class BadArchiveError(Exception):
    """The data is not an archive as the document describes it."""


class Codec(Protocol):
    """The predictor of one frame, with the decoder of payloads."""

    def absorb(self, data: bytes, /) -> None:
        """Learn from the bytes of a plain block or of a prior."""

    def skip(self, data: bytes, /) -> None:
        """Pass over the bytes of a stored block."""

    def decode(self, payload: bytes, size: int, /) -> bytes:
        """Decode a block of `size` bytes; `BadArchiveError` if the payload is damaged."""


#: Starts a predictor with the parameter set of this id or, without one, with these first
#: parameters; raises `BadArchiveError` if it does not know them.
Start = Callable[["int | None", "list[int]"], Codec]


class Cursor:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, n: int) -> bytes:
        piece = self.data[self.at : self.at + n]
        if len(piece) != n:
            raise BadArchiveError("ends early")
        self.at += n
        return piece

    def varint(self, bits: int) -> int:
        value = shift = 0
        while True:
            byte = self.take(1)[0]
            value += (byte & 127) << shift
            shift += 7
            if byte < 128:
                break
            if shift > 70:
                raise BadArchiveError("varint too long")
        if value >= 1 << bits or (byte == 0 and shift > 7):
            raise BadArchiveError("varint out of range")
        return value


def xxh3(data: bytes, seed: int = 0) -> int:
    return xxhash.xxh3_64_intdigest(data, seed)


def read(archive: bytes, start: Start, prior: bytes = b"") -> bytes:
    c = Cursor(archive)
    kept = b""
    if not archive:
        raise BadArchiveError("empty")
    content = b""
    while c.at < len(archive):
        piece, is_kept = frame(c, start, prior, kept)
        content += piece
        if is_kept:
            kept = piece
    return content


def seek_table(archive: bytes) -> list[tuple[int, int]] | None:
    """Sizes of each frame in the archive and as content, if it ends in a table."""
    if archive[-4:] != b"WLSK":
        return None
    size = int.from_bytes(archive[-8:-4], "little")
    c = Cursor(archive[-size:])
    if c.take(4) != b"\xd7\x0a\x0e\xf0":
        return None
    length = c.varint(63)
    header_check(c, 0)
    content = c.take(length)
    if c.at != size or xxh3(content[:-12]) % (1 << 32) != int.from_bytes(content[-12:-8], "little"):
        return None
    pairs = Cursor(content[:-16])
    table = []
    for _ in range(int.from_bytes(content[-16:-12], "little")):
        table.append((pairs.varint(63), pairs.varint(63)))
    whole = pairs.at == len(pairs.data) and sum(s for s, _ in table) == len(archive) - size
    return table if whole else None


def frame(c: Cursor, start: Start, prior: bytes, kept: bytes) -> tuple[bytes, bool]:
    begin = c.at
    if c.take(3) != b"\xd7\x0a\x0e":
        raise BadArchiveError("magic")
    byte = c.take(1)[0]
    if byte >= 0xF0:
        length = c.varint(63)
        header_check(c, begin)
        c.take(length)
        return b"", False
    if not 16 <= byte <= 23:
        raise BadArchiveError("version or flags")
    number = None
    values = []
    if byte & 2:
        for _ in range(c.varint(14)):
            z = c.varint(32)
            values.append(z // 2 if z % 2 == 0 else -(z + 1) // 2)
    else:
        number = c.varint(14)
    size = c.varint(63) if byte & 1 else None
    word = name = 0
    if byte & 4:
        word = c.varint(32)
        if word == 0 or word // 2 > 1 << 30:
            raise BadArchiveError("prior")
        name = int.from_bytes(c.take(16), "little") if word > 1 else 0
    header_check(c, begin)
    codec = start(number, values)
    if word > 1:
        for known in (prior,) if word % 2 else (prior, kept):
            if len(known) == word // 2 and xxhash.xxh3_128_intdigest(known) == name:
                codec.absorb(known)
                break
        else:
            raise BadArchiveError("the prior is not at hand")
    p = xxh3(c.data[begin : c.at])
    content = b""
    blocks = 0
    last = 0
    while not last:
        raw, p, last = block(c, codec, p)
        content += raw
        blocks += 1
    if blocks > 1 and int.from_bytes(c.take(8), "little") != xxh3(content):
        raise BadArchiveError("content check")
    if size is not None and size != len(content):
        raise BadArchiveError("content size")
    if word % 2 and len(content) > 1 << 30:
        raise BadArchiveError("the content is too large for a prior")
    return content, word % 2 == 1


def header_check(c: Cursor, start: int) -> None:
    if xxh3(c.data[start : c.at]) % 256 != c.take(1)[0]:
        raise BadArchiveError("header check")


def block(c: Cursor, codec: Codec, p: int) -> tuple[bytes, int, int]:
    start = c.at
    word = c.varint(32)
    raw_size, stored, last = word // 4, word // 2 % 2, word % 2
    if raw_size > 1 << 20:
        raise BadArchiveError("raw length")
    if stored:
        payload = raw = c.take(raw_size)
        codec.skip(raw)
    else:
        size = c.varint(32)
        if size > raw_size or raw_size == 0:
            raise BadArchiveError("payload length")
        payload = c.take(size)
        if size == raw_size:
            raw = payload
            codec.absorb(raw)
        else:
            raw = codec.decode(payload, raw_size)
    check = xxh3(raw, xxh3(c.data[start : c.at], p))
    if int.from_bytes(c.take(4), "little") != check % (1 << 32):
        raise BadArchiveError("block check")
    return raw, check, last
