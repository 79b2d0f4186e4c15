"""Measure compression and decompression at every level: `pytest bench -k level`."""

from __future__ import annotations

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

import weightless

LEVELS = [
    pytest.param(level, id=f"level{level}")
    for level in range(weightless.MIN_LEVEL, weightless.MAX_LEVEL + 1)
]


def report(benchmark: BenchmarkFixture, content: bytes, archive: bytes) -> None:
    speed = len(content) / benchmark.stats.stats.min / 1000
    bits = 8 * len(archive) / max(1, len(content))
    benchmark.extra_info |= {
        "bytes": len(content),
        "compressed": len(archive),
        "speed": f"{speed:8.1f} KB/s, {bits:.3f} bits per byte",
    }


@pytest.mark.parametrize("level", LEVELS)
def bench_compress(
    benchmark: BenchmarkFixture, pytestconfig: pytest.Config, level: int, content: bytes
) -> None:
    archive = benchmark.pedantic(
        weightless.compress, (content, level), rounds=pytestconfig.getoption("rounds")
    )
    report(benchmark, content, archive)


@pytest.mark.parametrize("level", LEVELS)
def bench_decompress(
    benchmark: BenchmarkFixture, pytestconfig: pytest.Config, level: int, content: bytes
) -> None:
    archive = weightless.compress(content, level)
    back = benchmark.pedantic(
        weightless.decompress, (archive,), rounds=pytestconfig.getoption("rounds")
    )
    assert back == content
    report(benchmark, content, archive)
