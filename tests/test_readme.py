"""What the README shows works as it stands there."""

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

README = Path(__file__).parents[1] / "README.md"


def uses() -> dict[str, list[tuple[str, str]]]:
    """The code under each use: language and text."""
    section = README.read_text("utf-8").partition("\n## Three uses\n")[2].partition("\n## ")[0]
    parts = re.split(r"^\*\*(.+)\.\*\*$", section, flags=re.MULTILINE)[1:]
    return {
        title: re.findall(r"^```(\w+)\n(.*?)^```$", body, flags=re.MULTILINE | re.DOTALL)
        for title, body in zip(parts[::2], parts[1::2], strict=True)
    }


def missing(language: str, code: str) -> str | None:
    """What this machine lacks for a piece of code."""
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
