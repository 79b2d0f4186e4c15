"""Tables in binary files: SQLite, Parquet and the records of a spreadsheet."""

from __future__ import annotations

import struct

from golden_kinds.numbers import Numbers

__all__ = ["parquet", "sheet", "sqlite"]

_PAGE = 1024


def _varint(value: int) -> bytes:
    """Return 7 bits in each byte, the highest first."""
    out = [value & 127]
    while value := value >> 7:
        out.append(value & 127 | 128)
    return bytes(reversed(out))


def _record(number: int, values: list[int | bytes | None]) -> bytes:
    """Return a row as a cell of a table's leaf: integers of 1 to 4 bytes, and texts.

    None stands for the row's number, which is not repeated among the values.
    """
    kinds, body = b"", b""
    for value in values:
        if value is None:
            kinds += b"\0"
        elif isinstance(value, bytes):
            kinds += _varint(13 + 2 * len(value))
            body += value
        else:
            size = 1 if value < 128 else 2 if value < 1 << 15 else 4
            kinds += bytes([size])
            body += value.to_bytes(size, "big")
    payload = _varint(len(kinds) + 1) + kinds + body
    return _varint(len(payload)) + _varint(number) + payload


def _leaf(cells: list[bytes], before: bytes = b"") -> bytes:
    """Return the page of a table's leaf, whose cells begin at its end."""
    content = b""
    pointers = []
    for cell in cells:
        content = cell + content
        pointers.append(_PAGE - len(content))
    head = b"\x0d" + struct.pack(">HHHB", 0, len(cells), pointers[-1], 0)
    head += b"".join(pointer.to_bytes(2, "big") for pointer in pointers)
    return (before + head).ljust(_PAGE - len(content), b"\0") + content


def sqlite(pages: int, seed: int = 71) -> bytes:
    """Return a database: its schema, an inner page, and leaves with rows of readings."""
    numbers = Numbers(seed)
    schema = b"CREATE TABLE readings (id INTEGER PRIMARY KEY, at TEXT, level INTEGER, site INTEGER)"
    leaves, last = [], []
    number, level = 0, 5000
    for _ in range(pages):
        cells: list[bytes] = []
        while sum(map(len, cells)) + 2 * len(cells) < _PAGE - 60:
            number += 1
            level += numbers.bell(9)
            at = f"2021-01-{1 + number // 96:02} {number // 4 % 24:02}:{number % 4 * 15:02}"
            cells.append(_record(number, [None, at.encode(), level, numbers.below(300)]))
        leaves.append(_leaf(cells))
        last.append(number)
    inner = b"".join((3 + i).to_bytes(4, "big") + _varint(n) for i, n in enumerate(last[:-1]))
    places = []
    start = _PAGE - len(inner)
    for n in last[:-1]:
        places.append(start)
        start += 4 + len(_varint(n))
    root = b"\x05" + struct.pack(">HHHBI", 0, len(places), places[0], 0, 2 + pages)
    root += b"".join(place.to_bytes(2, "big") for place in places)
    root = root.ljust(_PAGE - len(inner), b"\0") + inner
    head = b"SQLite format 3\0" + struct.pack(">HBBBBBB", _PAGE, 1, 1, 0, 64, 32, 32)
    head += struct.pack(">IIIIIIIIIIII", 1, 2 + pages, 0, 0, 1, 4, 0, 0, 1, 0, 0, 0)
    head += bytes(20) + struct.pack(">II", 1, 3_040_001)
    table = _record(1, [b"table", b"readings", b"readings", 2, schema])
    return _leaf([table], head) + root + b"".join(leaves)


def _thrift(value: int) -> bytes:
    """Return an integer of a page's header: the low 7 bits first, of twice the number."""
    out = bytearray(b"\x15")
    value *= 2
    while value >= 128:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def _page_header(kind: int, size: int, count: int, encoding: int) -> bytes:
    fields = _thrift(count) + _thrift(encoding) + (b"" if kind == 2 else 2 * _thrift(3))
    start = _thrift(kind) + 2 * _thrift(size)
    return start + (b"\x4c" if kind == 2 else b"\x2c") + fields + b"\0\0"


def _column(values: list[int]) -> bytes:
    """Return a dictionary's page, and one of indices in few bits."""
    index: dict[int, int] = {}
    indices = [index.setdefault(value, len(index)) for value in values]
    width = max(1, (len(index) - 1).bit_length())
    groups = (len(indices) + 7) // 8
    bits = sum(number << i * width for i, number in enumerate(indices))
    packed = _thrift(groups)[1:-1] + bytes([_thrift(groups)[-1]])
    body = bytes([width, packed[0] | 1]) + packed[1:] + bits.to_bytes(groups * width, "little")
    entries = b"".join(struct.pack("<d", value / 4) for value in index)
    pages = _page_header(2, len(entries), len(index), 0) + entries
    return pages + _page_header(0, len(body), len(indices), 8) + body


def parquet(rows: int, seed: int = 72) -> bytes:
    """Return a file of Parquet with two columns; its footer is shortened."""
    numbers = Numbers(seed)
    levels, sites = [], []
    level = 800
    for _ in range(rows):
        level += numbers.bell(2)
        levels.append(level)
        sites.append(numbers.early(range(40)))
    footer = b"\x15\x04\x19\x2c\x48\x06schema\x15\x04\x00" + bytes(30)
    body = _column(levels) + _column(sites)
    return b"PAR1" + body + footer + len(footer).to_bytes(4, "little") + b"PAR1"


def sheet(size: int, seed: int = 73) -> bytes:
    """Return the cells of a spreadsheet (BIFF), whose types depend on the column."""
    numbers = Numbers(seed)
    out = bytearray(b"\x09\0\x04\0\x02\0\x10\0")
    kinds = [numbers.choice((2, 3, 5)) for _ in range(20)]
    row = 0
    while len(out) < size:
        for column, kind in enumerate(kinds):
            if numbers.below(10) == 0:
                continue
            if kind == 2:
                value = numbers.below(500).to_bytes(2, "little")
            elif kind == 3:
                value = struct.pack("<d", numbers.below(2000) / 4)
            else:
                value = bytes([numbers.below(2), 0, 1])
            body = row.to_bytes(2, "little") + bytes([column, 0, 15, 0, 0]) + value
            out += bytes([kind, 0, len(body), 0]) + body
        row += 1
    return bytes(out[:size])
