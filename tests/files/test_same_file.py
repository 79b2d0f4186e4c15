"""A file is never replaced by its own archive or content, under whatever name it is reached."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from crafted import SMALL

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


@pytest.mark.parametrize("code", [compress, decompress])
def test_a_copy_is_another_file(folder: Path, code: Code) -> None:
    Path("f").write_bytes(CONTENT if code is compress else ARCHIVE)
    Path("copy").write_bytes(Path("f").read_bytes())
    with pytest.raises(weightless.OutputExistsError):
        code("f", "copy", False)
    code("f", "copy", True)
    assert Path("copy").read_bytes() == (ARCHIVE if code is compress else CONTENT)
