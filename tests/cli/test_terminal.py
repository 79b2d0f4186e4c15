"""The command on a pseudo-terminal: progress, and what it refuses there."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import threading
from pathlib import Path

import pytest
from data import noise, text
from screen import screen
from terminal import Terminal

import weightless

SMALL = weightless.Parameters(width=16, experts=0, horizon=2)


def on_terminal(
    arguments: list[str], *, stdin: bool = False, stdout: bool = False
) -> tuple[int, str, bytes]:
    with Terminal(arguments, stdin=stdin, stdout=stdout) as terminal:
        return terminal.finish()


def bar(name: str, whole: str) -> re.Pattern[str]:
    """Return a pattern that matches the bar at any progress."""
    size = r"[\d.]+ (?:[KM]i)?B"
    return re.compile(rf"{name}: +\d+%\|.*\| {size}/{whole} \[\d\d:\d\d<(\?|\d\d:\d\d), {size}/s\]")


def steps(seen: str, name: str) -> list[str]:
    """Return the progress bars that were shown, in order."""
    return [line for line in re.split("[\r\n]", seen) if line.startswith(f"{name}: ")]


def test_progress_has_speed_and_time_left(command: str, folder: Path) -> None:
    Path("a").write_bytes(noise(400_000))
    code, seen, _ = on_terminal([command, "-1", "a"])
    assert code == 0
    assert bar("a", "390.6 KiB").fullmatch(steps(seen, "a")[0]), seen
    # The bar is gone in the end; the result stands alone on its line.
    (last,) = screen(seen)
    assert re.fullmatch(r"a: 100\.01% \(400000 => 4000\d\d bytes, a\.wl\)", last)


@pytest.mark.parametrize("options", [("-d",), ("-t",), ("-dT2",), ("-tT2",)])
def test_progress_of_decompression_counts_content(
    command: str, folder: Path, options: tuple[str, ...]
) -> None:
    content = bytes(100_000)
    archive = weightless.compress(content, parameters=SMALL, block_size=1000, frame_size=30_000)
    Path("a.wl").write_bytes(archive)
    assert len(archive) < 20_000
    code, seen, out = on_terminal([command, *options, "a.wl"])
    assert (code, out) == (0, b"")
    assert bar(r"a\.wl", "97.7 KiB").fullmatch(steps(seen, "a.wl")[0]), seen
    (last,) = screen(seen)
    assert last == "a.wl: 100000 bytes, " + ("sound" if "t" in options[0] else "a")


def test_progress_where_the_size_of_the_content_is_not_known(command: str, folder: Path) -> None:
    archive = weightless.compress(noise(2000), parameters=SMALL, block_size=1000)
    # A later header is damaged, so the total size of the content is unknown.
    Path("a.wl").write_bytes(archive[:-30])
    code, seen, _ = on_terminal([command, "-t", "a.wl"])
    assert code == 1
    whole = f"{(len(archive) - 30) / 1024:.2f} KiB"
    assert bar(r"a\.wl \(archive\)", whole).fullmatch(steps(seen, "a.wl (archive)")[0]), seen
    assert [line.partition(" (at ")[0] for line in screen(seen)] == [
        "weightless: a.wl: the archive is truncated"
    ]
    # For a pipe, only the amount processed so far is known.
    os.mkfifo("pipe.wl")
    writer = threading.Thread(target=Path("pipe.wl").write_bytes, args=(archive,))
    writer.start()
    code, seen, _ = on_terminal([command, "-t", "pipe.wl"])
    writer.join()
    assert code == 0
    assert re.match(r"\rpipe\.wl: 0 B \[00:00, 0 B/s\]", seen), seen
    assert screen(seen) == ["pipe.wl: 2000 bytes, sound"]


def test_one_unit_for_bar_details_and_benchmark(command: str, folder: Path) -> None:
    Path("a").write_bytes(noise(30_000))
    speed = r"[\d.]+ (?:[KM]i)?B/s"
    code, seen, _ = on_terminal([command, "-1v", "a"])
    assert code == 0
    assert re.search(rf"bits per byte, [\d.]+ s, {speed} \(", screen(seen)[1]), seen
    code, seen, out = on_terminal([command, "-b1", "a"])
    assert code == 0
    assert bar("a -1", "29.3 KiB").fullmatch(steps(seen, "a -1")[0]), seen
    assert bar("a -1 -d", "29.3 KiB").fullmatch(steps(seen, "a -1 -d")[0]), seen
    assert screen(seen) == []
    assert re.search(rf" {speed} +{speed} ", out.decode().splitlines()[1]), out


@pytest.mark.parametrize(
    "arguments",
    [("-dc", "a.wl"), ("-1c", "a.wl"), ("-d", "-o", "-", "a.wl"), ("-dvc", "a.wl", "a.wl")]
    + [("-dfo", name, "a.wl") for name in ("/dev/stdout", "/dev/fd/1", "/dev/stderr", "link")],
)
def test_no_bar_where_content_goes_to_standard_output(
    command: str, folder: Path, arguments: tuple[str, ...]
) -> None:
    # Standard output is a pipe, whose reader may write to the same terminal.
    content = text(5000)
    Path("a.wl").write_bytes(weightless.compress(content, parameters=SMALL, block_size=500))
    Path("link").symlink_to("/dev/stdout")
    code, seen, out = on_terminal([command, *arguments])
    assert code == 0
    assert "\r" not in seen
    assert "%|" not in seen
    if "/dev/stderr" in arguments:
        assert content.decode() in seen
    else:
        assert weightless.decompress(out) if "-1c" in arguments else out.startswith(content)


def test_no_bar_in_tar(command: str, folder: Path) -> None:
    tar = shutil.which("tar")
    if tar is None or b"GNU" not in subprocess.run([tar, "--version"], capture_output=True).stdout:
        pytest.skip("no GNU tar here")
    Path("d").mkdir()
    Path("d/f").write_bytes(noise(50_000))
    use = f"--use-compress-program={command} -1"
    for options in (["-cf", "d.tar.wl", "d"], ["-tf", "d.tar.wl"]):
        code, seen, _ = on_terminal(
            [tar, use.removesuffix(" -1") if "-t" in options[0] else use, *options]
        )
        assert (code, seen) == (0, "")


def test_standard_output_to_a_file_shows_nothing_either(command: str, folder: Path) -> None:
    Path("a").write_bytes(text(5000))
    shell = f"'{command}' -1c a > out && '{command}' -1 < a > two"
    code, seen, _ = on_terminal(["/bin/sh", "-c", shell], stdin=True)
    assert (code, seen) == (0, "")


@pytest.mark.parametrize("length", [1, 30, 99, 200])
def test_ctrl_c_is_typed(command: str, folder: Path, length: int) -> None:
    name = "n" * length
    Path(name).write_bytes(noise(20_000_000))
    with Terminal([command, "-9", name], stdin=True) as terminal:
        terminal.read_until("B/s]")
        seen = terminal.everything
        terminal.type("\x03")
        code, rest, out = terminal.finish()
    assert (code, out) == (-signal.SIGINT, b"")
    assert "Traceback" not in rest
    assert [path.name for path in folder.iterdir()] == [name]
    # The terminal itself echoes ^C where the bar has left the cursor.
    assert "^C" in rest
    assert screen(seen + rest) == []


@pytest.mark.parametrize("columns", [0, 1, 2, 5, 40])
def test_terminals_of_any_width(command: str, folder: Path, columns: int) -> None:
    Path("a {x} %s 日本").write_bytes(noise(30_000))
    with Terminal([command, "-1", "a {x} %s 日本"], columns=columns) as terminal:
        code, seen, _ = terminal.finish()
    assert code == 0
    assert seen.endswith("日本.wl)\n")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_signal_removes_the_bar(command: str, folder: Path, number: int) -> None:
    Path("a").write_bytes(noise(20_000_000))
    with Terminal([command, "-9", "a"], stdin=True) as terminal:
        terminal.read_until("B/s]")
        seen = terminal.everything
        terminal.process.send_signal(number)
        code, rest, _ = terminal.finish()
    assert code == -number
    assert screen(seen + rest) == []


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
        "weightless: a: refusing to write an archive to a terminal (use -f to force it)\n",
    )
    code, seen, _ = on_terminal([command], stdin=True)
    assert (code, seen) == (
        1,
        "weightless: standard input: refusing to read from a terminal (use -f to force it)\n",
    )
    code, seen, _ = on_terminal([command, "-t"], stdin=True)
    assert code == 1


def test_content_on_a_terminal_comes_without_a_bar(command: str, folder: Path) -> None:
    Path("a.wl").write_bytes(weightless.compress(text(2000), 1))
    code, seen, _ = on_terminal([command, "-dc", "a.wl"], stdout=True)
    assert (code, seen) == (0, text(2000).decode())
