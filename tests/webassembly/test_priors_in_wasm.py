"""Archives with priors in the WebAssembly module, whether or not they contain these."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from crafted import SMALL
from data import noise, records, text
from test_golden_archives import FOLDERS, golden, prior_of
from test_wasm_module import outcome, outcome_of
from webassembly import Runner, built

import weightless
from weightless import Parameters, Prior
from weightless.container.header import FrameHeader

pytest.importorskip("wasmtime", reason="the tests' extra is not installed")

PRIOR = text(600)
OTHER = Parameters(width=0, experts=2, memory_bits=16)


@pytest.fixture(scope="module")
def runner() -> Runner:
    return Runner(built("weightless.wasm"))


def agree(runner: Runner, data: bytes, prior: bytes | None = None, **limits: int) -> str:
    """Compare the module with the package; return the kind of the error."""
    expected = outcome(data, prior, **limits)
    found = outcome_of(runner, data, prior=prior, **limits)
    assert found[0] == expected[0], (data.hex(), found, expected)
    assert expected[1].startswith(found[1]), (found, expected)
    assert found[2] == expected[2]
    return found[0]


@pytest.mark.parametrize("level", [1, 6])
def test_the_commands_archives_open_by_themselves(
    runner: Runner, level: int, tmp_path: Path, run: Any
) -> None:
    content = text(9000) + records(3000)
    source = tmp_path / "content"
    source.write_bytes(content)
    made: subprocess.CompletedProcess[bytes] = run(
        f"-{level}", "--primed", "--frame-size", "2K", str(source)
    )
    assert made.returncode == 0
    archive = source.with_name("content.wl").read_bytes()
    assert archive.count(b"\xd7\n\x0e") > 2
    assert runner.decompress(archive) == content
    assert runner.decompress(archive, piece=997) == content


@pytest.mark.parametrize("level", [1, 6])
def test_the_commands_archives_open_with_the_prior(
    runner: Runner, level: int, tmp_path: Path, run: Any
) -> None:
    content = text(700)
    source, prior = tmp_path / "content", tmp_path / "prior"
    source.write_bytes(content)
    prior.write_bytes(PRIOR)
    assert run(f"-{level}", "--prior", str(prior), str(source)).returncode == 0
    archive = source.with_name("content.wl").read_bytes()
    assert runner.decompress(archive, prior=PRIOR) == content
    assert agree(runner, archive) == "PriorError"
    assert agree(runner, archive, PRIOR + b"!") == "PriorError"


def test_every_golden_archive_with_a_prior(runner: Runner) -> None:
    found = 0
    for item in (item for folder in FOLDERS for item in golden(folder)):
        if item.prior != "-":
            prior = prior_of(item)
            found += 1
            item.check(
                runner.decompress(item.archive, prior=None if prior is None else prior.content)
            )
    assert found == 20


LENGTHS = [1, 2, 3, 4, 5, 8, 9, 15, 16, 17, 31, 32, 33, 64, 65, 96, 97, 128, 129, 159, 160, 161]
LENGTHS += [191, 192, 193, 239, 240, 241, 320, 1023, 1024, 1025, 1087, 1088, 1089, 2048, 5000]


@pytest.mark.parametrize("length", LENGTHS)
def test_the_hash_of_priors_of_any_length(runner: Runner, length: int) -> None:
    prior = noise(length)
    archive = weightless.compress(b"content", parameters=SMALL, prior=Prior(prior))
    assert runner.decompress(archive, prior=prior) == b"content"
    changed = bytes([prior[0] ^ 1]) + prior[1:]
    assert agree(runner, archive, changed) == "PriorError"


def mixed() -> tuple[bytes, bytes]:
    """Frames with the prior given, with content of the archive, and with neither, in turns."""
    given = Prior(PRIOR)
    parts = []
    for content, options in [
        (text(200), {"parameters": SMALL, "prior": given}),
        (text(900), {"parameters": SMALL, "frame_size": 400, "primed": True}),
        (text(300), {"parameters": SMALL, "prior": given}),
        (text(300), {"parameters": OTHER, "prior": given}),
        (text(100), {"parameters": OTHER}),
        (records(800), {"parameters": OTHER, "frame_size": 300, "primed": True, "prior": given}),
        (noise(3000), {"parameters": SMALL, "frame_size": 1000, "primed": True}),
        (b"", {"parameters": SMALL, "prior": given}),
        (text(100), {"parameters": SMALL, "prior": given}),
        (text(100), {"parameters": SMALL}),
    ]:
        parts.append((weightless.compress(content, **options), content))
    return b"".join(a for a, _ in parts), b"".join(c for _, c in parts)


@pytest.mark.parametrize("piece", [1, 100, 1 << 17])
def test_frames_with_priors_in_turns(runner: Runner, piece: int) -> None:
    data, content = mixed()
    assert weightless.decompress(data, prior=Prior(PRIOR)) == content
    assert runner.decompress(data, prior=PRIOR, piece=piece) == content


def damaged() -> Iterator[bytes]:
    primed = weightless.compress(text(150), parameters=SMALL, frame_size=60, primed=True)
    given = weightless.compress(text(40), parameters=SMALL, prior=Prior(PRIOR))
    assert primed.count(b"\xd7\n\x0e") > 2
    for whole in (primed, given):
        for at in range(len(whole)):
            yield whole[:at]
            for change in (1, 0x80):
                yield whole[:at] + bytes([whole[at] ^ change]) + whole[at + 1 :]


def test_errors_are_the_packages(runner: Runner) -> None:
    kinds = {agree(runner, data, PRIOR) for data in damaged()}
    assert kinds >= {"CorruptError", "TruncatedError", "UnsupportedError"}


@pytest.mark.parametrize("kept", [False, True])
def test_memory_of_content_that_is_kept_is_in_the_message(runner: Runner, kept: bool) -> None:
    """The comparison of readers found that the container in C++ left it out."""
    header = FrameHeader(SMALL, 1 << 58, None, kept).to_bytes()
    due = "MemoryLimitError" if kept else "TruncatedError"
    assert agree(runner, header, memory_limit=1 << 30) == due


def test_priors_that_cannot_be(runner: Runner) -> None:
    archive = weightless.compress(b"content", parameters=SMALL, prior=Prior(PRIOR))
    assert agree(runner, archive, b"") == "ParameterError"
    found = outcome_of(runner, archive, prior=PRIOR, memory_limit=len(PRIOR) - 1)
    assert found[0] == "MemoryLimitError"
    assert found[1].startswith("reading the prior needs ")
    assert runner.memory < 16 << 20


@pytest.mark.parametrize("level", [1, 6])
@pytest.mark.parametrize("primed", [False, True])
def test_memory_is_checked_before_it_is_taken(runner: Runner, level: int, primed: bool) -> None:
    """Two models, the prior, and content that is kept."""
    prior = None if primed else PRIOR
    archive = (
        weightless.compress(text(4000), level, frame_size=3000, primed=True)
        if primed
        else weightless.compress(text(400), level, prior=Prior(PRIOR))
    )
    parameters = weightless.level_parameters(level)
    limit = parameters.memory_for(1 << 16) * 3 // 2
    assert outcome(archive, prior, memory_limit=limit)[0] == "MemoryLimitError"
    found = outcome_of(runner, archive, prior=prior, memory_limit=limit)
    assert found[0] == "MemoryLimitError"
    if not primed:
        assert runner.memory < 16 << 20
    assert (
        outcome_of(runner, archive, prior=prior, memory_limit=4 * limit // 3 + (4 << 20))[0] == ""
    )
