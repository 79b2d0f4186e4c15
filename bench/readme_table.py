"""Rewrite the README's table of levels from the results of `compare.py`.

    python bench/readme_table.py results/comparison.json [README.md]

It replaces what is between the lines `<!-- levels:begin -->` and `<!-- levels:end -->`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from comparison.programs import WEIGHTLESS
from comparison.results import Comparison, Summary, load
from comparison.tables import markdown_table, memory_text

from weightless import Parameters, level_parameters

BEGIN = "<!-- levels:begin -->"
END = "<!-- levels:end -->"

_EXPERTS = {1: "few experts", 2: "more experts", 3: "many experts"}


def predictor(parameters: Parameters) -> str:
    """Describe a parameter set in a few words."""
    parts = [_EXPERTS.get(parameters.experts, "all experts")] if parameters.experts else []
    if parameters.width:
        layers = f"{parameters.layers} layers of " if parameters.layers > 1 else ""
        parts.append(f"a network of {layers}width {parameters.width}")
    return " and ".join(parts)


def levels_table(comparison: Comparison) -> str:
    """Return the table: the levels, in bold, and the peers, largest total size first."""
    files = len(comparison.files)
    summaries = sorted(comparison.summaries(), key=lambda summary: -summary.compressed)
    head = [
        f"{files} file{'s' if files != 1 else ''}, {summaries[0].raw:,} bytes",
        "bytes",
        "bits per byte",
        "KB/s compress",
        "KB/s decompress",
        "peak MiB",
    ]
    return markdown_table(head, [_row(summary) for summary in summaries])


def _row(summary: Summary) -> list[str]:
    name = summary.program
    if summary.family == WEIGHTLESS:
        level = name.removeprefix(WEIGHTLESS).strip()
        name = f"**weightless {level}**: {predictor(level_parameters(int(level.lstrip('-'))))}"
    return [
        name,
        f"{summary.compressed:,}",
        f"{summary.bits_per_byte:.3f}",
        f"{summary.compress_speed:,.0f}",
        f"{summary.decompress_speed:,.0f}",
        memory_text(summary),
    ]


def replaced(document: str, table: str) -> str:
    """Return the document with `table` between its markers.

    Raises
    ------
    ValueError
        If the document does not have exactly one pair of markers, in order.
    """
    before, begin, rest = document.partition(f"{BEGIN}\n")
    _, end, after = rest.partition(f"{END}\n")
    if not (begin and end) or BEGIN in after or END in before + after:
        raise ValueError(f"expected one line {BEGIN} and after it one line {END}")
    return f"{before}{BEGIN}\n{table}{END}\n{after}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Rewrite the README; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("results", type=Path, help="comparison.json")
    readme = Path(__file__).resolve().parents[1] / "README.md"
    parser.add_argument("document", type=Path, nargs="?", default=readme)
    options = parser.parse_args(arguments)
    document = options.document.read_text(encoding="utf-8")
    try:
        document = replaced(document, levels_table(load(options.results)))
    except ValueError as error:
        parser.error(f"{options.document}: {error}")
    options.document.write_text(document, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
