"""`TarFile` on streams that do not support seeking, and members read in any order."""

from __future__ import annotations

import contextlib
import gzip
import io
import os
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from crafted import SMALL, stored_frame
from data import noise
from hypothesis import given, settings
from hypothesis import strategies as st
from sources import Pipe, ShortReads

import weightless

pytest.importorskip("weightless.integrations.tarfile")  # Old versions of tarfile have no filters.
from weightless.integrations.tarfile import TarFile

MEMBERS = {"a": noise(9000, 1), "b/c": b"", "b/d": noise(20_000, 2), "e": b"x" * 511, "f": b"end"}


def fill(tar: tarfile.TarFile) -> None:
    for name, content in MEMBERS.items():
        info = tarfile.TarInfo(name)
        info.size = len(content)
        tar.addfile(info, io.BytesIO(content))


def contents(tar: tarfile.TarFile) -> dict[str, bytes]:
    found = {}
    for member in tar:
        file = tar.extractfile(member)
        assert file is not None
        found[member.name] = file.read()
    return found


def plain_tar() -> bytes:
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w") as tar:
        fill(tar)
    return sink.getvalue()


PLAIN = plain_tar()
IN_FRAMES = b"".join(stored_frame(PLAIN[i : i + 7000]) for i in range(0, len(PLAIN), 7000))
ARCHIVE = weightless.compress(PLAIN, parameters=SMALL, frame_size=7000)


class OnlyRead:
    """A stream with only the methods that tarfile requires."""

    def __init__(self, data: bytes) -> None:
        self.read = io.BytesIO(data).read


SOURCES: dict[str, Callable[[bytes], Any]] = {
    "memory": io.BytesIO,
    "pipe": lambda data: Pipe(data, 1000),
    "a byte at a time": lambda data: io.BufferedReader(Pipe(data, 1)),
    "only read": OnlyRead,
}


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("mode", ["r|wl", "r|*", "|wl", "|*"])
def test_reading_a_stream(source: str, mode: str) -> None:
    file = SOURCES[source](ARCHIVE)
    with TarFile.open(fileobj=file, mode=mode, threads=2) as tar:
        assert contents(tar) == MEMBERS
    assert not getattr(file, "closed", False)


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_other_kinds_of_stream(source: str, pack: Callable[[bytes], bytes]) -> None:
    with TarFile.open(fileobj=SOURCES[source](pack(PLAIN)), mode="r|*") as tar:
        assert contents(tar) == MEMBERS
    for data in (pack(PLAIN), b"", b"\xd7", b"\xd7\n", b"\x97W", b"no archive"):
        with pytest.raises(tarfile.ReadError):
            TarFile.open(fileobj=SOURCES[source](data), mode="r|wl")
    for data in (b"", b"no archive", b"\xd7\n", b"\x97WL\0"):
        with pytest.raises(tarfile.ReadError):
            TarFile.open(fileobj=SOURCES[source](data), mode="r|*")


@pytest.mark.parametrize("mode", ["r|wl", "r|*"])
def test_damage_in_a_stream(mode: str) -> None:
    archive = bytearray(ARCHIVE)
    archive[-2000] ^= 1
    with (
        TarFile.open(fileobj=Pipe(bytes(archive)), mode=mode) as tar,
        pytest.raises(weightless.CorruptError),
    ):
        contents(tar)
    with (
        TarFile.open(fileobj=Pipe(ARCHIVE[:20_000]), mode=mode) as tar,
        pytest.raises(weightless.TruncatedError),
    ):
        contents(tar)


def test_names(folder: Path) -> None:
    with TarFile.open("a.tar.wl", "w|wl", level=1, frame_size=9000) as tar:
        fill(tar)
    with tarfile.open(
        fileobj=io.BytesIO(weightless.decompress(Path("a.tar.wl").read_bytes()))
    ) as t:
        assert contents(t) == MEMBERS
    for mode in ("r|wl", "r|*", "r", "r:*", "r:wl"):
        with TarFile.open("a.tar.wl", mode) as tar:
            assert contents(tar) == MEMBERS
    Path("b.tar").write_bytes(PLAIN)
    with TarFile.open("b.tar", "r|*") as tar:
        assert contents(tar) == MEMBERS
    Path("empty").write_bytes(b"")
    for mode in ("r|wl", "r|*", "r", "r:wl"):
        with pytest.raises(tarfile.ReadError):
            TarFile.open("empty", mode)
        with pytest.raises(FileNotFoundError):
            TarFile.open("missing", mode)
        with pytest.raises(ValueError, match="nothing to open"):
            TarFile.open(None, mode)
    for mode in ("x|wl", "a|wl"):
        with pytest.raises(ValueError, match="mode"):
            TarFile.open("c", mode)
    assert not Path("c").exists()


def test_writing_a_stream() -> None:
    class OnlyWrite:
        def __init__(self) -> None:
            self.pieces: list[bytes] = []

        def write(self, data: memoryview) -> int:
            self.pieces.append(bytes(data[:1000]))
            return len(self.pieces[-1])

    sink = OnlyWrite()
    with TarFile.open(fileobj=sink, mode="w|wl", level=1, bufsize=512) as tar:
        fill(tar)
    with TarFile.open(fileobj=io.BytesIO(b"".join(sink.pieces)), mode="r|wl") as tar:
        assert contents(tar) == MEMBERS


@pytest.mark.parametrize("mode", ["w:wl", "w|wl"])
def test_an_error_closes_what_was_opened(folder: Path, mode: str) -> None:
    def fail() -> None:
        with TarFile.open("a.tar.wl", mode, level=1) as tar:
            fill(tar)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    weightless.decompress(Path("a.tar.wl").read_bytes())  # an archive with an end


READS = st.lists(
    st.tuples(
        st.sampled_from([name for name in MEMBERS if name != "b/c"]),
        st.integers(0, 25_000),
        st.one_of(st.none(), st.integers(0, 25_000)),
    ),
    max_size=12,
)


@settings(max_examples=40, deadline=None)
@given(
    reads=READS,
    kind=st.sampled_from([io.BytesIO, ShortReads]),
    archive=st.sampled_from([IN_FRAMES, stored_frame(PLAIN, first=5000)]),
    threads=st.sampled_from([1, 3]),
)
def test_members_in_any_order(
    reads: list[tuple[str, int, int | None]],
    kind: type[io.BytesIO],
    archive: bytes,
    threads: int,
) -> None:
    """Several members, open at once, read a piece here and a piece there."""
    with (
        TarFile.open(fileobj=kind(archive), mode="r:wl", threads=threads) as tar,
        tarfile.open(fileobj=io.BytesIO(PLAIN)) as expected,
    ):
        ours = {name: tar.extractfile(name) for name in MEMBERS}
        theirs = {name: expected.extractfile(name) for name in MEMBERS}
        for name, size, position in reads:
            one, two = ours[name], theirs[name]
            assert one is not None
            assert two is not None
            if position is not None:
                assert one.seek(position) == two.seek(position)
            assert one.read(size) == two.read(size)
            assert one.readline() == two.readline()
        assert tar.getnames() == expected.getnames()


@pytest.mark.parametrize("archive", [ARCHIVE, PLAIN])
def test_a_stream_that_raises_when_it_has_nothing(archive: bytes) -> None:
    """As buffered ones do; what has been read of its beginning is not lost."""

    class Halting:
        def __init__(self, data: bytes) -> None:
            self._file = io.BytesIO(data)
            self._calls = 0
            self._reading, self._writing = os.pipe()
            os.write(self._writing, b"x")  # waiting ends at once

        def fileno(self) -> int:
            return self._reading

        def read(self, size: int) -> bytes:
            self._calls += 1
            if self._calls % 2:
                raise BlockingIOError
            return self._file.read(min(size, self._calls))

        def close(self) -> None:
            os.close(self._reading)
            os.close(self._writing)

    with (
        contextlib.closing(Halting(archive)) as file,
        TarFile.open(fileobj=file, mode="r|*") as tar,
    ):
        assert contents(tar) == MEMBERS
