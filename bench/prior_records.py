"""Measure small records, each an archive of its own, after a prior of typical ones.

    python bench/prior_records.py [FILE] [--levels 1,3,6] [--records N] [--prior BYTES]

FILE has records as lines; short lines are joined and long ones cut, so that records have 100 to
2,000 bytes. Without FILE, JSON is generated. The first part is the prior and the training set of
zstd's dictionary, what follows are the records. zstd and brotli are left out if the modules
zstandard and brotli are not installed. Every record is restored and compared. The speeds are
records per second of processor time, without the reading of the prior; the memory is the largest
resident set of a process that does nothing else.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import pathlib
import random
import sys
import time
from collections.abc import Callable
from typing import NamedTuple

import weightless

SHORTEST, LONGEST = 100, 2_000


class LeftOutError(Exception):
    """A program cannot be measured here."""


class Row(NamedTuple):
    """What one program made of all records; None where it is not measured."""

    program: str
    size: int
    compressed_per_second: float
    decompressed_per_second: float
    memory: int
    seconds_before: float


def generated(count: int, seed: int = 1) -> list[bytes]:
    """Return JSON records of orders, of 100 to 2,000 bytes."""
    rng = random.Random(seed)
    words = ["".join(rng.choices("etaoinshrdlucm", k=rng.randint(2, 9))) for _ in range(3_000)]
    articles = [
        {
            "sku": f"{rng.choice('ABCDE')}-{rng.randrange(10_000):05}",
            "name": " ".join(rng.choices(words, k=rng.randint(2, 5))),
            "price": rng.randrange(99, 99_999) / 100,
        }
        for _ in range(400)
    ]
    streets = [rng.choice(words).capitalize() + " Street" for _ in range(200)]
    records: list[bytes] = []
    now = 1_700_000_000_000
    while len(records) < count:
        now += rng.randrange(50_000)
        order = {
            "id": f"{rng.getrandbits(48):012x}",
            "time": now,
            "customer": rng.randrange(20_000),
            "state": rng.choices(("new", "paid", "sent", "returned"), (5, 3, 9, 1))[0],
            "address": f"{rng.choice(streets)} {rng.randrange(1, 200)}",
            "items": [
                {**rng.choice(articles), "count": rng.choice((1, 1, 1, 2, 3))}
                for _ in range(rng.randint(0, 20))
            ],
        }
        if rng.random() < 0.3:
            order["note"] = " ".join(rng.choices(words, k=rng.randint(3, 30)))
        record = json.dumps(order).encode()
        if SHORTEST <= len(record) <= LONGEST:
            records.append(record)
    return records


def from_lines(data: bytes, seed: int = 1) -> list[bytes]:
    """Cut data at the ends of lines, where there are any, to records of 100 to 2,000 bytes."""
    rng = random.Random(seed)
    records: list[bytes] = []
    record = b""
    least = rng.randint(SHORTEST, LONGEST)
    for line in data.splitlines(keepends=True):
        record += line
        if len(record) >= least or len(record) >= LONGEST:
            records.append(record[:LONGEST])
            record = b""
            least = rng.randint(SHORTEST, LONGEST)
    return [record for record in records if len(record) >= SHORTEST]


def memory() -> int:
    """Return the largest resident set of this process in bytes."""
    import resource

    largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return largest * (1 if sys.platform == "darwin" else 1024)


def measured(
    program: str,
    records: list[bytes],
    compress: Callable[[bytes], bytes],
    decompress: Callable[[bytes], bytes],
    seconds_before: float,
) -> Row:
    """Compress and restore all records."""
    start = time.process_time()
    archives = [compress(record) for record in records]
    middle = time.process_time()
    restored = [decompress(archive) for archive in archives]
    end = time.process_time()
    if restored != records:
        raise RuntimeError(f"{program} does not restore the records")
    return Row(
        program,
        sum(map(len, archives)),
        len(records) / max(middle - start, 1e-9),
        len(records) / max(end - middle, 1e-9),
        memory(),
        seconds_before,
    )


def weightless_row(level: int, prior: list[bytes], records: list[bytes]) -> Row:
    """Measure one level; the prior is read before."""
    start = time.process_time()
    models = weightless.Prior(b"".join(prior), level)
    models.compress(records[0])
    before = time.process_time() - start
    return measured(f"weightless -{level}", records, models.compress, models.decompress, before)


def zstd_row(prior: list[bytes], records: list[bytes], trained: bool) -> Row:
    """Measure zstd -19 with a trained dictionary, or with the whole prior as its dictionary."""
    import zstandard

    start = time.process_time()
    if trained:
        try:
            dictionary = zstandard.train_dictionary(112_640, prior)
        except zstandard.ZstdError as error:  # too little to train on
            raise LeftOutError(str(error)) from None
    else:
        dictionary = zstandard.ZstdCompressionDict(b"".join(prior))
    dictionary.precompute_compress(level=19)
    before = time.process_time() - start
    return measured(
        "zstd -19, dictionary of 110 KiB" if trained else "zstd -19, the prior as dictionary",
        records,
        zstandard.ZstdCompressor(level=19, dict_data=dictionary).compress,
        zstandard.ZstdDecompressor(dict_data=dictionary).decompress,
        before,
    )


def brotli_row(prior: list[bytes], records: list[bytes]) -> Row:
    """Measure brotli at its best quality, without a prior."""
    import brotli

    return measured(
        "brotli -q 11",
        records,
        lambda record: bytes(brotli.compress(record, quality=11)),
        brotli.decompress,
        0.0,
    )


def in_a_process(function: Callable[..., Row], *arguments: object) -> Row | None:
    """Call a function in a new process; None if it cannot be measured here."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        try:
            return pool.apply(function, arguments)
        except (ImportError, LeftOutError) as error:
            print(f"left out: {error}", file=sys.stderr)
            return None


def table(rows: list[Row], raw: int) -> str:
    """Return a Markdown table."""
    lines = [
        "| | bytes | of the content | records/s, compression | decompression | memory, MB "
        "| before, s |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row.program} | {row.size:,} | {100 * row.size / raw:.1f} % "
        f"| {row.compressed_per_second:,.0f} | {row.decompressed_per_second:,.0f} "
        f"| {row.memory / 1e6:,.0f} | {row.seconds_before:.1f} |"
        for row in rows
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure as the arguments say."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("file", nargs="?", type=pathlib.Path)
    parser.add_argument("--levels", default="1,3,6")
    parser.add_argument("--records", type=int, default=1_000)
    parser.add_argument("--prior", type=int, default=1_000_000)
    arguments = parser.parse_args()
    if arguments.file is None:
        found = generated(arguments.records + arguments.prior // SHORTEST)
    else:
        found = from_lines(arguments.file.read_bytes())
    prior: list[bytes] = []
    size = 0
    while size < arguments.prior:
        prior.append(found[len(prior)])
        size += len(prior[-1])
    records = found[len(prior) :][: arguments.records]
    raw = sum(map(len, records))
    print(f"{len(records)} records, {raw:,} bytes; prior of {size:,} bytes\n")
    tried = [
        in_a_process(brotli_row, prior, records),
        in_a_process(zstd_row, prior, records, True),
        in_a_process(zstd_row, prior, records, False),
    ]
    for level in map(int, arguments.levels.split(",")):
        tried.append(in_a_process(weightless_row, level, prior, records))
    print(table([row for row in tried if row is not None], raw))


if __name__ == "__main__":
    main()
