"""Functions and objects: results, stages of a stream, errors, threads."""

from __future__ import annotations

import copy
import copyreg
import os
import pickle
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from at_work import interrupt, once_at_work
from data import counters, noise, text

import weightless
from weightless import errors

DATA = text(3000)


def test_path_and_back(folder: Path) -> None:
    Path("a.txt").write_bytes(DATA)
    result = weightless.compress("a.txt", 1)
    assert (result.source, result.output) == (Path("a.txt"), Path("a.txt.wl"))
    assert result.output.read_bytes() == weightless.compress(DATA, 1)
    assert result.raw_size == 3000
    assert result.compressed_size == result.output.stat().st_size
    assert result.ratio == pytest.approx(3000 / result.compressed_size)
    assert result.bits_per_byte == pytest.approx(8 / result.ratio)
    assert result.seconds > 0
    assert result.speed > 0
    back = weightless.decompress(Path("a.txt.wl"), output="b.txt")
    assert Path("b.txt").read_bytes() == DATA
    assert (back.raw_size, back.damage) == (3000, None)
    with pytest.raises(FileExistsError):
        weightless.decompress("a.txt.wl")
    with pytest.raises(weightless.OutputExistsError):
        weightless.compress("a.txt")
    assert weightless.decompress("a.txt.wl", overwrite=True).ratio == result.ratio


def test_salvage_of_a_file(folder: Path) -> None:
    archive = bytearray(weightless.compress(DATA, 1, block_size=1000))
    archive[-30] ^= 1
    Path("a.wl").write_bytes(archive)
    with pytest.raises(weightless.CorruptError):
        weightless.decompress("a.wl")
    assert not Path("a").exists()
    result = weightless.decompress("a.wl", salvage=True)
    assert isinstance(result.damage, weightless.CorruptError)
    assert result.damage.delivered == result.raw_size == 2000
    assert Path("a").read_bytes() == DATA[:2000]


def test_wrong_arguments(folder: Path) -> None:
    Path("a").write_bytes(b"")
    for level in (0, 10, -1):
        with pytest.raises(weightless.ParameterError, match="level is"):
            weightless.compress(b"", level)
    with pytest.raises(weightless.ParameterError, match="not both"):
        weightless.compress(b"", 1, parameters=weightless.Parameters())
    with pytest.raises(weightless.ParameterError, match="block_size"):
        weightless.compress(b"", block_size=(1 << 20) + 1)
    with pytest.raises(TypeError):
        weightless.compress(b"", output="x")  # type: ignore[call-overload]
    with pytest.raises(IsADirectoryError):
        weightless.compress(folder)
    with pytest.raises(FileNotFoundError) as caught:
        weightless.compress("missing")
    assert caught.value.filename == "missing"
    with pytest.raises(FileNotFoundError):
        weightless.compress("a", output="no/such/folder")
    with pytest.raises(weightless.UnsuitableFileError):
        weightless.decompress("a")
    assert sorted(path.name for path in folder.iterdir()) == ["a"]


def test_parameters() -> None:
    parameters = weightless.Parameters(width=64)
    assert parameters.width == 64
    assert parameters.replace(width=32) == weightless.Parameters(width=32) != parameters
    assert parameters.replace().values == parameters.values
    assert pickle.loads(pickle.dumps(parameters)) == parameters
    assert len({parameters, weightless.Parameters(width=64)}) == 1
    assert "width" in dir(parameters)
    assert parameters.memory > 0
    for bad in ({"width": 17}, {"width": 1 << 20}, {"layers": 0}, {"nothing": 1}):
        with pytest.raises(weightless.ParameterError):
            weightless.Parameters(**bad)  # type: ignore[arg-type]
    with pytest.raises(AttributeError):
        parameters.width = 3  # type: ignore[misc]
    with pytest.raises(AttributeError):
        parameters.nothing  # noqa: B018
    assert eval(repr(parameters), {"Parameters": weightless.Parameters}) == parameters


def test_levels_have_distinct_sets() -> None:
    sets = [weightless.level_parameters(level) for level in range(1, 10)]
    assert len(set(sets)) == 9
    assert weightless.level_parameters() == sets[5]


def test_compressor_flush_modes() -> None:
    compressor = weightless.Compressor(1)
    assert compressor.last_mode == compressor.FLUSH_FRAME
    assert compressor.compress(b"one ") == b""
    assert compressor.last_mode == compressor.CONTINUE
    first = compressor.flush(compressor.FLUSH_BLOCK)
    decompressor = weightless.Decompressor()
    assert decompressor.decompress(first) == b"one "
    assert decompressor.needs_input
    second = compressor.compress(b"two ", compressor.FLUSH_BLOCK)
    assert decompressor.decompress(second) == b"two "
    assert not decompressor.eof
    third = compressor.compress(b"three", compressor.FLUSH_FRAME)
    assert decompressor.decompress(third + b"tail") == b"three"
    assert decompressor.eof
    assert not decompressor.needs_input
    assert decompressor.unused_data == b"tail"
    with pytest.raises(EOFError):
        decompressor.decompress(b"")
    assert compressor.flush() == b""  # nothing new: no empty frame
    fourth = compressor.compress(b"next frame") + compressor.flush()
    assert weightless.decompress(first + second + third + fourth) == b"one two threenext frame"
    with pytest.raises(weightless.ParameterError):
        compressor.compress(b"", 3)
    with pytest.raises(weightless.ParameterError):
        compressor.flush(compressor.CONTINUE)


def test_flush_with_nothing_after_it() -> None:
    compressor = weightless.Compressor(1)
    archive = compressor.compress(b"abc", compressor.FLUSH_BLOCK) + compressor.flush()
    assert weightless.decompress(archive) == b"abc"
    assert weightless.decompress(weightless.Compressor(1).flush()) == b""


def test_content_size() -> None:
    compressor = weightless.Compressor(1, content_size=3)
    assert weightless.decompress(compressor.compress(b"abc") + compressor.flush()) == b"abc"
    with pytest.raises(weightless.ParameterError, match="announced"):
        weightless.Compressor(1, content_size=3).compress(b"abcd")
    compressor = weightless.Compressor(1, content_size=3)
    compressor.compress(b"ab")
    with pytest.raises(weightless.ParameterError, match="announced"):
        compressor.flush()
    with pytest.raises(ValueError, match="start again"):
        compressor.compress(b"c")


def test_max_length() -> None:
    archive = weightless.compress(DATA, 1, block_size=1000)
    decompressor = weightless.Decompressor()
    assert decompressor.decompress(archive, 0) == b""
    assert not decompressor.needs_input
    out = b""
    while not decompressor.eof:
        piece = decompressor.decompress(b"", 7)
        assert len(piece) <= 7
        out += piece
    assert out == DATA
    decompressor = weightless.Decompressor()
    assert decompressor.decompress(archive[:-1], 3000) == DATA
    assert decompressor.needs_input
    assert not decompressor.eof
    assert decompressor.decompress(archive[-1:]) == b""
    assert decompressor.eof


def test_decompressor_stops_at_a_frame() -> None:
    one, two = weightless.compress(b"one", 1), weightless.compress(b"two", 1)
    decompressor = weightless.Decompressor()
    assert decompressor.decompress(one + two) == b"one"
    assert decompressor.unused_data == two


def test_decompressor_keeps_its_error() -> None:
    decompressor = weightless.Decompressor()
    for _ in range(2):
        with pytest.raises(weightless.NotAnArchiveError):
            decompressor.decompress(b"not an archive")


def test_objects_do_not_pickle() -> None:
    for thing in (weightless.Compressor(1), weightless.Decompressor()):
        with pytest.raises(TypeError):
            pickle.dumps(thing)


def test_dir_is_what_is_public() -> None:
    listed = {name for name in dir(weightless) if not name.startswith("__")}
    assert listed == set(weightless.__all__)
    assert all(hasattr(weightless, name) for name in dir(weightless))


@pytest.mark.parametrize("name", errors.__all__)
def test_errors_pickle(name: str) -> None:
    kind = getattr(errors, name)
    assert kind is getattr(weightless, name)
    if issubclass(kind, errors.DataError):
        error = kind("broken", offset=3, delivered=2)
    elif issubclass(kind, errors.LimitError):
        error = kind("too much", needed=3, limit=2)
    elif issubclass(kind, OSError):
        error = kind(17, "exists", "file")
    else:
        error = kind("message")
    twin = pickle.loads(pickle.dumps(error))
    assert type(twin) is kind
    assert str(twin) == str(error)
    assert vars(twin) == vars(error)
    assert issubclass(kind, errors.WeightlessError | Warning)
    # As tblib does, which distributed installs for every kind of exception there is.
    assert kind.__new__(kind, *error.args).args == error.args


@pytest.mark.parametrize("name", errors.__all__)
def test_errors_are_copied_where_tblib_pickles_exceptions(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Register tblib's pickling, as importing dask.distributed does."""
    support = pytest.importorskip("tblib.pickling_support")
    kind = getattr(errors, name)
    monkeypatch.setitem(copyreg.dispatch_table, kind, support.pickle_exception)
    error = kind(17, "exists", "file") if issubclass(kind, OSError) else kind("message")
    for made in (copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert type(made) is kind
        assert (str(made), vars(made)) == (str(error), vars(error))


def test_copy_of_an_error_has_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    support = pytest.importorskip("tblib.pickling_support")
    monkeypatch.setitem(
        copyreg.dispatch_table, weightless.NotAnArchiveError, support.pickle_exception
    )
    with pytest.raises(weightless.NotAnArchiveError) as raised:
        weightless.decompress(b"not an archive")
    twin = errors.copy_error(raised.value)
    assert str(twin) == str(raised.value)
    assert twin.__traceback__ is twin.__cause__ is twin.__context__ is None


def test_errors_are_what_users_of_other_modules_expect() -> None:
    assert issubclass(weightless.TruncatedError, EOFError)
    assert issubclass(weightless.DataError, ValueError)
    assert issubclass(weightless.MemoryLimitError, MemoryError)
    assert issubclass(weightless.OutputExistsError, FileExistsError)


def test_many_at_once() -> None:
    with ThreadPoolExecutor(8) as pool:
        archives = list(pool.map(lambda i: weightless.compress(DATA + bytes([i]), 1), range(32)))
        contents = list(pool.map(weightless.decompress, archives))
    assert contents == [DATA + bytes([i]) for i in range(32)]
    assert archives[3] == weightless.compress(DATA + b"\x03", 1)


def test_one_compressor_many_threads() -> None:
    compressor = weightless.Compressor(1, block_size=500)
    out: list[bytes] = []
    lock = threading.Lock()

    def work(i: int) -> None:
        with lock:  # keeps the order; mutual exclusion is up to the object
            out.append(compressor.compress(bytes([i]) * 700))

    threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    content = weightless.decompress(b"".join(out) + compressor.flush())
    assert sorted(content) == sorted(b"".join(bytes([i]) * 700 for i in range(8)))

    archive = weightless.compress(noise(20_000), 1, block_size=1000)
    decompressor = weightless.Decompressor()
    decompressor.decompress(archive, 0)
    with ThreadPoolExecutor(4) as pool:
        pieces = list(pool.map(lambda _: decompressor.decompress(b"", 100), range(200)))
    assert sorted(b"".join(pieces)) == sorted(noise(20_000))


@pytest.mark.skipif(os.name != "posix", reason="POSIX only")
def test_interrupt_leaves_a_clear_state() -> None:
    with once_at_work(interrupt):
        compressor = weightless.Compressor(9)
        with pytest.raises(KeyboardInterrupt):
            compressor.compress(noise(8_000_000), compressor.FLUSH_FRAME)
    with pytest.raises(ValueError, match="interrupted"):
        compressor.flush()


def test_predictor() -> None:
    import numpy as np

    with pytest.raises(weightless.ParameterError, match="no network"):
        weightless.Predictor(1)
    one, two = weightless.Predictor(6), weightless.Predictor(6)
    start = one.predict()
    assert start.shape == (256,)
    assert start.sum() == 1.0
    bits = one.train(counters())
    for byte in counters():
        two.update(byte)
    assert np.array_equal(one.predict(), two.predict())
    assert bits < 8 * 210
    assert {name for name in one.weights} >= {"output.weight"}
    twin = one.copy()
    assert twin.parameters == one.parameters
    twin.train(text(100))
    assert np.array_equal(one.predict(), two.predict())
    assert not np.array_equal(twin.predict(), two.predict())
    two.train(text(100))
    assert np.array_equal(twin.predict(), two.predict())
    for byte in (-1, 256):
        with pytest.raises(ValueError, match="byte"):
            one.update(byte)
