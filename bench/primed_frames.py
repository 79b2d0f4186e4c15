"""Measure what frames cost, and how much of that the content of the first frame makes up for.

    python bench/primed_frames.py FILE... [--levels 1,3] [--frame-size BYTES] [--limit BYTES]

For each file and level: the bytes of an archive with a single frame, with plain frames, and with
primed frames, and the share of what frames lose that primed frames lose, too.
"""

from __future__ import annotations

import argparse
import pathlib
import time

import weightless


def main() -> None:
    """Measure as the arguments say."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("files", nargs="+", type=pathlib.Path)
    parser.add_argument("--levels", default="1,3")
    parser.add_argument("--frame-size", type=int, default=1_000_000)
    parser.add_argument("--limit", type=int, default=10_000_000)
    arguments = parser.parse_args()
    print(
        "| file | level | one frame | frames | primed | primed loses, of what frames lose "
        "| s: one frame | frames | primed |\n|---|---|---|---|---|---|---|---|---|"
    )
    for path in arguments.files:
        with path.open("rb") as file:
            data = file.read(arguments.limit)
        for level in map(int, arguments.levels.split(",")):
            sizes = []
            times = []
            for frame_size, primed in (
                (None, False), (arguments.frame_size, False), (arguments.frame_size, True),
            ):  # fmt: skip
                start = time.process_time()
                archive = weightless.compress(data, level, frame_size=frame_size, primed=primed)
                times.append(time.process_time() - start)
                sizes.append(len(archive))
            one, plain, primed_size = sizes
            share = (primed_size - one) / max(plain - one, 1)
            print(
                f"| {path.name} | {level} | {one:,} | {plain:,} | {primed_size:,} "
                f"| {100 * share:.0f} % | {times[0]:.0f} | {times[1]:.0f} | {times[2]:.0f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
