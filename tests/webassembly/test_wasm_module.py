"""The WebAssembly module: its archives are the package's, and so are its errors."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from crafted import SMALL, stored_frame
from data import SAMPLES, noise, records, text
from webassembly import ModuleError, Runner, built

import weightless
from weightless import Parameters
from weightless.container.header import FrameHeader
from weightless.container.skippable import skippable_frame
from weightless.levels import PARAMETER_SETS

pytest.importorskip("wasmtime", reason="the tests' extra is not installed")

LARGEST = 600_000


@pytest.fixture(scope="module")
def runner() -> Runner:
    return Runner(built("weightless.wasm"))


def archive(content: bytes, **options: Any) -> bytes:
    """An archive of the smallest model."""
    return weightless.compress(content, parameters=SMALL, **options)


def outcome(data: bytes, prior: bytes | None = None, **limits: int) -> tuple[str, str, bytes]:
    """The package's exception, or the content."""
    try:
        given = None if prior is None else weightless.Prior(prior)
        return "", "", weightless.decompress(data, prior=given, **limits)
    except weightless.WeightlessError as error:
        return type(error).__name__, str(error), b""


def outcome_of(runner: Runner, data: bytes, **options: Any) -> tuple[str, str, bytes]:
    try:
        return "", "", runner.decompress(data, **options)
    except ModuleError as error:
        return error.kind, error.message, b""


def test_it_is_small_and_asks_for_nothing(runner: Runner) -> None:
    assert built("weightless.wasm").stat().st_size <= LARGEST
    assert [(i.module, i.name) for i in runner.module.imports] == [("weightless", "progress")]


@pytest.mark.parametrize("level", range(1, 10))
def test_archives_are_the_packages(runner: Runner, level: int) -> None:
    content = text(700) + records(300)
    made = runner.compress(content, level)
    assert made == weightless.compress(content, level)
    assert runner.decompress(made) == content


def test_every_parameter_set(runner: Runner) -> None:
    for parameters in PARAMETER_SETS.values():
        made = weightless.compress(b"a set, a set", parameters=parameters)
        assert runner.decompress(made) == b"a set, a set"


@pytest.mark.parametrize("name", SAMPLES)
def test_kinds_of_content(runner: Runner, name: str) -> None:
    made = runner.compress(SAMPLES[name], 1)
    assert made == weightless.compress(SAMPLES[name], 1)
    assert runner.decompress(made) == SAMPLES[name]


def both_ways(runner: Runner, content: bytes) -> None:
    """At level 1, watching the progress."""
    positions: list[float] = []
    made = runner.compress(content, 1, progress=positions.append)
    assert made == weightless.compress(content, 1)
    assert positions == sorted(positions)
    assert 0 < positions[0] < positions[-1] <= len(content)
    positions.clear()
    assert runner.decompress(made, progress=positions.append) == content
    assert positions == sorted(positions)
    assert 0 < positions[0] < positions[-1] <= len(made)


def test_many_blocks(runner: Runner) -> None:
    both_ways(runner, bytes(300_000) + text(3000) + bytes(300_000))


@pytest.mark.slow
def test_blocks_that_are_skipped(runner: Runner) -> None:
    part = noise(270_000)
    both_ways(runner, part + noise(280_000, seed=4) + part[:150_000] + text(3000))


def joined() -> tuple[bytes, bytes]:
    """An archive with a frame of each kind, and its content."""
    compressor = weightless.Compressor(parameters=SMALL)
    flush = compressor.FLUSH_BLOCK
    flushed = compressor.compress(text(300), flush)
    flushed += compressor.compress(noise(64), flush)  # a plain block
    flushed += compressor.compress(text(50)) + compressor.flush()
    frames = [
        (archive(text(900), frame_size=400), text(900)),
        (skippable_frame(b"anything", 15) + skippable_frame(b"", 3), b""),
        (stored_frame(noise(3000), 1000), noise(3000)),
        (weightless.compress(b"", 1), b""),
        (flushed, text(300) + noise(64) + text(50)),
        (weightless.compress(b"the last", 1), b"the last"),
    ]
    return b"".join(a for a, _ in frames), b"".join(c for _, c in frames)


@pytest.mark.parametrize("piece", [1, 7, 100, 1 << 17])
def test_frames_of_every_kind_in_pieces(runner: Runner, piece: int) -> None:
    data, content = joined()
    assert weightless.decompress(data) == content
    assert runner.decompress(data, piece=piece) == content


def damaged() -> Iterator[bytes]:
    """Archives with any byte changed, and cut anywhere."""
    whole = archive(text(40), frame_size=25)  # two frames and a seek table
    for at in range(len(whole)):
        yield whole[:at]
        for change in (1, 0x80):
            yield whole[:at] + bytes([whole[at] ^ change]) + whole[at + 1 :]


def test_errors_are_the_packages(runner: Runner) -> None:
    kinds = set()
    for data in damaged():
        expected = outcome(data)
        found = outcome_of(runner, data)
        assert found[0] == expected[0], (data.hex(), found, expected)
        assert expected[1].startswith(found[1]), data.hex()
        assert found[2] == expected[2]
        kinds.add(found[0])
    assert kinds >= {
        "NotAnArchiveError",
        "UnsupportedError",
        "CorruptError",
        "TruncatedError",
    }


@pytest.mark.parametrize(
    "data",
    [
        archive(b"x" * 40) + b"more",
        stored_frame(b"content", claim=6),
        stored_frame(b"content", claim=8),
        FrameHeader(SMALL).to_bytes() + b"\x80\x80\x80\x80\x80\x80",
        b"\xd7\n\x0e\x12\x1b",
        b"\xd7\n\x0e\x10\x80\x7f" + b"\0" * 9,
        b"\x97WL\x00\x01" + bytes(20),
        b"\xd7\n",
        b"\x97W",
    ],
)
def test_other_damage(runner: Runner, data: bytes) -> None:
    kind, message, _ = outcome(data)
    assert kind
    assert outcome_of(runner, data)[:2] == (kind, message)


def frame_of(**fields: int) -> bytes:
    return FrameHeader(Parameters(**fields), 5).to_bytes() + b"\x15\x00\x00\x00\x00\x00"


LARGE = [
    frame_of(width=0, experts=4, memory_bits=30, ngrams=8, ngram_bits=30, growth_bits=8),
    frame_of(width=1024, layers=3, gates=1, horizon=128, experts=4, memory_bits=30),
]


@pytest.mark.parametrize("data", LARGE)
def test_memory_is_checked_before_it_is_taken(runner: Runner, data: bytes) -> None:
    limit = 100 << 20
    with pytest.raises(weightless.MemoryLimitError) as expected:
        weightless.decompress(data, memory_limit=limit)
    with pytest.raises(ModuleError) as found:
        runner.decompress(data, memory_limit=limit)
    assert found.value.kind == "MemoryLimitError"
    assert str(expected.value).startswith(found.value.message)
    assert runner.memory < 16 << 20


@pytest.mark.parametrize("level", range(1, 10))
def test_memory_of_the_levels(runner: Runner, level: int) -> None:
    needed = weightless.level_parameters(level).memory_for(1000)
    slack = 1 << 20  # objects are smaller where addresses have 32 bits
    with pytest.raises(ModuleError, match="MemoryLimitError: compressing needs"):
        runner.compress(bytes(1000), level, memory_limit=needed - slack)
    assert runner.memory < 16 << 20


def test_memory_that_is_not_there(runner: Runner) -> None:
    data = weightless.compress(text(500), 6)
    for work in (runner.compress, runner.decompress):
        arguments = (text(500), 6) if work == runner.compress else (data,)
        with pytest.raises(ModuleError) as found:
            work(*arguments, memory=8 << 20)
        assert found.value.kind == "MemoryError"


def test_cost_is_checked(runner: Runner) -> None:
    data = frame_of(width=1024, layers=3, gates=1, horizon=2)
    kind, message, _ = outcome(data)
    assert kind == "CostLimitError"
    found = outcome_of(runner, data)
    assert found[0] == kind
    assert message.startswith(found[1])


def test_cancelling(runner: Runner) -> None:
    class CancelledError(Exception):
        pass

    def cancel(position: float) -> None:
        raise CancelledError

    with pytest.raises(CancelledError):
        runner.compress(text(5000), 1, progress=cancel)


def test_build_without_its_compiler(tmp_path: Path) -> None:
    build = Path(__file__).parents[2] / "tools/webassembly/build.py"
    done = subprocess.run(
        [sys.executable, "-S", str(build), "--output", str(tmp_path / "out")],  # without packages
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == (
        "build.py: error: the package ziglang is missing: pip install -r .ci/requirements.txt"
    )
    assert not (tmp_path / "out").exists()
