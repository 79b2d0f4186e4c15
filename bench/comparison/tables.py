"""Results as Markdown and CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict, fields

from comparison.results import Comparison, Run, Summary

__all__ = ["file_table", "markdown_table", "memory_text", "to_csv", "to_markdown", "total_table"]


def markdown_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table whose first column is text and whose others are numbers."""
    lines = [head, ["---"] + ["--:"] * (len(head) - 1), *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def memory_text(summary: Summary) -> str:
    """Return the peak memory in MiB, as an upper bound if it could not be measured lower."""
    text = f"{summary.memory / (1 << 20):,.0f}"
    return text if summary.memory > 1.02 * summary.memory_floor else f"<= {text}"


def total_table(comparison: Comparison) -> str:
    """Return a table with one row per program: its totals over all files."""
    head = ["program", "bytes", "bits per byte", "KB/s compress", "KB/s decompress", "peak MiB"]
    return markdown_table(
        head,
        [
            [
                summary.program,
                f"{summary.compressed:,}",
                f"{summary.bits_per_byte:.3f}",
                f"{summary.compress_speed:,.0f}",
                f"{summary.decompress_speed:,.0f}",
                memory_text(summary),
            ]
            for summary in comparison.summaries()
        ],
    )


def file_table(comparison: Comparison) -> str:
    """Return a table of the compressed sizes, by program and file."""
    sizes = {(run.program, run.file): run.compressed for run in comparison.runs}
    return markdown_table(
        ["program", *comparison.files],
        [
            [
                summary.program,
                *(f"{sizes[summary.program, file]:,}" for file in comparison.files),
            ]
            for summary in comparison.summaries()
        ],
    )


def to_markdown(comparison: Comparison) -> str:
    """Return the whole report in Markdown."""
    files = comparison.files
    raw = sum({run.file: run.raw for run in comparison.runs}.values())
    return (
        f"{len(files)} file{'s' if len(files) != 1 else ''}, {raw:,} bytes; "
        f"{comparison.machine}.\n"
        "Sizes are those of whole archives; each was decompressed and checked. Speeds are KB "
        "(1000 bytes) of content per second of CPU time, including the program's start.\n\n"
        f"{total_table(comparison)}\nBytes, by file:\n\n{file_table(comparison)}"
    )


def to_csv(comparison: Comparison) -> str:
    """Return one line per program and file."""
    out = io.StringIO()
    writer = csv.DictWriter(out, [field.name for field in fields(Run)], lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(run) for run in comparison.runs)
    return out.getvalue()
