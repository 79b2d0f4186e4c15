"""Models are released: neither a kept error nor a failed file keeps a model alive."""

from __future__ import annotations

import gc
import io
import os
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

import pytest
from data import text

import weightless
from weightless import _core
from weightless.files.pump import compress_stream, decompress_stream
from weightless.frames.archive_decoder import ArchiveDecoder
from weightless.frames.archive_encoder import ArchiveEncoder
from weightless.frames.decoder import FrameDecoder
from weightless.frames.parallel import run_parallel

SMALL = weightless.Parameters(width=16)
DATA = text(3000)
ONE = weightless.compress(DATA, parameters=SMALL, block_size=500)
FRAMES = weightless.compress(DATA, parameters=SMALL, block_size=500, frame_size=1000)


class Model:
    """A codec that can be watched: the extension's own takes no weak references."""

    def __init__(self, codec: _core.Codec) -> None:
        self.codec = codec

    def __getattr__(self, name: str) -> Any:
        return getattr(self.codec, name)


class Models(weakref.WeakSet[Model]):
    """The models that are alive, and how many were built and how many were reset."""

    built = 0
    resets = 0


@pytest.fixture
def models(monkeypatch: pytest.MonkeyPatch) -> Iterator[Models]:
    """All models built in the test, which runs without the garbage collector."""
    alive = Models()
    make = weightless.Parameters.codec

    def codec(self: weightless.Parameters, **how: bool) -> Model:
        model = Model(make(self, **how))
        alive.add(model)
        alive.built += 1
        return model

    def reset(self: Model, brief: bool = False) -> None:
        alive.resets += 1
        self.codec.reset(brief)

    monkeypatch.setattr(weightless.Parameters, "codec", codec)
    monkeypatch.setattr(Model, "reset", reset, raising=False)
    gc.collect()
    gc.disable()
    yield alive
    gc.enable()


def damaged(archive: bytes) -> bytes:
    """Return the archive with one bit flipped in the middle, within the content."""
    out = bytearray(archive)
    out[len(out) // 2] ^= 1
    return bytes(out)


class FailingError(Exception):
    """The error that a failing file raises."""


class Fails(io.BytesIO):
    """A file that fails after a while, with an error that is not one of the package's."""

    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell() >= 200:
            raise FailingError
        return super().read(min(100, size or 0))

    def write(self, data: Any, /) -> NoReturn:
        raise FailingError

    def seekable(self) -> bool:
        return False


def fail(*_: object) -> NoReturn:
    """Simulate Ctrl-C, or running out of memory."""
    raise KeyboardInterrupt


def read(file: BinaryIO | io.BytesIO, threads: int) -> bytes:
    """Read a file that only the error keeps alive."""
    return weightless.open(file, threads=threads).read()


def feed(archive: bytes) -> None:
    """Feed a `Decompressor` byte by byte."""
    decompressor = weightless.Decompressor()
    for i in range(len(archive)):
        decompressor.decompress(archive[i : i + 1])


def write(sink: BinaryIO) -> None:
    """Write a file."""
    with weightless.open(sink, "wb", parameters=SMALL, block_size=500) as file:
        file.write(DATA)


def decode_fails(threads: int) -> None:
    """Decode until the progress callback is interrupted."""
    decoder = ArchiveDecoder(threads=threads, progress=fail)
    archive = weightless.compress(text(6000), parameters=SMALL, frame_size=3000)
    list(decoder.decode(io.BytesIO(archive)))


def encode_fails(threads: int) -> None:
    """Code until the progress callback is interrupted."""
    encoder = ArchiveEncoder(SMALL, frame_size=3000, threads=threads, progress=fail)
    compress_stream(io.BytesIO(text(6000)), None, encoder)


FAILURES: dict[str, Callable[[], object]] = {
    "function": lambda: weightless.decompress(damaged(ONE)),
    "frames": lambda: weightless.decompress(damaged(FRAMES)),
    "frames at once": lambda: weightless.decompress(damaged(FRAMES), threads=2),
    "truncated": lambda: weightless.decompress(ONE[:-20]),
    "frames truncated": lambda: weightless.decompress(FRAMES[:-200], threads=2),
    "size limit": lambda: weightless.decompress(ONE, max_output_size=1200),
    "size limit at once": lambda: weightless.decompress(FRAMES, max_output_size=1200, threads=2),
    "file": lambda: read(io.BytesIO(damaged(ONE)), 1),
    "file of frames": lambda: read(io.BytesIO(damaged(FRAMES)), 2),
    "pipe": lambda: read(Fails(ONE), 1),
    "pipe, damaged": lambda: read(Fails(damaged(ONE[:380]) + ONE), 1),
    "Decompressor": lambda: feed(damaged(ONE)),
    "reading fails": lambda: decompress_stream(Fails(ONE), None, ArchiveDecoder()),
    "writing fails": lambda: decompress_stream(io.BytesIO(ONE), Fails(), ArchiveDecoder()),
    "decoding is interrupted": lambda: decode_fails(1),
    "decoding is interrupted, two threads": lambda: decode_fails(2),
    "source fails": lambda: compress_stream(
        Fails(DATA), None, ArchiveEncoder(SMALL, block_size=50)
    ),
    "sink fails": lambda: compress_stream(
        io.BytesIO(DATA), Fails(), ArchiveEncoder(SMALL, block_size=50)
    ),
    "coding is interrupted": lambda: encode_fails(1),
    "coding is interrupted, two threads": lambda: encode_fails(2),
    "file that is written fails": lambda: write(Fails()),
}


@pytest.mark.parametrize("name", FAILURES)
def test_an_error_keeps_no_model(name: str, models: Models) -> None:
    kept: list[BaseException] = []
    for _ in range(2):
        try:
            FAILURES[name]()
        except (weightless.WeightlessError, FailingError, KeyboardInterrupt) as error:
            kept.append(error)  # with its traceback and all that it refers to
    assert len(kept) == 2
    assert models.built > 0
    assert not models


def test_salvaged_damage_keeps_no_model(folder: Path, models: Models) -> None:
    Path("a.wl").write_bytes(damaged(ONE))
    result = weightless.decompress("a.wl", salvage=True)
    assert result.damage is not None
    assert result.damage.__traceback__ is None
    assert not models


def test_objects_that_failed_keep_no_model(models: Models) -> None:
    """Objects that are kept after a failure, and raise it again, keep no model either."""
    decompressor = weightless.Decompressor()
    frame = FrameDecoder()
    pipe = weightless.open(Fails(damaged(ONE[:380]) + ONE))
    depths = []
    for _ in range(3):
        with pytest.raises(weightless.CorruptError) as first:
            decompressor.decompress(damaged(ONE))
        frame.feed(damaged(ONE))
        with pytest.raises(weightless.CorruptError):
            list(iter(frame.next_block, None))
        with pytest.raises((weightless.WeightlessError, FailingError)):
            pipe.read()
        depth, trace = 0, first.value.__traceback__
        while trace is not None:
            depth, trace = depth + 1, trace.tb_next
        depths.append(depth)
        assert not models
    assert depths[0] >= depths[1] == depths[2]  # The traceback does not grow.
    compressor = weightless.Compressor(parameters=SMALL, progress=fail)
    with pytest.raises(KeyboardInterrupt):
        compressor.compress(text(6000), compressor.FLUSH_FRAME)
    with pytest.raises(ValueError, match="start again"):
        compressor.compress(text(6000), compressor.FLUSH_FRAME)
    file = weightless.open(Fails(), "wb", parameters=SMALL, block_size=500)
    with pytest.raises(FailingError):
        file.write(DATA)
    assert models.built > 4
    assert not models
    file.close()


@pytest.mark.parametrize("threads", [1, 2])
def test_at_the_end_no_model_is_kept(threads: int, models: Models) -> None:
    """No model is kept by finished objects, nor by those released before they finished."""
    decompressor = weightless.Decompressor()
    assert decompressor.decompress(ONE) == DATA
    compressor = weightless.Compressor(parameters=SMALL)
    assert compressor.compress(DATA, compressor.FLUSH_FRAME)
    file = weightless.open(io.BytesIO(FRAMES), threads=threads)
    assert file.read() == DATA
    with weightless.open(io.BytesIO(), "wb", parameters=SMALL, threads=threads) as sink:
        sink.write(DATA)
    if threads == 1:
        del compressor  # It may be given another frame.
    assert len(models) <= 1
    closed = weightless.open(io.BytesIO(FRAMES), threads=threads)
    closed.read(10)
    closed.close()
    blocks = ArchiveDecoder(threads=threads).decode(io.BytesIO(FRAMES))
    next(blocks)
    del blocks
    assert len(models) <= 1


@pytest.mark.parametrize("threads", [1, 2])
def test_what_is_dropped_in_the_middle_keeps_no_model(threads: int, models: Models) -> None:
    weightless.open(io.BytesIO(FRAMES), threads=threads).read(10)
    weightless.open(io.BytesIO(FRAMES), "rt", threads=threads).readline()
    for _ in weightless.open(io.BytesIO(FRAMES), "rt", threads=threads):
        break
    weightless.open(io.BytesIO(), "wb", parameters=SMALL, block_size=100).write(DATA)
    weightless.Compressor(parameters=SMALL, block_size=100).compress(DATA)
    weightless.Decompressor(threads=threads).decompress(ONE, 10)
    assert models.built >= 6
    assert not models


@pytest.mark.parametrize("threads", [1, 2])
def test_one_model_for_frames_alike(threads: int, models: Models) -> None:
    encoder = ArchiveEncoder(SMALL, frame_size=100, threads=threads)
    archive = encoder.write(memoryview(DATA)) + encoder.finish()
    assert archive == weightless.compress(DATA, parameters=SMALL, frame_size=100)
    assert models.built <= threads + 1
    models.built = models.resets = 0
    other = weightless.compress(DATA[:90], parameters=SMALL.replace(seed=2))
    models.built = models.resets = 0
    content = weightless.decompress(archive + other + archive, threads=threads)
    assert content == DATA + DATA[:90] + DATA
    assert 3 <= models.built <= 3 * threads
    assert models.built + models.resets == 61
    assert not models


def test_no_model_for_frames_that_need_none(models: Models) -> None:
    """Empty frames, headers alone, stored blocks, skippable frames."""
    from weightless.container.skippable import skippable_frame

    empty = weightless.compress(b"", parameters=SMALL)
    stored = weightless.compress(bytes(range(60, 70)), parameters=SMALL)
    models.built = 0
    archive = 50 * (empty + skippable_frame(b"") + stored)
    for threads in (1, 2):
        assert weightless.decompress(archive, threads=threads) == 50 * bytes(range(60, 70))
        assert weightless.open(io.BytesIO(archive), threads=threads).read(5)
    weightless.Decompressor().decompress(empty)
    header_only = ONE[:10]
    with pytest.raises(weightless.TruncatedError):
        weightless.decompress(header_only)
    assert weightless.compress(b"", parameters=SMALL) == empty
    weightless.Compressor(parameters=SMALL)
    assert models.built == 0


def test_a_failure_of_run_parallel_keeps_nothing() -> None:
    class Large:
        pass

    alive: weakref.WeakSet[Large] = weakref.WeakSet()
    done = threading.Event()

    def work(item: int, tick: object) -> Large:
        if item == 0:
            large = Large()
            alive.add(large)
            done.set()
            return large
        done.wait()
        raise FailingError

    gc.disable()
    try:
        with pytest.raises(FailingError) as caught:
            run_parallel(work, [0, 1])
        assert caught.value.__traceback__ is not None
        assert not alive
        error = weakref.ref(caught.value)
        del caught
        assert error() is None
    finally:
        gc.enable()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits address space")
def test_damaged_files_leave_room_for_good_ones(command: str, folder: Path) -> None:
    import resource

    good = weightless.compress(b"hello hello hello ", 3)
    bad = bytearray(good)
    bad[-1] ^= 1
    for i in range(12):
        Path(f"bad{i:02}.wl").write_bytes(bad)
    Path("good.wl").write_bytes(good)
    room = 6 * weightless.levels.PARAMETER_SETS[3].memory

    done = subprocess.run(
        [command, "-t", *sorted(os.listdir())],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (room, room)),
    )
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert sum("damaged" in line for line in lines) == 12
    assert lines[-1] == "good.wl: 18 bytes, sound"
    assert done.returncode == 1
