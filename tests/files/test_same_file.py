"""A file is never replaced by its own archive or content, under whatever name it is reached."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from crafted import SMALL
from patience import PATIENCE

import weightless

CONTENT = b"the only copy"
ARCHIVE = weightless.compress(CONTENT, parameters=SMALL)

Code = Callable[[str, str, bool], object]


def compress(source: str, output: str, overwrite: bool) -> object:
    """Compress a file."""
    return weightless.compress(source, parameters=SMALL, output=output, overwrite=overwrite)


def decompress(source: str, output: str, overwrite: bool) -> object:
    """Decompress a file."""
    return weightless.decompress(source, output=output, overwrite=overwrite)


@pytest.mark.skipif(os.name != "posix", reason="makes links")
@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize("output", ["f", "./f", "sub/../f", "soft", "hard", "soft to soft"])
@pytest.mark.parametrize("source", ["f", "soft", "hard"])
@pytest.mark.parametrize("code", [compress, decompress])
def test_the_source_is_not_replaced(
    folder: Path, code: Code, source: str, output: str, overwrite: bool
) -> None:
    data = CONTENT if code is compress else ARCHIVE
    Path("sub").mkdir()
    Path("f").write_bytes(data)
    Path("soft").symlink_to("f")
    Path("soft to soft").symlink_to("soft")
    os.link("f", "hard")
    before = sorted(os.listdir())
    with pytest.raises(weightless.UnsuitableFileError, match="same file"):
        code(source, output, overwrite)
    assert sorted(os.listdir()) == before
    assert Path("f").read_bytes() == data
    assert os.stat("f").st_nlink == 2
    assert Path("soft").is_symlink()


@pytest.mark.skipif(os.name != "posix", reason="makes links")
@pytest.mark.parametrize("name", ["f", "soft", "hard"])
@pytest.mark.parametrize("source", ["f", "-", "/dev/stdin"])
@pytest.mark.parametrize("option", ["-1f", "-df"])
def test_the_command_does_not_replace_its_input(
    command: str, folder: Path, option: str, source: str, name: str
) -> None:
    data = CONTENT if option == "-1f" else ARCHIVE
    Path("f").write_bytes(data)
    Path("soft").symlink_to("f")
    os.link("f", "hard")
    with open("f", "rb") as stdin:
        done = subprocess.run(
            [command, option, "-o", name, source],
            stdin=stdin,
            capture_output=True,
            check=False,
            timeout=PATIENCE,
        )
    assert done.returncode == 1
    assert b"input and output are the same file" in done.stderr
    assert sorted(os.listdir()) == ["f", "hard", "soft"]
    assert Path("f").read_bytes() == data


@pytest.mark.parametrize("code", [compress, decompress])
def test_a_copy_is_another_file(folder: Path, code: Code) -> None:
    Path("f").write_bytes(CONTENT if code is compress else ARCHIVE)
    Path("copy").write_bytes(Path("f").read_bytes())
    with pytest.raises(weightless.OutputExistsError):
        code("f", "copy", False)
    code("f", "copy", True)
    assert Path("copy").read_bytes() == (ARCHIVE if code is compress else CONTENT)
