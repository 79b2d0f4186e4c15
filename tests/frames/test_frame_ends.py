"""Frames that end behind a delimiter: the same bytes however the content arrives."""

from __future__ import annotations

import io
import os
import random
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from killed import killed_after_bytes

import weightless
from weightless.container.cuts import Cuts
from weightless.container.scan import scan_archive

SMALL = weightless.Parameters(width=16, experts=0, horizon=2)
COMMAND = [sys.executable, "-m", "weightless"]


def expected(content: bytes, size: int, delimiter: bytes) -> list[bytes]:
    """Cut content as docs/format.md says, the slow way."""
    frames = []
    while content:
        ends = (e for e in range(size, 2 * size) if content[:e].endswith(delimiter))
        end = next(ends, 2 * size)
        frames.append(content[:end])
        content = content[end:]
    return frames


def frames_of(archive: bytes) -> list[int]:
    info = scan_archive(io.BytesIO(archive))
    return [frame.raw_size for frame in info.frames if frame.header is not None]


@given(
    content=st.text("ab\n", max_size=120),
    delimiter=st.sampled_from([b"\n", b"ab", b"a\na", b"aaa"]),
    size=st.integers(3, 20),
    seed=st.integers(0, 99),
)
@settings(deadline=None)
def test_cut_alike_in_any_pieces(content: str, delimiter: bytes, size: int, seed: int) -> None:
    data = content.encode()
    rng = random.Random(seed)
    cuts = Cuts(size, delimiter)
    frames, frame, position = [], b"", 0
    while position < len(data):
        piece = data[position : position + rng.randint(1, 9)]
        taken, ended = cuts.take(memoryview(piece))
        assert 0 < taken <= len(piece)
        frame += piece[:taken]
        position += taken
        if ended:
            frames.append(frame)
            frame = b""
    assert frames + [frame] * bool(frame) == expected(data, size, delimiter)


def test_a_delimiter_far_within_a_large_piece() -> None:
    data = bytes(200_000) + b"--" + bytes(200_000)
    assert Cuts(150_000, b"--").take(memoryview(data)) == (200_002, True)
    assert Cuts(150_000, b"-+").take(memoryview(data)) == (300_000, True)


LINES = b"".join(b"line %d of some\n" % i for i in range(60)) + b"x" * 230 + b"\nend"


@pytest.mark.parametrize("primed", [False, True])
def test_all_writers_give_the_same_bytes(folder: Path, primed: bool) -> None:
    options: dict[str, Any] = {
        "parameters": SMALL,
        "frame_size": 100,
        "frame_at": b"\n",
        "primed": primed,
    }
    archive = weightless.compress(LINES, **options)
    assert frames_of(archive) == [len(frame) for frame in expected(LINES, 100, b"\n")]
    assert weightless.decompress(archive, threads=2) == LINES
    assert weightless.compress(LINES, threads=3, **options) == archive
    Path("f").write_bytes(LINES)
    weightless.compress("f", **options)
    assert Path("f.wl").read_bytes() == archive
    rng = random.Random(3)
    for threads in (1, 2):
        with weightless.open("g.wl", "wb", threads=threads, **options) as file:
            position = 0
            while position < len(LINES):
                step = rng.randint(1, 300)
                file.write(LINES[position : position + step])
                position += step
        assert Path("g.wl").read_bytes() == archive


@pytest.mark.parametrize(
    ("delimiter", "content"),
    [
        (b"\r\n--", LINES.replace(b"\n", b"\r\n--")),  # several bytes, across blocks
        (b"line 12 of some\nline 13", LINES),  # longer than several blocks, and only once
        (b"never", LINES),
        (b"\n", LINES[:99]),  # smaller than a frame
        (b"\n", LINES[:100]),
        (b"\n", b""),
        (b"\n", b"\n" * 300),
    ],
)
@pytest.mark.parametrize("block_size", [3, 7, 1000])
def test_delimiters_across_blocks(
    folder: Path, delimiter: bytes, content: bytes, block_size: int
) -> None:
    options: dict[str, Any] = {"parameters": SMALL, "block_size": block_size, "frame_size": 100}
    archive = weightless.compress(content, frame_at=delimiter, **options)
    frames = expected(content, 100, delimiter) or [b""]
    assert frames_of(archive) == [len(frame) for frame in frames]
    assert weightless.decompress(archive, threads=2) == content
    assert weightless.compress(content, frame_at=delimiter, threads=2, **options) == archive
    with weightless.open("f.wl", "wb", frame_at=delimiter, threads=2, **options) as file:
        for start in range(0, len(content), 11):
            file.write(content[start : start + 11])
    assert Path("f.wl").read_bytes() == archive
    if len(content) < 100:
        assert archive == weightless.compress(content, **options)


@pytest.mark.skipif(os.name != "posix", reason="kills a forked process")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.parametrize("primed", [False, True])
@pytest.mark.parametrize("delimiter", [b"\n", b"e\nl", b"never"])
def test_killed_and_resumed(folder: Path, delimiter: bytes, primed: bool) -> None:
    """Whole frames are kept wherever it was killed, and what follows is cut as without it."""
    options: dict[str, Any] = {"parameters": SMALL, "frame_size": 100, "primed": primed}
    wanted = weightless.compress(LINES, frame_at=delimiter, **options)
    Path("f").write_bytes(LINES)
    resumed = []
    for size in range(40, len(wanted), len(wanted) // 5):
        kill = partial(weightless.compress, "f", frame_at=delimiter, **options)
        assert killed_after_bytes(size, kill)
        resumed.append(weightless.compress("f", resume=True, frame_at=delimiter, **options).resumed)
        assert Path("f.wl").read_bytes() == wanted
        Path("f.wl").unlink()
        assert [path.name for path in folder.iterdir()] == ["f"]
    assert max(resumed) > 100
    # What was cut elsewhere is not gone on with.
    if delimiter in LINES:
        assert killed_after_bytes(len(wanted) // 2, kill)
        with pytest.raises(weightless.UnsuitableFileError, match="other options"):
            weightless.compress("f", resume=True, frame_at=b"\0", **options)


def test_flushing_keeps_the_cuts(folder: Path) -> None:
    sizes = [len(frame) for frame in expected(LINES, 100, b"\n")]
    for threads in (1, 2):
        with weightless.open(
            "f.wl", "wb", parameters=SMALL, frame_size=100, frame_at=b"\n", threads=threads
        ) as file:
            for start in range(0, len(LINES), 70):
                file.write(LINES[start : start + 70])
                file.flush()
        assert frames_of(Path("f.wl").read_bytes()) == sizes
        assert weightless.decompress(Path("f.wl").read_bytes()) == LINES


def test_appending_starts_a_frame(folder: Path) -> None:
    options: dict[str, Any] = {"parameters": SMALL, "frame_size": 100, "frame_at": b"\n"}
    for _ in range(2):
        with weightless.open("f.wl", "ab", **options) as file:
            file.write(LINES)
    data = Path("f.wl").read_bytes()
    assert frames_of(data) == 2 * [len(frame) for frame in expected(LINES, 100, b"\n")]
    assert weightless.decompress(data) == LINES + LINES


@pytest.mark.parametrize("primed", [False, True])
def test_resumed(folder: Path, primed: bool) -> None:
    options: dict[str, Any] = {
        "parameters": SMALL,
        "frame_size": 100,
        "frame_at": b"\n",
        "primed": primed,
    }
    Path("f").write_bytes(LINES)
    result = weightless.compress("f", **options)
    whole = Path("f.wl").read_bytes()
    again = weightless.compress("f", overwrite=True, resume=True, **options)
    assert again.resumed == len(LINES) == result.raw_size
    # Plain frames are not taken for those that end with lines, nor the reverse.
    del options["frame_at"]
    plain = weightless.compress("f", overwrite=True, resume=True, **options)
    assert plain.resumed == 0
    other = Path("f.wl").read_bytes()
    assert other != whole
    assert other == weightless.compress(LINES, **options)


def test_kept_frames_of_an_unfinished_archive() -> None:
    from weightless.files.resume import keep_archive
    from weightless.frames.archive_encoder import ArchiveEncoder

    def encoder() -> ArchiveEncoder:
        return ArchiveEncoder(SMALL, frame_size=100, frame_at=b"\n")

    whole = encoder()
    archive = whole.write(memoryview(LINES)) + whole.finish()
    sizes = [frame.size for frame in scan_archive(io.BytesIO(archive)).frames]
    with tempfile.TemporaryFile() as sink, tempfile.TemporaryFile() as source:
        sink.write(archive[: sum(sizes[:4]) + 5])
        source.write(LINES)
        source.flush()
        for file in (sink, source):
            file.seek(0)
        going_on = encoder()
        kept = keep_archive(sink, source, going_on, Path("f.wl"))
        assert kept.compressed_size == sum(sizes[:4])
        sink.write(going_on.write(memoryview(LINES[kept.raw_size :])) + going_on.finish())
        sink.seek(0)
        assert sink.read() == archive


def test_command(folder: Path) -> None:
    Path("f").write_bytes(LINES)
    command = [*COMMAND, "-1", "--frame-size", "100", "--frame-at", "LINE", "-T2"]
    subprocess.run([*command, "f"], check=True)
    archive = weightless.compress(LINES, 1, frame_size=100, frame_at=b"\n")
    assert Path("f.wl").read_bytes() == archive
    done = subprocess.run([*command, "-c"], input=LINES, capture_output=True, check=True)
    assert done.stdout == archive
    wrong = subprocess.run([*COMMAND, "--frame-at", "LINE", "f"], capture_output=True)
    assert wrong.returncode == 2
    assert b"--frame-at requires --frame-size" in wrong.stderr


def test_wrong_options() -> None:
    for options in ({}, {"frame_size": 1}, {"frame_size": 10, "frame_at": b""}):
        with pytest.raises(weightless.ParameterError, match="frame_at"):
            weightless.compress(b"", **{"frame_at": b"ab", **options})
    with pytest.raises(TypeError, match="frame_at is str"):
        weightless.compress(b"", frame_size=10, frame_at="\n")  # type: ignore[call-overload]
