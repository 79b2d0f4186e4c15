"""Runs with priors that were killed: what the next run keeps, and what it does not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from data import noise, text
from killed import killed_after_bytes

import weightless

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")

MIXING = weightless.Parameters(width=0, experts=1, memory_bits=16)
OLD = text(2_000, 1)
CONTENT = text(3_000, 1) + noise(2_000) + text(4_500, 1)


@pytest.fixture(params=["prior", "primed", "both"])
def options(request: pytest.FixtureRequest) -> dict[str, object]:
    chosen: dict[str, object] = {"frame_size": 1_000, "block_size": 400}
    if request.param != "primed":
        chosen["prior"] = weightless.Prior(OLD, parameters=MIXING)
    else:
        chosen["parameters"] = MIXING
    return chosen | {"primed": request.param != "prior"}


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are read, and so written, in pieces that are smaller than a frame."""
    monkeypatch.setattr("weightless.files.pump.CHUNK_SIZE", 300)


@pytest.mark.parametrize("threads", [1, 2])
def test_compression(
    folder: Path, options: dict[str, object], threads: int, small_pieces: None
) -> None:
    options["threads"] = threads
    expected = weightless.compress(CONTENT, **options)  # type: ignore[call-overload]
    Path("a").write_bytes(CONTENT)

    def run() -> weightless.Result:
        return weightless.compress("a", resume=True, **options)  # type: ignore[call-overload,no-any-return]

    for part in (3, 5, 9):
        assert killed_after_bytes(len(expected) * part // 30, run)
    result = run()
    assert result.resumed >= 1_000
    assert not result.outdated
    assert Path("a.wl").read_bytes() == expected


def test_decompression(folder: Path, options: dict[str, object], small_pieces: None) -> None:
    Path("a.wl").write_bytes(weightless.compress(CONTENT, **options))  # type: ignore[call-overload]
    prior = options.get("prior")

    def run() -> weightless.Result:
        return weightless.decompress("a.wl", resume=True, prior=prior)  # type: ignore[call-overload,no-any-return]

    for size in (2_500, 3_500):
        assert killed_after_bytes(size, run)
    assert run().resumed >= 2_000
    assert Path("a").read_bytes() == CONTENT


def test_another_prior(folder: Path, small_pieces: None) -> None:
    """Frames that were made with another prior, or without one, are neither used nor lost."""
    Path("a").write_bytes(CONTENT)
    fields = {"frame_size": 1_000, "parameters": MIXING}
    one, other = (weightless.Prior(text(2_000, seed)) for seed in (1, 2))

    def run(**more: object) -> weightless.Result:
        return weightless.compress("a", resume=True, **fields, **more)  # type: ignore[call-overload,no-any-return]

    ways: list[dict[str, object]] = [
        {"prior": one}, {"prior": other}, {}, {"primed": True}, {"primed": True, "prior": one},
    ]  # fmt: skip
    for first, second in zip(ways, [*ways[1:], ways[0]], strict=True):
        assert killed_after_bytes(3_000, lambda first=first: run(**first))  # type: ignore[misc]
        with pytest.raises(weightless.UnsuitableFileError, match="other options"):
            run(**second)
        assert run(**first).resumed > 0
        expected = weightless.compress(CONTENT, **fields, **first)  # type: ignore[call-overload]
        assert Path("a.wl").read_bytes() == expected
        Path("a.wl").unlink()


def test_without_the_prior(folder: Path, small_pieces: None) -> None:
    prior = weightless.Prior(OLD, parameters=MIXING)
    Path("a.wl").write_bytes(weightless.compress(CONTENT, prior=prior, frame_size=1_000))
    assert killed_after_bytes(
        2_500, lambda: weightless.decompress("a.wl", resume=True, prior=prior)
    )
    with pytest.raises(weightless.PriorError):
        weightless.decompress("a.wl", resume=True)
    weightless.decompress("a.wl", resume=True, prior=prior)
    assert Path("a").read_bytes() == CONTENT
