"""The command on a terminal (a pty): progress, and what it refuses to do there."""

from __future__ import annotations

import re
import signal
from pathlib import Path

import pytest
from data import noise, text
from terminal import Terminal

import weightless


def on_terminal(
    arguments: list[str], *, stdin: bool = False, stdout: bool = False
) -> tuple[int, str, bytes]:
    with Terminal(arguments, stdin=stdin, stdout=stdout) as terminal:
        return terminal.finish()


def test_progress_has_speed_and_time_left(command: str, folder: Path) -> None:
    Path("a").write_bytes(noise(400_000))
    code, seen, _ = on_terminal([command, "-1", "a"])
    assert code == 0
    assert re.search(
        r"a: +\d+%\|.*\| [\d.]+k/391k \[\d\d:\d\d<\d\d:\d\d, +[\d.]+[kM]?B/s\]", seen
    ), seen
    # The bar is gone in the end; the result stands alone on its line.
    last = seen.rstrip("\n").rpartition("\r")[2]
    assert re.fullmatch(r"a: 100\.01% \(400000 => 4000\d\d bytes, a\.wl\)", last)


def test_progress_of_decompression(command: str, folder: Path) -> None:
    archive = weightless.compress(noise(400_000), 1, block_size=50_000)
    Path("a.wl").write_bytes(archive)
    for options, result in (("-d", "400000 bytes, a"), ("-t", "400000 bytes, sound")):
        code, seen, out = on_terminal([command, options, "a.wl"])
        assert (code, out) == (0, b"")
        assert re.search(r"a\.wl: +\d+%\|.*\| [\d.]+k/391k \[\d\d:\d\d<", seen), seen
        assert seen.rstrip("\n").rpartition("\r")[2] == f"a.wl: {result}"


def test_ctrl_c_is_typed(command: str, folder: Path) -> None:
    Path("a").write_bytes(noise(20_000_000))
    with Terminal([command, "-9", "a"], stdin=True) as terminal:
        terminal.read_until("a: ")
        terminal.type("\x03")
        code, seen, out = terminal.finish()
    assert (code, out) == (-signal.SIGINT, b"")
    assert "Traceback" not in seen
    assert [path.name for path in folder.iterdir()] == ["a"]


@pytest.mark.parametrize("option", ["--no-progress", "-q"])
def test_progress_can_be_turned_off(command: str, folder: Path, option: str) -> None:
    Path("a").write_bytes(noise(100_000))
    code, seen, _ = on_terminal([command, "-1", option, "a"])
    assert code == 0
    assert "%|" not in seen
    assert "\r" not in seen


def test_no_archive_on_a_terminal(command: str, folder: Path) -> None:
    Path("a").write_bytes(b"abc")
    code, seen, _ = on_terminal([command, "-c", "a"], stdout=True)
    assert (code, seen) == (
        1,
        "weightless: a: refusing to write an archive to a terminal (-f to do it)\n",
    )
    code, seen, _ = on_terminal([command], stdin=True)
    assert (code, seen) == (
        1,
        "weightless: standard input: refusing to read from a terminal (-f to do it)\n",
    )
    code, seen, _ = on_terminal([command, "-t"], stdin=True)
    assert code == 1


def test_content_on_a_terminal_comes_without_a_bar(command: str, folder: Path) -> None:
    Path("a.wl").write_bytes(weightless.compress(text(2000), 1))
    code, seen, _ = on_terminal([command, "-dc", "a.wl"], stdout=True)
    assert (code, seen) == (0, text(2000).decode())
