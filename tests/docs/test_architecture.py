"""The pages on the architecture: the picture is current, and the files that they name exist."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOL = "tools/architecture/draw_architecture.py"
PICTURE = "docs/architecture.svg"


def draw(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(root / TOOL), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for part in ("cpp/src", "cpp/bindings", "python/weightless", "tools/architecture"):
        shutil.copytree(ROOT / part, tmp_path / part)
    (tmp_path / "docs").mkdir()
    shutil.copy(ROOT / PICTURE, tmp_path / PICTURE)
    return tmp_path


def test_picture_is_current() -> None:
    done = draw(ROOT, "--check")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_another_arrow_makes_the_picture_stale(copy: Path) -> None:
    with (copy / "cpp/src/coder/binary_coder.hpp").open("a") as file:
        file.write('#include "kernels/kernels.hpp"\n')
    done = draw(copy, "--check")
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout == f"{PICTURE} is out of date; draw it again: python {TOOL}\n"
    assert draw(copy).stdout == f"{PICTURE} written\n"
    assert (copy / PICTURE).read_bytes() != (ROOT / PICTURE).read_bytes()
    assert draw(copy, "--check").returncode == 0
    assert draw(copy, "--wrong").returncode == 2


def test_a_folder_that_nobody_described_is_an_error(copy: Path) -> None:
    (copy / "python/weightless/attic").mkdir()
    (copy / "python/weightless/attic/old.py").write_text("from weightless.levels import x\n")
    done = draw(copy)
    assert done.returncode == 1
    assert done.stderr.startswith("attic: say in tools/architecture/drawing.py")


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("cpp/src/fixed/hash.hpp", '#include "codec/codec.hpp"'),
        ("python/weightless/levels.py", "from weightless.api import compress"),
    ],
)
def test_folders_that_use_each_other_are_an_error(copy: Path, path: str, line: str) -> None:
    with (copy / path).open("a") as file:
        file.write(f"{line}\n")
    done = draw(copy, "--check")
    assert done.returncode == 1
    assert "CycleError" in done.stderr


def test_the_page_has_the_steps_of_the_picture() -> None:
    picture = (ROOT / PICTURE).read_text("utf-8")
    page = (ROOT / "docs/architecture.md").read_text("utf-8")
    steps = [int(n) for n in re.findall(r'class="step"[^>]*>(\d+)<', picture)]
    assert steps
    assert set(steps) == {int(n) for n in re.findall(r"^(\d+)\. ", page, re.MULTILINE)}


@pytest.mark.parametrize("name", ["architecture", "glossary"])
def test_files_that_the_pages_name_exist(name: str) -> None:
    page = (ROOT / f"docs/{name}.md").read_text("utf-8")
    named = re.findall(r"`((?:cpp|python|tests|tools)/[\w/.]+)`", page)
    assert len(named) > 15
    assert [path for path in named if not (ROOT / path).exists()] == []
    # A file without a folder is in the folder that was named last.
    short = re.findall(r"`(\w+\.[ch]pp)`", page)
    known = {path.name for path in (ROOT / "cpp").rglob("*.?pp")}
    assert [path for path in short if path not in known] == []
