"""The code in the README works as printed."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from data import text

README = Path(__file__).parents[2] / "README.md"
SHELL = re.compile(r"^```sh\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL)


def section(title: str) -> str:
    return README.read_text("utf-8").partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def uses() -> dict[str, list[tuple[str, str]]]:
    """Return the code under each use: its language and text."""
    parts = re.split(r"^\*\*(.+)\.\*\*$", section("Three uses"), flags=re.MULTILINE)[1:]
    return {
        title: re.findall(r"^```(\w+)\n(.*?)^```$", body, flags=re.MULTILINE | re.DOTALL)
        for title, body in zip(parts[::2], parts[1::2], strict=True)
    }


def missing(language: str, code: str) -> str | None:
    """Return the requirements of a piece of code that this machine does not have."""
    if language == "python":
        for module in re.findall(r"^(?:import|from) (\w+)", code, flags=re.MULTILINE):
            if importlib.util.find_spec(module) is None:
                return str(module)
        return None
    if "tar -I" in code and b"GNU" not in subprocess.check_output(["tar", "--version"]):
        return "GNU tar"
    return None if shutil.which("bash") else "bash"


@pytest.mark.parametrize("use", uses())
def test_use(use: str, command: str, folder: Path) -> None:
    rows = "".join(f"{i},{word}\n" for i, word in enumerate(text(2000).decode().split()))
    Path("data.csv").write_text("number,word\n" + rows, encoding="utf-8")
    Path("folder").mkdir()
    Path("folder/file").write_bytes(text(1000))
    path = os.pathsep.join((str(Path(command).parent), os.environ["PATH"]))
    programs = {"python": [sys.executable, "-c"], "sh": ["bash", "-euc"]}
    blocks = uses()[use]
    assert blocks
    for language, code in blocks:
        if lacks := missing(language, code):
            pytest.skip(f"no {lacks} here")
        done = subprocess.run(
            [*programs[language], code],
            env=os.environ | {"PATH": path},
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, (code, done.stderr.decode())
        for output in re.findall(r"-o (\S+) data\.csv\.wl", code):
            assert Path(output).read_bytes() == Path("data.csv").read_bytes()


#: Replaces `python3 -m venv .venv`, which would take a minute, by an environment whose pip provides
#: the installed command when it is told to install the package.
VENV = """#!/bin/sh
[ "$*" = "-m venv .venv" ] || exit 9
mkdir -p .venv/bin
echo 'PATH=$PWD/.venv/bin:$PATH' >.venv/bin/activate
printf '%s\\n' '#!/bin/sh' '[ "$*" = "install ." ] || exit 8' \\
    'ln -s "$COMMAND" .venv/bin/weightless' >.venv/bin/pip
chmod +x .venv/bin/pip
"""


@pytest.mark.skipif(os.name != "posix" or shutil.which("bash") is None, reason="no bash here")
def test_one_minute(command: str, folder: Path) -> None:
    """The lines work one after another in a shell that did not have the command before."""
    shutil.copy(README, folder)
    Path("stubs").mkdir()
    Path("stubs/python3").write_text(VENV)
    Path("stubs/python3").chmod(0o755)
    text = section("One minute")
    spoken = re.findall(r"`(weightless -[^`]+)`", text)
    assert "weightless -d -c README.md.wl" in spoken
    lines = [*SHELL.findall(text), *(f"{line} >'{line}.out'" for line in spoken)]
    done = subprocess.run(
        ["bash", "-euc", "\n".join(lines)],
        env={"PATH": f"{folder / 'stubs'}{os.pathsep}{os.defpath}", "COMMAND": command},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert Path("README.md.wl").exists()
    assert Path("weightless -d -c README.md.wl.out").read_bytes() == README.read_bytes()


def test_what_an_example_needs_is_named_before_it() -> None:
    """Return the extras of the package whose libraries the examples import."""
    for body in re.split(r"^\*\*.+\.\*\*$", section("Three uses"), flags=re.MULTILINE)[1:]:
        for module in ("fsspec", "numcodecs", "zarr"):
            use = re.search(rf"^import {module}$", body, flags=re.MULTILINE)
            if use:
                assert re.search(rf"pip\sinstall \S*\[\S*{module}", body[: use.start()]), module
