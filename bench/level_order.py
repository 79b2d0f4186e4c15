"""Find data that a level compresses worse than the level below it.

    python bench/level_order.py [--levels 1-9] [--size BYTES] [--margin PERCENT] [FILE ...]

Without files, takes the generated data of tests/support. Prints the archives' sizes and, beside
each that is larger than that of the level below by more than the margin, by how much.
"""

from __future__ import annotations

import argparse
import itertools
import pathlib
import sys
from collections.abc import Iterable, Iterator

import weightless

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "tests" / "support"))

from formats import FORMATS
from kinds import KINDS


def contents(files: Iterable[str], size: int) -> Iterator[tuple[str, bytes]]:
    """Return names and contents, of the generated data if there are no files."""
    names = list(files)
    for name in names:
        yield pathlib.Path(name).name, pathlib.Path(name).read_bytes()[:size]
    if not names:
        for name, make in (FORMATS | KINDS).items():
            yield name, make(size)


def main() -> int:
    """Measure as the arguments say; return how many sizes are out of order."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", metavar="FILE")
    parser.add_argument("--levels", default="1-6", help="the first and the last, or one alone")
    parser.add_argument("--size", type=int, default=50_000, help="bytes of each file at most")
    parser.add_argument("--margin", type=float, default=0.1, help="percent")
    arguments = parser.parse_args()
    first, _, last = arguments.levels.partition("-")
    levels = range(int(first), int(last or first) + 1)
    wrong = 0
    for name, content in contents(arguments.files, arguments.size):
        sizes = [len(weightless.compress(content, level)) for level in levels]
        columns = [f"{sizes[0]:10,}         "]
        for below, size in itertools.pairwise(sizes):
            excess = 100 * (size / below - 1)
            wrong += excess > arguments.margin
            columns.append(
                f"{size:10,}" + (f" +{excess:5.2f} %" if excess > arguments.margin else " " * 9)
            )
        print(f"{name:18}", *columns, flush=True)
    print(f"{wrong} sizes out of order")
    return wrong


if __name__ == "__main__":
    sys.exit(min(main(), 1))
