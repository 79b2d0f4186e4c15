"""Tables, as text and in SQLite's pages: numbers are predicted from those above in their column."""

from __future__ import annotations

import datetime as dt
import math
import random
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from data import text
from test_experts import coded


def hourly(rows: int, delimiter: str, seed: int = 1) -> bytes:
    """A timestamp, and a value with a daily period whose level drifts."""
    rng = random.Random(seed)
    begin = dt.datetime(2020, 3, 1)
    level = 500.0
    lines = [f"time{delimiter}value"]
    for i in range(rows):
        level += rng.gauss(0, 1)
        value = round(level + 80 * math.sin(i % 24 / 24 * 2 * math.pi)) / 10
        lines.append(f"{begin + dt.timedelta(hours=i):%Y-%m-%d %H:%M}{delimiter}{value:.1f}")
    return ("\n".join(lines) + "\n").encode()


def trades(rows: int, delimiter: str, seed: int = 2) -> bytes:
    """A rising timestamp, a price that wanders, a name, and a counter."""
    rng = random.Random(seed)
    time = 1_600_000_000_123
    price = 10_000
    lines = []
    for i in range(rows):
        time += rng.randrange(30)
        price += rng.randrange(-9, 10)
        name = rng.choice(("north", "south", "east"))
        lines.append(delimiter.join((str(time), f"{price / 100:.2f}", name, str(i // 3))))
    return ("\n".join(lines) + "\n").encode()


# Without the expert, recipes 1, 2 and 4 take 758, 533 and 515 bytes for the first, and 1,673, 1,408
# and 1,230 for the second.
@pytest.mark.parametrize("experts", [1, 2, 4])
@pytest.mark.parametrize(("table", "delimiter", "most"), [(hourly, ",", 425), (trades, "\t", 1150)])
def test_columns_are_predicted(
    table: Callable[[int, str], bytes], delimiter: str, most: int, experts: int
) -> None:
    assert coded(table(600, delimiter), experts) < most


def test_any_delimiter_does() -> None:
    sizes = [coded(trades(300, delimiter)) for delimiter in (",", "\t", ";", "|")]
    assert max(sizes) < 1.02 * min(sizes)


def number(rng: random.Random) -> str:
    """A number that some parsers would reject."""
    return rng.choice(
        (
            lambda: str(rng.randrange(-(10**40), 10**40)),
            lambda: "-" * rng.randrange(4) + "9" * rng.randrange(1, 25),
            lambda: f"{rng.randrange(10**9)}.{rng.randrange(10**18)}",
            lambda: "0" * rng.randrange(1, 40) + "." + "0" * rng.randrange(40),
            lambda: f"{rng.random():.{rng.randrange(20)}f}",
            lambda: f"1e{rng.randrange(-400, 400)}",
            lambda: "1.2.3.4",
            lambda: "",
            lambda: '"',
            lambda: f"{rng.randrange(10)}",
        )
    )()


@pytest.mark.parametrize("experts", [1, 4])
def test_hostile_numbers(experts: int) -> None:
    """Numbers of any length and form, columns without end, and lines too long to be rows."""
    rng = random.Random(3)
    rows = [",".join(number(rng) for _ in range(4)) for _ in range(150)]
    wide = [",".join(number(rng) for _ in range(300)) for _ in range(8)]
    long = [",".join(["9" * 3000, "8" * 6000, "7"])] * 8
    table = "\n".join([*rows, *rows[:20], *wide, *long, *rows[:10]])
    assert coded(table.encode(), experts) < len(table)


def test_prose_is_no_table() -> None:
    """Text before a table costs what it costs alone, and so does the table."""
    prose = text(12_000)
    table = trades(300, ",")
    assert coded(prose + table) < 1.02 * (coded(prose) + coded(table))


def database(path: Path, rows: int, page_size: int, seed: int = 4) -> bytes:
    """Readings every quarter of an hour, with an index."""
    rng = random.Random(seed)
    level = 500
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA page_size={page_size}")
        connection.execute(
            "CREATE TABLE readings (id INTEGER PRIMARY KEY, at TEXT, level REAL, site INTEGER)"
        )
        connection.execute("CREATE INDEX by_site ON readings (site)")
        for i in range(rows):
            level += rng.randrange(-9, 10)
            at = f"2021-01-{1 + i // 96 % 28:02} {i // 4 % 24:02}:{i % 4 * 15:02}"
            connection.execute(
                "INSERT INTO readings VALUES (?, ?, ?, ?)",
                (i + 1, at, level / 10, rng.randrange(300)),
            )
    connection.close()
    return path.read_bytes()


# Without the expert, recipes 1, 2 and 4 take 9,316, 7,622 and 6,608 bytes.
@pytest.mark.parametrize("experts", [1, 2, 4])
def test_rows_in_pages_are_predicted(tmp_path: Path, experts: int) -> None:
    assert coded(database(tmp_path / "readings", 800, 1024), experts) < 4_900


@pytest.mark.parametrize("page_size", [512, 4096, 65536])
def test_pages_of_any_size(tmp_path: Path, page_size: int) -> None:
    data = database(tmp_path / "readings", 600, page_size)
    assert coded(data, 1) < 4_600
    # Within other data, the database ends where its header states.
    around = text(3_000)
    assert coded(around + data + around, 1) < 1.03 * (coded(data, 1) + coded(around, 1))


def test_hostile_pages(tmp_path: Path) -> None:
    """Databases with any byte changed, any part missing, and headers that are wrong."""
    data = database(tmp_path / "readings", 200, 512)
    rng = random.Random(5)
    for changes in (1, 8, 64, 512):
        changed = bytearray(data)
        for _ in range(changes):
            changed[rng.randrange(16, len(changed))] = rng.randrange(256)
        begin = rng.randrange(100, len(changed))
        coded(bytes(changed), 1)
        coded(bytes(changed[:begin] + changed[begin + rng.randrange(9) :]), 1)
