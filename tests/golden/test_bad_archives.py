"""Bad archives, and the error that is due for each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import bad
import make
import plain_reader
import pytest

import weightless

FOLDER = Path(__file__).parent / "bad"


def rows() -> list[list[str]]:
    """Name, error, start of its message, and what is wrong."""
    text = (FOLDER.parent / make.BAD_LIST).read_text("utf-8")
    return [line.split("\t") for line in text.splitlines()]


def in_pieces(archive: bytes) -> None:
    """Decode frame by frame, a few bytes at a time."""
    rest = archive
    while True:
        pieces = weightless.Decompressor()
        while rest and not pieces.eof:
            pieces.decompress(rest[:7])
            rest = rest[7:]
        if not pieces.eof:
            raise weightless.TruncatedError("the archive is truncated")
        rest = pieces.unused_data + rest
        if not rest:
            return


READERS: dict[str, Callable[[bytes], object]] = {
    "decompress": weightless.decompress,
    "threads": lambda archive: weightless.decompress(archive, threads=2),
}


def test_the_list_is_that_of_the_archives() -> None:
    listed = [row[0] for row in rows()]
    assert sorted(listed) == sorted(path.name for path in FOLDER.glob("*"))
    assert {row[0]: row[1:] for row in rows()} == {
        f"{name}.wl": [case.error, case.message, case.reason] for name, case in bad.BAD.items()
    }


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_is_refused_with_the_error_due(row: list[str]) -> None:
    name, error, message, _ = row
    archive = (FOLDER / name).read_bytes()
    for reader in ("decompress", "threads"):
        with pytest.raises(weightless.WeightlessError) as caught:
            READERS[reader](archive)
        assert type(caught.value).__name__ == error
        assert str(caught.value).startswith(message)
    with pytest.raises(weightless.WeightlessError) as caught:
        in_pieces(archive)
    if error in ("CorruptError", "UnsupportedError", "PriorError", "MemoryLimitError"):
        assert type(caught.value).__name__ in (error, "NotAnArchiveError")


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_headers_alone_tell_or_decoding_does(row: list[str]) -> None:
    """`weightless.info` reads headers only: it may miss what is wrong, but not fail otherwise."""
    path = FOLDER / row[0]
    said: tuple[str, str] | None = None
    try:
        found = weightless.info(path)
    except weightless.DataError as error:
        said = type(error).__name__, str(error)
    if said is None:
        assert found.compressed_size == path.stat().st_size
    elif not row[1].endswith("LimitError"):  # which only decoding has
        assert said[0] == row[1]
        assert said[1].startswith(row[2])


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_the_second_reader_refuses_it(row: list[str]) -> None:
    if not row[1].endswith("LimitError"):
        with pytest.raises(plain_reader.BadArchiveError):
            plain_reader.read((FOLDER / row[0]).read_bytes())
