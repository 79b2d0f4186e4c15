"""The list of source files in docs/format.md is that of the scalar build."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

from programs import compiler

ROOT = Path(__file__).parents[2]
TOOL = "tools/format/source_files.py"


def write(root: Path, *arguments: str) -> tuple[int, str]:
    compiler()  # or the test is skipped
    command = [sys.executable, str(root / TOOL), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stderr == "" or done.returncode == 2
    return done.returncode, done.stdout


def test_the_list_is_complete() -> None:
    assert write(ROOT, "--check") == (0, "")
    page = (ROOT / "docs/format.md").read_text("utf-8").partition("## Source files")[2]
    listed = {
        f"{folder}/{name}"
        for folder, names in re.findall(
            r"^- `(.+?)`: ((?:.+\n)(?:  .+\n)*)", page, flags=re.MULTILINE
        )
        for name in re.findall(r"`(.+?)`", names)
    }
    sources = ROOT / "cpp/src"
    assert len(listed) > 150
    assert all((sources / name).is_file() for name in listed)
    # What the list leaves out: other kernels and builds, and which blocks an encoder skips.
    others = {path.relative_to(sources).as_posix() for path in sources.rglob("*.?pp")} - listed
    reasons = ("kernels/", "model/threads/", "fixed/wasm_pages", "codec/random_bytes")
    assert [name for name in others if not name.startswith(reasons)] == []


def test_a_new_file_is_found(tmp_path: Path) -> None:
    for name in ("cpp/src", "tools/format"):
        shutil.copytree(ROOT / name, tmp_path / name)
    (tmp_path / "docs").mkdir()
    shutil.copy(ROOT / "docs/format.md", tmp_path / "docs")
    (tmp_path / "cpp/src/coder/new.hpp").write_text("")
    with (tmp_path / "cpp/src/coder/binary_coder.hpp").open("a") as file:
        file.write('#include "coder/new.hpp"\n')
    code, said = write(tmp_path, "--check")
    assert code == 1
    assert f"python {TOOL}" in said
    assert write(tmp_path) == (0, "")
    assert "- `coder`: `binary_coder.hpp`, `new.hpp`" in (tmp_path / "docs/format.md").read_text(
        "utf-8"
    )
    assert write(tmp_path, "--wrong")[0] == 2
