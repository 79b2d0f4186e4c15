"""`bench/compare.py` on small generated files: what it runs, checks and writes."""

from __future__ import annotations

import csv
import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest
from data import counters, text
from patience import PATIENCE

import weightless

BENCH = Path(__file__).parents[2] / "bench"
pytest.importorskip("resource", reason="the system must say what a process used")

COPY = "import shutil, sys; shutil.copyfileobj(sys.stdin.buffer, sys.stdout.buffer)"
LOSE = "import sys; sys.stdout.write('something else')"
NAMED = "import sys; open(sys.argv[2], 'wb').write(open(sys.argv[1], 'rb').read()[::-1])"


def python(program: str, *words: str) -> str:
    return " ".join([f"'{sys.executable}'", "-c", f'"{program}"', *words])


def compare(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(BENCH / "compare.py"), *arguments]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, timeout=PATIENCE
    )


@pytest.fixture
def files(folder: Path) -> list[str]:
    Path("words").write_bytes(text(3000))
    Path("counters").write_bytes(counters())
    Path("empty").touch()
    return ["words", "counters", "empty"]


def test_tables_and_plot(folder: Path, files: list[str]) -> None:
    drawn = importlib.util.find_spec("matplotlib") is not None
    done = compare(
        folder,
        *files,
        *("--levels", "1", "--peers", "none", "--output", "out"),
        *("--peer", f"copy={python(COPY)}|{python(COPY)}"),
        *("--peer", f"reverse 2={python(NAMED, '{in} {out}')}|{python(NAMED, '{in} {out}')}"),
    )
    assert done.returncode == 0, done.stderr
    written = {path.name.removeprefix("comparison") for path in Path("out").iterdir()}
    assert written == {".json", ".csv", ".md"} | ({".png", ".svg"} if drawn else set())

    record = json.loads(Path("out/comparison.json").read_text())
    runs = {(run["program"], run["file"]): run for run in record["runs"]}
    assert len(runs) == 9
    archives = {name: weightless.compress(Path(name).read_bytes(), 1) for name in files}
    for name, archive in archives.items():
        size = Path(name).stat().st_size
        run = runs["weightless -1", name]
        # The archive of a file also states the size of the content.
        assert 0 <= run["compressed"] - len(archive) <= 2
        assert run["raw"] == runs["copy", name]["compressed"] == size
        assert runs["reverse 2", name]["compressed"] == size
        assert run["compress_cpu"] > 0
        assert run["decompress_cpu"] > 0
        assert min(run["compress_memory"], run["memory_floor"]) > 1 << 20

    with open("out/comparison.csv", newline="") as stream:
        lines = list(csv.DictReader(stream))
    assert [(line["program"], line["file"]) for line in lines] == list(runs)

    report = Path("out/comparison.md").read_text()
    total = sum(runs["weightless -1", name]["compressed"] for name in files)
    assert report.startswith("3 files, 3,210 bytes; ")
    assert f"| weightless -1 | {total:,} | {8 * total / 3210:.3f} | " in report
    assert "| copy | 3,210 | 8.000 | " in report
    assert "| copy | 3,000 | 210 | 0 |" in report
    assert done.stdout.strip() == report.strip()


def test_programs_that_fail_are_left_out(folder: Path, files: list[str]) -> None:
    done = compare(
        folder,
        *files[:1],
        *("--levels", "none", "--peers", "none", "--no-plot"),
        *("--peer", f"copy={python(COPY)}|{python(COPY)}"),
        *("--peer", f"loses={python(COPY)}|{python(LOSE)}"),
        *("--peer", f"fails={python('import sys; sys.exit(3)')}|true"),
        *("--peer", "absent=no-such-program-here {in} {out}|true"),
    )
    assert done.returncode == 1
    assert "left out: loses: words: decompression did not restore the content" in done.stderr
    assert "exit code 3" in done.stderr
    assert "left out: no-such-program-here: No such file" in done.stderr
    programs = {run["program"] for run in json.loads(Path("comparison.json").read_text())["runs"]}
    assert programs == {"copy"}


def test_peers_of_this_machine(folder: Path, files: list[str]) -> None:
    done = compare(folder, *files[:2], "--levels", "1", "--output", "out", "--no-plot")
    # All compressors that are installed here work as the table of peers states.
    assert done.returncode == 0, done.stderr
    assert "left out" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--levels", "x"], "'x' is not a list of levels"),
        (["--peers", "zst"], "unknown peer: zst"),
        (["--peer", "a=b"], "NAME=COMPRESS COMMAND|DECOMPRESS COMMAND"),
        (["--peers", "none", "--levels", "none"], "no programs to compare"),
        (["--levels", "1,1"], "two programs have the same name"),
        (["--repeat", "0"], "--repeat"),
        (["missing"], "missing is not a file"),
        (["words"], "two files have the same name"),
    ],
)
def test_wrong_usage(folder: Path, files: list[str], arguments: list[str], message: str) -> None:
    done = compare(folder, *files, *arguments)
    assert done.returncode == 2
    assert message in done.stderr


def test_front(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCH))
    from comparison.plot import front

    points = [(1.0, 2.0), (10.0, 3.0), (5.0, 3.5), (5.0, 2.5), (10.0, 3.5), (0.5, 2.0)]
    assert front(points) == [(10.0, 3.0), (5.0, 2.5), (1.0, 2.0)]
