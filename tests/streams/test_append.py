"""Appending: only to what is an archive, because nothing that follows anything else can be read."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from crafted import SMALL
from data import text

import weightless

CONTENT = text(3000)
FIRST = weightless.compress(CONTENT, parameters=SMALL, block_size=1000)
ARCHIVE = FIRST + weightless.compress(CONTENT, parameters=SMALL, frame_size=1500)
ENDS = {0, len(FIRST), len(ARCHIVE)}


def append(name: str, data: bytes) -> None:
    """Append data to an archive."""
    with weightless.open(name, "ab", parameters=SMALL) as file:
        file.write(data)


@pytest.mark.parametrize("size", sorted({*range(40), *range(0, len(ARCHIVE), 17), *ENDS}))
def test_appending_to_a_part_of_an_archive(folder: Path, size: int) -> None:
    """What has been appended can be read back, or nothing is written."""
    Path("f").write_bytes(ARCHIVE[:size])
    try:
        before = weightless.decompress(ARCHIVE[:size]) if size else b""
    except weightless.TruncatedError:
        with pytest.raises(weightless.TruncatedError):
            append("f", b"more")
        assert Path("f").read_bytes() == ARCHIVE[:size]
    else:
        append("f", b"more")
        with weightless.open("f") as file:
            assert file.read() == before + b"more"


@pytest.mark.parametrize(
    "data", [b"a text file\n", b"\0" * 100, ARCHIVE + b"x", ARCHIVE + bytes(9)]
)
@pytest.mark.parametrize("mode", ["a", "ab", "at"])
def test_appending_to_what_is_not_an_archive(folder: Path, data: bytes, mode: str) -> None:
    Path("f").write_bytes(data)
    expected = (weightless.NotAnArchiveError, weightless.CorruptError, weightless.TruncatedError)
    with pytest.raises(expected):
        weightless.open("f", mode)
    assert Path("f").read_bytes() == data


def test_appending_creates_a_file(folder: Path) -> None:
    append("f", b"first ")
    append("f", b"second")
    append("f", b"")
    with weightless.open("f") as file:
        assert file.read() == b"first second"


def test_a_file_object_is_appended_to_where_it_is(folder: Path) -> None:
    # Where in the file its archive starts is not known.
    file = io.BytesIO(b"a header of another format" + ARCHIVE)
    start = file.seek(0, os.SEEK_END) - len(ARCHIVE)
    with weightless.open(file, "a", parameters=SMALL) as archive:
        archive.write(b"more")
    file.seek(start)
    with weightless.open(file) as archive:
        assert archive.read() == 2 * CONTENT + b"more"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="may read every file")
def test_a_file_that_may_not_be_read_can_be_appended_to(folder: Path) -> None:
    Path("f").write_bytes(ARCHIVE)
    Path("f").chmod(0o200)
    append("f", b"more")
    Path("f").chmod(0o600)
    with weightless.open("f") as file:
        assert file.read() == 2 * CONTENT + b"more"
