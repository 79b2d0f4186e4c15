"""One `WeightlessFile`, many threads: calls of every method are executed one after another."""

from __future__ import annotations

import contextlib
import io
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import pytest
from crafted import SMALL, stored_frame

import weightless
from weightless import WeightlessFile
from weightless.streams import no_reentry

LINES = [b"%07d\n" % i for i in range(3000)]
CONTENT = b"".join(LINES)
#: Blocks of whole lines, but no power of two of them.
FRAMES = b"".join(stored_frame(CONTENT[i : i + 800], 160) for i in range(0, len(CONTENT), 800))
pytestmark = pytest.mark.usefixtures("no_thread_left")


@pytest.fixture(autouse=True)
def switching() -> Iterator[None]:
    """Threads switch as often as possible."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def by_threads(work: Callable[[], Any], count: int = 4) -> list[Any]:
    """Call `work` in several threads that begin together; return what each gives."""
    start = threading.Barrier(count)
    results: list[Any] = []
    failures: list[BaseException] = []

    def run() -> None:
        try:
            start.wait()
            results.append(work())
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    return results


def read_into(name: str, size: int) -> Callable[[WeightlessFile], bytes]:
    def read(file: WeightlessFile) -> bytes:
        target = bytearray(size)
        return bytes(target[: getattr(file, name)(target)])

    return read


#: Every way to read on; each gives whole lines, as all sizes are multiples of a line's.
READS: dict[str, Callable[[WeightlessFile], bytes]] = {
    "read": lambda file: file.read(24),
    "read over blocks": lambda file: file.read(2400),
    "read1": lambda file: file.read1(),
    "read1 of some": lambda file: file.read1(40),
    "readinto": read_into("readinto", 2400),
    "readinto1": read_into("readinto1", 72),
    "readline": lambda file: file.readline(),
    "next": lambda file: next(file, b""),
    "readlines": lambda file: b"".join(file.readlines(100)),
    "iteration": lambda file: b"".join(file),
    "readlines of all": lambda file: b"".join(file.readlines()),
    "read all": lambda file: file.read(),
}


@pytest.mark.parametrize("name", READS)
@pytest.mark.parametrize("threads", [1, 2])
def test_every_line_goes_to_one_reader(name: str, threads: int) -> None:
    read = READS[name]
    with WeightlessFile(io.BytesIO(FRAMES), threads=threads) as file:
        parts = by_threads(lambda: list(iter(lambda: read(file), b"")))
    got = [part for parts_of_one in parts for part in parts_of_one]
    assert sorted(line for part in got for line in part.splitlines(keepends=True)) == LINES
    if name != "iteration":  # its calls are one for each line
        assert all(part in CONTENT for part in got)


def test_all_ways_at_once() -> None:
    ways = [read for name, read in READS.items() if "all" not in name and name != "iteration"]
    mixed = iter(ways)
    with WeightlessFile(io.BytesIO(FRAMES)) as file:

        def work() -> list[bytes]:
            read = next(mixed)
            parts = []
            while part := read(file):
                parts.append(part)
                assert 0 <= file.tell() <= len(CONTENT)
                ahead = file.peek(8)
                assert ahead == b"" or ahead in CONTENT
            return parts

        parts = by_threads(work, len(ways))
    got = [part for parts_of_one in parts for part in parts_of_one]
    assert sorted(line for part in got for line in part.splitlines(keepends=True)) == LINES


def test_seeking_and_reading() -> None:
    """Threads that share the position read whole lines, wherever another thread has moved it."""
    with WeightlessFile(io.BytesIO(FRAMES), threads=2) as file:
        places = iter(range(10**6))

        def work() -> None:
            for _ in range(40):
                assert file.seek(8 * (next(places) * 577 % 3000)) % 8 == 0
                assert file.readline() in {*LINES, b""}
                assert file.seek(0, 2) == len(CONTENT)
                assert file.read(16) in CONTENT
                assert file.tell() % 8 == 0

        by_threads(work)


@pytest.mark.parametrize("frame_size", [None, 240])
def test_writing_flushing_closing(frame_size: int | None) -> None:
    sink = io.BytesIO()
    file = WeightlessFile(sink, "w", parameters=SMALL, block_size=64, frame_size=frame_size)
    todo = iter(LINES[:400])

    def work() -> None:
        while (line := next(todo, None)) is not None:
            if line[6:7] in b"05":
                file.writelines([line[:8]])
            else:
                file.write(line)
            if line[6:7] == b"3":
                file.flush()
            if line[5:7] == b"07":
                file.flush(file.FLUSH_FRAME)
            assert file.tell() % 8 == 0
        file.close()

    def until_closed() -> bool:
        with contextlib.suppress(ValueError):  # closed by another thread
            work()
        return True

    with pytest.MonkeyPatch.context() as patch:
        done = threading.Barrier(4)
        real = file.close
        patch.setattr(file, "close", lambda: (done.wait(), real()))
        assert by_threads(until_closed) == [True] * 4
    assert file.closed
    content = weightless.decompress(sink.getvalue())
    assert sorted(content.splitlines(keepends=True)) == LINES[:400]


def test_closing_while_others_read() -> None:
    file = WeightlessFile(io.BytesIO(FRAMES))
    started = threading.Event()

    def work() -> bytes:
        out = b""
        with contextlib.suppress(ValueError):  # closed
            while line := file.readline():
                out += line
                if len(out) > 800:
                    started.set()
        started.set()
        return out

    closer = threading.Thread(target=lambda: (started.wait(), file.close()))
    closer.start()
    parts = by_threads(work)
    closer.join()
    lines = [line for part in parts for line in part.splitlines(keepends=True)]
    assert sorted(lines) == LINES[: len(lines)]


def test_a_call_from_within_a_call() -> None:
    """A call made by the underlying file is refused without a deadlock or loss of data."""

    class Curious(io.BytesIO):
        file: WeightlessFile | None = None
        refused = 0

        def read(self, size: int | None = -1, /) -> bytes:
            if self.file is not None:
                for call in (self.file.readline, self.file.peek, lambda: file.seek(9)):
                    with pytest.raises(RuntimeError, match="reentrant"):
                        call()
                self.refused += 1
            return super().read(size)

    source = Curious(FRAMES)
    with WeightlessFile(source) as file:
        source.file = file
        assert file.read() == CONTENT
        source.file = None
    assert source.refused


@pytest.mark.parametrize("name", ["write", "flush", "close"])
@pytest.mark.parametrize("threads", [1, 2])
def test_a_call_from_within_writing(name: str, threads: int) -> None:
    """A reentrant call of any method is refused, and the archive is complete."""

    class Curious(io.BytesIO):
        file: WeightlessFile | None = None
        refused = 0

        def write(self, data: Any, /) -> int:
            if self.file is not None:
                for call in (lambda: file.write(b"x"), file.flush, file.close):
                    with pytest.raises(RuntimeError, match="reentrant"):
                        call()
                self.refused += 1
            return super().write(data)

    sink = Curious()
    file = WeightlessFile(sink, "w", parameters=SMALL, frame_size=9, threads=threads)
    sink.file = file
    for piece in (b"0123456789", b"abcdefghijklm"):
        file.write(piece)
        if name == "flush":
            file.flush()
    if name == "close":
        sink.refused = 0
    file.close()
    assert sink.refused
    assert file.closed
    assert weightless.decompress(sink.getvalue()) == b"0123456789abcdefghijklm"


def test_closing_from_within_reading() -> None:
    class Curious(io.BytesIO):
        file: WeightlessFile | None = None

        def read(self, size: int | None = -1, /) -> bytes:
            if self.file is not None:
                with pytest.raises(RuntimeError, match="reentrant"):
                    self.file.close()
            return super().read(size)

    source = Curious(FRAMES)
    with WeightlessFile(source) as file:
        source.file = file
        assert file.read() == CONTENT
        assert not file.closed
        source.file = None


def interrupted_at(place: int) -> bool:
    """Interrupt one of two calls at a place in their guards; tell whether there is one."""
    file = WeightlessFile(io.BytesIO(), "w", parameters=SMALL)
    compressor = weightless.Compressor(parameters=SMALL)
    seen = 0

    def interrupt(frame: FrameType, event: str, _: object) -> None:
        nonlocal seen
        if frame.f_code.co_filename == no_reentry.__file__ and event == "call":
            seen += 1
            if seen == place:
                raise KeyboardInterrupt

    sys.setprofile(interrupt)
    try:
        with contextlib.suppress(KeyboardInterrupt):
            file.write(b"abc")
            compressor.compress(b"abc")
    finally:
        sys.setprofile(None)
    for call in (file.flush, file.close, compressor.flush):
        with contextlib.suppress(ValueError):  # which says that it was interrupted
            call()
    return seen >= place


def test_interrupt_in_a_guard() -> None:
    """Wherever it comes in what guards against reentrant calls, no later call is refused."""
    place = 1
    while interrupted_at(place):
        place += 1
    assert place > 2
