"""Where the bits go: by line, by word, by column of a table and by field of JSON."""

from __future__ import annotations

import collections
import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Part", "Parts", "find_parts"]

_WORD = re.compile(rb"[A-Za-z\x80-\xff]+")
_FIELD = re.compile(rb'"((?:[^"\\\n]|\\.){1,64})"\s*:\s*')
_MOST = 100
_IN_WORD = np.zeros(256, np.int8)
_IN_WORD[np.r_[65:91, 97:123, 128:256]] = 1
_NOWHERE = np.zeros(0, np.int64)
_Places = npt.NDArray[np.int64]
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
    raw = content.tobytes()
    counter = _Counter(raw, bits, positions)
    text = is_text(raw)
    starts, ends = _line_ends(content) if text else (_NOWHERE, _NOWHERE)
    delimiter = _delimiter(raw, starts, ends) if text else b""
    return Parts(
        lines=counter.single(starts, ends),
        words=counter.by_name(*_words(raw, content)) if text else (),
        columns=_columns(content, starts, ends, delimiter, counter) if delimiter else (),
        fields=_fields(raw, counter) if text and raw.lstrip()[:1] in (b"{", b"[") else (),
        bytes=counter.dearest_bytes(),
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
    r"""Return bytes as text for display, shortened; in hexadecimal if they are no text.

    Control characters among text are shown as in a string of Python, such as ``\n`` and ``\x1b``.
    """
    strange = raw.decode("utf-8", "replace").count("\N{REPLACEMENT CHARACTER}")
    strange += sum(byte < 32 and byte not in b"\t\n\r" for byte in raw)
    if strange > len(raw) // 8:
        pairs = raw[: most // 3].hex(" ")
        return pairs if 3 * len(raw) <= most else f"{pairs} \N{HORIZONTAL ELLIPSIS}"
    text = "".join(_printable(c) for c in raw[: 4 * most].decode("utf-8", "replace"))
    return text if len(text) <= most else text[: most - 1] + "\N{HORIZONTAL ELLIPSIS}"


def _printable(character: str) -> str:
    return character if character.isprintable() else repr(character)[1:-1]


class _Counter:
    """Adds up what spans of the content cost."""

    def __init__(
        self, raw: bytes, bits: npt.NDArray[np.float64], positions: npt.NDArray[np.int64]
    ) -> None:
        self._raw = raw
        self._bits = bits
        self._total = np.concatenate([[0.0], np.cumsum(bits)])
        self._positions = positions

    def costs(self, starts: _Places, ends: _Places) -> npt.NDArray[np.float64]:
        costs: npt.NDArray[np.float64] = self._total[ends] - self._total[starts]
        return costs

    def single(self, starts: _Places, ends: _Places) -> tuple[Part, ...]:
        """Return the dearest spans, each by itself."""
        costs = self.costs(starts, ends)
        return tuple(
            Part(
                shown(self._raw[starts[i] : ends[i]]),
                int(self._positions[starts[i]]),
                1,
                int(ends[i] - starts[i]),
                float(costs[i]),
            )
            for i in _largest(costs)
        )

    def by_name(self, names: list[bytes], starts: _Places, ends: _Places) -> tuple[Part, ...]:
        """Return what the spans of each name cost together, the dearest first."""
        numbers: dict[bytes, int] = {}
        groups = np.array([numbers.setdefault(name, len(numbers)) for name in names], np.int64)
        found = list(numbers)
        return self.by_group(len(found), lambda i: shown(found[i]), groups, starts, ends)

    def by_group(
        self,
        size: int,
        name_of: Callable[[int], str],
        groups: npt.NDArray[np.int64],
        starts: _Places,
        ends: _Places,
    ) -> tuple[Part, ...]:
        """Return the same for spans whose names are given by number, in the order of first use."""
        costs = np.bincount(groups, self.costs(starts, ends), size).astype(float)
        counts = np.bincount(groups, minlength=size)
        sizes = np.bincount(groups, ends - starts, size)
        _, firsts = np.unique(groups, return_index=True)
        return tuple(
            Part(
                name_of(i),
                int(self._positions[starts[firsts[i]]]),
                int(counts[i]),
                int(sizes[i]),
                float(costs[i]),
            )
            for i in _largest(costs)
        )

    def dearest_bytes(self) -> tuple[Part, ...]:
        return tuple(
            Part(shown(self._raw[i : i + 1]), int(self._positions[i]), 1, 1, float(self._bits[i]))
            for i in _largest(self._bits)
        )


def _largest(values: npt.NDArray[np.float64]) -> list[int]:
    """Return the indices of the largest values, in falling order; of equals the first ones."""
    if len(values) > _MOST:
        least = np.partition(values, len(values) - _MOST)[len(values) - _MOST]
        candidates = np.flatnonzero(values >= least)
    else:
        candidates = np.arange(len(values))
    order = np.argsort(-values[candidates], kind="stable")[:_MOST]
    return [int(i) for i in candidates[order]]


def _line_ends(content: npt.NDArray[np.uint8]) -> tuple[_Places, _Places]:
    """Return where lines start, and where they end, with the line feed."""
    ends = np.flatnonzero(content == 10) + 1
    if not len(ends) or ends[-1] < len(content):
        ends = np.append(ends, len(content))
    return np.concatenate([[0], ends[:-1]]), ends


def _words(raw: bytes, content: npt.NDArray[np.uint8]) -> tuple[list[bytes], _Places, _Places]:
    """Return runs of letters and of bytes from 128 on, and where they start and end."""
    edges = np.flatnonzero(np.diff(_IN_WORD[content], prepend=0, append=0))
    starts, ends = edges[::2], edges[1::2]
    return _WORD.findall(raw), starts, ends


def _delimiter(raw: bytes, starts: _Places, ends: _Places) -> bytes:
    """Return the delimiter that occurs equally often in nearly all lines; b"" if none does."""
    lines = zip(starts[:200], ends[:200], strict=True)
    some = [raw[start:end] for start, end in lines if end - start > 1]
    if len(some) < 4:
        return b""
    for delimiter in _DELIMITERS:
        counts = collections.Counter(line.count(delimiter) for line in some)
        count, times = counts.most_common(1)[0]
        if count > 0 and times >= 0.9 * len(some):
            return delimiter
    return b""


def _columns(
    content: npt.NDArray[np.uint8],
    starts: _Places,
    ends: _Places,
    delimiter: bytes,
    counter: _Counter,
) -> tuple[Part, ...]:
    """Add up cells by their number in the line; what ends a cell belongs to it."""
    headings = content[starts[0] : ends[0]].tobytes().strip().split(delimiter)
    # A delimiter, or the end of a line, ends a cell; one may also end in nothing.
    at_delimiter = np.flatnonzero(content == delimiter[0]) + 1
    cell_ends = np.sort(np.concatenate([at_delimiter, ends]))
    cell_starts = np.concatenate([[0], cell_ends[:-1]])
    line = np.searchsorted(ends, cell_starts, "right")
    line[cell_starts == len(content)] = len(ends) - 1
    firsts = np.searchsorted(line, np.arange(len(ends)))
    columns = np.arange(len(line)) - firsts[line]

    def name_of(n: int) -> str:
        return f"{n + 1}: {shown(headings[n])}" if n < len(headings) else f"{n + 1}"

    return counter.by_group(int(columns.max()) + 1, name_of, columns, cell_starts, cell_ends)


def _fields(raw: bytes, counter: _Counter) -> tuple[Part, ...]:
    """Add up the values of fields: from the end of the name to the start of the next one."""
    found = [(match.start(), match.end(), match[1]) for match in _FIELD.finditer(raw)]
    starts = np.array([end for _, end, _ in found], np.int64)
    ends = np.array([*(start for start, _, _ in found[1:]), len(raw)], np.int64)
    return counter.by_name([name for _, _, name in found], starts, ends[: len(starts)])
