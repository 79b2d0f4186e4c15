"""Reads with their qualities, in FASTQ and SAM: each part of a record is modelled by its expert."""

from __future__ import annotations

import pytest
from data import text
from formats import fastq, sam
from payloads import coded


@pytest.mark.parametrize(
    ("data", "most"),
    [
        # Without the expert 7,100, 6,498 and 6,167 bytes,
        pytest.param(fastq(30_000, genome=4000), (6_000, 5_800, 5_700), id="fastq"),
        # 5,954, 5,749 and 5,579,
        pytest.param(sam(30_000, genome=4000), (5_900, 5_660, 5_500), id="sam"),
        # and 7,373, 6,807 and 6,487.
        pytest.param(fastq(30_000, length=60), (6_800, 6_600, 6_450), id="short-reads"),
    ],
)
def test_reads_are_predicted(data: bytes, most: tuple[int, int, int]) -> None:
    for experts, limit in zip((1, 2, 4), most, strict=True):
        assert coded(data, experts) < limit


def without_line(data: bytes, line: int) -> bytes:
    """Return the data without one of their lines."""
    lines = data.splitlines(keepends=True)
    return b"".join(lines[:line] + lines[line + 1 :])


@pytest.mark.parametrize("line", [40, 41, 42, 43])
def test_damaged_records_cost_little(line: int) -> None:
    data = fastq(20_000)
    assert coded(without_line(data, line)) < coded(data) + 120


@pytest.mark.parametrize(
    "records",
    [
        b"@\n" + b"ACGT" * 10 + b"\n+\n" + b"I" * 40 + b"\n",
        b"@name\n" + b"ACGT" * 10 + b"\n+\n" + b"I" * 39 + b"\n",
        b"@name\n\n+\n\n",
        b"@name\r\n" + b"ACGT" * 10 + b"\r\n+\r\n" + b"I" * 40 + b"\r\n",
        b"@a\tb\n" + b"ACGT" * 10 + b"\n+a\tb\n" + b"\t" * 40 + b"\n",
        b"r\t0\t" + b"ACGT" * 10 + b"\t" + b"I" * 40 + b"\n",
        b"r\t0\t" + b"ACGT" * 10 + b"\t" + b"I" * 40 + b"\t",
        b"ACGT" * 10 + b"\t" + b"I" * 40 + b"\n",
        b"r\t" + b"N" * 400 + b"\t" + b'{["' * 133 + b"!\n",
    ],
)
@pytest.mark.parametrize("end", [b"", bytes(range(256)), b"@name\n" + b"A" * 3000, b"\n" * 50])
def test_odd_records_come_back(records: bytes, end: bytes) -> None:
    coded(records * 12 + end + records * 3 + end, 1)


def test_reads_begin_and_end_anywhere() -> None:
    prose = text(6000)
    reads = fastq(12_000)
    alone = coded(prose) + coded(reads)
    assert coded(prose + reads + prose) < 1.02 * alone + coded(prose)
