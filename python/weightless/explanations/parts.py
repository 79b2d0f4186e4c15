"""Where the bits go: by line, by word, by column of a table and by field of JSON."""

from __future__ import annotations

import collections
import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Part", "Parts", "find_parts"]

_WORD = re.compile(rb"[A-Za-z\x80-\xff]+")
_FIELD = re.compile(rb'"((?:[^"\\\n]|\\.){1,64})"\s*:\s*')
_MOST = 100
_DELIMITERS = (b",", b"\t", b";", b"|")


@dataclass(frozen=True)
class Part:
    """A part of the content, or all parts of one name.

    Attributes
    ----------
    name : str
        The word, the heading of the column or the name of the field; of a line, its beginning.
    start : int
        Position of the part, or of the first one of that name.
    count : int
        How many parts there are.
    size : int
        Their bytes.
    bits : float
        What they cost.
    """

    name: str
    start: int
    count: int
    size: int
    bits: float


@dataclass(frozen=True)
class Parts:
    """The dearest parts of the content, by kind of part; the dearest first.

    Attributes
    ----------
    lines, words, columns, fields : tuple of Part
        Empty if the content has none.
    bytes : tuple of Part
        The dearest single bytes.
    delimiter : str
        What separates columns; empty if the content is no table.
    """

    lines: tuple[Part, ...]
    words: tuple[Part, ...]
    columns: tuple[Part, ...]
    fields: tuple[Part, ...]
    bytes: tuple[Part, ...]
    delimiter: str


def find_parts(
    content: npt.NDArray[np.uint8],
    bits: npt.NDArray[np.float64],
    positions: npt.NDArray[np.int64],
) -> Parts:
    """Divide recorded bytes into parts and add up what each cost."""
    total = np.concatenate([[0.0], np.cumsum(bits)])
    raw = content.tobytes()
    counter = _Counter(raw, total, positions)
    text = is_text(raw)
    lines = _line_spans(raw) if text else []
    delimiter = _delimiter(raw, lines) if text else b""
    return Parts(
        lines=counter.single(lines),
        words=counter.by_name((m.start(), m.end(), m[0]) for m in _WORD.finditer(raw))
        if text
        else (),
        columns=_columns(raw, lines, delimiter, counter) if delimiter else (),
        fields=_fields(raw, counter) if text and raw.lstrip()[:1] in (b"{", b"[") else (),
        bytes=counter.dearest_bytes(content, bits),
        delimiter=delimiter.decode(),
    )


def is_text(raw: bytes) -> bool:
    """Return whether bytes look like text.

    Such are nearly free of control characters, and UTF-8 or nearly free of bytes from 128 on.
    """
    sample = raw[:65536]
    if not sample or b"\0" in sample:
        return False
    control = sum(sample.count(byte) for byte in range(32) if byte not in b"\t\n\r\f\x1b")
    # What decodes only in part, at the end of the sample too, are replacement characters.
    text = sample.decode("utf-8", "replace")
    damaged = text.count("\N{REPLACEMENT CHARACTER}")
    return 100 * control <= len(sample) and 10 * damaged <= len(text)


def shown(raw: bytes, most: int = 60) -> str:
    """Return bytes as text for display, shortened; in hexadecimal if they are no text."""
    if raw.decode("utf-8", "replace").count("\N{REPLACEMENT CHARACTER}") > len(raw) // 8:
        pairs = raw[: most // 3].hex(" ")
        return pairs if 3 * len(raw) <= most else f"{pairs} \N{HORIZONTAL ELLIPSIS}"
    text = raw[: 4 * most].decode("utf-8", "replace")
    text = "".join(c if c.isprintable() else "\N{MIDDLE DOT}" for c in text)
    return text if len(text) <= most else text[: most - 1] + "\N{HORIZONTAL ELLIPSIS}"


class _Counter:
    def __init__(
        self, raw: bytes, total: npt.NDArray[np.float64], positions: npt.NDArray[np.int64]
    ) -> None:
        self._raw = raw
        self._total = total
        self._positions = positions

    def cost(self, start: int, end: int) -> float:
        return float(self._total[end] - self._total[start])

    def part(self, name: str, start: int, end: int) -> Part:
        return Part(name, int(self._positions[start]), 1, end - start, self.cost(start, end))

    def single(self, spans: list[tuple[int, int]]) -> tuple[Part, ...]:
        costs = sorted(((self.cost(s, e), -s, e) for s, e in spans), reverse=True)[:_MOST]
        return tuple(self.part(shown(self._raw[-s:e]), -s, e) for _, s, e in costs)

    def by_name(self, spans: collections.abc.Iterable[tuple[int, int, bytes]]) -> tuple[Part, ...]:
        sums: dict[bytes, list[float]] = {}
        for start, end, name in spans:
            entry = sums.setdefault(name, [start, 0, 0, 0.0])
            entry[1] += 1
            entry[2] += end - start
            entry[3] += self.cost(start, end)
        dearest = sorted(sums.items(), key=lambda item: (-item[1][3], item[1][0]))[:_MOST]
        return tuple(
            Part(shown(name), int(self._positions[int(e[0])]), int(e[1]), int(e[2]), e[3])
            for name, e in dearest
        )

    def dearest_bytes(
        self, content: npt.NDArray[np.uint8], bits: npt.NDArray[np.float64]
    ) -> tuple[Part, ...]:
        order = np.argsort(-bits, kind="stable")[:_MOST]
        return tuple(self.part(shown(bytes([content[i]])), int(i), int(i) + 1) for i in order)


def _line_spans(raw: bytes) -> list[tuple[int, int]]:
    ends = [int(i) + 1 for i in np.flatnonzero(np.frombuffer(raw, np.uint8) == 10)]
    if not ends or ends[-1] < len(raw):
        ends.append(len(raw))
    return list(zip([0, *ends[:-1]], ends, strict=True))


def _delimiter(raw: bytes, lines: list[tuple[int, int]]) -> bytes:
    """Return the delimiter that occurs equally often in nearly all lines; b"" if none does."""
    some = [raw[s:e] for s, e in lines[:200] if e - s > 1]
    if len(some) < 4:
        return b""
    for delimiter in _DELIMITERS:
        counts = collections.Counter(line.count(delimiter) for line in some)
        count, times = counts.most_common(1)[0]
        if count > 0 and times >= 0.9 * len(some):
            return delimiter
    return b""


def _columns(
    raw: bytes, lines: list[tuple[int, int]], delimiter: bytes, counter: _Counter
) -> tuple[Part, ...]:
    headings = raw[lines[0][0] : lines[0][1]].strip().split(delimiter)
    sums: dict[int, list[float]] = {}
    for start, end in lines:
        at = start
        for number, cell in enumerate(raw[start:end].split(delimiter)):
            # The delimiter, or the end of the line, belongs to the cell before it.
            size = min(len(cell) + 1, end - at)
            entry = sums.setdefault(number, [at, 0, 0, 0.0])
            entry[1] += 1
            entry[2] += size
            entry[3] += counter.cost(at, at + size)
            at += size
    return tuple(
        Part(
            f"{number + 1}: {shown(headings[number])}"
            if number < len(headings)
            else f"{number + 1}",
            int(counter._positions[int(e[0])]),
            int(e[1]),
            int(e[2]),
            e[3],
        )
        for number, e in sorted(sums.items(), key=lambda item: -item[1][3])[:_MOST]
    )


def _fields(raw: bytes, counter: _Counter) -> tuple[Part, ...]:
    """Add up the values of fields: from the end of the name to the start of the next one."""
    spans: list[tuple[int, int, bytes]] = []
    last: tuple[int, bytes] | None = None
    for match in _FIELD.finditer(raw):
        if last is not None:
            spans.append((last[0], match.start(), last[1]))
        last = (match.end(), match[1])
    if last is not None:
        spans.append((last[0], len(raw), last[1]))
    return counter.by_name(spans)
