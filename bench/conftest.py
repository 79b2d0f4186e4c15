"""The benchmarks' options and inputs, and the table of speeds that they print at the end."""

from __future__ import annotations

from pathlib import Path

import pytest
from data import records, text
from peak import measured_peak


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("weightless")
    group.addoption(
        "--input",
        action="append",
        metavar="FILE",
        help="measure levels on this file instead of generated data (may be repeated)",
    )
    group.addoption(
        "--size",
        type=int,
        default=100_000,
        help="size of each generated input, in bytes (default: 100000)",
    )
    group.addoption(
        "--rounds",
        type=int,
        default=1,
        help="runs of each level, of which the best counts (default: 1)",
    )
    group.addoption(
        "--width",
        type=int,
        default=128,
        help="width of the network whose kernels are timed (default: 128)",
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "content" not in metafunc.fixturenames:
        return
    names = metafunc.config.getoption("input")
    size = metafunc.config.getoption("size")
    inputs = (
        {Path(name).name: Path(name).read_bytes() for name in names}
        if names
        else {"text": text(size), "records": records(size)}
    )
    metafunc.parametrize("content", inputs.values(), ids=inputs.keys())


@pytest.fixture(scope="session")
def peak() -> dict[str, float]:
    """Return each target's peak of multiply-adds per second, operands in registers."""
    return measured_peak()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    session = getattr(terminalreporter.config, "_benchmarksession", None)
    rows = [
        (bench.name, bench.extra_info["speed"])
        for bench in getattr(session, "benchmarks", [])
        if "speed" in bench.extra_info
    ]
    if rows:
        terminalreporter.section("speeds")
        width = max(len(name) for name, _ in rows)
        for name, speed in rows:
            terminalreporter.write_line(f"{name:<{width}}  {speed}")
