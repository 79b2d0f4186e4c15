"""`--frame-at` together with the other options of the command."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Run

import weightless
from weightless.container.scan import scan_archive

OPTIONS = ("-1", "--frame-size", "100", "--frame-at")
FILES = {
    "empty": b"",
    "short": b"one line\nhalf of",
    "lines": b"".join(b"%d of several\n" % i for i in range(40)),
    "sub/records": b"".join(b"%d\nof two lines\0" % i for i in range(30)),
    "sub/sub/long": b"x" * 350 + b"\n" + b"y" * 99 + b"\n",
    "sub/breaks": b"\n" * 205,
}


def archive(content: bytes, delimiter: bytes = b"\n", **options: object) -> bytes:
    return weightless.compress(content, 1, frame_size=100, frame_at=delimiter, **options)  # type: ignore[call-overload, no-any-return]


@pytest.fixture
def tree(folder: Path) -> Path:
    for name, content in FILES.items():
        (folder / "tree" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "tree" / name).write_bytes(content)
    return folder / "tree"


@pytest.mark.parametrize(("word", "delimiter"), [("LINE", b"\n"), ("NUL", b"\0")])
def test_folders_and_several_files(run: Run, tree: Path, word: str, delimiter: bytes) -> None:
    """Every file is cut by itself, with two threads, and comes back."""
    assert run(*OPTIONS, word, "-T2", "-r", "--rm", "tree/sub").returncode == 0
    some = [f"tree/{name}" for name in FILES if "/" not in name]
    assert run(*OPTIONS, word, *some).returncode == 0
    for name, content in FILES.items():
        assert (tree / f"{name}.wl").read_bytes() == archive(content, delimiter)
        assert (tree / name).exists() == ("/" not in name)
    assert run("-d", "-r", "-f", "-T2", "tree").returncode == 0
    assert {name: (tree / name).read_bytes() for name in FILES} == FILES


def test_several_files_to_one_output(run: Run, tree: Path) -> None:
    """A file does not go on with the last frame of the one before."""
    names = [f"tree/{name}" for name in FILES]
    done = run(*OPTIONS, "LINE", "-T2", "-c", *names)
    assert done.stdout == b"".join(archive(content) for content in FILES.values())
    assert run("-d", "-c", stdin=done.stdout).stdout == b"".join(FILES.values())


@pytest.mark.parametrize("threads", ["-T1", "-T2"])
def test_a_pipe_that_gives_little_at_a_time(command: str, folder: Path, threads: str) -> None:
    content = FILES["lines"] + FILES["sub/sub/long"]
    with subprocess.Popen(
        [command, *OPTIONS, "LINE", threads, "--block-size", "7"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for start in range(0, len(content), 13):
            os.write(process.stdin.fileno(), content[start : start + 13])
        process.stdin.close()
        assert process.stdout.read() == archive(content, block_size=7)


@pytest.mark.skipif(os.name != "posix", reason="a program that filters, as tar starts it")
def test_as_the_filter_of_tar(command: str, folder: Path, tree: Path) -> None:
    filtering = f"{command} {' '.join(OPTIONS)} LINE"
    packed = subprocess.run(
        f"{filtering} <tree/lines | {command} -d", shell=True, capture_output=True, check=True
    )
    assert packed.stdout == FILES["lines"]


def test_goes_on_with_resume(run: Run, folder: Path) -> None:
    content = FILES["lines"]
    Path("f").write_bytes(content)
    Path("f.wl").write_bytes(archive(content))
    assert run(*OPTIONS, "LINE", "--resume", "-f", "f").returncode == 0
    assert Path("f.wl").read_bytes() == archive(content)
    # An archive whose frames end elsewhere is not gone on with.
    assert run(*OPTIONS, "NUL", "--resume", "-f", "f").returncode == 0
    assert Path("f.wl").read_bytes() == archive(content, b"\0")


def test_benchmark(run: Run, tree: Path) -> None:
    done = run("-b1", "--json", *OPTIONS[1:], "LINE", "tree/lines", "tree/sub/sub/long")
    for record, name in zip(json.loads(done.stdout), ("lines", "sub/sub/long"), strict=True):
        data = archive(FILES[name])
        assert record["compressed_size"] == len(data)
        largest = max(frame.raw_size for frame in scan_archive(io.BytesIO(data)).frames)
        assert record["memory"] >= weightless.level_parameters(1).memory_for(largest)


def test_module_and_command_agree(folder: Path, tree: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "weightless", *OPTIONS, "LINE", "-c", "tree/lines"],
        capture_output=True,
        check=True,
    )
    assert done.stdout == archive(FILES["lines"])
