"""Manual page and completions: generated from the options, installed and working."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from weightless.cli.parser import build_parser

ROOT = Path(__file__).parents[2]
SHARE = ROOT / "share"
MANUAL = "man/man1/weightless.1"
BASH = "bash-completion/completions/weightless"
ZSH = "zsh/site-functions/_weightless"
FISH = "fish/vendor_completions.d/weightless.fish"
READERS = ("wlcat", "wlless", "wlgrep")
FLAGS = sorted(flag for action in build_parser()._actions for flag in action.option_strings)


def needs(program: str) -> pytest.MarkDecorator:
    there = os.name == "posix" and shutil.which(program) is not None
    return pytest.mark.skipif(not there, reason=f"no {program} here")


@pytest.fixture
def archives(folder: Path) -> Path:
    """Return a folder with two archives, two other files, and a folder."""
    for name in ("one.wl", "two archives.twl", "plain.txt", "other"):
        Path(name).touch()
    Path("folder").mkdir()
    return folder


def test_files_are_what_the_options_give() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools/share"), "--check"], capture_output=True, check=False
    )
    assert (done.returncode, done.stdout.decode(), done.stderr) == (0, "", b"")


def test_generator_tells_what_is_stale_and_what_to_do(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "tools/share", tmp_path / "tools/share")
    shutil.copytree(SHARE, tmp_path / "share")
    (tmp_path / "share" / ZSH).write_text("old")
    (tmp_path / "share" / FISH).unlink()

    def generate(*arguments: str) -> tuple[int, list[str]]:
        done = subprocess.run(
            [sys.executable, str(tmp_path / "tools/share"), *arguments],
            capture_output=True,
            check=False,
        )
        return done.returncode, done.stdout.decode().splitlines()

    assert generate("--check") == (
        1,
        [
            f"share/{ZSH} is out of date",
            f"share/{FISH} is out of date",
            "Install the package, then regenerate them: python tools/share",
        ],
    )
    assert generate() == (0, [f"share/{ZSH} written", f"share/{FISH} written"])
    assert generate("--check") == (0, [])
    assert generate("--wrong")[0] == 2


def test_installed() -> None:
    files = [path.relative_to(SHARE) for path in SHARE.rglob("*") if path.is_file()]
    assert {Path(name) for name in (MANUAL, BASH, ZSH, FISH)} < set(files)
    for name in files:
        installed = Path(sysconfig.get_path("data"), "share", name)
        assert installed.read_bytes() == (SHARE / name).read_bytes()


@needs("groff")
def test_manual_page() -> None:
    done = subprocess.run(
        ["groff", "-man", "-Tascii", "-P-cbou", "-ww", "-rLL=120n", str(SHARE / MANUAL)],
        capture_output=True,
        check=True,
    )
    assert done.stderr == b""
    seen = done.stdout.decode()
    for heading in ("NAME", "SYNOPSIS", "OPTIONS", "ENVIRONMENT", "EXIT STATUS", "EXAMPLES"):
        assert f"\n{heading}\n" in seen
    assert "weightless [OPTION]... [FILE]..." in seen
    assert "-1 to -9\n" in seen
    assert [flag for flag in FLAGS if flag not in seen and not flag[1:].isdigit()] == []
    assert "-T N, --threads=N\n" in seen
    assert "--frame-at={LINE,NUL}\n" in seen


def bash(*words: str, command: str = "weightless") -> list[str]:
    script = f"""
        source '{(SHARE / BASH).with_name(command)}'
        compopt() {{ :; }}  # works in a completion only
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        _{command}
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(
        ["bash", "--norc", "-c", script, "bash", command, *words],
        capture_output=True,
        check=True,
    )
    assert done.stderr == b""
    return sorted(filter(None, done.stdout.decode().split("\n")))


@needs("bash")
def test_bash(archives: Path) -> None:
    version = subprocess.check_output(["bash", "-c", "echo $BASH_VERSINFO"])
    if int(version) < 4:
        pytest.skip("bash is older than the completion supports")
    assert bash("-") == FLAGS
    assert bash("--output-dir-") == ["--output-dir-flat", "--output-dir-mirror"]
    everything = ["folder", "one.wl", "other", "plain.txt", "two archives.twl"]
    assert bash("") == bash("-1k", "") == bash("-oformat.tdl", "") == everything
    wanted = ["folder", "one.wl", "two archives.twl"]
    assert bash("-d", "") == bash("--test", "") == bash("-kfl", "-q", "") == wanted
    assert bash("-d", "t") == ["two archives.twl"]
    assert bash("-d", "-o", "p") == bash("-d", "--output", "=", "p") == ["plain.txt"]
    assert bash("--output-dir", "") == bash("--output-dir", "=") == ["folder"]
    assert bash("--level", "=") == list("123456789")
    assert bash("--frame-at", "") == ["LINE", "NUL"]
    assert bash("-b", "f") == ["folder"]
    assert bash("-M", "") == []
    for reader in READERS:
        assert bash("", command=reader) == bash("-x", "a", "", command=reader) == wanted
        assert bash("-", command=reader) == []


@needs("fish")
def test_fish(archives: Path) -> None:
    def fish(line: str) -> dict[str, str]:
        file = (SHARE / FISH).with_stem(line.split()[0])
        script = f"source '{file}'; complete -C '{line}'"
        done = subprocess.run(
            ["fish", "--no-config", "-c", script],
            capture_output=True,
            check=True,
            env=os.environ | {"HOME": str(archives)},
        )
        assert done.stderr == b""
        rows = (row.partition("\t") for row in done.stdout.decode().splitlines())
        return {word: description for word, _, description in rows}

    words = {word.partition("=")[0] for word in fish("weightless --")}
    assert words == {flag for flag in FLAGS if flag.startswith("--")}
    assert fish("weightless --salv") == {"--salvage": "keep the content that precedes the damage"}
    assert set(fish("weightless -e ")) == set("123456789")
    assert set(fish("weightless --frame-at ")) == {"LINE", "NUL"}
    assert set(fish("weightless --output-dir ")) == {"folder/"}
    assert next(iter(fish("weightless -kd "))) == "one.wl"
    assert [next(iter(fish(f"{reader} "))) for reader in READERS] == ["one.wl"] * 3


@needs("zsh")
def test_zsh(archives: Path) -> None:
    from terminal import Terminal  # not on every system

    environment = {**os.environ, "ZDOTDIR": str(archives), "PS1": "ready> ", "TERM": "dumb"}
    with Terminal(["zsh", "-f", "-i"], stdin=True, stdout=True, env=environment) as terminal:
        terminal.read_until("ready> ")
        terminal.type(
            f"fpath=('{(SHARE / ZSH).parent}' $fpath); autoload -U compinit; compinit -D -u\n"
        )
        terminal.read_until("ready> ")
        for typed, completed in (
            ("weightless --salv", "weightless --salvage"),
            ("weightless -kd o", "weightless -kd one.wl"),
            ("weightless -d -o p", "weightless -d -o plain.txt"),
            ("weightless -k o", "weightless -k o"),
            ("weightless -k p", "weightless -k plain.txt"),
            ("weightless --output-dir=", "weightless --output-dir=folder"),
            ("weightless --output-dir-m", "weightless --output-dir-mirror"),
            ("weightless --frame-at=N", "weightless --frame-at=NUL"),
            *((f"{reader} o", f"{reader} one.wl") for reader in READERS),
        ):
            # The shell prints the line instead of running it, without a space, / or = at the end.
            terminal.type(f"{typed}\t\x01print -r -- '<\x05>'\n")
            terminal.read_until(f"\n<{completed}>\n")
