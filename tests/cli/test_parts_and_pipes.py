"""Parts of content (`--range`), `-l` from a pipe, and `wlcat`, `wlless` and `wlgrep`."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from conftest import Run
from data import text
from patience import PATIENCE
from run_outcome import outcome

import weightless

DATA = text(9000)


@pytest.fixture
def archive(folder: Path) -> Path:
    path = folder / "a.wl"
    path.write_bytes(weightless.compress(DATA, 1, frame_size=2000))
    return path


@pytest.mark.parametrize(
    ("part", "start", "end"),
    [
        *(("0:1", 0, 1), ("1990:20", 1990, 2010), ("4K:1K", 4096, 5120), (":5", 0, 5)),
        *(("8990:100", 8990, 9000), ("9000:1", 9000, 9000), ("90000:1", 9000, 9000)),
        *(("5:0", 5, 5), ("0:1G", 0, 9000)),
    ],
)
def test_part(run: Run, archive: Path, part: str, start: int, end: int) -> None:
    done = run("-dc", "--range", part, "a.wl")
    assert (done.returncode, done.stdout, done.stderr) == (0, DATA[start:end], b"")
    assert run("-d", "-o", "out", "--range", part, "a.wl").returncode == 0
    assert Path("out").read_bytes() == DATA[start:end]


def test_part_decodes_its_frames_alone(run: Run, archive: Path) -> None:
    damaged = bytearray(archive.read_bytes())
    damaged[200] ^= 1  # in the first frame
    archive.write_bytes(damaged)
    assert run("-dc", "--range", "6000:500", "a.wl").stdout == DATA[6000:6500]
    code, _, err = outcome(run("-dc", "--range", "100:500", "a.wl"))
    assert (code, err) == (
        1,
        "weightless: a.wl: a block is damaged (at byte 6 of the archive)\n",
    )


def test_wrong_use(run: Run, archive: Path) -> None:
    for arguments in (
        *(("-d", "--range", "0:1", "a.wl"), ("-c", "--range", "0:1", "a.wl")),
        *(("-dc", "--range", "5", "a.wl"), ("-dc", "--range", "-1:5", "a.wl")),
        ("-dc", "--range", "0:5"),
    ):
        done = run(*arguments)
        assert (done.returncode, done.stdout) == (2, b""), arguments
    assert run("-d", "-o", "a.wl", "--range", "0:1", "a.wl").returncode == 1
    assert weightless.decompress(archive.read_bytes()) == DATA


def test_list_a_pipe(run: Run, archive: Path) -> None:
    by_name = outcome(run("-l", "a.wl"))[1]
    by_pipe = outcome(run("-l", stdin=archive.read_bytes()))
    assert by_pipe == (0, by_name.replace("a.wl", "standard input"), "")


def test_a_long_job_says_how_long(run: Run, folder: Path) -> None:
    Path("long").write_bytes(bytes(1 << 20))
    Path("short").write_bytes(bytes(1000))
    done = run("-1v", "long", "short")
    first, *rest = done.stderr.decode().splitlines()
    assert re.fullmatch(
        r"long: about \d+(\.\d)? (s|min|h) at level 1, less with several threads", first
    )
    assert not [line for line in rest if "about" in line]
    about = r"about \d+ (s|min|h)"
    done = run("-dfv", "long.wl", "short.wl")
    first, *rest = done.stderr.decode().splitlines()
    assert re.fullmatch(rf"long\.wl: {about}, less with several threads", first)
    assert not [line for line in rest if "about" in line]
    quiet, shown = (run(option, "long.wl").stdout.decode() for option in ("-l", "-lv"))
    assert shown.startswith(quiet)
    line = rf"long\.wl: {about} to decompress, less with several threads\n"
    assert re.fullmatch(line, shown[len(quiet) :])


def test_a_list_in_json_says_how_long_if_asked(run: Run, archive: Path) -> None:
    def seconds(*options: str) -> list[float | None]:
        done = run("-l", "--json", *options, "a.wl", "a.wl")
        assert (done.returncode, done.stderr) == (0, b"")
        return [one["estimated_seconds"] for one in json.loads(done.stdout)]

    assert seconds() == [None, None]
    for estimate in seconds("-v"):
        assert estimate is not None
        assert estimate > 0
    assert seconds("-v", "-M", "1M") == [None, None]


def test_other_long_jobs_say_how_long(run: Run, folder: Path) -> None:
    Path("long.wl").write_bytes(weightless.compress(bytes(1 << 20), 1))
    line = rb"long\.wl: about \d+ (s|min|h), less with several threads\n"
    for option in ("-tv", "-dcvv"):  # -c shows one degree less
        assert len(re.findall(line, run(option, "long.wl").stderr)) == 1


def test_no_model_beyond_the_limit_is_built_for_an_estimate(run: Run, folder: Path) -> None:
    Path("long.wl").write_bytes(weightless.compress(bytes(1 << 20), 1))
    plain, asked = (run(option, "-M", "1M", "long.wl") for option in ("-l", "-lv"))
    assert (asked.returncode, asked.stdout) == (0, plain.stdout)
    done = run("-tv", "-M", "1M", "long.wl")
    assert (done.returncode, b"about" in done.stderr) == (1, False)
    assert b"memory" in done.stderr


def test_a_damaged_archive_is_no_reason_to_guess(run: Run, folder: Path) -> None:
    Path("bad.wl").write_bytes(weightless.compress(bytes(1 << 20), 1)[:-1])
    done = run("-dv", "bad.wl")
    assert (done.returncode, b"about" in done.stderr) == (1, False)


def tool(command: str, name: str) -> str:
    path = Path(command).with_name(name)
    assert path.exists(), "install the package first"
    return str(path)


def output(*words: str, stdin: bytes = b"") -> tuple[int, bytes]:
    done = subprocess.run(words, input=stdin, capture_output=True, timeout=PATIENCE, check=False)
    return done.returncode, done.stdout


def test_cat(command: str, folder: Path) -> None:
    Path("a.wl").write_bytes(weightless.compress(b"one\n", 1))
    Path("b.wl").write_bytes(weightless.compress(b"two\n", 1))
    assert output(tool(command, "wlcat"), "a.wl", "b.wl") == (0, b"one\ntwo\n")
    assert output(tool(command, "wlcat"), stdin=Path("a.wl").read_bytes()) == (0, b"one\n")
    assert output(tool(command, "wlcat"), "missing")[0] == 1


@pytest.mark.parametrize("content", [b"plain\n", b"p", b"\xd7\n?", b"\x97W?", b"plain " * 50_000])
def test_what_is_no_archive_goes_through(command: str, folder: Path, content: bytes) -> None:
    Path("a.wl").write_bytes(weightless.compress(b"one\n", 1))
    Path("plain").write_bytes(content)
    cat = tool(command, "wlcat")
    assert output(cat, "a.wl", "plain", "a.wl") == (0, b"one\n" + content + b"one\n")
    assert output(cat, stdin=content) == (0, content)
    if b"plain" in content:
        assert output(tool(command, "wlgrep"), "-c", "plain", "a.wl", "plain")[0] == 0
    # Only if that is asked for, and never what may be the start of an archive.
    assert output(command, "-dc", "plain") == (1, b"")
    assert output(cat, stdin=b"\xd7\n") == (1, b"")


@pytest.mark.skipif(shutil.which("grep") is None, reason="grep is not installed")
@pytest.mark.parametrize("arguments", [(), ("-i",), ("--help",), ("a", "--help")])
def test_grep_without_a_pattern_reads_nothing(command: str, arguments: tuple[str, ...]) -> None:
    reading, writing = os.pipe()  # never written to: whoever reads waits for ever
    try:
        searched, alone = (
            subprocess.run(
                [grep, *arguments],
                stdin=reading,
                capture_output=True,
                check=False,
                timeout=PATIENCE,
            )
            for grep in (tool(command, "wlgrep"), "grep")
        )
    finally:
        os.close(reading)
        os.close(writing)
    assert (searched.returncode, searched.stdout) == (alone.returncode, alone.stdout)


@pytest.mark.skipif(shutil.which("grep") is None, reason="grep is not installed")
def test_grep(command: str, folder: Path) -> None:
    grep = tool(command, "wlgrep")
    Path("a.wl").write_bytes(weightless.compress(b"an apple\na pear\n", 1))
    Path("-b c.wl").write_bytes(weightless.compress(b"Apple pie\n", 1))
    assert output(grep, "apple", "a.wl") == (0, b"an apple\n")
    assert output(grep, "-in", "apple", "--", "a.wl", "-b c.wl") == (
        0,
        b"a.wl:1:an apple\n-b c.wl:1:Apple pie\n",
    )
    assert output(grep, "-A", "1", "-e", "an", "a.wl") == (0, b"an apple\na pear\n")
    assert output(grep, "-m1", "--regexp", "a", "a.wl") == (0, b"an apple\n")
    assert output(grep, "-h", "apple", "a.wl", "a.wl") == (0, b"an apple\nan apple\n")
    assert output(grep, "-l", "pie", "a.wl", "./-b c.wl") == (0, b"./-b c.wl\n")
    assert output(grep, "plum", "a.wl") == (1, b"")
    assert output(grep, "apple", "missing")[0] == 2
    assert output(grep, "pear", stdin=Path("a.wl").read_bytes()) == (0, b"a pear\n")
    # grep ends at the first line: that the rest cannot be written is no error.
    Path("long.wl").write_bytes(weightless.compress(b"apple\n" * 50_000, 1))
    assert output(grep, "-q", "apple", "long.wl") == (0, b"")


@pytest.mark.skipif(shutil.which("less") is None, reason="less is not installed")
def test_less(command: str, folder: Path) -> None:
    Path("a 'b'.wl").write_bytes(weightless.compress(b"an apple\n", 1))
    # Not on a terminal less copies its input.
    assert output(tool(command, "wlless"), "a 'b'.wl") == (0, b"an apple\n")
    assert os.listdir() == ["a 'b'.wl"]
