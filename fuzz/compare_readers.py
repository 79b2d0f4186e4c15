"""Compares readers: the package, the container in C++, and the second reader of the tests.

    python fuzz/compare_readers.py MUTANTS SECONDS ARCHIVE...

MUTANTS is the program fuzz_mutants. It changes the archives, and says what the C++ decoder makes of
each. The package must accept and refuse the same, with the same message and the same content before
it; and whatever it reads in another way, such as by seeking or from a seek table, must be that
content or a typed error.
"""

from __future__ import annotations

import io
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

import plain_reader

import weightless
from weightless.container.seek_table import read_seek_table
from weightless.container.source import Source
from weightless.errors import WeightlessError

# Those of fuzz/support/outcome.hpp.
MEMORY_LIMIT = 256 << 20
COST_LIMIT = 600_000
BATCH = 2000
KEPT = Path("compare-failure.wl")


class Verdict(NamedTuple):
    archive: bytes
    stopped: bool
    kind: str
    message: str
    content: bytes


def verdicts(program: str, seed: int, archives: list[str]) -> Iterator[Verdict]:
    """Run `fuzz_mutants`, and yield what it says about each archive."""
    command = [program, str(seed), str(BATCH), *archives]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        while head := process.stdout.read(4):
            archive = process.stdout.read(int.from_bytes(head, "little"))
            stopped = process.stdout.read(1) == b"\x01"
            kind, message, content = (field(process.stdout) for _ in range(3))
            yield Verdict(archive, stopped, kind.decode(), message.decode(), content)
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(command[:3])} failed: {process.returncode}")


def field(stream: IO[bytes]) -> bytes:
    return stream.read(int.from_bytes(stream.read(4), "little"))


def opened(archive: bytes) -> weightless.WeightlessFile:
    file = io.BytesIO(archive)
    return weightless.WeightlessFile(file, memory_limit=MEMORY_LIMIT, cost_limit=COST_LIMIT)


def second_table(archive: bytes) -> list[tuple[int, int]] | None:
    try:
        return plain_reader.seek_table(archive)
    except plain_reader.BadArchiveError:
        return None


def read(archive: bytes) -> tuple[bytes, WeightlessError | None]:
    """The content before the first error, and the error."""
    pieces = []
    try:
        with opened(archive) as file:
            while piece := file.read1(1 << 20):
                pieces.append(piece)
    except WeightlessError as error:
        return b"".join(pieces), error
    return b"".join(pieces), None


def check(verdict: Verdict) -> None:
    """Fail unless all readers agree."""
    archive = verdict.archive
    content, error = read(archive)
    assert content == verdict.content
    assert type(error).__name__ == (verdict.kind or "NoneType"), error
    # How a limit is raised, and a prior given, depends on the reader.
    assert re.split("; (?:raise|give) it", str(error or ""))[0] == verdict.message
    check_second_reader(archive, content, error)
    check_headers(archive, content, error)
    if error is None:
        check_seeking(archive, content)


def check_second_reader(archive: bytes, content: bytes, error: Exception | None) -> None:
    if isinstance(error, weightless.LimitError):
        return
    try:
        plain = plain_reader.read(archive)
    except plain_reader.BadArchiveError:
        assert error is not None
    else:
        assert error is None
        assert plain == content


def check_headers(archive: bytes, content: bytes, error: Exception | None) -> None:
    assert read_seek_table(Source(io.BytesIO(archive))) == second_table(archive)
    try:
        info = weightless.info(archive)
    except WeightlessError:
        assert error is not None
        return
    if error is None:
        assert info.raw_size == len(content)
        assert info.compressed_size == len(archive)


def check_seeking(archive: bytes, content: bytes) -> None:
    """Read from positions that depend on the archive, by way of its headers and its table."""
    with opened(archive) as file:
        for i in range(4):
            position = sum(archive[i::4]) * 7 % (len(content) + 2)
            size = 1 + archive[-1] % 50
            try:
                file.seek(position)
                piece = file.read(size)
            except weightless.DataError:
                # A table that says something else than the headers.
                assert read_seek_table(Source(io.BytesIO(archive))) is not None
            else:
                assert piece == content[position : position + size]


def main() -> None:
    """Compare until the time is over, or something differs."""
    program, seconds, *archives = sys.argv[1:]
    end = time.monotonic() + float(seconds)
    counts: Counter[str] = Counter()
    seed = time.time_ns() % (1 << 32)
    while time.monotonic() < end:
        for verdict in verdicts(program, seed, archives):
            if verdict.stopped:
                counts["stopped"] += 1
                continue
            try:
                check(verdict)
            except Exception:
                KEPT.write_bytes(verdict.archive)
                print(
                    f"compare: {verdict.archive.hex()}\ncompare: kept as {KEPT}; in C++: {verdict}"
                )
                raise
            counts[verdict.kind or "sound"] += 1
            if time.monotonic() > end:
                break
        seed += 1
    print(f"compare: {counts.total()} archives: {dict(counts)}")


if __name__ == "__main__":
    main()
