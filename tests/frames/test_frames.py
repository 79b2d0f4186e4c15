"""Archives of several frames: boundaries, the seek table, and independence of threads."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import plain_reader
import pytest
from conftest import Run
from data import noise, text
from patience import PATIENCE

import weightless
from weightless import _core
from weightless.container.scan import scan_archive
from weightless.container.seek_table import encode_seek_table
from weightless.frames.archive_decoder import ArchiveDecoder
from weightless.frames.archive_encoder import ArchiveEncoder
from weightless.frames.parallel import run_parallel

DATA = text(5000)
SMALL = weightless.Parameters(width=16)
posix = pytest.mark.skipif(os.name != "posix", reason="POSIX only")
pytestmark = pytest.mark.usefixtures("no_thread_left")


def raw_sizes(archive: bytes) -> list[int]:
    """Return the content size of each frame, with -1 for the seek table."""
    frames = scan_archive(io.BytesIO(archive)).frames
    return [-1 if frame.header is None else frame.raw_size for frame in frames]


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (0, [0]),
        (1, [1]),
        (999, [999]),
        (1000, [1000]),
        (1001, [1000, 1, -1]),
        (2000, [1000, 1000, -1]),
        (4500, [1000, 1000, 1000, 1000, 500, -1]),
    ],
)
def test_where_frames_are_cut(size: int, expected: list[int]) -> None:
    archive = weightless.compress(DATA[:size], parameters=SMALL, frame_size=1000)
    assert raw_sizes(archive) == expected
    assert weightless.decompress(archive) == plain_reader.read(archive) == DATA[:size]
    if len(expected) == 1:  # one frame is one frame, whatever was asked for
        assert archive == weightless.compress(DATA[:size], parameters=SMALL)


@pytest.mark.parametrize("threads", [2, 3, 8])
def test_threads_change_nothing(folder: Path, threads: int) -> None:
    archive = weightless.compress(DATA, parameters=SMALL, frame_size=600)
    assert weightless.compress(DATA, parameters=SMALL, frame_size=600, threads=threads) == archive
    assert weightless.decompress(archive, threads=threads) == DATA
    Path("a").write_bytes(DATA)
    weightless.compress("a", parameters=SMALL, frame_size=600, threads=threads)
    assert Path("a.wl").read_bytes() == archive
    result = weightless.decompress("a.wl", output="b", threads=threads)
    assert Path("b").read_bytes() == DATA
    assert (result.raw_size, result.compressed_size) == (len(DATA), len(archive))


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("piece", [1, 7, 299, 300, 301, 1700, 5000])
def test_pieces_change_nothing(threads: int, piece: int) -> None:
    data = DATA if piece > 1 else DATA[:700]
    encoder = ArchiveEncoder(SMALL, frame_size=300, block_size=128, threads=threads)
    archive = b"".join(
        encoder.write(memoryview(data[i : i + piece])) for i in range(0, len(data), piece)
    )
    archive += encoder.finish()
    assert archive == weightless.compress(data, parameters=SMALL, frame_size=300, block_size=128)


@pytest.mark.parametrize("threads", [1, 2])
def test_flush_and_end_of_a_frame(threads: int) -> None:
    encoder = ArchiveEncoder(SMALL, frame_size=300, threads=threads)
    archive = b""
    decoder = ArchiveDecoder()

    def content() -> bytes:
        out = b""
        while (block := decoder.next_block()) is not None:
            out += block
        return out

    for size, method in ((700, encoder.flush), (10, encoder.end_frame), (350, encoder.flush)):
        piece = encoder.write(memoryview(DATA[:size])) + method()
        archive += piece
        decoder.feed(piece)
        assert content() == DATA[:size]
    archive += encoder.end_frame()
    assert encoder.end_frame() == b""  # Nothing was written since, so no empty frame is added.
    archive += encoder.finish()
    assert raw_sizes(archive) == [300, 300, 110, 300, 50, -1]
    assert plain_reader.seek_table(archive) is not None


def test_seek_table_as_specified() -> None:
    archive = weightless.compress(DATA, parameters=SMALL, frame_size=1000)
    frames = scan_archive(io.BytesIO(archive)).frames
    assert plain_reader.seek_table(archive) == [(f.size, f.raw_size) for f in frames[:-1]]
    assert frames[-1].header is None
    # A single frame needs no table, and a table may list no frames.
    assert plain_reader.seek_table(weightless.compress(DATA, parameters=SMALL)) is None
    assert plain_reader.seek_table(encode_seek_table([])) == []


@pytest.mark.parametrize("threads", [1, 2])
def test_damage_in_one_frame(threads: int) -> None:
    archive = bytearray(
        weightless.compress(DATA, parameters=SMALL, frame_size=1000, block_size=400)
    )
    frames = scan_archive(io.BytesIO(archive)).frames
    archive[frames[3].offset - 20] ^= 1  # in the last block of the third frame
    with pytest.raises(weightless.CorruptError) as caught:
        weightless.decompress(archive, threads=threads)
    assert caught.value.delivered == 2800
    assert caught.value.offset is not None
    assert frames[2].offset < caught.value.offset < frames[3].offset
    with pytest.warns(weightless.DamageWarning):
        saved = weightless.decompress(archive, threads=threads, salvage=True)
    assert saved == DATA[:2800]


@pytest.mark.parametrize("threads", [1, 2])
def test_truncated_within_frames(threads: int) -> None:
    archive = weightless.compress(DATA[:2500], parameters=SMALL, frame_size=1000, block_size=400)
    whole = {0, *(f.offset for f in scan_archive(io.BytesIO(archive)).frames)}
    for size in range(0, len(archive), 29):
        if size in whole:
            continue
        with pytest.raises(weightless.TruncatedError) as caught:
            weightless.decompress(archive[:size], threads=threads)
        assert caught.value.offset is not None
        assert caught.value.offset <= size


def test_limits_over_frames_at_once() -> None:
    archive = weightless.compress(DATA, parameters=SMALL, frame_size=1000)
    need = SMALL.memory_for(1000)
    # Memory for one model: one frame at a time, not an error.
    assert weightless.decompress(archive, threads=4, memory_limit=need) == DATA
    with pytest.raises(weightless.MemoryLimitError):
        weightless.decompress(archive, threads=4, memory_limit=need - 1)
    assert weightless.decompress(archive, threads=4, max_output_size=5000) == DATA
    with pytest.raises(weightless.OutputLimitError):
        weightless.decompress(archive, threads=4, max_output_size=4999)


def test_file_that_changes_after_its_headers_were_read() -> None:
    archive = weightless.compress(DATA, parameters=SMALL, frame_size=1000)

    class Shrinking(io.BytesIO):
        def seek(self, position: int, whence: int = 0) -> int:
            if (position, whence) == (0, 0):
                self.truncate(len(archive) // 2)
            return super().seek(position, whence)

    source = Shrinking(archive)
    decoder = ArchiveDecoder(threads=4)
    out = b""
    blocks = decoder.decode(source)
    with pytest.raises(weightless.TruncatedError):  # noqa: PT012
        for block in blocks:
            out += block
    assert DATA.startswith(out)


def test_progress_over_frames_at_once() -> None:
    seen: list[int] = []
    data = text(300_000)
    encoder = ArchiveEncoder(SMALL, frame_size=100_000, threads=3, progress=seen.append)
    archive = encoder.write(memoryview(data)) + encoder.finish()
    assert seen == sorted(seen)
    assert 200_000 < seen[-1] <= 300_000
    seen.clear()
    decoder = ArchiveDecoder(threads=3, progress=seen.append)
    assert b"".join(decoder.decode(io.BytesIO(archive))) == data
    assert seen == sorted(seen)
    assert 200_000 < seen[-1] <= 300_000


def test_frames_are_coded_at_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    # Pieces of work that wait for each other only end if all of them run.
    barrier = threading.Barrier(2)
    assert run_parallel(lambda item, tick: (barrier.wait(PATIENCE), item)[1], "ab") == ["a", "b"]
    make = weightless.Parameters.codec

    class Meeting:
        """A codec that begins only when another one begins."""

        def __init__(self, codec: _core.Codec) -> None:
            self.codec = codec

        def encode(self, *arguments: Any) -> bytes:
            barrier.wait(PATIENCE)
            return self.codec.encode(*arguments)

        def decode(self, *arguments: Any) -> bytes:
            barrier.wait(PATIENCE)
            return self.codec.decode(*arguments)

        def __getattr__(self, name: str) -> object:
            return getattr(self.codec, name)

    monkeypatch.setattr(
        weightless.Parameters, "codec", lambda self, **how: Meeting(make(self, **how))
    )
    encoder = ArchiveEncoder(SMALL, frame_size=2500, threads=2)
    archive = encoder.write(memoryview(DATA)) + encoder.finish()
    assert raw_sizes(archive) == [2500, 2500, -1]
    assert b"".join(ArchiveDecoder(threads=2).decode(io.BytesIO(archive))) == DATA


def test_failure_in_one_thread_ends_the_others() -> None:
    failed = threading.Event()

    def work(item: int, tick: object) -> None:
        assert callable(tick)
        if item == 1:
            failed.set()
            raise ZeroDivisionError
        while True:
            failed.wait(PATIENCE)
            tick(0)

    with pytest.raises(ZeroDivisionError):
        run_parallel(work, range(4))


@pytest.mark.parametrize("first", ["caller", "helper"])
def test_the_first_failure_is_raised(first: str) -> None:
    """The error of a thread that ends because of the first failure does not replace it."""
    caller = threading.get_ident()
    both = threading.Barrier(2)
    failed = threading.Event()

    def work(item: str, tick: Callable[[int], object]) -> None:
        both.wait(PATIENCE)
        if (threading.get_ident() == caller) == (first == "caller"):
            try:
                raise MemoryError("no room")
            finally:
                failed.set()
        failed.wait(PATIENCE)
        while True:
            tick(0)  # This raises once the failure is known.

    with pytest.raises(MemoryError, match="no room"):
        run_parallel(work, ["a", "b"])


def test_an_interrupt_is_raised_whatever_else_failed() -> None:
    caller = threading.get_ident()
    both = threading.Barrier(2)
    failed = threading.Event()

    def work(item: int, tick: object) -> None:
        both.wait(PATIENCE)
        if threading.get_ident() != caller:
            try:
                raise MemoryError
            finally:
                failed.set()
        failed.wait(PATIENCE)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_parallel(work, range(2))


@pytest.mark.parametrize("thread", ["caller", "helper"])
def test_failure_of_a_progress_callback(thread: str) -> None:
    caller = threading.get_ident()
    both = threading.Barrier(2)

    def work(item: int, tick: Callable[[int], object]) -> None:
        both.wait(PATIENCE)
        while True:
            tick(1)

    def progress(done: int) -> None:
        if (threading.get_ident() == caller) == (thread == "caller"):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run_parallel(work, range(2), progress=progress)


def test_every_failure_of_several_is_one_of_theirs() -> None:
    """All fail at once: the one raised is a failure of the work, and all threads have ended."""
    barrier = threading.Barrier(4)

    def work(item: int, tick: object) -> None:
        barrier.wait(PATIENCE)
        raise LookupError(item)

    with pytest.raises(LookupError):
        run_parallel(work, range(4))


def test_a_helper_that_finds_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    caller = threading.get_ident()
    both = threading.Barrier(2)
    make = weightless.Parameters.codec

    def codec(self: weightless.Parameters, **how: bool) -> _core.Codec:
        both.wait(PATIENCE)
        if threading.get_ident() != caller:
            raise MemoryError("no room for the model")
        return make(self, **how)

    monkeypatch.setattr(weightless.Parameters, "codec", codec)
    with pytest.raises(MemoryError, match="no room for the model"):
        weightless.compress(noise(400_000), parameters=SMALL, frame_size=200_000, threads=2)


@pytest.mark.parametrize("threads", [1, 2, 3, 9])
def test_threads_share_items(threads: int) -> None:
    at_work: set[int] = set()

    def work(item: int, tick: object) -> int:
        at_work.add(threading.get_ident())
        return item * item

    assert run_parallel(work, range(7), threads=threads) == [i * i for i in range(7)]
    assert len(at_work) <= threads


@posix
@pytest.mark.parametrize("action", ["compress", "decompress"])
def test_interrupt_of_frames_at_once(action: str) -> None:
    archive = weightless.compress(text(40_000), parameters=SMALL, frame_size=20_000)
    sent = threading.Event()

    def interrupt(done: int) -> None:
        if not sent.is_set():
            sent.set()
            os.kill(os.getpid(), signal.SIGINT)

    encoder = ArchiveEncoder(SMALL, frame_size=1 << 20, threads=2, progress=interrupt)
    decoder = ArchiveDecoder(threads=2, progress=interrupt)
    work = {
        "compress": lambda: encoder.write(memoryview(noise(2 << 20))),
        "decompress": lambda: list(decoder.decode(io.BytesIO(archive))),
    }
    with pytest.raises(KeyboardInterrupt):
        work[action]()


def test_command(run: Run, folder: Path) -> None:
    Path("a").write_bytes(DATA)
    archive = weightless.compress(DATA, 1, frame_size=2048)
    assert run("-1", "--frame-size", "2K", "-T2", "a").returncode == 0
    assert Path("a.wl").read_bytes() == archive
    assert run("-1", "--frame-size=2K", stdin=DATA).stdout == archive
    for threads in ("-T1", "-T2"):
        assert run("-dc", threads, "a.wl").stdout == DATA
        assert run("-dc", threads, stdin=archive).stdout == DATA
        assert run("-t", threads, "a.wl").returncode == 0
    lines = run("-l", "a.wl").stdout.decode().splitlines()
    assert lines[1].split()[:2] == ["3", "3"]
    assert run("-b1", "--frame-size=2K", "-T2", "a").returncode == 0
    for size in ("0", "-1", "x"):
        done = run("--frame-size", size, "a")
        assert done.returncode == 2
        assert b"--frame-size" in done.stderr


@posix
def test_archive_on_standard_input_is_a_file(command: str, folder: Path) -> None:
    """`weightless -d < file`, as GNU tar does it: several frames at once there too."""
    archive = weightless.compress(DATA, parameters=SMALL, frame_size=1000)
    Path("a").write_bytes(b"line\n" + archive)
    with open("a", "rb", buffering=0) as stream:
        stream.seek(5)
        done = subprocess.run([command, "-dT2"], stdin=stream, capture_output=True, check=True)
    assert done.stdout == DATA
