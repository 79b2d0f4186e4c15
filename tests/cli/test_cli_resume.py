"""The command with --resume: killed runs that go on, messages and usage errors."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Run
from data import text
from patience import PATIENCE
from run_outcome import names, outcome

import weightless
from weightless.files.temporary import is_temporary_name

posix = pytest.mark.skipif(os.name != "posix", reason="POSIX only")

FRAME = 2000
CONTENT = text(40 * FRAME)
ARCHIVE = weightless.compress(CONTENT, 1, frame_size=FRAME)


def left(folder: Path) -> list[Path]:
    """The temporary files below a folder."""
    return [path for path in folder.rglob("*") if is_temporary_name(path.name)]


def written(folder: Path) -> int:
    """How many bytes the largest temporary file below a folder has."""
    sizes = [0]
    for path in left(folder):
        with contextlib.suppress(FileNotFoundError):  # by now, it may have its final name
            sizes.append(path.stat().st_size)
    return max(sizes)


def end_when(
    line: list[str], reached: Callable[[], bool], how: signal.Signals = signal.SIGKILL
) -> None:
    """Start the command, and send it a signal once a condition holds, unless it ends before."""
    with subprocess.Popen(line, stderr=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + PATIENCE
        try:
            while not reached() and process.poll() is None:
                assert time.monotonic() < deadline
                time.sleep(0.001)
            process.send_signal(how)
            process.wait(PATIENCE)
        finally:
            process.kill()


@posix
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("action", ["compress", "decompress"])
def test_ended_and_resumed(
    command: str, run: Run, folder: Path, action: str, how: signal.Signals
) -> None:
    """Whatever ends a run with --resume, at whatever size of the output, another goes on."""
    content = text(300_000)
    options = ["-1", "--frame-size", "8K"] if action == "compress" else ["-d"]
    source, output = ("a", "a.wl") if action == "compress" else ("a.wl", "a")
    archive = weightless.compress(content, 1, frame_size=8 << 10)
    Path(source).write_bytes(content if action == "compress" else archive)
    result = archive if action == "compress" else content
    for part in (0.1, 0.4):

        def reached(size: int = int(part * len(result))) -> bool:
            return written(folder) >= size

        end_when([command, *options, "--resume", source], reached, how)
        while Path(output).exists():  # it was done before it was noticed
            Path(output).unlink()
            end_when([command, *options, "--resume", source], reached, how)
    (temporary,) = left(folder)
    assert 0 < temporary.stat().st_size < len(result)
    # No run with -r takes the temporary file for an input.
    for more in (["-t"], ["-l"], ["-b1"]):
        assert temporary.name.encode() not in run(*more, "-r", ".").stderr
    code, out, err = outcome(run(*options, "-r", "--rm", "--resume", "."))
    assert (code, out) == (0, "")
    assert err.startswith(f"{source}: resumed after ")
    assert len(err.splitlines()) == 2
    assert Path(output).read_bytes() == result
    assert names(folder) == [output]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("-t", "a"), "--resume requires files to compress or decompress"),
        (("-l", "a"), "--resume requires files to compress or decompress"),
        (("-b1", "a"), "--resume requires files to compress or decompress"),
        ((), "--resume cannot be combined with standard input or output"),
        (("-d",), "--resume cannot be combined with standard input or output"),
        (("-dc", "a"), "--resume cannot be combined with standard input or output"),
        (("-d", "a", "-o-"), "--resume cannot be combined with standard input or output"),
        (("-d", "a", "-"), "--resume cannot be combined with standard input or output"),
        (
            ("a",),
            "--resume requires --frame-size for compression: only whole frames are kept",
        ),
    ],
)
def test_usage(run: Run, arguments: tuple[str, ...], message: str) -> None:
    code, out, err = outcome(run("--resume", *arguments))
    assert (code, out) == (2, "")
    assert f"weightless: error: {message}\n" in err


@posix
def test_no_pipes_and_devices(run: Run, folder: Path) -> None:
    Path("a").write_bytes(CONTENT)
    os.mkfifo("pipe")
    frames = ("-1", "--frame-size", "2000", "--resume")
    for arguments, name in (
        (("-f", "/dev/null", "-ob"), "/dev/null"),
        (("a", "-o", "/dev/null"), "/dev/null"),
        (("a", "-o", "pipe"), "pipe"),
        (("-f", "/dev/stdin", "-ob"), "/dev/stdin"),
    ):
        assert outcome(run(*frames, *arguments)) == (
            1,
            "",
            f"weightless: {name}: is not a regular file; --resume needs one\n",
        )
    assert names(folder) == ["a"]


@posix
def test_several_files(command: str, run: Run, folder: Path) -> None:
    """The file at which a run was killed is resumed; those that were done are not done again."""
    for name in "abc":
        Path(name).write_bytes(CONTENT + name.encode())
    options = ["-1", "--frame-size", "2000", "a", "b", "c"]
    while not left(folder):
        for name in "abc":
            Path(f"{name}.wl").unlink(missing_ok=True)
        end_when(
            [command, *options],
            lambda: Path("a.wl").exists() and written(folder) > 0,
        )
    assert len(left(folder)) == 1
    before = Path("a.wl").stat().st_ino
    code, _, err = outcome(run(*options, "--resume"))
    assert code == 0
    assert err.startswith("a: already done\n")
    assert Path("a.wl").stat().st_ino == before
    for name in "abc":
        expected = weightless.compress(CONTENT + name.encode(), 1, frame_size=2000)
        assert Path(f"{name}.wl").read_bytes() == expected
    assert left(folder) == []


def leave(run: Run, folder: Path, arguments: list[str], size: int) -> None:
    """Leave the start of an output, as a run that fails with --resume does."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        done = run(*arguments, "--resume")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert outcome(done)[0] == 1
    assert b"too large" in done.stderr
    assert [path.stat().st_size for path in left(folder)] == [size]


@posix
def test_messages(run: Run, folder: Path) -> None:
    Path("a.wl").write_bytes(ARCHIVE)
    leave(run, folder, ["-d", "a.wl"], 9999)
    assert outcome(run("-d", "--resume", "a.wl")) == (
        0,
        "",
        "a.wl: resumed after 8000 bytes\na.wl: 80000 bytes, a\n",
    )
    Path("a").unlink()
    leave(run, folder, ["-d", "a.wl"], 9999)
    other = CONTENT[:4000] + CONTENT[::-1]
    Path("a.wl").write_bytes(weightless.compress(other, 1, frame_size=2000))
    assert outcome(run("-d", "--resume", "a.wl")) == (
        0,
        "",
        "a.wl: resumed after 4000 bytes\n"
        "weightless: a.wl: an earlier run had done more, which no longer matches; "
        "it was done again\n"
        "a.wl: 84000 bytes, a\n",
    )
    assert Path("a").read_bytes() == other


@posix
def test_output_elsewhere(run: Run, folder: Path) -> None:
    """The temporary file is beside the output, wherever that is."""
    Path("d").mkdir()
    Path("d/a.wl").write_bytes(ARCHIVE)
    Path("g").write_bytes(b"old")
    for arguments, output in (
        (["-d", "d/a.wl", "-o", "b"], "b"),
        (["-d", "d/a.wl", "--output-dir", "e"], "e/a"),
        (["-dr", "d", "--output-dir-mirror", "f"], "f/d/a"),
        (["-dT2", "d/a.wl", "-f", "-o", "g"], "g"),
    ):
        leave(run, folder, arguments, 8000)
        assert left(folder)[0].parent == (folder / output).parent
        code, _, err = outcome(run(*arguments, "--resume"))
        assert (code, err.splitlines()[0]) == (0, "d/a.wl: resumed after 8000 bytes")
        assert Path(output).read_bytes() == CONTENT
        assert left(folder) == []


@posix
def test_links(run: Run, folder: Path) -> None:
    """With -f a link in the place of the output is itself replaced, as without --resume."""
    Path("a.wl").write_bytes(ARCHIVE)
    Path("target").write_bytes(b"precious")
    Path("a").symlink_to("target")
    leave(run, folder, ["-df", "a.wl"], 8000)
    assert run("-df", "--resume", "a.wl").returncode == 0
    assert Path("a").read_bytes() == CONTENT
    assert Path("target").read_bytes() == b"precious"
    assert not Path("a").is_symlink()
    assert left(folder) == []
