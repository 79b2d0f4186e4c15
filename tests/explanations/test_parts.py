"""Where the bytes go: lines, words, columns, fields; rows of binary data."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from weightless.explanations.parts import find_parts, is_text, shown
from weightless.explanations.repeats import find_repeats
from weightless.explanations.rows import Rows, find_rows


def parts_of(raw: bytes, bits: list[float] | None = None):  # type: ignore[no-untyped-def]
    content = np.frombuffer(raw, np.uint8)
    costs = np.ones(len(raw)) if bits is None else np.array(bits)
    return find_parts(content, costs, np.arange(len(raw)))


def test_lines_add_up() -> None:
    raw = b"first\nsecond line\n\nlast"
    parts = parts_of(raw)
    assert [(p.name, p.start, p.size) for p in parts.lines[:2]] == [
        (r"second line\n", 6, 12),
        (r"first\n", 0, 6),
    ]
    assert sum(p.bits for p in parts.lines) == len(raw)


def test_columns() -> None:
    raw = b"id,name\n1,alpha\n2,beta\n3,gamma\n4,delta\n"
    parts = parts_of(raw)
    assert parts.delimiter == ","
    assert sum(p.bits for p in parts.columns) == len(raw)
    assert [(p.name.rstrip(), p.count) for p in parts.columns] == [("2: name", 5), ("1: id", 5)]
    assert parts_of(b"no table here\nnone, at all\nreally\nnot\n").columns == ()


def test_fields() -> None:
    raw = b'[{"id": 1, "text": "a \\"b\\" c"}, {"id": 22, "text": "d"}]'
    parts = parts_of(raw)
    assert {(p.name, p.count) for p in parts.fields} == {("id", 2), ("text", 2)}


def test_words_and_bytes() -> None:
    parts = parts_of(b"to be or not to be", [float(i) for i in range(18)])
    assert {(p.name, p.count, p.start) for p in parts.words} == {
        *(("to", 2, 0), ("be", 2, 3), ("or", 1, 6), ("not", 1, 9)),
    }
    assert [p.start for p in parts.bytes[:3]] == [17, 16, 15]


def test_binary_has_no_lines() -> None:
    parts = parts_of(bytes(range(256)) * 4)
    assert (parts.lines, parts.words, parts.columns, parts.fields) == ((), (), (), ())
    assert len(parts.bytes) == 100
    assert not is_text(b"a\0b")
    assert not is_text(b"")
    assert not is_text(bytes(range(128, 256)) * 5 + b"some words")
    assert is_text("na\N{LATIN SMALL LETTER I WITH DIAERESIS}ve words".encode("latin-1"))
    assert is_text("\N{GREEK SMALL LETTER ALPHA}".encode() * 100)


def test_names_are_short_and_printable() -> None:
    assert len(shown(b"x" * 500)) == 60
    assert shown("\N{GREEK SMALL LETTER ALPHA}\N{RIGHT-TO-LEFT OVERRIDE}".encode()) == (
        "\N{GREEK SMALL LETTER ALPHA}\\u202e"
    )


def test_control_characters_are_shown_by_name_or_number() -> None:
    assert shown(b"<script>\x1b[31m\n" + b"x" * 500).startswith(r"<script>\x1b[31m\n")
    assert shown(b"a\tb\r\n") == r"a\tb\r\n"
    # More than a few make it no text.
    assert shown(b"\x01\x02abc\x03") == "01 02 61 62 63 03"


def test_rows() -> None:
    rng = np.random.default_rng(1)
    level = np.cumsum(rng.integers(-3, 4, (200, 31)), axis=0) + 100
    base = rng.integers(0, 200, 31)
    table = ((level + base) % 256).astype(np.uint8)
    assert find_rows(table.ravel()) == Rows(31, 0)
    for nothing in (rng.integers(0, 256, 5000), np.zeros(0), np.zeros(5000)):
        assert find_rows(nothing.astype(np.uint8)) == Rows(0, 0)


def smooth(width: int, height: int, reach: int) -> np.ndarray:
    """Return pixels of a picture in which neighbours hardly differ, so far as a pixel reaches."""
    rng = np.random.default_rng(2)
    row = np.convolve(rng.normal(0, 1, width + 4 * reach), np.hanning(2 * reach + 1), "same")
    row = row[2 * reach : 2 * reach + width] / row.std()
    slope = np.linspace(1, -1, height)[:, None]
    return (127 + 40 * row * slope + 10 * slope).clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize("reach", [6, 12, 40])
def test_rows_of_a_smooth_picture_are_not_taken_for_their_neighbours(reach: int) -> None:
    assert find_rows(smooth(400, 300, reach).ravel()).size == 400


@pytest.mark.parametrize(
    ("header", "rows"),
    [
        (b"P5\n400 300\n255\n", Rows(400, 15)),
        (b"P5 # a comment\n# another\n 400\n300 255\n", Rows(400, 38)),
        (b"P6\n100 300\n255\n", Rows(300, 15)),
        (b"P5\n200 300\n65535\n", Rows(400, 17)),
        (
            b"BM" + struct.pack("<IIIIiiHHI", 0, 0, 62, 40, 33, 9, 1, 24, 0) + bytes(28),
            Rows(100, 62),
        ),
    ],
)
def test_rows_that_a_header_states(header: bytes, rows: Rows) -> None:
    pixels = np.random.default_rng(3).integers(0, 256, 5000).astype(np.uint8)
    assert find_rows(np.concatenate([np.frombuffer(header, np.uint8), pixels])) == rows


@pytest.mark.parametrize(
    "header",
    [b"P5\n0 300\n255\n", b"P5\n99999 1\n255\n", b"P5\n", b"BM", b"BM" + bytes(100), b"P6 x"],
)
def test_headers_that_state_no_rows(header: bytes) -> None:
    pixels = np.random.default_rng(3).integers(0, 256, 5000).astype(np.uint8)
    assert find_rows(np.concatenate([np.frombuffer(header, np.uint8), pixels])) == Rows(0, 0)


def test_repeats_that_were_not_recorded_are_left_out() -> None:
    positions = np.arange(1000, 1200)
    lengths = np.full(200, 40, np.uint16)
    bits = np.ones(200)
    assert find_repeats(lengths, positions - 900, positions, bits) == ()
    (found,) = find_repeats(
        np.where(positions >= 1100, lengths, 0).astype(np.uint16), positions - 100, positions, bits
    )
    assert (found.first, found.second, found.size) == (1000, 1100, 100)
