"""Where the bytes go: lines, words, columns, fields; rows of binary data."""

from __future__ import annotations

import numpy as np

from weightless.explanations.parts import find_parts, is_text, shown
from weightless.explanations.repeats import find_repeats
from weightless.explanations.rows import find_row


def parts_of(raw: bytes, bits: list[float] | None = None):  # type: ignore[no-untyped-def]
    content = np.frombuffer(raw, np.uint8)
    costs = np.ones(len(raw)) if bits is None else np.array(bits)
    return find_parts(content, costs, np.arange(len(raw)))


def test_lines_add_up() -> None:
    raw = b"first\nsecond line\n\nlast"
    parts = parts_of(raw)
    assert [(p.name, p.start, p.size) for p in parts.lines[:2]] == [
        ("second line\N{MIDDLE DOT}", 6, 12),
        ("first\N{MIDDLE DOT}", 0, 6),
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
    assert shown(b"<script>\x1b[31m\n" + b"x" * 500).startswith("<script>\N{MIDDLE DOT}[31m")
    assert len(shown(b"x" * 500)) == 60
    assert shown("\N{GREEK SMALL LETTER ALPHA}\N{RIGHT-TO-LEFT OVERRIDE}".encode()) == (
        "\N{GREEK SMALL LETTER ALPHA}\N{MIDDLE DOT}"
    )


def test_rows() -> None:
    rng = np.random.default_rng(1)
    level = np.cumsum(rng.integers(-3, 4, (200, 31)), axis=0) + 100
    base = rng.integers(0, 200, 31)
    table = ((level + base) % 256).astype(np.uint8)
    assert find_row(table.ravel()) == 31
    assert find_row(rng.integers(0, 256, 5000).astype(np.uint8)) == 0
    assert find_row(np.zeros(0, np.uint8)) == 0
    assert find_row(np.zeros(5000, np.uint8)) == 0


def test_repeats_that_were_not_recorded_are_left_out() -> None:
    positions = np.arange(1000, 1200)
    lengths = np.full(200, 40, np.uint16)
    bits = np.ones(200)
    assert find_repeats(lengths, positions - 900, positions, bits) == ()
    (found,) = find_repeats(
        np.where(positions >= 1100, lengths, 0).astype(np.uint16), positions - 100, positions, bits
    )
    assert (found.first, found.second, found.size) == (1000, 1100, 100)
