"""Find data for which levels are out of order, or that other programs compress better.

    python bench/level_order.py [--levels 1-9] [--size BYTES] [--margin PERCENT] [--slack PERCENT]
                                [FILE ...]

Without files, takes the generated data of tests/support. Prints each archive's size and marks

- `+`: it is larger than that of the level below by more than the margin,
- `x`: it is larger than what `xz -9e` makes (from Python's lzma),
- `z`: it is larger than what `zstd -19 --long` makes (left out without the module zstandard),
- `t`: with --slack, its compression took less CPU time than that of the level below by more than
  that. Times are noisy: use a machine that does nothing else, and files of a megabyte.
"""

from __future__ import annotations

import argparse
import itertools
import lzma
import pathlib
import sys
import time
from collections import Counter
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


def peers(content: bytes) -> dict[str, int]:
    """Return what other programs make of the content, by their marks."""
    sizes = {"x": len(lzma.compress(content, preset=9 | lzma.PRESET_EXTREME))}
    try:
        import zstandard
    except ModuleNotFoundError:
        return sizes
    settings = zstandard.ZstdCompressionParameters.from_level(
        19, window_log=27, enable_ldm=True, write_checksum=1
    )
    sizes["z"] = len(zstandard.ZstdCompressor(compression_params=settings).compress(content))
    return sizes


def coded(content: bytes, level: int) -> tuple[int, float]:
    """Return an archive's size and the CPU time in seconds."""
    start = time.process_time()
    return len(weightless.compress(content, level)), time.process_time() - start


def main() -> int:
    """Measure as the arguments say; return how many marks there are."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="*", metavar="FILE")
    parser.add_argument("--levels", default="1-6", help="the first and the last, or one alone")
    parser.add_argument("--size", type=int, default=50_000, help="bytes of each file at most")
    parser.add_argument("--margin", type=float, default=0.1, help="of sizes, in percent")
    parser.add_argument("--slack", type=float, help="of times, in percent")
    arguments = parser.parse_args()
    first, _, last = arguments.levels.partition("-")
    levels = range(int(first), int(last or first) + 1)
    found: Counter[str] = Counter()
    for name, content in contents(arguments.files, arguments.size):
        others = peers(content)
        results = [coded(content, level) for level in levels]
        columns = []
        for below, (size, seconds) in itertools.pairwise([results[0], *results]):
            marks = [mark for mark, other in others.items() if size > other]
            if size > below[0] * (1 + arguments.margin / 100):
                marks.append(f"+{100 * (size / below[0] - 1):.2f}%")
            if arguments.slack is not None and seconds < below[1] * (1 - arguments.slack / 100):
                marks.append(f"t{100 * (1 - seconds / below[1]):.0f}%")
            found.update(mark[0] for mark in marks)
            columns.append(f"{size:10,} {' '.join(marks):11}")
        beside = " ".join(f"{mark} {size:,}" for mark, size in others.items())
        print(f"{name:18}", *columns, beside, flush=True)
    print(", ".join(f"{mark}: {count}" for mark, count in found.items()) or "nothing is marked")
    return found.total()


if __name__ == "__main__":
    sys.exit(min(main(), 1))
