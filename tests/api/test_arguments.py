"""Buffers and integers of every kind: accepted where `lzma` accepts them, otherwise refused."""

from __future__ import annotations

import array
import ctypes
import io
import json
import lzma
import mmap
import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import weightless
from weightless import Parameters, Predictor
from weightless.integrations.numcodecs import Weightless
from weightless.levels import level_parameters

SMALL = Parameters(width=0, experts=1, memory_bits=16)


def mapped() -> mmap.mmap:
    area = mmap.mmap(-1, 64)
    area[:] = bytes(range(64))
    return area


class Structure(ctypes.Structure):
    _fields_ = (("a", ctypes.c_int32), ("b", ctypes.c_double))


def read_only(values: np.ndarray) -> np.ndarray:
    values.flags.writeable = False
    return values


grid = np.arange(64, dtype=np.int32).reshape(8, 8)
BUFFERS: dict[str, Callable[[], Any]] = {
    "bytes": lambda: b"some bytes",
    "no bytes": lambda: b"",
    "bytearray": lambda: bytearray(b"some bytes"),
    "memoryview": lambda: memoryview(b"some bytes"),
    "memoryview of doubles": lambda: memoryview(array.array("d", [1, 2, 3])),
    "memoryview in two dimensions": lambda: memoryview(bytes(24)).cast("H", (3, 4)),
    "memoryview of no dimension": lambda: memoryview(bytes(4)).cast("i", ()),
    "memoryview with steps": lambda: memoryview(bytes(range(20)))[::2],
    "memoryview backwards": lambda: memoryview(bytes(range(20)))[::-1],
    "released memoryview": lambda: released(),
    "array": lambda: array.array("u", "text"),
    "mmap": mapped,
    "closed mmap": lambda: closed(mapped()),
    "ctypes array": lambda: (ctypes.c_double * 4)(1, 2, 3, 4),
    "ctypes structure": lambda: Structure(1, 2.0),
    "ctypes integer": lambda: ctypes.c_int(7),
    "getbuffer": lambda: io.BytesIO(b"some bytes").getbuffer(),
    "numpy": lambda: grid,
    "numpy, no entries": lambda: np.empty((0, 3), np.float64),
    "numpy, no dimension": lambda: np.array(3.5),
    "numpy scalar": lambda: np.float32(3.5),
    "numpy datetime64": lambda: np.arange("2020-01-01", "2020-02-01", dtype="datetime64[D]"),
    "numpy datetime64 scalar": lambda: np.datetime64("2020-01-01"),
    "numpy timedelta64": lambda: np.arange(5).astype("timedelta64[s]"),
    "numpy structured": lambda: np.zeros(5, [("a", "<i2"), ("t", "<M8[s]"), ("s", "S3")]),
    "numpy record": lambda: np.rec.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")]),
    "numpy big-endian": lambda: np.arange(5, dtype=">f8"),
    "numpy half": lambda: np.arange(5, dtype=np.float16),
    "numpy complex": lambda: np.arange(5, dtype=np.complex128),
    "numpy long double": lambda: np.arange(5, dtype=np.longdouble),
    "numpy bool": lambda: np.array([True, False]),
    "numpy strings": lambda: np.array(["one", "two"]),
    "numpy void": lambda: np.zeros(3, "V7"),
    "numpy objects": lambda: np.array([None, 1], dtype=object),
    "numpy read-only": lambda: read_only(np.arange(5)),
    "numpy read-only dates": lambda: read_only(np.zeros(3, "M8[s]")),
    "numpy Fortran": lambda: np.asfortranarray(grid),
    "numpy transposed": lambda: grid.T,
    "numpy with steps": lambda: grid[:, ::2],
    "numpy backwards": lambda: grid[::-1],
    "numpy broadcast": lambda: np.broadcast_to(np.int8(1), (3, 3)),
    "numpy dates with steps": lambda: np.zeros(8, "M8[s]")[::2],
    "numpy memmap": lambda: np.zeros(3).view(np.memmap),
    "numpy masked": lambda: np.ma.masked_array([1, 2, 3], [0, 1, 0]),
    "str": lambda: "text",
    "None": lambda: None,
    "int": lambda: 7,
    "list": lambda: [1, 2, 3],
    "file": lambda: io.BytesIO(b"some bytes"),
}


def released() -> memoryview:
    view = memoryview(b"some bytes")
    view.release()
    return view


def closed(area: mmap.mmap) -> mmap.mmap:
    area.close()
    return area


def outcome(call: Callable[[], Any]) -> Any:
    """Return the result of a call, or the class of its error."""
    try:
        return call()
    except Exception as error:
        return type(error)


def written(data: Any) -> bytes:
    sink = io.BytesIO()
    with weightless.open(sink, "wb", parameters=SMALL) as file:
        taken = file.write(data)
    content = weightless.decompress(sink.getvalue())
    assert taken == len(content)
    return content


def compressed(data: Any) -> bytes:
    compressor = weightless.Compressor(parameters=SMALL)
    return weightless.decompress(compressor.compress(data) + compressor.flush())


ENTRIES: dict[str, Callable[[Any], bytes]] = {
    "compress": lambda data: weightless.decompress(weightless.compress(data, parameters=SMALL)),
    "Compressor": compressed,
    "WeightlessFile": written,
}


@pytest.mark.parametrize("kind", BUFFERS)
@pytest.mark.parametrize("entry", ENTRIES)
def test_content_is_taken_where_lzma_takes_it(entry: str, kind: str) -> None:
    if (entry, kind) == ("compress", "str"):  # means the name of a file there
        return
    expected = outcome(lambda: lzma.decompress(lzma.compress(BUFFERS[kind](), preset=0)))
    assert outcome(lambda: ENTRIES[entry](BUFFERS[kind]())) == expected


@pytest.mark.parametrize("kind", BUFFERS)
def test_a_predictor_trains_on_the_same(kind: str) -> None:
    predictor = Predictor(parameters=Parameters(width=16, horizon=2))
    data = BUFFERS[kind]()
    expected = outcome(lambda: bytes(lzma.decompress(lzma.compress(data, preset=0))))
    if isinstance(expected, bytes):
        assert predictor.train(data) == predictor.__class__(parameters=predictor.parameters).train(
            expected
        )
    else:
        assert outcome(lambda: predictor.train(data)) is expected


def wrap(kind: str, archive: bytes) -> Any:
    """Return an archive in a buffer of that kind, if such a buffer can contain any bytes."""
    n = len(archive)
    if kind == "numpy datetime64":
        padded = archive + bytes(-n % 8)
        return np.frombuffer(padded, "M8[s]")
    if kind == "numpy structured":
        return np.frombuffer(archive, [("a", "V1")])
    if kind == "memoryview in two dimensions":
        return memoryview(archive).cast("B", (1, n))
    if kind == "memoryview with steps":
        return memoryview(bytes(2 * n))[::2]
    if kind == "mmap":
        area = mmap.mmap(-1, n)
        area[:] = archive
        return area
    if kind == "ctypes array":
        return (ctypes.c_char * n).from_buffer_copy(archive)
    return {"bytearray": bytearray, "array": lambda a: array.array("B", a)}[kind](archive)


@pytest.mark.parametrize(
    "kind",
    [
        "numpy structured",
        "memoryview in two dimensions",
        "memoryview with steps",
        "mmap",
        "ctypes array",
        "bytearray",
        "array",
    ],
)
def test_archives_are_taken_from_the_same(kind: str) -> None:
    content = b"some bytes " * 9
    archive = weightless.compress(content, parameters=SMALL)
    lzma_archive = lzma.compress(content, preset=0)
    expected = outcome(lambda: lzma.LZMADecompressor().decompress(wrap(kind, lzma_archive)))
    given = wrap(kind, archive)
    assert outcome(lambda: weightless.decompress(given)) == expected
    assert outcome(lambda: weightless.Decompressor().decompress(given)) == expected


def test_an_archive_in_an_array_of_dates() -> None:
    content = b"some bytes " * 9
    archive = weightless.compress(content, parameters=SMALL)
    decompressor = weightless.Decompressor()
    assert decompressor.decompress(wrap("numpy datetime64", archive)) == content
    assert not any(decompressor.unused_data)


TARGETS: dict[str, Callable[[], Any]] = {
    "bytearray": lambda: bytearray(24),
    "array": lambda: array.array("d", [0, 0, 0]),
    "mmap": lambda: mmap.mmap(-1, 24),
    "ctypes array": lambda: (ctypes.c_double * 3)(),
    "memoryview of doubles": lambda: memoryview(bytearray(24)).cast("d"),
    "numpy": lambda: np.zeros((2, 3), np.int32),
    "numpy, no entries": lambda: np.zeros((2, 0), np.int32),
    "numpy, no dimension": lambda: np.array(0.0),
    "numpy datetime64": lambda: np.zeros(3, "M8[s]"),
    "numpy structured": lambda: np.zeros(3, [("a", "<i2"), ("t", "<M8[s]")]),
    "numpy Fortran": lambda: np.zeros((2, 3), np.int32, order="F"),
    "numpy with steps": lambda: np.zeros(8)[::2],
    "numpy read-only": lambda: read_only(np.zeros(3)),
    "bytes": lambda: bytes(24),
    "read-only memoryview": lambda: memoryview(bytearray(24)).toreadonly(),
    "str": lambda: "text",
    "None": lambda: None,
}


@pytest.mark.parametrize("kind", TARGETS)
@pytest.mark.parametrize("method", ["readinto", "readinto1"])
def test_reading_into_what_lzma_reads_into(method: str, kind: str) -> None:
    content = bytes(range(1, 200))
    theirs = lzma.LZMAFile(io.BytesIO(lzma.compress(content, preset=0)))  # noqa: SIM115
    ours = weightless.open(io.BytesIO(weightless.compress(content, parameters=SMALL)))
    expected, target = TARGETS[kind](), TARGETS[kind]()
    result = outcome(lambda: operator.methodcaller(method, target)(ours))
    assert result == outcome(lambda: operator.methodcaller(method, expected)(theirs))
    if isinstance(result, int):
        as_bytes = operator.methodcaller("tobytes")
        assert as_bytes(np.asarray(target)) == as_bytes(np.asarray(expected))
    taken = result if isinstance(result, int) else 0
    assert ours.read() == content[taken:], "what was refused is not lost"


class Index:
    def __init__(self, value: int) -> None:
        self._value = value

    def __index__(self) -> int:
        return self._value


class Three(int):
    pass


INTEGERS: dict[str, Callable[[int], Any]] = {
    "int": int,
    "numpy.int64": np.int64,
    "numpy.uint8": np.uint8,
    "numpy, no dimension": np.array,
    "subclass": Three,
    "__index__": Index,
}
OTHERS: dict[str, Any] = {
    "str": "3",
    "bytes": b"3",
    "float": 3.0,
    "numpy.float64": np.float64(3),
    "numpy.bool": np.True_,
    "complex": 3j,
    "list": [3],
    "array": np.array([3, 3]),
    "object": object(),
}


def opened(**arguments: Any) -> None:
    weightless.open(io.BytesIO(), "wb", **arguments).close()


def read(**arguments: Any) -> None:
    with weightless.open(io.BytesIO(ARCHIVE), "rb", **arguments) as file:
        file.read()


ARCHIVE = weightless.compress(b"some bytes", parameters=SMALL)
#: For every integer argument: a call with it, its name, a valid value, values out of range.
ARGUMENTS: dict[str, tuple[Callable[[Any], Any], str, int, tuple[int, ...]]] = {
    "level": (level_parameters, "level", 3, (0, 10, -1, 1 << 70)),
    "compress level": (lambda v: weightless.compress(b"", v), "level", 1, (0, 10)),
    "Compressor level": (weightless.Compressor, "level", 1, (0, 10)),
    "open level": (lambda v: opened(level=v), "level", 1, (0, 10)),
    "numcodecs level": (lambda v: Weightless(v).encode(b""), "level", 1, (0, 10)),
    "compress threads": (
        lambda v: weightless.compress(b"", parameters=SMALL, threads=v),
        "threads",
        2,
        (-1,),
    ),
    "decompress threads": (
        lambda v: weightless.decompress(ARCHIVE, threads=v),
        "threads",
        2,
        (-1,),
    ),
    "open threads": (lambda v: read(threads=v), "threads", 2, (-1,)),
    "block_size": (
        lambda v: weightless.compress(b"", parameters=SMALL, block_size=v),
        "block_size",
        100,
        (0, -1, (1 << 20) + 1),
    ),
    "open block_size": (
        lambda v: opened(parameters=SMALL, block_size=v),
        "block_size",
        100,
        (0, (1 << 20) + 1),
    ),
    "frame_size": (
        lambda v: weightless.compress(b"", parameters=SMALL, frame_size=v),
        "frame_size",
        100,
        (0, -1, 1 << 63),
    ),
    "open frame_size": (
        lambda v: opened(parameters=SMALL, frame_size=v),
        "frame_size",
        100,
        (0, 1 << 63),
    ),
    "content_size": (
        lambda v: weightless.Compressor(parameters=SMALL, content_size=v),
        "content_size",
        100,
        (-1, 1 << 63),
    ),
    "memory_limit": (
        lambda v: weightless.decompress(ARCHIVE, memory_limit=v),
        "memory_limit",
        0,
        (-1, 1 << 63),
    ),
    "Decompressor memory_limit": (
        lambda v: weightless.Decompressor(memory_limit=v),
        "memory_limit",
        100,
        (-1,),
    ),
    "open memory_limit": (lambda v: read(memory_limit=v), "memory_limit", 0, (-1,)),
    "max_output_size": (
        lambda v: weightless.decompress(ARCHIVE, max_output_size=v),
        "max_output_size",
        100,
        (-1, 1 << 63),
    ),
    "cost_limit": (
        lambda v: weightless.decompress(ARCHIVE, cost_limit=v),
        "cost_limit",
        1 << 40,
        (-1, 1 << 63),
    ),
    "open cost_limit": (lambda v: read(cost_limit=v), "cost_limit", 1 << 40, (-1,)),
    "Parameters": (lambda v: Parameters(horizon=v), "horizon", 4, (0, 130)),
    "Predictor": (Predictor, "level", 4, (0, 10)),
}


@pytest.mark.parametrize("argument", ARGUMENTS)
def test_integers_are_what_python_takes_as_an_index(argument: str) -> None:
    call, name, value, wrong = ARGUMENTS[argument]
    expected = outcome(lambda: call(value))
    for kind, make in INTEGERS.items():
        if kind == "numpy.uint8" and value > 255:
            continue
        result = outcome(lambda make=make: call(make(value)))
        if isinstance(expected, type | bytes | Parameters):
            assert result == expected
        else:
            assert type(result) is type(expected)
    for number in wrong:
        with pytest.raises(weightless.ParameterError, match=rf"^{name} is {number}, not in \["):
            call(number)
    for other in OTHERS.values():
        with pytest.raises(TypeError, match=rf"^{name} is .*, not an integer in \["):
            call(other)


def test_bool_is_an_integer_as_it_is_for_lzma() -> None:
    assert lzma.compress(b"", preset=True) == lzma.compress(b"", preset=1)
    assert weightless.compress(b"", True) == weightless.compress(b"", 1)


@pytest.mark.parametrize("kind", [*INTEGERS, *OTHERS, "None"])
def test_lengths_are_taken_as_lzma_takes_them(kind: str) -> None:
    length = INTEGERS[kind](3) if kind in INTEGERS else OTHERS.get(kind)
    theirs = lzma.LZMADecompressor()
    ours = weightless.Decompressor()
    archive = lzma.compress(b"some bytes", preset=0)
    expected = outcome(lambda: theirs.decompress(archive, length))
    assert outcome(lambda: ours.decompress(ARCHIVE, length)) == expected
    if isinstance(expected, type):  # nothing was accepted
        assert ours.decompress(ARCHIVE) == b"some bytes"


@pytest.mark.parametrize("method", ["read", "read1", "readline", "peek", "seek"])
@pytest.mark.parametrize("kind", [*INTEGERS, *OTHERS])
def test_sizes_are_taken_as_files_take_them(method: str, kind: str) -> None:
    value = INTEGERS[kind](3) if kind in INTEGERS else OTHERS[kind]
    if isinstance(value, np.bool_):
        return  # versions of numpy differ
    theirs = io.BufferedReader(io.BytesIO(b"some bytes"))  # type: ignore[arg-type]
    ours = weightless.open(io.BytesIO(ARCHIVE))
    expected = outcome(lambda: operator.methodcaller(method, value)(theirs))
    assert outcome(lambda: operator.methodcaller(method, value)(ours)) == expected
    assert ours.tell() == theirs.tell()


def test_bytes_for_a_predictor() -> None:
    predictor = Predictor(parameters=Parameters(width=16, horizon=2))
    for make in INTEGERS.values():
        predictor.update(make(3))
    for number in (-1, 256, 1 << 40):
        with pytest.raises(weightless.ParameterError, match=rf"in \[0, 255\], got {number}"):
            predictor.update(number)
    for other in OTHERS.values():
        with pytest.raises(TypeError):
            predictor.update(other)


class Odd(int):
    """An integer whose representation is something else."""

    def __repr__(self) -> str:
        return "odd"


@pytest.mark.parametrize("kind", [np.int64, np.array, Odd, bool])
def test_integers_are_kept_as_plain_ones(kind: Callable[[int], Any]) -> None:
    """Objects that keep such integers can be displayed, hashed and written as JSON."""
    from weightless.integrations.zarr import WeightlessCodec

    codec, filter_ = WeightlessCodec(level=kind(1)), Weightless(kind(1))
    for made in (codec.to_dict()["configuration"], filter_.get_config()):
        assert json.loads(json.dumps(made))["level"] == 1
        assert json.dumps(made).endswith('"level": 1}')
    assert hash(codec) == hash(WeightlessCodec(level=1))
    assert repr(filter_) == "Weightless(level=1)"
    assert repr(Parameters(layers=2, delay=kind(1))) == "Parameters(layers=2, delay=1)"
    with pytest.raises(weightless.MemoryLimitError) as caught:
        weightless.decompress(ARCHIVE, memory_limit=kind(1))
    assert type(caught.value.limit) is int
