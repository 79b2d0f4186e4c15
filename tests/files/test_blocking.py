"""Non-blocking files, and files that accept or return little at a time: nothing is lost.

Where there is a descriptor, reading and writing wait; where there is none, they raise
`BlockingIOError`, have done nothing, and can be repeated.
"""

from __future__ import annotations

import errno
import io
import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from crafted import SMALL, stored_frame
from data import noise
from hypothesis import given, settings
from hypothesis import strategies as st
from sources import Pipe

import weightless
from weightless import WeightlessFile
from weightless.container.sink import Sink
from weightless.container.source import Source
from weightless.frames.archive_decoder import ArchiveDecoder

CONTENT = noise(90_000)  # more than a pipe holds
ARCHIVE = stored_frame(CONTENT[:40_000]) + stored_frame(CONTENT[40_000:])
posix = pytest.mark.skipif(os.name != "posix", reason="POSIX only")
pytestmark = pytest.mark.usefixtures("no_thread_left")


class Slow(io.RawIOBase):
    """A writer that accepts some of the bytes it is given, or none for now, as configured."""

    def __init__(self, takes: list[int | None]) -> None:
        self.taken = bytearray()
        self._takes = takes

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int | None:
        take = self._takes.pop(0) if self._takes else None
        if take is None:
            return None
        take = min(take, len(data))
        self.taken += bytes(data[:take])
        return take


class Buffered(Slow):
    """A writer that reports the same by raising an error, as buffered writers do."""

    def write(self, data: Any, /) -> int:
        taken = super().write(data)
        if taken is None or taken < len(data):
            raise BlockingIOError(errno.EAGAIN, "full", taken or 0)
        return taken


def patiently(sink: Slow, call: Callable[..., object], *arguments: object) -> None:
    """Repeat a call until it does not have to wait; a call that is refused must change nothing."""
    while True:
        try:
            call(*arguments)
        except BlockingIOError:
            sink._takes.append(1000)
            continue
        return


@settings(max_examples=50, deadline=None)
@given(
    kind=st.sampled_from([Slow, Buffered]),
    takes=st.lists(st.one_of(st.none(), st.integers(1, 5000)), max_size=30),
    pieces=st.lists(st.integers(0, 3000), max_size=8),
    frame_size=st.sampled_from([None, 700]),
)
def test_a_sink_that_cannot_be_waited_for(
    kind: type[Slow], takes: list[int | None], pieces: list[int], frame_size: int | None
) -> None:
    sink = kind(takes)
    file = WeightlessFile(
        sink,  # type: ignore[arg-type]
        "w",
        parameters=SMALL,
        frame_size=frame_size,
    )
    written = b""
    for size in pieces:
        data = CONTENT[len(written) : len(written) + size]
        patiently(sink, file.write, data)
        written += data
        assert file.tell() == len(written)
        if size % 3 == 0:
            patiently(sink, file.flush)
    patiently(sink, file.close)
    assert file.closed
    assert weightless.decompress(bytes(sink.taken)) == written


@pytest.mark.parametrize("mode", ["rb", "rt"])
def test_a_source_that_cannot_be_waited_for(mode: str) -> None:
    archive = stored_frame(b"one\ntwo\n" * 500, first=2000)
    options = {"encoding": "ascii"} if mode == "rt" else {}
    file: Any = weightless.open(Pipe(archive, 100, pauses=True), mode, **options)  # type: ignore[call-overload]
    refused = 0
    while True:
        try:
            content = file.read()
        except BlockingIOError:
            refused += 1
            continue
        break
    assert refused > 10
    assert content == ("one\ntwo\n" * 500 if mode == "rt" else b"one\ntwo\n" * 500)


def test_decoding_goes_on() -> None:
    decoder = ArchiveDecoder()
    source = Source(Pipe(ARCHIVE, pauses=True))  # type: ignore[arg-type]
    out = b""
    while True:
        try:
            for block in decoder.decode(source):
                out += block
        except BlockingIOError:
            continue
        break
    assert out == CONTENT


@pytest.mark.parametrize("count", [0, -1, 10**6])
def test_a_sink_that_is_broken(count: int) -> None:
    class Broken(io.RawIOBase):
        def write(self, data: Any, /) -> int:
            return count

    sink = Sink(Broken())  # type: ignore[arg-type]
    sink.add(b"abc")
    with pytest.raises(OSError, match="accepts no data" if count == 0 else f"returned {count}"):
        sink.drain()


def test_a_sink_that_returns_nothing_has_taken_all() -> None:
    class Bare:
        def __init__(self) -> None:
            self.pieces: list[bytes] = []

        def write(self, data: memoryview) -> None:
            self.pieces.append(bytes(data))

    sink = Bare()
    with WeightlessFile(sink, "w", parameters=SMALL, block_size=100) as file:  # type: ignore[arg-type]
        file.write(CONTENT[:500])
    assert weightless.decompress(b"".join(sink.pieces)) == CONTENT[:500]


def test_a_source_that_stops_before_its_end() -> None:
    class Stopping(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return b"" if self.tell() >= 100_000 else super().read(100_000)

    archive = stored_frame(CONTENT[:50_000])
    archive *= 3
    for call in (weightless.open(Stopping(archive)).read, Source(Stopping(archive)).read_whole):
        with pytest.raises(OSError, match="before its end"):
            call(*(() if call.__name__ == "read" else (0, len(archive))))


def pipe() -> tuple[BinaryIO, BinaryIO]:
    """Return both ends of a pipe as non-blocking files."""
    ends = os.pipe()
    for end in ends:
        os.set_blocking(end, False)
    return os.fdopen(ends[0], "rb", buffering=0), os.fdopen(ends[1], "wb", buffering=0)


def connection() -> tuple[BinaryIO, BinaryIO]:
    """Return both ends of a connection as non-blocking files."""
    ends = socket.socketpair()
    for end in ends:
        end.setblocking(False)
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 14)
    reader, writer = ends[0].makefile("rb", buffering=0), ends[1].makefile("wb", buffering=0)
    for end in ends:
        end.close()
    return reader, writer


@posix
@pytest.mark.parametrize("ends", [pipe, connection])
@pytest.mark.parametrize("buffered", [False, True])
def test_waiting_for_a_descriptor(
    ends: Callable[[], tuple[BinaryIO, BinaryIO]], buffered: bool
) -> None:
    reader, writer = ends()
    source: Any = io.BufferedReader(reader, 100) if buffered else reader  # type: ignore[arg-type,type-var]
    sink: Any = io.BufferedWriter(writer, 100) if buffered else writer  # type: ignore[arg-type,type-var]

    def write() -> None:
        with WeightlessFile(sink, "w", parameters=SMALL, frame_size=20_000) as file:
            for i in range(0, len(CONTENT), 9000):
                file.write(CONTENT[i : i + 9000])
                if i % 27_000 == 0:
                    file.flush()
            file.flush()
        while True:  # the caller's own buffered writer
            try:
                sink.close()
            except BlockingIOError:
                continue
            break

    thread = threading.Thread(target=write)
    thread.start()
    with WeightlessFile(source) as file:
        assert file.read() == CONTENT
    thread.join()
    source.close()


@posix
def test_decoder_waits_too() -> None:
    reader, writer = pipe()

    def write() -> None:
        sink = Sink(writer)
        for i in range(0, len(ARCHIVE), 1000):
            sink.add(ARCHIVE[i : i + 1000])
            sink.drain()
        writer.close()

    thread = threading.Thread(target=write)
    thread.start()
    with reader:
        assert b"".join(ArchiveDecoder().decode(reader)) == CONTENT
    thread.join()


def test_a_sink_that_takes_bytes_only() -> None:
    """wsgiref's sink accepts only bytes, as do others written for `lzma.LZMAFile`."""

    class Bytes:
        def __init__(self) -> None:
            self.taken: list[bytes] = []

        def write(self, data: bytes) -> None:
            assert type(data) is bytes
            self.taken.append(data)

    sink = Bytes()
    with WeightlessFile(sink, "w", parameters=SMALL, frame_size=99) as file:  # type: ignore[arg-type]
        file.write(CONTENT[:300])
        file.flush()
    assert weightless.decompress(b"".join(sink.taken)) == CONTENT[:300]


def test_a_plain_file_that_is_closed_meanwhile(tmp_path: Path) -> None:
    """Its descriptor may soon belong to another file."""
    (tmp_path / "a").write_bytes(5 * ARCHIVE)  # This is more than is read at once.
    (tmp_path / "b").write_bytes(5 * ARCHIVE[::-1])
    source = open(tmp_path / "a", "rb", buffering=0)  # noqa: SIM115
    file = WeightlessFile(source)
    start = file.read(10)
    source.close()
    with open(tmp_path / "b", "rb", buffering=0), pytest.raises(ValueError, match="closed"):
        file.read()
    assert start == CONTENT[:10]


def test_a_plain_file_that_reads_in_its_own_way(tmp_path: Path) -> None:
    class Flipped(io.FileIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return bytes(byte ^ 1 for byte in super().read(size))

    (tmp_path / "a").write_bytes(bytes(byte ^ 1 for byte in ARCHIVE))
    with Flipped(tmp_path / "a") as source, WeightlessFile(source) as file:
        assert file.read() == CONTENT
        file.seek(50_000)
        assert file.read(9) == CONTENT[50_000:50_009]
