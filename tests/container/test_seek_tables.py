"""Seek tables and headers that are wrong: every read gives the right bytes or an error."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from crafted import SMALL, stored_frame
from data import noise
from hypothesis import given, settings
from hypothesis import strategies as st

import weightless
from weightless import WeightlessFile
from weightless.container.scan import FrameInfo, HeaderScan, scan_archive
from weightless.container.seek_table import encode_seek_table
from weightless.container.skippable import skippable_frame
from weightless.container.source import Source

SIZES = (30, 0, 50, 7, 100)
CONTENTS = [noise(size, seed) for seed, size in enumerate(SIZES)]
FRAMES = [stored_frame(data, 20) for data in CONTENTS]
FRAMES.insert(2, skippable_frame(b"in between"))
ARCHIVE = b"".join(FRAMES)
CONTENT = b"".join(CONTENTS)
HONEST = [(len(frame), len(weightless.decompress(frame))) for frame in FRAMES]


@st.composite
def tables(draw: st.DrawFn) -> list[tuple[int, int]]:
    """Tables whose sizes add up to the archive's, and whatever else they may say."""
    number = draw(st.integers(1, 8))
    cuts = sorted(draw(st.lists(st.integers(0, len(ARCHIVE)), min_size=number, max_size=number)))
    cuts[-1] = len(ARCHIVE)
    if number == len(FRAMES) and draw(st.booleans()):
        sizes = [size for size, _ in HONEST]  # frames as they are, but not their contents
    else:
        sizes = [end - start for start, end in zip([0, *cuts], cuts, strict=False)]
    raw = st.one_of(st.integers(0, 200), st.sampled_from([2**63 - 1, 2**62, 2**31, *SIZES]))
    return [(size, draw(raw)) for size in sizes]


@pytest.mark.parametrize("flip", [0x01, 0x80])
def test_no_flipped_bit_moves_the_content(flip: int) -> None:
    """Headers of frames that are skipped are compared with the seek table."""
    content = noise(300, 5)
    archive = weightless.compress(content, parameters=SMALL, frame_size=60, block_size=20)
    assert len(archive) > len(content)
    for i in range(len(archive)):
        damaged = bytearray(archive)
        damaged[i] ^= flip
        for position in (0, 30, 140, 290):
            with WeightlessFile(io.BytesIO(damaged)) as file:
                try:
                    assert file.seek(position) == position
                    assert file.read(10) == content[position : position + 10]
                except weightless.WeightlessError:
                    pass


@settings(max_examples=60, deadline=None)
@given(table=tables(), threads=st.sampled_from([1, 2]), data=st.data())
def test_no_table_can_mislead(
    table: list[tuple[int, int]], threads: int, data: st.DataObject
) -> None:
    archive = ARCHIVE + encode_seek_table(table)
    assert weightless.decompress(archive, threads=threads) == CONTENT
    assert scan_archive(io.BytesIO(archive)).raw_size == len(CONTENT)
    with WeightlessFile(io.BytesIO(archive), threads=threads) as file:
        for _ in range(4):
            whence = data.draw(st.sampled_from([0, 2]))
            position = data.draw(st.integers(0, len(CONTENT)))
            assert file.seek(position - (len(CONTENT) if whence else 0), whence) == position
            size = data.draw(st.integers(-1, 60))
            expected = CONTENT[position:] if size < 0 else CONTENT[position : position + size]
            assert file.read(size) == expected


def test_sizes_past_the_largest_number() -> None:
    one = weightless.compress(b"x", parameters=SMALL)
    archive = one + one + encode_seek_table([(len(one), 2**63 - 1), (len(one), 2**63 - 1)])
    with WeightlessFile(io.BytesIO(archive)) as file:
        assert file.seek(0, 2) == 2
        assert file.seek(1) == 1
        assert file.read() == b"x"


@pytest.mark.parametrize("claim", [0, 9, 11, 2**63 - 1])
@pytest.mark.parametrize("threads", [1, 2])
def test_content_sizes_that_lie(claim: int, threads: int) -> None:
    """A frame whose content differs from its header is reported as damaged by every reader."""
    archive = FRAMES[0] + stored_frame(b"0123456789", claim=claim) + FRAMES[0]
    with pytest.raises(weightless.CorruptError, match="add up"):
        scan_archive(io.BytesIO(archive))
    with pytest.raises(weightless.CorruptError, match="add up") as caught:
        weightless.decompress(archive, threads=threads)
    assert caught.value.delivered == 30
    with WeightlessFile(io.BytesIO(archive), threads=threads) as file:
        with pytest.raises(weightless.CorruptError, match="add up"):
            file.seek(0, 2)
        with pytest.raises(weightless.CorruptError, match="add up"):
            file.seek(35)
        assert file.seek(20) == 20
        assert file.read(10) == CONTENT[20:30]


class Counting(io.BytesIO):
    calls = count = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self.calls += 1
        self.count += len(data)
        return data


def frames(scan: HeaderScan) -> Iterator[FrameInfo]:
    while (frame := scan.next_frame()) is not None:
        yield frame


@pytest.mark.parametrize(
    "archive",
    [
        100 * stored_frame(b""),
        1000 * skippable_frame(b""),
        stored_frame(noise(2000), 1),
        stored_frame(noise(300_000), 1 << 14),
    ],
    ids=["empty frames", "skippable frames", "blocks of a byte", "large blocks"],
)
def test_what_a_scan_costs(archive: bytes) -> None:
    """A scan reads only a few bytes for each header, and hardly any byte twice."""
    file = Counting(archive)
    source = Source(file)  # type: ignore[arg-type]
    blocks = sum(frame.blocks for frame in frames(HeaderScan(source)))
    assert file.count <= 1.1 * len(archive) + 200
    if len(archive) > 100_000:
        assert file.count <= 64 * (blocks + 2)
        assert file.calls <= blocks + 2
    else:  # Headers that are close to each other are read together.
        assert file.calls <= 20
    # To find a position, no more is read than what precedes it.
    file.count = 0
    HeaderScan(source).next_frame(0)
    assert file.count <= 128
