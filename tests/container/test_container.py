"""The container: an independent reader agrees, and every change to an archive is detected."""

from __future__ import annotations

import io

import plain_reader
import pytest
from data import SAMPLES, counters, noise, text

import weightless
from weightless.container.header import MAGIC, VERSION, FrameHeader, parse_header
from weightless.container.scan import ArchiveInfo, scan_archive
from weightless.container.skippable import skippable_frame
from weightless.container.varint import (
    NeedMoreData,
    decode_varint,
    encode_varint,
    unzigzag,
    zigzag,
)

SMALL = weightless.Parameters(width=16, horizon=8)
#: Experts whose tables are quickly built, for what is decoded thousands of times.
TINY = weightless.Parameters(width=0, experts=1, memory_bits=16)


def several_blocks() -> bytes:
    """A frame of four blocks, one of them stored, with content size and parameters."""
    data = counters() + noise(70) + counters()
    compressor = weightless.Compressor(parameters=SMALL, content_size=len(data), block_size=140)
    return compressor.compress(data) + compressor.flush()


ARCHIVES = {
    "empty": weightless.compress(b"", 1),
    "one byte": weightless.compress(b"x", 1),
    "counters": weightless.compress(counters(), parameters=TINY),
    "blocks": several_blocks(),
    "frames": weightless.compress(b"abc" * 30, parameters=TINY)
    + skippable_frame(b"note")
    + weightless.compress(b"defg" * 20, parameters=SMALL),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_second_reader(name: str) -> None:
    data = SAMPLES[name]
    for archive in (
        weightless.compress(data, 1),
        weightless.compress(data, parameters=SMALL, block_size=1000),
    ):
        assert plain_reader.read(archive) == data


@pytest.mark.parametrize("name", ARCHIVES)
def test_second_reader_on_structures(name: str) -> None:
    assert plain_reader.read(ARCHIVES[name]) == weightless.decompress(ARCHIVES[name])


@pytest.mark.parametrize("name", ARCHIVES)
def test_truncated_anywhere(name: str) -> None:
    archive = ARCHIVES[name]
    boundaries = {0}
    if name == "frames":  # An archive cut between two frames is valid.
        scan = scan_archive(io.BytesIO(archive))
        boundaries |= {frame.offset for frame in scan.frames}
    for size in range(len(archive)):
        if size in boundaries and size:
            weightless.decompress(archive[:size])
            continue
        with pytest.raises(weightless.TruncatedError) as caught:
            weightless.decompress(archive[:size])
        assert caught.value.offset is not None
        assert caught.value.offset <= size
        with pytest.raises(weightless.TruncatedError):
            scan_archive(io.BytesIO(archive[:size]))
        with pytest.raises(plain_reader.BadArchiveError):
            plain_reader.read(archive[:size])


def end_of_header(info: ArchiveInfo, at: int) -> int:
    """Return the end of the frame header before a position of the archive."""
    frame = max((f for f in info.frames if f.offset <= at), key=lambda f: f.offset)
    return frame.offset + (0 if frame.header is None else len(frame.header.to_bytes()))


@pytest.mark.parametrize("name", ARCHIVES)
def test_flipped_bit_anywhere(name: str) -> None:
    archive = ARCHIVES[name]
    content = weightless.decompress(archive)
    info = scan_archive(io.BytesIO(archive))
    # The content of skippable frames is not checked.
    free = {
        i
        for frame in info.frames
        if frame.header is None
        for i in range(frame.offset + 6, frame.offset + frame.size)
    }
    for i in set(range(len(archive))) - free:
        for bit in range(8):
            damaged = bytearray(archive)
            damaged[i] ^= 1 << bit
            with pytest.raises(weightless.DataError) as caught:
                weightless.decompress(damaged)
            # A header's check is one byte: what it misses, the first block's check finds.
            assert caught.value.offset is not None
            assert caught.value.offset <= max(i, end_of_header(info, i))
            assert caught.value.delivered is not None
            with pytest.warns(weightless.DamageWarning):
                saved = weightless.decompress(damaged, salvage=True)
            assert content.startswith(saved)
            assert len(saved) == caught.value.delivered


def test_damage_is_located_within_a_block() -> None:
    data = text(4000)
    archive = bytearray(weightless.compress(data, 1, block_size=1000))
    archive[len(archive) // 2] ^= 4
    with pytest.raises(weightless.CorruptError, match="at byte") as caught:
        weightless.decompress(archive)
    assert caught.value.delivered in (1000, 2000)
    with pytest.warns(weightless.DamageWarning):
        assert weightless.decompress(archive, salvage=True) == data[: caught.value.delivered]


def test_blocks_cannot_be_moved() -> None:
    data = noise(8) * 3  # Only the chained checks tell equal stored blocks apart.
    archive = weightless.compress(data, parameters=weightless.Parameters(width=32), block_size=8)
    first, block = archive.index(data[:8]) - 2, 2 + 8 + 4
    blocks = [archive[first + i * block : first + (i + 1) * block] for i in range(3)]
    assert blocks[0][:-4] == blocks[1][:-4]
    swapped = archive[:first] + blocks[1] + blocks[0] + archive[first + 2 * block :]
    dropped = archive[:first] + blocks[0] + archive[first + 2 * block :]
    for changed in (swapped, dropped):
        with pytest.raises(weightless.CorruptError):
            weightless.decompress(changed)


def test_wrong_magic_and_version() -> None:
    archive = ARCHIVES["counters"]
    for data in (b"PK\x03\x04 and so on", b"\x28\xb5\x2f\xfd", b"x"):
        with pytest.raises(weightless.NotAnArchiveError):
            weightless.decompress(data)
    for version in (0, *range(2, 15)):
        with pytest.raises(weightless.UnsupportedError, match=f"format version {version}"):
            weightless.decompress(archive[:3] + bytes([version << 4]) + archive[4:])
    with pytest.raises(weightless.TruncatedError, match="empty"):
        weightless.decompress(b"")
    with pytest.raises(weightless.CorruptError, match="follows a frame's end"):
        weightless.decompress(archive + b"garbage")


def headed(flags: int, rest: bytes) -> bytes:
    from weightless.container.checks import header_check

    header = MAGIC + bytes([VERSION << 4 | flags]) + rest
    return header + bytes([header_check(header)])


def test_absurd_headers() -> None:
    unknown = headed(0, encode_varint(9999))
    many = headed(2, encode_varint(5000) + bytes(5000))
    outside = headed(2, b"\x01" + encode_varint(zigzag(1 << 30)))
    for header in (unknown, many, outside):
        with pytest.raises(weightless.UnsupportedError):
            weightless.decompress(header + bytes(50))
    # A content size beyond all bounds allocates nothing and is found to be wrong.
    lying = headed(1, b"\x01" + encode_varint((1 << 63) - 1))
    with pytest.raises(weightless.CorruptError, match="content size"):
        weightless.decompress(lying + b"\x0bab" + bytes(20))
    # Block lengths: above the bound, longer payload than content, an empty block that is not
    # stored, endless varint, not the shortest one.
    start = headed(0, b"\x01")
    for block in (
        encode_varint(((1 << 20) + 1) << 2),
        b"\x10\x05",
        b"\x00\x00",
        b"\x80" * 12,
        b"\x90\x00",
    ):
        with pytest.raises(weightless.CorruptError, match="out of range"):
            weightless.decompress(start + block + bytes(50))


def test_limits() -> None:
    archive = ARCHIVES["counters"]
    need = TINY.memory_for(210)
    assert weightless.decompress(archive, memory_limit=need) == counters()
    with pytest.raises(weightless.MemoryLimitError, match="memory_limit") as memory:
        weightless.decompress(archive, memory_limit=need - 1)
    assert (memory.value.needed, memory.value.limit) == (need, need - 1)
    assert weightless.decompress(archive, max_output_size=210) == counters()
    with pytest.raises(weightless.OutputLimitError, match="max_output_size"):
        weightless.decompress(archive, max_output_size=209)
    with pytest.raises(weightless.OutputLimitError):  # over several frames too
        weightless.decompress(archive + archive, max_output_size=419)


def test_headers() -> None:
    for header in (FrameHeader(SMALL), FrameHeader(SMALL, 0), FrameHeader(SMALL, (1 << 63) - 1)):
        data = header.to_bytes()
        assert parse_header(data + b"more") == (header, len(data))
        for size in range(len(data)):
            with pytest.raises(NeedMoreData):
                parse_header(data[:size])


def test_numbers() -> None:
    for value in (0, 1, 127, 128, 16383, 16384, (1 << 63) - 1):
        data = encode_varint(value)
        assert decode_varint(data + b"\xff", 0, 63) == (value, len(data))
    for value in range(-300, 300):
        assert unzigzag(zigzag(value)) == value
    with pytest.raises(weightless.CorruptError):
        decode_varint(b"\x80\x00", 0, 63)
    with pytest.raises(weightless.CorruptError):
        decode_varint(encode_varint(1 << 14), 0, 14)


def test_scan() -> None:
    info = scan_archive(io.BytesIO(ARCHIVES["frames"]))
    assert [frame.raw_size for frame in info.frames] == [90, 0, 80]
    assert (info.skippable, info.blocks, info.raw_size) == (1, 2, 170)
    assert info.compressed_size == len(ARCHIVES["frames"])
    blocks = scan_archive(io.BytesIO(ARCHIVES["blocks"]))
    assert (blocks.blocks, blocks.raw_size) == (4, 490)
    header = blocks.frames[0].header
    assert header is not None
    assert (header.content_size, header.set_id) == (490, None)
