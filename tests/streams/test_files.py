"""`weightless.open` and `WeightlessFile`: what users of lzma, bz2 and zstd files expect."""

from __future__ import annotations

import array
import io
import os
import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from at_work import interrupt, once_at_work
from crafted import stored_frame
from data import noise, text
from hypothesis import given, settings
from hypothesis import strategies as st

import weightless
from weightless import WeightlessFile

SMALL = weightless.Parameters(width=16)
LINES = b"".join(b"line %d %s\n" % (i, b"x" * (i % 37)) for i in range(400))
ARCHIVE = weightless.compress(LINES, parameters=SMALL, block_size=1000)
FRAMES = weightless.compress(LINES, parameters=SMALL, block_size=400, frame_size=1000)
#: The same content, but without a seek table.
PLAIN_FRAMES = b"".join(
    weightless.compress(LINES[i : i + 1000], parameters=SMALL, block_size=400)
    for i in range(0, len(LINES), 1000)
)
posix = pytest.mark.skipif(os.name != "posix", reason="POSIX only")
pytestmark = pytest.mark.usefixtures("no_thread_left")


class Pipe(io.RawIOBase):
    """A stream without seeking that returns a few bytes at a time."""

    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        return self._data.readinto(memoryview(buffer)[:100])


def written(**options: object) -> tuple[io.BytesIO, WeightlessFile]:
    sink = io.BytesIO()
    return sink, WeightlessFile(sink, "w", parameters=SMALL, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("mode", ["r", "w", "x", "a", "rt", "wt"])
def test_text_files_are_refused(folder: Path, mode: str) -> None:
    Path("f").write_text("text", encoding="utf-8")
    with open("f", encoding="utf-8") as plain:
        for file in (io.StringIO("text"), plain):
            with pytest.raises(TypeError, match="text file"):
                weightless.open(file, mode)  # type: ignore[call-overload]


@pytest.mark.parametrize("seekable", [False, True])
def test_a_file_that_reads_text_is_refused(seekable: bool) -> None:
    class Text:
        def read(self, size: int) -> str:
            return "text"

        def seekable(self) -> bool:
            return seekable

        def seek(self, offset: int, whence: int = 0) -> int:
            return 0

        def tell(self) -> int:
            return 0

    with (
        WeightlessFile(Text()) as file,  # type: ignore[arg-type]
        pytest.raises(TypeError, match="it is a text file"),
    ):
        file.read()


@pytest.mark.parametrize("archive", [ARCHIVE, FRAMES, PLAIN_FRAMES])
def test_reading(archive: bytes) -> None:
    with WeightlessFile(io.BytesIO(archive)) as file:
        assert file.read() == LINES
        assert file.read() == b""
    with WeightlessFile(io.BytesIO(archive)) as file:
        assert file.read(0) == b""
        assert file.read(None) == LINES
    for size in (1, 10, 999, 1000, 1001, 100_000):
        with WeightlessFile(io.BytesIO(archive)) as file:
            pieces = list(iter(lambda file=file, size=size: file.read(size), b""))
        assert b"".join(pieces) == LINES
        assert {len(piece) for piece in pieces[:-1]} <= {size}
    with WeightlessFile(Pipe(archive)) as file:  # type: ignore[arg-type]
        assert file.read() == LINES


def test_reading_some() -> None:
    with WeightlessFile(io.BytesIO(ARCHIVE)) as file:
        pieces = list(iter(file.read1, b""))
    assert b"".join(pieces) == LINES
    assert len(pieces) > 5
    with WeightlessFile(io.BytesIO(ARCHIVE)) as file:
        assert file.read1(0) == b""
        assert b"".join(iter(lambda: file.read1(7), b"")) == LINES
    with WeightlessFile(io.BytesIO(ARCHIVE)) as file:
        ahead = file.peek()
        assert ahead
        assert LINES.startswith(ahead)
        assert file.tell() == 0
        assert file.read(len(ahead)) == ahead
        assert file.peek(3)
        file.read()
        assert file.peek() == b""
    target = bytearray(1500)
    words = array.array("I", bytes(1500))
    with WeightlessFile(io.BytesIO(ARCHIVE)) as file:
        assert file.readinto(target) == 1500
        assert file.readinto(words) == 1500
        assert 0 < file.readinto1(target) <= 1500
    assert words.tobytes() == LINES[1500:3000]
    with WeightlessFile(io.BytesIO(ARCHIVE)) as file:
        for buffer in (b"read-only", memoryview(bytearray(20))[::2], "text", None):
            for method in (file.readinto, file.readinto1):
                with pytest.raises((TypeError, BufferError)):
                    method(buffer)  # type: ignore[arg-type]
                assert file.tell() == 0  # No data has been consumed and lost.


def test_lines() -> None:
    expected = io.BytesIO(LINES).readlines()
    with WeightlessFile(io.BytesIO(ARCHIVE)) as file:
        assert list(file) == expected
        assert file.readline() == b""
    with WeightlessFile(io.BytesIO(ARCHIVE)) as file:
        assert file.readline(4) == b"line"
        assert file.readline(None) == b" 0 \n"
        assert next(file) == expected[1]
        assert file.readlines() == expected[2:]


@pytest.mark.parametrize("archive", [ARCHIVE, FRAMES, PLAIN_FRAMES])
@pytest.mark.parametrize("threads", [1, 2])
def test_seeking(archive: bytes, threads: int) -> None:
    size = len(LINES)
    with WeightlessFile(io.BytesIO(archive), threads=threads) as file:
        assert file.seekable()
        for offset, whence, expected in (
            (2500, 0, 2500),
            (10, 0, 10),  # backwards
            (5000, 1, 5050),
            (-3000, 1, 2090),
            (-1, 2, size - 1),
            (0, 2, size),
            (5, 2, size),
            (-size - 10, 2, 0),
            (-10, 0, 0),
            (size + 10, 0, size),
            (size, 0, size),
            (1000, 0, 1000),
            (1, 0, 1),
        ):
            assert file.seek(offset, whence) == expected
            assert file.tell() == expected
            assert file.read(40) == LINES[expected : expected + 40]
        for whence in (3, -1):
            with pytest.raises(ValueError, match="whence"):
                file.seek(0, whence)
        with pytest.raises(TypeError):
            file.seek()  # type: ignore[call-arg]


OPERATIONS = st.one_of(
    st.tuples(st.just("seek"), st.integers(0, len(LINES))),
    st.tuples(st.sampled_from(["read", "readline"]), st.integers(0, 3000)),
    st.tuples(st.sampled_from(["tell", "readline"])),
)


@settings(max_examples=30, deadline=None)
@given(
    archive=st.sampled_from([ARCHIVE, FRAMES, PLAIN_FRAMES]),
    operations=st.lists(OPERATIONS, max_size=8),
)
def test_like_a_file_in_memory(archive: bytes, operations: list[tuple[str, int]]) -> None:
    model = io.BytesIO(LINES)
    with WeightlessFile(io.BytesIO(archive)) as file:
        for name, *arguments in operations:
            assert getattr(file, name)(*arguments) == getattr(model, name)(*arguments)


class Counting(io.BytesIO):
    """A file that counts the bytes read from it."""

    count = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self.count += len(data)
        return data


def test_seek_table_saves_reading() -> None:
    data = noise(800_000)
    archive = weightless.compress(data, parameters=SMALL, frame_size=100_000)
    source = Counting(archive)
    with WeightlessFile(source) as file:
        assert file.seek(0, 2) == len(data)
        assert source.count < 1000
        file.seek(400_100)
        assert file.read(50) == data[400_100:400_150]
        assert source.count < 250_000
        file.seek(-10, 2)
        assert file.read() == data[-10:]
        assert source.count < 400_000


def test_frames_are_found_without_a_table() -> None:
    data = noise(800_000)
    archive = b"".join(
        weightless.compress(data[i : i + 100_000], parameters=SMALL, block_size=50_000)
        for i in range(0, len(data), 100_000)
    )
    source = Counting(archive)
    with WeightlessFile(source) as file:
        assert file.seek(0, 2) == len(data)
        assert source.count < 2000
        file.seek(-20, 2)
        assert file.read() == data[-20:]
        assert source.count < 200_000


def test_what_cannot_seek() -> None:
    file = WeightlessFile(Pipe(ARCHIVE))  # type: ignore[arg-type]
    assert not file.seekable()
    assert file.read(10) == LINES[:10]
    assert file.tell() == 10
    for arguments in ((0,), (20,), (0, 2)):
        with pytest.raises(io.UnsupportedOperation):
            file.seek(*arguments)
    assert file.read() == LINES[10:]


def test_archive_within_a_file() -> None:
    for archive in (FRAMES, ARCHIVE):
        inside = io.BytesIO(b"header" + archive)
        inside.seek(6)
        with WeightlessFile(inside) as file:
            assert file.read(20) == LINES[:20]
            file.seek(4000)
            assert file.read(20) == LINES[4000:4020]
            inside.seek(0)  # moving the file below does no harm
            assert file.read() == LINES[4020:]
            file.seek(0)
            assert file.read() == LINES


def test_frames_are_read_whole() -> None:
    archive = ARCHIVE + weightless.compress(b"", 1) + FRAMES + ARCHIVE
    with WeightlessFile(io.BytesIO(archive)) as file:
        assert file.read() == LINES * 3
        file.seek(2 * len(LINES) + 7)
        assert file.read(9) == LINES[7:16]


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("frame_size", [None, 1000])
@pytest.mark.parametrize("piece", [1, 10, 1000, 100_000])
def test_writing(threads: int, frame_size: int | None, piece: int) -> None:
    data = LINES if piece > 1 else LINES[:1500]
    sink, file = written(frame_size=frame_size, threads=threads)
    with file:
        for i in range(0, len(data), piece):
            part = data[i : i + piece]
            assert file.write(part) == len(part)
            assert file.tell() == i + len(part)
        assert file.write(b"") == 0
    assert file.closed
    assert not sink.closed
    assert sink.getvalue() == weightless.compress(data, parameters=SMALL, frame_size=frame_size)


def test_writing_buffers_of_any_kind() -> None:
    sink, file = written()
    numbers = array.array("H", range(100))
    with file:
        assert file.write(bytearray(b"abc")) == 3
        assert file.write(memoryview(b"abcdef")[1:3]) == 2
        assert file.write(numbers) == 200
        file.writelines([b"one\n", b"two\n"])
        with pytest.raises(TypeError):
            file.write("text")  # type: ignore[arg-type]
        with pytest.raises(TypeError):
            file.write(None)  # type: ignore[arg-type]
        with pytest.raises(BufferError):
            file.write(memoryview(b"abcdef")[::2])
    assert weightless.decompress(sink.getvalue()) == b"abcbc" + numbers.tobytes() + b"one\ntwo\n"


def test_nothing_written_is_an_archive() -> None:
    sink, file = written()
    file.close()
    assert sink.getvalue() == weightless.compress(b"", parameters=SMALL)
    with WeightlessFile(io.BytesIO(sink.getvalue())) as file:
        assert file.read() == b""
        assert file.seek(0, 2) == 0
    with WeightlessFile(io.BytesIO(b"")) as file, pytest.raises(EOFError, match="empty"):
        file.read()


def test_flush() -> None:
    sink, file = written()
    decompressor = weightless.Decompressor()
    file.write(b"one ")
    assert sink.getvalue() == b""
    file.flush()
    assert decompressor.decompress(sink.getvalue()) == b"one "
    size = len(sink.getvalue())
    file.flush()  # nothing new
    assert len(sink.getvalue()) == size
    file.write(b"two ")
    file.flush(file.FLUSH_FRAME)
    decompressor.decompress(sink.getvalue()[size:])
    assert decompressor.eof
    file.flush(file.FLUSH_FRAME)
    file.write(b"three")
    with pytest.raises(weightless.ParameterError):
        file.flush(0)
    file.close()
    with WeightlessFile(io.BytesIO(sink.getvalue())) as back:
        assert back.read() == b"one two three"
        back.flush()  # reading: nothing to do
        # The frames have a table: it was written because there are several.
        assert back.seek(0, 2) == 13
    with pytest.raises(ValueError, match="closed"):
        file.flush()


def test_append(folder: Path) -> None:
    with weightless.open("log", "a", 1) as file:
        file.write(b"one ")
    with weightless.open("log", "ab", parameters=SMALL) as file:
        assert file.tell() == 0
        file.write(b"two ")
    size = Path("log").stat().st_size
    weightless.open("log", "a").close()
    assert Path("log").stat().st_size == size  # no empty frame
    with weightless.open("log") as file:
        assert file.read() == b"one two "
    weightless.open("new", "a").close()
    assert weightless.decompress(Path("new").read_bytes()) == b""
    sink = io.BytesIO(ARCHIVE)
    sink.seek(0, 2)
    with WeightlessFile(sink, "a", parameters=SMALL, frame_size=10) as file:
        file.write(LINES[:100])
    assert weightless.decompress(sink.getvalue()) == LINES + LINES[:100]


def test_modes(folder: Path) -> None:
    for mode in ("", "z", "rw", "rbt", "br", "rr", "w+", "r+b", "U", "rU"):
        with pytest.raises(ValueError, match="invalid mode"):
            WeightlessFile("a", mode)
        with pytest.raises(ValueError, match="invalid mode"):
            weightless.open("a", mode)
    assert list(folder.iterdir()) == []
    for mode in ("w", "wb"):
        with WeightlessFile("a", mode, parameters=SMALL) as file:
            assert (file.readable(), file.writable(), file.seekable()) == (False, True, False)
            assert (file.mode, file.name) == ("wb", "a")
            for method in (file.read, file.read1, file.peek, file.readline, file.__iter__):
                with pytest.raises(io.UnsupportedOperation):
                    method()
            for method in (file.seek, file.readinto, file.truncate):
                with pytest.raises(io.UnsupportedOperation):
                    method(bytearray(1))  # type: ignore[arg-type]
    for mode in ("r", "rb"):
        with WeightlessFile("a", mode) as file:
            assert (file.readable(), file.writable(), file.seekable()) == (True, False, True)
            assert (file.mode, file.name) == ("rb", "a")
            with pytest.raises(io.UnsupportedOperation):
                file.write(b"x")
    for mode in ("x", "xb"):
        with pytest.raises(FileExistsError):
            WeightlessFile("a", mode)
        Path("a").unlink()
        with WeightlessFile("a", mode, parameters=SMALL) as file:
            file.write(b"new")
        assert weightless.decompress(Path("a").read_bytes()) == b"new"


def test_wrong_arguments_harm_no_file(folder: Path) -> None:
    Path("a").write_bytes(b"precious")
    for options in (
        {"level": 10},
        {"level": 1, "parameters": SMALL},
        {"block_size": 0},
        {"frame_size": 0},
        {"threads": -1},
    ):
        with pytest.raises(weightless.ParameterError):
            WeightlessFile("a", "w", **options)  # type: ignore[arg-type]
    for options in ({"level": 1}, {"parameters": SMALL}, {"frame_size": 9}, {"threads": -1}):
        with pytest.raises(weightless.ParameterError):
            WeightlessFile("a", "r", **options)  # type: ignore[arg-type]
    for file in (None, 3.5, [], io.RawIOBase):
        with pytest.raises(TypeError):
            WeightlessFile(file)  # type: ignore[arg-type]
    with pytest.raises(FileNotFoundError):
        weightless.open("missing")
    with pytest.raises(IsADirectoryError):
        weightless.open(".")
    assert Path("a").read_bytes() == b"precious"


def test_names(folder: Path) -> None:
    for name in ("a b", Path("path"), os.fsencode("bytes")):
        with weightless.open(name, "w", parameters=SMALL) as file:
            file.write(b"abc")
        with weightless.open(name) as file:
            assert file.read() == b"abc"
            assert file.name == name
            assert file.fileno() >= 0
    with WeightlessFile(io.BytesIO(ARCHIVE)) as file:
        with pytest.raises(AttributeError):
            file.name  # noqa: B018
        with pytest.raises(io.UnsupportedOperation):
            file.fileno()


def test_closed() -> None:
    for file in (WeightlessFile(io.BytesIO(ARCHIVE)), written()[1]):
        assert not file.closed
        file.close()
        file.close()
        assert file.closed
        for method in (
            file.read,
            file.readline,
            file.peek,
            file.tell,
            file.readable,
            file.writable,
            file.seekable,
            file.fileno,
            file.flush,
            file.__enter__,
            file.__iter__,
            file.__next__,
        ):
            with pytest.raises(ValueError, match="closed"):
                method()
        with pytest.raises(ValueError, match="closed"):
            file.write(b"")
        with pytest.raises(ValueError, match="closed"):
            file.seek(0)


def test_file_objects_stay_open_and_paths_do_not(folder: Path) -> None:
    Path("a").write_bytes(ARCHIVE)
    with open("a", "rb") as below:
        WeightlessFile(below).close()
        assert not below.closed
    file = weightless.open("a")
    descriptor = file.fileno()
    file.close()
    with pytest.raises(OSError, match="descriptor"):
        os.fstat(descriptor)


def test_forgotten_file_is_ended() -> None:
    sink, file = written()
    file.write(b"abc")
    del file
    assert weightless.decompress(sink.getvalue()) == b"abc"


def test_not_pickled() -> None:
    for file in (WeightlessFile(io.BytesIO(ARCHIVE)), written()[1]):
        with pytest.raises(TypeError):
            pickle.dumps(file)


READ_TO_THE_END: dict[str, Callable[[weightless.WeightlessFile], object]] = {
    "read": lambda file: file.read(),
    "sizes": lambda file: [file.read(7) for _ in range(100)],
    "read1": lambda file: list(iter(file.read1, b"")),
    "lines": list,
    "readinto": lambda file: [file.readinto(bytearray(7)) for _ in range(100)],
    "peek": lambda file: (file.seek(0, 2), file.seek(file.tell() - 10), file.read(10), file.peek()),
}


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("way", READ_TO_THE_END)
def test_the_end_is_verified_though_the_size_is_known(way: str, threads: int) -> None:
    """The headers state the size, but damage after the last block is still reported."""
    wrong = bytearray(stored_frame(noise(300), 100))
    wrong[-1] ^= 1  # The last byte belongs to the content check.
    for before in (b"", stored_frame(b"before")):
        file = weightless.open(io.BytesIO(before + wrong), threads=threads)
        size = file.seek(0, 2)
        assert size == 300 + len(weightless.decompress(before) if before else b"")
        for _ in range(2):
            file.seek(size - 300)
            with pytest.raises(weightless.CorruptError, match="content check"):
                READ_TO_THE_END[way](file)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("frames", [1, 2])
def test_empty_content_is_verified_wherever_the_file_is(frames: int, threads: int) -> None:
    def read_from_the_end(archive: bytes) -> list[bytes]:
        with weightless.open(io.BytesIO(archive), threads=threads) as file:
            assert file.seek(0, 2) == 0
            return [file.read(), file.read()]

    archive = frames * weightless.compress(b"")
    assert read_from_the_end(archive) == [b"", b""]
    for at in range(len(archive)):
        damaged = bytearray(archive)
        damaged[at] ^= 1
        with pytest.raises(weightless.DataError):
            read_from_the_end(damaged)


def test_damage() -> None:
    for size in (1, 3, 20, len(ARCHIVE) - 1):
        with WeightlessFile(io.BytesIO(ARCHIVE[:size])) as file, pytest.raises(EOFError):
            file.read()
    with WeightlessFile(io.BytesIO(ARCHIVE + b"junk")) as file:
        assert file.read(len(LINES)) == LINES
        for _ in range(2):
            with pytest.raises(weightless.CorruptError):
                file.read()
    damaged = bytearray(ARCHIVE)
    damaged[-30] ^= 1
    with WeightlessFile(io.BytesIO(damaged)) as file:
        assert file.seek(-10, 2) == len(LINES) - 10  # as the headers state
        with pytest.raises(weightless.CorruptError):
            file.read()
        # The undamaged part can still be read.
        file.seek(0)
        assert file.read(2000) == LINES[:2000]
    with WeightlessFile(Pipe(damaged)) as file:  # type: ignore[arg-type]
        for _ in range(2):
            with pytest.raises(weightless.CorruptError, match="at byte"):
                file.read()


def test_memory_limit() -> None:
    need = SMALL.memory_for(len(LINES))
    assert weightless.open(io.BytesIO(ARCHIVE), memory_limit=need).read() == LINES
    with pytest.raises(weightless.MemoryLimitError):
        weightless.open(io.BytesIO(ARCHIVE), memory_limit=need - 1).read()


class Failing(io.BytesIO):
    """A disk that is full after so many bytes, a cable that is pulled once."""

    def __init__(self, data: bytes = b"", room: int = 1 << 30) -> None:
        super().__init__(data)
        self.room = room
        self.pulled = False

    def write(self, data: memoryview) -> int:  # type: ignore[override]
        if self.tell() + len(data) > self.room:
            raise OSError(28, "no space left on device")
        return super().write(data)

    def read(self, size: int | None = -1, /) -> bytes:
        if self.pulled:
            self.pulled = False
            raise OSError(5, "input/output error")
        return super().read(size)


def test_failed_write_leaves_an_archive_without_an_end() -> None:
    sink = Failing(room=4000)
    file = WeightlessFile(sink, "w", parameters=SMALL, block_size=1000)
    with pytest.raises(OSError, match="no space"):
        file.write(noise(10_000))
    with pytest.raises(ValueError, match="earlier write failed"):
        file.write(b"more")
    with pytest.raises(ValueError, match="earlier write failed"):
        file.flush()
    sink.room = 1 << 30
    file.close()
    with pytest.raises(EOFError):
        weightless.decompress(sink.getvalue())
    # A failure at the end is reported too, and the file is closed all the same.
    sink = Failing(room=10)
    file = WeightlessFile(sink, "w", parameters=SMALL)
    file.write(b"abc")
    with pytest.raises(OSError, match="no space"):
        file.close()
    assert file.closed


def test_reading_goes_on_after_an_error_of_the_device() -> None:
    source = Failing(FRAMES)
    with WeightlessFile(source) as file:
        file.seek(3000)
        assert file.read(10) == LINES[3000:3010]
        file.seek(5500)
        source.pulled = True
        with pytest.raises(OSError, match="input/output"):
            file.read(10)
        file.seek(5500)
        assert file.read(10) == LINES[5500:5510]


@posix
def test_blocks_arrive_as_they_are_flushed() -> None:
    descriptors = os.pipe()
    with os.fdopen(descriptors[0], "rb") as source, os.fdopen(descriptors[1], "wb") as sink:
        writer = WeightlessFile(sink, "w", parameters=SMALL)
        reader = WeightlessFile(source)
        for message in (b"first", b"second"):
            writer.write(message)
            writer.flush()
            assert reader.read1() == message  # would wait for ever if it wanted more
        writer.close()
        sink.close()
        assert reader.read() == b""


@pytest.fixture(scope="module")
def long_archive() -> bytes:
    """An archive that is quickly made, and takes minutes to decode."""
    return weightless.compress(text(20_000), 6) * 999


@posix
@pytest.mark.parametrize("action", ["read", "write"])
def test_interrupt(folder: Path, action: str, long_archive: bytes) -> None:
    Path("a").write_bytes(long_archive)
    with once_at_work(interrupt):
        file = weightless.open("a") if action == "read" else weightless.open("b", "w", 9)
        with pytest.raises(KeyboardInterrupt), file:
            file.read() if action == "read" else file.write(noise(8_000_000))
    assert file.closed
    if action == "write":
        with pytest.raises(EOFError):
            weightless.decompress(Path("b").read_bytes())


@posix
def test_reading_goes_on_after_an_interrupt(long_archive: bytes) -> None:
    with once_at_work(interrupt):
        file = WeightlessFile(io.BytesIO(long_archive))
        with pytest.raises(KeyboardInterrupt):
            file.read()
    with file:
        file.seek(100)
        assert file.read(50) == text(20_000)[100:150]


def test_shared_by_threads() -> None:
    with (
        WeightlessFile(io.BytesIO(FRAMES)) as file,
        ThreadPoolExecutor(8) as pool,
    ):
        pieces = list(pool.map(lambda _: file.read(50), range(len(LINES) // 50 + 5)))
    assert sorted(b"".join(pieces)) == sorted(LINES)
    assert all(piece in LINES for piece in pieces)
    sink, file = written(block_size=100)
    with file, ThreadPoolExecutor(8) as pool:
        list(pool.map(file.write, [bytes([i]) * 50 for i in range(64)]))
    content = weightless.decompress(sink.getvalue())
    pieces = [content[i : i + 50] for i in range(0, len(content), 50)]
    assert sorted(pieces) == [bytes([i]) * 50 for i in range(64)]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_fork_with_a_file_open(folder: Path) -> None:
    Path("a").write_bytes(PLAIN_FRAMES)
    with weightless.open("a") as file:
        assert file.read(700) == LINES[:700]
        child = os.fork()
        if child == 0:
            try:
                os._exit(file.read() != LINES[700:])
            finally:
                os._exit(2)
        _, status = os.waitpid(child, 0)
        assert os.waitstatus_to_exitcode(status) == 0
        # The child has moved nothing here.
        assert file.read() == LINES[700:]
    sink, writer = written()
    writer.write(LINES[:5000])
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    writer.close()
    assert weightless.decompress(sink.getvalue()) == LINES[:5000]


TEXT = "first line\r\nzweite Zeile: Grüße\nlast"


def test_text(folder: Path) -> None:
    with weightless.open("a", "wt", parameters=SMALL, encoding="utf-8", newline="") as file:
        assert isinstance(file, io.TextIOWrapper)
        assert file.name == "a"
        file.write(TEXT)
    # No bytes are written for a flush before the end.
    archive = Path("a").read_bytes()
    assert archive == weightless.compress(TEXT.encode(), parameters=SMALL)
    with weightless.open("a", "rt", encoding="utf-8") as file:
        assert file.readlines() == ["first line\n", "zweite Zeile: Grüße\n", "last"]
    with weightless.open("a", "rt", encoding="utf-8", newline="") as file:
        assert file.read() == TEXT
        file.seek(0)
        assert file.readline() == "first line\r\n"
    with weightless.open("a", "at", parameters=SMALL, encoding="latin-1") as file:
        file.write("ü")
    with weightless.open("a", "rt", encoding="ascii", errors="ignore") as file:
        assert file.read().endswith("Gre\nlast")
    with pytest.raises(FileExistsError):
        weightless.open("a", "xt")
    with (
        weightless.open(io.BytesIO(archive), "rt", encoding="ascii") as file,
        pytest.raises(UnicodeDecodeError),
    ):
        file.read()
    for options in ({"encoding": "utf-8"}, {"errors": "strict"}, {"newline": "\n"}):
        with pytest.raises(ValueError, match="text"):
            weightless.open("a", "rb", **options)  # type: ignore[call-overload]
    with pytest.raises(LookupError):
        weightless.open("a", "rt", encoding="no such encoding")
    before = Path("a").read_bytes()
    with pytest.raises(LookupError):
        weightless.open("a", "wt", encoding="no such encoding")
    with pytest.raises(ValueError, match="newline"):
        weightless.open("a", "wt", newline="no such newline")
    assert Path("a").read_bytes() == before


def test_text_can_be_flushed() -> None:
    sink = io.BytesIO()
    file = weightless.open(sink, "wt", parameters=SMALL, encoding="utf-8")
    file.write("now")
    file.flush()
    assert weightless.Decompressor().decompress(sink.getvalue()) == b"now"
    file.close()


def test_larger_than_the_buffers(folder: Path) -> None:
    data = noise(300_000)
    with weightless.open("a", "w", parameters=SMALL) as file:
        file.write(data)
    with weightless.open("a") as file:
        assert file.read(1) == data[:1]
        assert file.read(200_000) == data[1:200_001]
        file.seek(-100_000, 1)
        assert file.read() == data[100_001:]
