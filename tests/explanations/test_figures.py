"""The page's sums, worked out again from its arrays by other means, as a reader would by hand."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
import zlib
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from data import noise, records, text

import weightless

TABLE = b"id,name,price\n" + b"".join(
    b"%d,name %d,%d.%02d\n" % (i, i * i % 97, i % 13, i % 100) for i in range(300)
)
OBJECTS = (
    b"["
    + b",\n".join(b'{"id": %d, "kind": "k%d", "n": [1, 2]}' % (i, i % 3) for i in range(90))
    + b"]"
)
CONTENT = {
    "text": text(6000),
    "table": TABLE,
    "objects": OBJECTS,
    "binary": records(3000) + noise(300),
    "sampled": text(40_000),
}
#: The page's own parts are rounded to thousandths of a bit.
NEAR = 0.002


class Read:
    """What a page shows, read from the file, and the trace's costs that it was made from."""

    def __init__(self, path: Path, name: str) -> None:
        options = {"keep": 6400} if name == "sampled" else {}
        explanation = weightless.explain(CONTENT[name], 1, probes=0, compare=False, **options)
        page = explanation.save(path / "page.html").read_text("utf-8")
        found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)
        assert found
        packed = json.loads(found[1])
        data = {name: zlib.decompress(base64.b64decode(text)) for name, text in packed.items()}
        self.content = data["content"]
        self.figures: dict[str, Any] = json.loads(data["figures"])
        self.bits = [float(cost) for cost in explanation.bits]
        self.positions = [int(position) for position in explanation.positions]
        n = len(self.content)
        planes = data["bits"]
        self.coloured = [(planes[i] + 256 * planes[n + i]) / 64 for i in range(n)]

    def parts(self, kind: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.figures["parts"][kind]
        return found

    def cost(self, start: int, end: int) -> float:
        return sum(self.bits[start:end])


@pytest.fixture(params=CONTENT)
def read(request: pytest.FixtureRequest, tmp_path: Path) -> Read:
    return Read(tmp_path, request.param)


def check_dearest(shown: list[dict[str, Any]], costs: list[tuple[int, float, int, int]]) -> None:
    """Compare with (first position, bits, count, size) of all parts."""
    expected = sorted(costs, key=lambda part: -part[1])[:100]
    assert len(shown) == len(expected)
    assert [p["bits"] for p in shown] == pytest.approx([e[1] for e in expected], abs=NEAR)
    by_start = {(start, size): (bits, count) for start, bits, count, size in costs}
    for part in shown:
        bits, count = by_start[part["start"], part["size"]]
        assert (part["bits"], part["count"]) == (pytest.approx(bits, abs=NEAR), count)


def named_sums(read: Read, spans: list[tuple[Any, int, int]]) -> list[tuple[int, float, int, int]]:
    sums: dict[Any, list[Any]] = defaultdict(lambda: [None, 0.0, 0, 0])
    for name, start, end in spans:
        entry = sums[name]
        if entry[0] is None:
            entry[0] = read.positions[start]
        entry[1] += read.cost(start, end)
        entry[2] += 1
        entry[3] += end - start
    return [tuple(entry) for entry in sums.values()]


def test_colours_are_the_costs(read: Read) -> None:
    # Within a unit of 1/64 bit; what is rounded off one byte goes to the next.
    assert read.coloured == pytest.approx(read.bits, abs=1 / 64 + 1e-9)
    assert sum(read.coloured) == pytest.approx(sum(read.bits), abs=1 / 64)


def test_the_dearest_hundred(read: Read) -> None:
    shown = read.parts("bytes")
    expected = sorted(range(len(read.bits)), key=lambda i: -read.bits[i])[:100]
    assert [p["start"] for p in shown] == [read.positions[i] for i in expected]
    assert [p["bits"] for p in shown] == pytest.approx([read.bits[i] for i in expected], abs=NEAR)


def test_lines(read: Read) -> None:
    if not read.parts("words"):
        assert read.parts("lines") == []
        return
    costs, start = [], 0
    for line in read.content.splitlines(keepends=True):
        end = start + len(line)
        costs.append((read.positions[start], read.cost(start, end), 1, len(line)))
        start = end
    check_dearest(read.parts("lines"), costs)


def test_words(read: Read) -> None:
    if not read.figures["text"]:
        assert read.parts("words") == []
        return
    spans, word = [], b""
    for i, byte in enumerate(read.content + b"\n"):
        if byte >= 128 or chr(byte).isalpha():
            word += bytes([byte])
        elif word:
            spans.append((word, i - len(word), i))
            word = b""
    check_dearest(read.parts("words"), named_sums(read, spans))


def test_columns(tmp_path: Path) -> None:
    read = Read(tmp_path, "table")
    assert read.figures["parts"]["delimiter"] == ","
    spans, start = [], 0
    for row in csv.reader(io.StringIO(read.content.decode())):
        for number, cell in enumerate(row):
            end = start + len(cell) + 1
            spans.append((number, start, end))
            start = end
    assert start == len(read.content)
    check_dearest(read.parts("columns"), named_sums(read, spans))
    assert sum(p["bits"] for p in read.parts("columns")) == pytest.approx(sum(read.bits), abs=0.01)


def test_fields(tmp_path: Path) -> None:
    read = Read(tmp_path, "objects")
    decoder = json.JSONDecoder()
    text, spans, at = read.content.decode(), [], 0
    starts: list[tuple[str, int, int]] = []  # name, its start, the value's start
    while (at := text.find('"', at)) >= 0:
        name, end = decoder.raw_decode(text, at)
        if text[end] == ":":
            starts.append((name, at, end + 2))
        at = end
    for (name, _, value), (_, following, _) in zip(
        starts, [*starts[1:], ("", len(text), 0)], strict=True
    ):
        spans.append((name, value, following))
    assert {p["name"] for p in read.parts("fields")} == {"id", "kind", "n"}
    check_dearest(read.parts("fields"), named_sums(read, spans))


def test_the_whole(tmp_path: Path) -> None:
    read = Read(tmp_path, "text")
    archive = weightless.compress(CONTENT["text"], 1)
    assert read.figures["archive_size"] == len(archive)
    assert read.figures["bits"] == pytest.approx(sum(read.bits), abs=0.01)
    assert sum(read.figures["segment_bits"]["whole"]) == pytest.approx(sum(read.bits), abs=0.5)
    saved = sum(sum(one) for one in read.figures["saved"])
    assert 8 * len(read.content) - saved == pytest.approx(sum(read.bits), abs=2)
