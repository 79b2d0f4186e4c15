"""Compare weightless's levels with every peer on this machine, in one run.

    python bench/compare.py FILE... [--levels 1-9] [--output FOLDER]

Each program compresses and decompresses each file in processes of their own, and the
restored file is compared with the original. Writes `comparison.json`, `.csv` and `.md`, and
a plot, `.png` and `.svg`, if matplotlib is installed (the extra `bench`).
"""

from __future__ import annotations

import argparse
import importlib.util
import platform
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from comparison.measure import ProgramError, Usage, round_trip
from comparison.programs import Program, found_peers, parse_peer, weightless_levels
from comparison.results import Comparison, Run, save
from comparison.tables import to_csv, to_markdown


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the comparison; return the exit code."""
    options = _parse(arguments)
    programs = options.programs
    print("comparing " + ", ".join(program.name for program in programs), file=sys.stderr)
    runs: list[Run] = []
    failed = False
    for path in options.files:
        for program in programs:
            try:
                run = _best(program, path, options.repeat)
            except ProgramError as error:
                failed = True
                print(f"left out: {error}", file=sys.stderr)
                continue
            runs.append(run)
            print(
                f"{path.name:<16} {program.name:<18} {run.compressed:>10,} bytes "
                f"{run.compress_cpu:8.2f} s {run.decompress_cpu:8.2f} s back",
                file=sys.stderr,
            )
    # Totals are over all files, so a program that failed on one is left out of the comparison.
    counts = {name: sum(run.program == name for run in runs) for name in {r.program for r in runs}}
    whole = tuple(run for run in runs if counts[run.program] == len(options.files))
    if not whole:
        print("nothing could be compared", file=sys.stderr)
        return 1
    _write(Comparison(_machine(), whole), options.output, options.plot)
    return 1 if failed else 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=(__doc__ or "").splitlines()[0],
        epilog="In a peer's commands, {in} and {out} stand for file names; a command without them "
        "reads standard input or writes standard output. No shell is involved.",
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument(
        "--levels",
        default="1-9",
        help="levels to run, such as 1-9 or 1,3,6, or none (default: 1-9)",
    )
    parser.add_argument(
        "--peers",
        help="peers to run, separated by commas, or none (default: all that are installed)",
    )
    parser.add_argument(
        "--peer",
        action="append",
        default=[],
        metavar="NAME=COMPRESS|DECOMPRESS",
        help="a further program, given by its two commands (may be repeated)",
    )
    parser.add_argument(
        "--repeat",
        type=int,
        default=1,
        help="runs of each program on each file, of which the best counts (default: 1)",
    )
    parser.add_argument("--output", type=Path, default=Path("."), metavar="FOLDER")
    parser.add_argument("--no-plot", dest="plot", action="store_false")
    options = parser.parse_args(arguments)
    try:
        options.programs = [
            *weightless_levels(_numbers(options.levels)),
            *found_peers(None if options.peers is None else _names(options.peers)),
            *(parse_peer(text) for text in options.peer),
        ]
    except ValueError as error:
        parser.error(str(error))
    names = [program.name for program in options.programs]
    if len(set(names)) < len(names):
        parser.error("two programs have the same name")
    if not names:
        parser.error("no programs to compare")
    if len({path.name for path in options.files}) < len(options.files):
        parser.error("two files have the same name")
    for path in options.files:
        if not path.is_file():
            parser.error(f"{path} is not a file")
    if options.repeat < 1:
        parser.error("--repeat must be at least 1")
    if options.plot and importlib.util.find_spec("matplotlib") is None:
        print("no plot is drawn: matplotlib is not installed (the extra `bench`)", file=sys.stderr)
        options.plot = False
    return options


def _names(text: str) -> list[str]:
    return [] if text == "none" else text.split(",")


def _numbers(text: str) -> list[int]:
    """Parse a list of levels: '1-3,6' is 1, 2, 3, 6."""
    levels: list[int] = []
    for part in _names(text):
        first, _, last = part.partition("-")
        if not (first.isdigit() and (last or first).isdigit()):
            raise ValueError(f"{text!r} is not a list of levels")
        levels += range(int(first), int(last or first) + 1)
    return levels


def _best(program: Program, path: Path, repeat: int) -> Run:
    """Measure a program on a file; return the least time and memory of several runs."""
    sizes: set[int] = set()
    there: list[Usage] = []
    back: list[Usage] = []
    for _ in range(repeat):
        with tempfile.TemporaryDirectory() as folder:
            size, compressing, decompressing = round_trip(program, path, Path(folder))
        sizes.add(size)
        there.append(compressing)
        back.append(decompressing)
    return Run(
        program=program.name,
        family=program.family,
        file=path.name,
        raw=path.stat().st_size,
        compressed=max(sizes),
        compress_cpu=min(usage.cpu for usage in there),
        decompress_cpu=min(usage.cpu for usage in back),
        compress_wall=min(usage.wall for usage in there),
        decompress_wall=min(usage.wall for usage in back),
        compress_memory=min(usage.memory for usage in there),
        decompress_memory=min(usage.memory for usage in back),
        memory_floor=max(usage.floor for usage in there + back),
    )


def _machine() -> str:
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        model = names[0].partition(":")[2].strip() if names else model
    return f"one thread of {model}, {platform.system()}"


def _write(comparison: Comparison, folder: Path, draw: bool) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    save(comparison, folder / "comparison.json")
    report = to_markdown(comparison)
    (folder / "comparison.md").write_text(report, encoding="utf-8")
    (folder / "comparison.csv").write_text(to_csv(comparison), encoding="utf-8")
    if draw:
        from comparison.plot import plot

        plot(comparison, [folder / "comparison.png", folder / "comparison.svg"])
    print(report)


if __name__ == "__main__":
    sys.exit(main())
