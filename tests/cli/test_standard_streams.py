"""Standard output and error that are closed, full or broken pipes: codes, messages, files."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from data import text
from patience import PATIENCE
from run_outcome import names, outcome

import weightless
from weightless.cli import main, standard

pytestmark = pytest.mark.skipif(os.name != "posix", reason="POSIX only")
SMALL = weightless.Parameters(width=16, experts=0, horizon=2)
DATA = text(2000)

#: Maps arguments to whether standard output is used; "bad" is no archive, "missing" no file.
MODES: dict[tuple[str, ...], bool] = {
    ("-1v", "a", "b"): False,
    ("-1c", "a", "b"): True,
    ("-1",): True,
    ("-d", "c.wl", "bad.wl", "d.wl"): False,
    ("-dc", "c.wl", "d.wl"): True,
    ("-tv", "c.wl", "bad.wl", "d.wl"): False,
    ("-l", "c.wl", "bad.wl"): True,
    ("-l", "--json", "c.wl"): True,
    ("-b1", "a", "b"): True,
    ("-1q", "missing", "a"): False,
    ("--version",): True,
    ("--help",): True,
    ("--nonsense",): False,
    ("-b3", "-d"): False,
}
STATES = ("closed", "full", "broken")
REASONS = {"closed": "bad file descriptor", "full": "no space left on device"}


def fill(folder: Path) -> None:
    for name in ("a", "b"):
        Path(folder, name).write_bytes(DATA)
    for name in ("c", "d"):
        Path(folder, f"{name}.wl").write_bytes(weightless.compress(DATA, parameters=SMALL))
    Path(folder, "bad.wl").write_bytes(b"what is this?")


def run(command: list[str], stdout: str = "good", stderr: str = "good") -> tuple[int, str, str]:
    """Run with standard output and error in these states; return what was written to good ones."""
    streams = []
    for state in (stdout, stderr):
        if state == "full":
            if not os.path.exists("/dev/full"):
                pytest.skip("no /dev/full")
            streams.append(os.open("/dev/full", os.O_WRONLY))
        elif state == "broken":
            source, sink = os.pipe()
            os.close(source)
            streams.append(sink)
        else:
            streams.append(subprocess.PIPE if state == "good" else subprocess.DEVNULL)
    closing = (">&- " if stdout == "closed" else "") + ("2>&-" if stderr == "closed" else "")
    try:
        done = subprocess.run(
            ["/bin/sh", "-c", f'exec "$@" {closing}', "sh", *command],
            input=DATA,
            stdout=streams[0],
            stderr=streams[1],
            timeout=PATIENCE,
            check=False,
        )
    finally:
        for stream in streams:
            if stream >= 0:
                os.close(stream)
    out = (done.stdout or b"").decode("latin-1")
    return done.returncode, out, (done.stderr or b"").decode()


def made(folder: Path) -> dict[str, bytes]:
    return {name: Path(folder, name).read_bytes() for name in names(folder)}


@pytest.mark.parametrize("arguments", MODES, ids=" ".join)
def test_every_mode_in_every_state(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    def look(
        stdout: str = "good", stderr: str = "good"
    ) -> tuple[tuple[int, str, str], dict[str, bytes]]:
        folder = tmp_path / f"{stdout} {stderr}"
        folder.mkdir()
        monkeypatch.chdir(folder)
        fill(folder)
        return run([command, *arguments], stdout, stderr), made(folder)

    (code, out, err), files = look()
    assert bool(out) == MODES[arguments]
    speeds = arguments[0] in ("-1v", "-tv") or arguments[0].startswith("-b1")
    for state in STATES:
        if not MODES[arguments] and state != "closed":
            continue
        (found, _, said), here = look(stdout=state)
        assert here == files
        if not MODES[arguments]:
            assert found == code
            assert said == err or speeds
        elif state == "broken":
            assert found == -signal.SIGPIPE
            assert said == ("" if "bad.wl" not in arguments else err)
        else:
            assert found == 1
            assert said.endswith(f"weightless: standard output: {REASONS[state]}\n")
            assert said.count("standard output") == 1
        # Messages that cannot be written change neither what is done nor the exit code.
        (found, said, _), here = look(stderr=state)
        assert (found, here) == (code, files)
        assert said == out or speeds


@pytest.mark.parametrize("state", STATES)
def test_files_that_go_elsewhere_are_done_all_the_same(
    command: str, folder: Path, state: str
) -> None:
    fill(folder)
    code, _, err = run([command, "-1", "a", "-", "missing", "b"], stdout=state)
    assert code == (-signal.SIGPIPE if state == "broken" else 1)
    expected = ["weightless: missing: no such file or directory"]
    if state != "broken":
        expected.append(f"weightless: standard output: {REASONS[state]}")
    assert err.splitlines() == expected
    for name in ("a.wl", "b.wl"):
        assert Path(name).read_bytes() == weightless.compress(DATA, 1)


@pytest.mark.parametrize("state", STATES)
def test_nothing_works(command: str, folder: Path, state: str) -> None:
    fill(folder)
    code = run([command, "-1v", "--rm", "a", "missing", "b"], state, state)[0]
    assert code == 1
    assert [name for name in names(folder) if name in ("a", "b", "a.wl", "b.wl")] == [
        "a.wl",
        "b.wl",
    ]
    assert run([command, "-l", "a.wl"], state, state)[0] == (
        -signal.SIGPIPE if state == "broken" else 1
    )
    assert run([command, "--nonsense"], state, state)[0] == 2


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_no_file_takes_the_place_of_a_closed_stream(
    command: str, folder: Path, closed: str
) -> None:
    # Otherwise the next file opened would be a standard stream, and get its messages.
    fill(folder)
    shell = f'"$@" {closed}; echo $? >> codes'

    def call(*arguments: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            ["/bin/sh", "-c", shell, "sh", command, *arguments],
            capture_output=True,
            timeout=PATIENCE,
        )

    call("-1v", "a", "missing", "b")
    call("-tv", "a.wl", "b.wl")
    call("-dv", "-o", "back", "a.wl")
    done = call("-1")
    assert Path("back").read_bytes() == DATA
    for name in ("a.wl", "b.wl"):
        assert Path(name).read_bytes() == weightless.compress(DATA, 1)
    fails = "<&-" in closed or ">&-" in closed.replace("2>&-", "")
    assert Path("codes").read_text().split() == ["1", "0", "0", "1" if fails else "0"]
    if closed == "<&-":
        assert done.stderr == b"weightless: standard input: bad file descriptor\n"


def test_output_that_breaks_is_an_error_of_its_own_file(command: str, folder: Path) -> None:
    # A FIFO whose reader exits is not standard output: the error names its own file.
    fill(folder)
    os.mkfifo("out")
    reader = subprocess.Popen(["/bin/sh", "-c", "exec < out"])
    Path("a").write_bytes(os.urandom(300_000))
    done = subprocess.run(
        [command, "-1", "-o", "out", "a"], capture_output=True, timeout=PATIENCE, check=False
    )
    reader.wait(PATIENCE)
    assert outcome(done) == (1, "", "weightless: out: broken pipe\n")


def test_what_the_system_tells_only_at_the_end(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    # A full disk of another machine may be reported only when the file is closed.
    Path("a").write_bytes(DATA)
    real = os.close

    def close(descriptor: int) -> None:
        same = os.path.samestat(os.fstat(descriptor), os.fstat(1))
        real(descriptor)
        if same:
            raise OSError(122, "Disk quota exceeded")

    with monkeypatch.context() as patch:
        patch.setattr(standard.os, "close", close)
        assert main(["-1c", "a"]) == 1
    assert capfd.readouterr().err.endswith("weightless: standard output: disk quota exceeded\n")


def test_streams_of_python_that_are_replaced(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"weightless {weightless.__version__}\n"
    assert main(["missing"]) == 1
    assert capsys.readouterr().err == "weightless: missing: no such file or directory\n"
    for broken in (None, closed_file()):
        monkeypatch.setattr(sys, "stdout", broken)
        assert main(["--version"]) == 1
        monkeypatch.setattr(sys, "stderr", broken)
        assert main(["--version"]) == 1
        assert main(["missing"]) == 1
        monkeypatch.undo()


def closed_file() -> object:
    file = open(os.devnull, "w")  # noqa: SIM115
    file.close()
    return file


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8:strict", "utf-16"])
def test_names_in_any_character_set(command: str, folder: Path, encoding: str) -> None:
    name = b"\xff \xc3\xa9 \xe2\x82\xac"
    with open(name, "wb") as file:
        file.write(b"x")
    done = subprocess.run(
        [command, "-1", name, b"missing " + name],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": encoding},
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 1
    assert b"Traceback" not in done.stderr
    assert os.path.exists(name + b".wl")
    assert subprocess.run(
        [command, "-l", name + b".wl"],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": encoding},
        timeout=PATIENCE,
        check=True,
    ).stdout
