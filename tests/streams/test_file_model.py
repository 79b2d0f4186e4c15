"""`WeightlessFile`, binary and text, against Python's own files over the same content."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable
from typing import Any, BinaryIO

import pytest
from crafted import SMALL, stored_frame, stored_frame_of
from data import noise
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from sources import Pipe, ShortReads

import weightless
from weightless.container.reading import CHUNK_SIZE
from weightless.container.seek_table import encode_seek_table
from weightless.container.skippable import skippable_frame

LINES = "".join(f"Zeile {i} {'ü€' * (i % 23)}{'x' * (i % 301)}\r\n" for i in range(1200)).encode()
NOISE = noise(3 * CHUNK_SIZE)


def joined(frames: list[tuple[bytes, bytes]], *, table: bool = False) -> tuple[bytes, bytes]:
    archive = b"".join(archive for archive, _ in frames)
    if table:
        archive += encode_seek_table([(len(archive), len(data)) for archive, data in frames])
    return archive, b"".join(data for _, data in frames)


def frames_of(data: bytes, size: int, block_size: int = 1 << 20) -> list[tuple[bytes, bytes]]:
    parts = [data[i : i + size] for i in range(0, len(data), size)]
    return [(stored_frame(part, block_size), part) for part in parts]


AT_BUFFERS_ENDS = [stored_frame_of(CHUNK_SIZE, NOISE[i:] + NOISE) for i in range(3)]
HALF_A_BUFFER = [stored_frame_of(CHUNK_SIZE // 2, NOISE[i:]) for i in range(5)]
WITH_GAPS = [
    (stored_frame(b""), b""),
    *frames_of(LINES[:3000], 500, 200),
    (skippable_frame(b"nothing"), b""),
    (stored_frame(b""), b""),
    *frames_of(LINES[3000:6000], 700),
    (stored_frame(b""), b""),
]

#: Archives and their content.
ARCHIVES = {
    "one block": (stored_frame(NOISE), NOISE),
    "two blocks": (stored_frame(NOISE, first=3000), NOISE),
    "frames that end at buffers' ends": joined(AT_BUFFERS_ENDS),
    "the same with a table": joined(AT_BUFFERS_ENDS, table=True),
    "half a buffer": joined(HALF_A_BUFFER, table=True),
    "coded": (weightless.compress(LINES[:9000], parameters=SMALL, block_size=999), LINES[:9000]),
    "frames of lines": joined(frames_of(LINES, 10_000), table=True),
    "frames of lines without a table": joined(frames_of(LINES[:30_000], 7000, 6000)),
    "long text": (stored_frame(LINES, first=3000), LINES),
    "gaps": joined(WITH_GAPS),
    "empty": (stored_frame(b""), b""),
}

SOURCES: dict[str, Callable[[bytes], Any]] = {
    "memory": io.BytesIO,
    "short reads": ShortReads,
    "pipe": Pipe,
    "pipe with pauses": lambda data: Pipe(data, pauses=True),
    "buffered pipe": lambda data: io.BufferedReader(Pipe(data, pauses=True)),
    "plain file": lambda data: on_disk(data),
}


def on_disk(data: bytes) -> BinaryIO:
    file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115
    file.write(data)
    file.seek(0)
    return file


def patiently(call: Callable[..., Any], *arguments: Any) -> Any:
    """Call until nothing has to be waited for; each refusal must have done nothing."""
    for _ in range(1000):
        try:
            return call(*arguments)
        except BlockingIOError:
            continue
    raise AssertionError("blocked for ever")


class Machine(RuleBasedStateMachine):
    """What both kinds of file have in common."""

    archives = st.sampled_from(sorted(ARCHIVES))
    sources = st.sampled_from(sorted(SOURCES))

    def begin(self, archive: str, source: str, threads: int, mode: str, **options: Any) -> bytes:
        data, content = ARCHIVES[archive]
        self.source = SOURCES[source](data)
        self.file: Any = weightless.open(self.source, mode, threads=threads, **options)
        self.seekable = "pipe" not in source
        return content

    def teardown(self) -> None:
        if hasattr(self, "file"):
            self.file.close()
            self.source.close()


SIZES = st.one_of(
    st.integers(-1, 40),
    st.integers(0, 300_000),
    st.sampled_from([1 << 16, CHUNK_SIZE - 1, CHUNK_SIZE, CHUNK_SIZE + 1]),
)


class BinaryMachine(Machine):
    @initialize(
        archive=Machine.archives, source=Machine.sources, threads=st.sampled_from([1, 2, 3])
    )
    def open(self, archive: str, source: str, threads: int) -> None:
        self.content = self.begin(archive, source, threads, "rb")
        self.model = io.BytesIO(self.content)
        assert self.file.seekable() == self.seekable

    @rule(size=SIZES)
    def read(self, size: int) -> None:
        assert patiently(self.file.read, size) == self.model.read(size)

    @rule(size=SIZES)
    def readinto(self, size: int) -> None:
        target, expected = bytearray(max(0, size)), bytearray(max(0, size))
        assert patiently(self.file.readinto, target) == self.model.readinto(expected)
        assert target == expected

    @rule(size=SIZES, name=st.sampled_from(["read1", "readinto1", "peek"]))
    def some(self, size: int, name: str) -> None:
        if name == "readinto1":
            target = bytearray(max(0, size))
            data = bytes(target[: patiently(self.file.readinto1, target)])
        else:
            data = patiently(getattr(self.file, name), size)
        rest = self.content[self.model.tell() :]
        assert rest.startswith(data)
        assert data or not rest or (size == 0 or (size < 0 and name == "readinto1"))
        if name != "peek":
            assert size < 0 or len(data) <= size
            self.model.seek(len(data), 1)

    @rule(size=st.one_of(st.none(), SIZES))
    def readline(self, size: int | None) -> None:
        assert patiently(self.file.readline, size) == self.model.readline(size)

    @rule(hint=st.one_of(st.none(), st.integers(-1, 5000)))
    def readlines(self, hint: int | None) -> None:
        assert patiently(self.file.readlines, hint) == self.model.readlines(hint)

    @rule()
    def iterate(self) -> None:
        assert patiently(next, self.file, None) == next(self.model, None)

    @precondition(lambda self: self.seekable)
    @rule(data=st.data(), whence=st.sampled_from([0, 1, 2]))
    def seek(self, data: st.DataObject, whence: int) -> None:
        size = len(self.content)
        target = data.draw(
            st.one_of(st.integers(0, size), st.sampled_from([0, size // 2, size])), "target"
        )
        base = {0: 0, 1: self.model.tell(), 2: size}[whence]
        assert self.file.seek(target - base, whence) == self.model.seek(target - base, whence)

    @precondition(lambda self: not self.seekable)
    @rule(whence=st.sampled_from([0, 1, 2]))
    def cannot_seek(self, whence: int) -> None:
        with pytest.raises(io.UnsupportedOperation):
            self.file.seek(0, whence)

    @rule()
    def tell(self) -> None:
        assert self.file.tell() == self.model.tell()


class TextMachine(Machine):
    texts = st.sampled_from(["coded", "long text", "frames of lines", "gaps", "empty"])

    @initialize(
        archive=texts,
        source=Machine.sources.filter(lambda name: "pipe" not in name),
        threads=st.sampled_from([1, 2]),
        newline=st.sampled_from([None, "", "\n", "\r\n"]),
        encoding=st.sampled_from(["utf-8", "latin-1", "utf-16-le"]),
    )
    def open(
        self, archive: str, source: str, threads: int, newline: str | None, encoding: str
    ) -> None:
        options = {"encoding": encoding, "errors": "replace", "newline": newline}
        content = self.begin(archive, source, threads, "rt", **options)
        self.model = io.TextIOWrapper(io.BytesIO(content), **options)  # type: ignore[arg-type]
        self.cookies = [(0, 0)]

    @rule(size=st.one_of(st.none(), st.integers(-1, 30_000)))
    def read(self, size: int | None) -> None:
        assert self.file.read(size) == self.model.read(size)

    @rule(size=st.integers(-1, 400))
    def readline(self, size: int) -> None:
        assert self.file.readline(size) == self.model.readline(size)

    @rule(hint=st.integers(-1, 5000))
    def readlines(self, hint: int) -> None:
        assert self.file.readlines(hint) == self.model.readlines(hint)

    @rule()
    def iterate(self) -> None:
        # From now on until the end is reached `tell` is refused.
        assert next(self.file, None) == next(self.model, None)

    @rule()
    def tell(self) -> None:
        try:
            expected = self.model.tell()
        except OSError:
            with pytest.raises(OSError, match="tell"):
                self.file.tell()
        else:
            self.cookies.append((self.file.tell(), expected))

    @rule(data=st.data())
    def seek(self, data: st.DataObject) -> None:
        ours, expected = data.draw(st.sampled_from(self.cookies))
        self.file.seek(ours)
        self.model.seek(expected)

    @rule()
    def seek_to_the_end(self) -> None:
        assert self.file.seek(0, 2) == self.model.seek(0, 2)


TestBinary = BinaryMachine.TestCase
TestBinary.settings = settings(max_examples=60, stateful_step_count=20, deadline=None)
TestText = TextMachine.TestCase
TestText.settings = settings(max_examples=40, stateful_step_count=15, deadline=None)
