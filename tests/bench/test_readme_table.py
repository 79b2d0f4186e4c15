"""`bench/readme_table.py`: the table of the README is generated from measured figures."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[2] / "bench"
README = "# Title\n\n<!-- levels:begin -->\nold\n<!-- levels:end -->\n\nmore\n"


@pytest.fixture
def results(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(str(BENCH))
    from comparison.results import Comparison, Run, load, save

    mib = 1 << 20
    one = Run("zstd -19", "zstd", "a", 2000, 900, 0.5, 0.01, 0.5, 0.01, 9 * mib, 9 * mib, 9 * mib)
    runs = [
        one,
        replace(one, file="b", raw=1000, compressed=300, compress_cpu=0.25),
        replace(
            one,
            program="weightless -1",
            family="weightless",
            compressed=500,
            compress_memory=40 * mib,
        ),
        replace(
            one, program="weightless -1", family="weightless", file="b", raw=1000, compressed=1
        ),
    ]
    comparison = Comparison("a machine", tuple(runs))
    save(comparison, Path("comparison.json"))
    assert load(Path("comparison.json")) == comparison
    return Path("comparison.json")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(BENCH / "readme_table.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_table_is_replaced(results: Path) -> None:
    Path("R.md").write_text(README)
    for _ in range(2):  # running it again changes nothing
        done = run(str(results), "R.md")
        assert done.returncode == 0, done.stderr
        assert Path("R.md").read_text() == (
            "# Title\n\n<!-- levels:begin -->\n"
            "| 2 files, 3,000 bytes | bytes | bits per byte "
            "| KB/s compress | KB/s decompress | peak MiB |\n"
            "| --- | --: | --: | --: | --: | --: |\n"
            "| zstd -19 | 1,200 | 3.200 | 4 | 150 | <= 9 |\n"
            "| **weightless -1**: few experts | 501 | 1.336 | 3 | 150 | 40 |\n"
            "<!-- levels:end -->\n\nmore\n"
        )


@pytest.mark.parametrize(
    "document",
    ["nothing\n", README + README, README.replace("begin", "end"), "<!-- levels:end -->\n"],
)
def test_markers_are_missing(results: Path, document: str) -> None:
    Path("R.md").write_text(document)
    done = run(str(results), "R.md")
    assert done.returncode == 2
    assert "expected one line" in done.stderr
    assert Path("R.md").read_text() == document
