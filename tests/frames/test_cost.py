"""The cost of decoding is bounded by the size of an archive and of its content."""

from __future__ import annotations

import io
import pickle
import sys
import threading

import pytest
from conftest import Run
from data import text
from hypothesis import given
from hypothesis import strategies as st
from strategies import any_parameters

import weightless
from weightless import _core
from weightless.container.header import FrameHeader
from weightless.container.skippable import skippable_frame
from weightless.frames import parallel
from weightless.frames.archive_decoder import ArchiveDecoder
from weightless.frames.cost import (
    DEFAULT_COST_LIMIT,
    Budget,
    operations_per_byte,
    operations_to_start,
)
from weightless.levels import PARAMETER_SETS, network_parameters

SMALL = weightless.Parameters(width=16)
COST = operations_per_byte(SMALL)
LARGEST = weightless.Parameters(
    **{name: high for name, _, _, high in _core.FIELDS} | {"horizon": 2}
)


def test_levels_and_research_fit_well() -> None:
    for parameters in PARAMETER_SETS.values():
        assert operations_per_byte(parameters) <= DEFAULT_COST_LIMIT // 16
    for width, layers in ((512, 3), (1024, 1), (256, 3), (640, 2)):
        parameters = network_parameters(width, layers=layers, gates=1, experts=4)
        assert operations_per_byte(parameters) <= DEFAULT_COST_LIMIT
    assert operations_per_byte(LARGEST) > 4 * DEFAULT_COST_LIMIT


@given(any_parameters(width=1024, memory_bits=30, ngram_bits=30), st.data())
def test_more_of_anything_costs_no_less(fields: dict[str, int], data: st.DataObject) -> None:
    parameters = weightless.Parameters(**fields)
    before = operations_per_byte(parameters)
    assert before > 0
    name = data.draw(st.sampled_from(["width", "layers", "gates", "experts", "ngram_words"]))
    high = {field: high for field, _, _, high in _core.FIELDS}[name]
    step = 16 if name == "width" else 1
    more = parameters.replace(**{name: min(high, getattr(parameters, name) + step)})
    assert operations_per_byte(more) >= before
    assert operations_per_byte(parameters.replace(horizon=2)) >= before


def archive_of(parameters: weightless.Parameters) -> bytes:
    """A header, followed by a coded block."""
    return FrameHeader(parameters).to_bytes() + bytes([9, 1]) + bytes(18)


def test_a_header_that_costs_too_much_is_refused_before_anything_is_built() -> None:
    archive = archive_of(LARGEST)
    file = io.BytesIO(archive)
    for call in (
        lambda: weightless.decompress(archive, memory_limit=None),
        lambda: weightless.decompress(2 * archive, memory_limit=None, threads=2),
        lambda: weightless.open(file, memory_limit=None).read(),
        lambda: weightless.Decompressor(memory_limit=None).decompress(archive),
    ):
        file.seek(0)
        with pytest.raises(weightless.CostLimitError, match=r"cost_limit \(--cost-limit") as caught:
            call()
        error = caught.value
        assert (error.needed, error.limit) == (operations_per_byte(LARGEST), DEFAULT_COST_LIMIT)
        again = pickle.loads(pickle.dumps(error))
        assert (type(again), str(again), again.needed) == (type(error), str(error), error.needed)


def test_the_limit_is_exact_and_can_be_raised() -> None:
    data = text(3000)
    archive = weightless.compress(data, parameters=SMALL, frame_size=1000)
    for limit in (COST, None):
        assert weightless.decompress(archive, cost_limit=limit) == data
        assert weightless.decompress(archive, cost_limit=limit, threads=2) == data
        assert weightless.open(io.BytesIO(archive), cost_limit=limit).read() == data
        assert weightless.Decompressor(cost_limit=limit).decompress(archive) == data[:1000]
    for threads in (1, 2):
        with pytest.raises(weightless.CostLimitError):
            weightless.decompress(archive, cost_limit=COST - 1, threads=threads)
        with pytest.raises(weightless.CostLimitError):
            weightless.open(io.BytesIO(archive), cost_limit=COST - 1, threads=threads).read()
    with pytest.raises(weightless.CostLimitError):
        weightless.Decompressor(cost_limit=COST - 1).decompress(archive)


def test_command(run: Run, folder: object) -> None:
    archive = weightless.compress(b"a few bytes, a few bytes", 1)
    assert run("-dc", stdin=archive).returncode == 0
    done = run("-dc", "--cost-limit", "10K", stdin=archive)
    assert done.returncode == 1
    assert b"50,000 operations per byte, but the limit is 10,240; raise it with" in done.stderr
    for limit in ("0", "50K"):
        assert run("-t", "--cost-limit", limit, stdin=archive).returncode == 0


@pytest.fixture
def starts(monkeypatch: pytest.MonkeyPatch) -> list[weightless.Parameters]:
    """The parameters of each model that was started."""
    started: list[weightless.Parameters] = []
    make = weightless.Parameters.codec

    class Codec:
        """A codec of the small model that records each start of a model with its parameters."""

        def __init__(self, parameters: weightless.Parameters) -> None:
            self.parameters = parameters
            self.codec = make(SMALL)
            started.append(parameters)

        def reset(self, brief: bool = False) -> None:
            started.append(self.parameters)
            self.codec.reset(brief)

        def __getattr__(self, name: str) -> object:
            return getattr(self.codec, name)

    def codec(self: weightless.Parameters, **how: bool) -> Codec:
        return Codec(self)

    monkeypatch.setattr(weightless.Parameters, "codec", codec)
    return started


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("sets", [1, 2])
def test_models_are_paid_for_by_bytes(
    starts: list[weightless.Parameters], threads: int, sets: int
) -> None:
    """The number of model starts is bounded per byte, whatever the frames' parameters are."""
    kinds = [SMALL.replace(memory_bits=26, experts=1, seed=seed) for seed in range(sets)]
    frames = [weightless.compress(b"a" * 200, parameters=kind) for kind in kinds]
    content = weightless.decompress(frames[0])
    archive = 400 * b"".join(frames)
    starts.clear()
    limit = operations_per_byte(kinds[0])
    decoder = ArchiveDecoder(memory_limit=None, cost_limit=limit, threads=threads)
    delivered = b""
    with pytest.raises(weightless.CostLimitError, match="many small frames"):  # noqa: PT012
        for block in decoder.decode(io.BytesIO(archive)):
            delivered += block
    assert delivered == content * (len(delivered) // 200)
    cost = operations_to_start(kinds[0]) * (1 if sets == 1 else 4)
    paid = limit * (decoder.offset + len(delivered) + (1 << 14))
    # The start that is refused is not made, but what threads do ahead has been.
    ahead = 0 if threads == 1 else (1 << 16) // len(frames[0])
    assert 1 < len(starts) <= paid // cost + ahead
    again = weightless.decompress(archive, memory_limit=None, cost_limit=None)
    assert again == 400 * sets * content


def test_the_refusal_does_not_depend_on_threads(starts: list[weightless.Parameters]) -> None:
    kind = SMALL.replace(memory_bits=26, experts=1)
    archive = 400 * weightless.compress(b"a" * 200, parameters=kind)
    delivered = []
    for threads in (1, 2, 3):
        decoder = ArchiveDecoder(
            memory_limit=None, cost_limit=operations_per_byte(kind), threads=threads
        )
        with pytest.raises(weightless.CostLimitError):
            list(decoder.decode(io.BytesIO(archive)))
        delivered.append(decoder.delivered)
    assert delivered[0] > 0
    assert len(set(delivered)) == 1, delivered


def test_what_is_worth_its_bytes_is_never_refused() -> None:
    budget = Budget(DEFAULT_COST_LIMIT)
    for level in PARAMETER_SETS.values():
        seen = 0
        for _ in range(3000):  # frames of a hundred bytes
            budget.start(FrameHeader(level), seen)
            seen += 100
        budget = Budget(DEFAULT_COST_LIMIT)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize(
    "frame", [skippable_frame(b""), weightless.compress(b"", 1), weightless.compress(b"ab", 1)]
)
def test_work_grows_as_the_archive_does(
    frame: bytes, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Threads begun, bytes read, bytes copied: counted for a small archive and a larger one."""
    counts: list[tuple[int, int]] = []
    begun = 0
    start = threading.Thread.start

    def count(self: threading.Thread) -> None:
        nonlocal begun
        begun += 1
        start(self)

    monkeypatch.setattr(parallel.threading.Thread, "start", count)

    class Counted(io.BytesIO):
        """A file that counts the bytes read from it."""

        bytes_read = 0

        def read(self, size: int | None = -1, /) -> bytes:
            data = super().read(size)
            self.bytes_read += len(data)
            return data

    for number in (1500, 6000):
        begun = 0
        source = Counted(number * frame)
        decoder = ArchiveDecoder(threads=threads)
        calls = 0

        def trace(*_: object) -> None:
            nonlocal calls
            calls += 1

        sys.setprofile(trace)
        try:
            for _ in decoder.decode(source):
                pass
        finally:
            sys.setprofile(None)
        counts.append((calls, source.bytes_read))
        assert begun <= 2 + number * len(frame) // 1000
    (calls, size), (more_calls, more_size) = counts
    assert more_calls <= 4.5 * calls
    assert more_size <= 4.5 * size
