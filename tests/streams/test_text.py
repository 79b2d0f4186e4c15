"""Text files: the bytes that the built-in `open` writes, whatever the encoding."""

from __future__ import annotations

from pathlib import Path

import pytest
from crafted import SMALL

import weightless

ENCODINGS = [
    "utf-8",
    "utf-8-sig",
    "utf-16",
    "utf-16-be",
    "utf-32",
    "utf-7",
    "iso2022_jp",
    "latin-1",
]
TEXTS = ["", "a", "\n", "line\nand more", "\N{POUND SIGN}\n" * 3, "x" * 300]


def append_both(name: str, mode: str, texts: list[str], encoding: str, newline: str | None) -> None:
    """Write texts to a plain file and to an archive."""
    with (
        open(f"{name}.txt", mode, encoding=encoding, newline=newline) as plain,
        weightless.open(
            f"{name}.wl", mode, parameters=SMALL, encoding=encoding, newline=newline
        ) as packed,
    ):
        for text in texts:
            plain.write(text)
            packed.write(text)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("mode", ["wt", "xt", "at"])
def test_the_content_is_that_of_a_plain_file(folder: Path, encoding: str, mode: str) -> None:
    texts = [text for text in TEXTS if "\N{POUND SIGN}" not in text or encoding != "iso2022_jp"]
    for i, pieces in enumerate([[], [""], texts, texts[::-1], ["a"]]):
        for newline in (None, "", "\r\n"):
            name = f"{i}{newline!r}"
            append_both(name, mode, pieces, encoding, newline)
            expected = Path(f"{name}.txt").read_bytes()
            with weightless.open(f"{name}.wl") as file:
                assert file.read() == expected
            with weightless.open(f"{name}.wl", "rt", encoding=encoding, newline="") as file:
                assert file.read() == expected.decode(encoding)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("first", [[], ["a", "b\n"]])
def test_only_the_start_of_the_content_has_a_byte_order_mark(
    folder: Path, encoding: str, first: list[str]
) -> None:
    append_both("f", "wt", first, encoding, None)
    for more in (["", "c"], [], ["d\n"]):
        append_both("f", "at", more, encoding, None)
        with weightless.open("f.wl") as file:
            assert file.read() == Path("f.txt").read_bytes()


def test_a_file_for_writing_is_not_seekable(folder: Path) -> None:
    with weightless.open("f.wl", "wt", parameters=SMALL, encoding="utf-16") as file:
        assert not file.seekable()
        assert not file.buffer.seekable()
        assert file.buffer.tell() == 0
        file.write("ab")
        assert file.buffer.tell() == 6
