"""`Compressor` and `Decompressor`: what CPython expects of its own compression objects."""

from __future__ import annotations

import array
import io
import threading
import time
from collections.abc import Callable

import pytest
from at_work import once_at_work
from data import noise, text
from hypothesis import given, settings
from hypothesis import strategies as st
from patience import PATIENCE

import weightless
from weightless.frames.archive_encoder import ArchiveEncoder

SMALL = weightless.Parameters(width=16)
DATA = text(4000)
ARCHIVE = weightless.compress(DATA, parameters=SMALL, block_size=700)
EMPTY = weightless.compress(b"", parameters=SMALL)


@settings(max_examples=40, deadline=None)
@given(feeds=st.lists(st.integers(0, 500), min_size=1), lengths=st.lists(st.integers(-1, 900)))
def test_any_pieces_and_lengths(feeds: list[int], lengths: list[int]) -> None:
    decompressor = weightless.Decompressor()
    source = io.BytesIO(ARCHIVE + b"behind")
    out = b""
    while not decompressor.eof:
        data = b""
        if decompressor.needs_input:
            feeds.append(feeds.pop(0))
            data = source.read(feeds[0] + 1)
            assert data, "wants more than there is"
        length = lengths.pop() if lengths else -1
        piece = decompressor.decompress(data, length)
        assert length < 0 or len(piece) <= length
        out += piece
    assert out == DATA
    assert decompressor.unused_data + source.read() == b"behind"
    assert not decompressor.needs_input


def test_byte_by_byte() -> None:
    decompressor = weightless.Decompressor()
    out = b""
    for i in range(len(ARCHIVE)):
        assert decompressor.needs_input
        assert not decompressor.eof
        assert decompressor.unused_data == b""
        out += decompressor.decompress(ARCHIVE[i : i + 1])
    assert (out, decompressor.eof) == (DATA, True)
    compressor = weightless.Compressor(parameters=SMALL, block_size=700)
    pieces = [compressor.compress(DATA[i : i + 1]) for i in range(len(DATA))]
    assert b"".join(pieces) + compressor.flush() == ARCHIVE


def test_nothing() -> None:
    decompressor = weightless.Decompressor()
    assert decompressor.decompress(b"") == b""
    assert decompressor.needs_input
    assert decompressor.decompress(EMPTY) == b""
    assert decompressor.eof
    compressor = weightless.Compressor(parameters=SMALL)
    assert compressor.compress(b"") == b""
    assert compressor.flush() == EMPTY
    assert compressor.flush() == compressor.flush(compressor.FLUSH_BLOCK) == b""
    with pytest.raises(EOFError):
        weightless.decompress(b"")


def test_a_skippable_frame_is_one_without_content() -> None:
    from weightless.container.skippable import skippable_frame

    decompressor = weightless.Decompressor()
    assert decompressor.decompress(skippable_frame(b"note") + ARCHIVE) == b""
    assert decompressor.eof
    assert decompressor.unused_data == ARCHIVE


def test_content_size_is_known_or_not() -> None:
    for size in (None, len(DATA)):
        compressor = weightless.Compressor(parameters=SMALL, content_size=size)
        archive = compressor.compress(DATA) + compressor.flush()
        assert weightless.Decompressor().decompress(archive) == DATA
        assert weightless.decompress(archive) == DATA


def test_frames_of_one_compressor() -> None:
    compressor = weightless.Compressor(parameters=SMALL)
    frames = [compressor.compress(DATA, compressor.FLUSH_FRAME) for _ in range(3)]
    assert frames[0] == frames[1] == frames[2]  # Each frame starts with a new model.
    assert weightless.decompress(b"".join(frames)) == 3 * DATA
    decompressor = weightless.Decompressor()
    assert decompressor.decompress(b"".join(frames)) == DATA
    assert decompressor.unused_data == frames[1] + frames[2]


def test_threads_change_nothing() -> None:
    delayed = weightless.Parameters(width=16, delay=1)
    one, two = (weightless.Compressor(parameters=delayed, threads=n) for n in (1, 2))
    archive = one.compress(DATA) + one.flush()
    assert two.compress(DATA) + two.flush() == archive
    assert weightless.Decompressor(threads=2).decompress(archive) == DATA
    for kind in (weightless.Compressor, weightless.Decompressor):
        with pytest.raises(weightless.ParameterError):
            kind(threads=-1)


@pytest.mark.parametrize(
    "wrap",
    [bytes, bytearray, memoryview, lambda data: array.array("H", data), io.BytesIO.getbuffer],
)
def test_buffers_of_any_kind(wrap: Callable[[bytes], bytes]) -> None:
    if wrap is io.BytesIO.getbuffer:
        data, archive = io.BytesIO(DATA).getbuffer(), io.BytesIO(ARCHIVE).getbuffer()
    else:
        data = wrap(DATA)
        archive = wrap(ARCHIVE + bytes(len(ARCHIVE) % 2))
    compressor = weightless.Compressor(parameters=SMALL, block_size=700)
    assert compressor.compress(data) + compressor.flush() == ARCHIVE
    assert weightless.Decompressor().decompress(archive) == DATA


def test_what_is_no_buffer() -> None:
    for data in ("text", None, 7, [1, 2]):
        with pytest.raises(TypeError):
            weightless.Compressor(1).compress(data)  # type: ignore[arg-type]
        with pytest.raises(TypeError):
            weightless.Decompressor().decompress(data)  # type: ignore[arg-type]
    for call in (weightless.Compressor(1).compress, weightless.Decompressor().decompress):
        with pytest.raises(BufferError):
            call(memoryview(ARCHIVE)[::2])
        with pytest.raises(TypeError):
            call()  # type: ignore[call-arg]


def test_a_buffer_may_be_changed_after_the_call() -> None:
    buffer = bytearray(DATA)
    compressor = weightless.Compressor(parameters=SMALL, block_size=700)
    out = compressor.compress(buffer)
    buffer[:] = bytes(len(buffer))
    buffer.clear()  # nobody holds on to it
    assert out + compressor.flush() == ARCHIVE
    archive = bytearray(ARCHIVE)
    decompressor = weightless.Decompressor()
    first = decompressor.decompress(archive, 10)
    archive.clear()
    assert first + decompressor.decompress(b"") == DATA


def test_limits() -> None:
    with pytest.raises(weightless.MemoryLimitError):
        weightless.Decompressor(memory_limit=SMALL.memory - 1).decompress(ARCHIVE)
    assert weightless.Decompressor(memory_limit=None).decompress(ARCHIVE) == DATA
    decompressor = weightless.Decompressor(max_output_size=len(DATA) - 1)
    out = decompressor.decompress(ARCHIVE, 3000)
    assert DATA.startswith(out)
    with pytest.raises(weightless.OutputLimitError):
        decompressor.decompress(b"")


def test_truncation_is_not_an_end() -> None:
    for size in range(0, len(ARCHIVE), 19):
        decompressor = weightless.Decompressor()
        out = decompressor.decompress(ARCHIVE[:size])
        assert DATA.startswith(out)
        assert not decompressor.eof
        assert decompressor.needs_input


@pytest.mark.parametrize("name", ["compress", "flush", "decompress", "file"])
def test_gil_is_released(name: str) -> None:
    """Another thread runs during a call, not only between two calls."""

    def flush() -> None:
        waiting = weightless.Compressor(parameters=SMALL)
        waiting.compress(DATA)  # less than a block: nothing is done yet
        waiting.flush()

    task: Callable[[], object] = {
        "compress": lambda: weightless.Compressor(parameters=SMALL, block_size=700).compress(DATA),
        "flush": flush,
        "decompress": lambda: weightless.Decompressor().decompress(ARCHIVE),
        "file": lambda: weightless.open(io.BytesIO(ARCHIVE)).read(),
    }[name]
    ran = threading.Event()
    deadline = time.monotonic() + PATIENCE
    with once_at_work(ran.set):
        while not ran.is_set():  # which may take as long as the system likes
            assert time.monotonic() < deadline
            task()


def test_noise_in_and_out() -> None:
    data = noise(50_000)
    compressor = weightless.Compressor(parameters=SMALL, block_size=4096)
    archive = b"".join(compressor.compress(data[i : i + 999]) for i in range(0, len(data), 999))
    archive += compressor.flush()
    decompressor = weightless.Decompressor()
    out = decompressor.decompress(archive, 1)
    while not decompressor.eof:
        out += decompressor.decompress(b"", 10_000)
    assert out == data


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("frame_size", [None, 7000])
def test_a_buffer_that_changes_during_the_call(frame_size: int | None, threads: int) -> None:
    """Model, payload and checks agree on a content: what was there when a block began."""
    buffer = bytearray(text(20_000))

    def change(done: int) -> None:
        buffer[:] = bytes(byte ^ 1 for byte in buffer)

    encoder = ArchiveEncoder(
        SMALL, block_size=3000, frame_size=frame_size, threads=threads, progress=change
    )
    archive = encoder.write(memoryview(buffer)) + encoder.finish()
    assert len(weightless.decompress(archive)) == len(buffer)
    compressor = weightless.Compressor(parameters=SMALL, block_size=3000, progress=change)
    archive = compressor.compress(buffer, compressor.FLUSH_FRAME)
    assert len(weightless.decompress(archive)) == len(buffer)
