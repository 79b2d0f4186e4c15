"""The cost of compression on a cluster: measured on one and two workers, simulated on many.

    python bench/cluster_cost.py [FILE] [--level 1] [--sizes 64K,256K,1M]

Without a file, lines are generated. It prints three tables: what frames of each size lose, plain
and primed; the model of cost against measured runs (CPU time, and wall time as far as the machine
is idle); and the simulation of a terabyte. docs/cluster.md explains them.
"""

from __future__ import annotations

import argparse
import heapq
import random
import sys
import tempfile
import time
from pathlib import Path

import weightless

MEGA = 1_000_000
TERA = 1_000_000 * MEGA


def generated(size: int) -> bytes:
    """Return lines like those of a log."""
    rng = random.Random(1)
    paths = [
        f"/api/v{rng.randrange(3)}/{rng.choice('abcdefgh')}{rng.randrange(99)}" for _ in range(60)
    ]
    lines: list[str] = []
    total = moment = 0
    while total < size:
        moment += rng.randrange(40)
        user, path, status = rng.randrange(500), rng.choice(paths), rng.choice((200, 200, 404))
        line = f"{moment} user{user} GET {path} {status}\n"
        lines.append(line)
        total += len(line)
    return "".join(lines).encode()[:size]


def parse_size(text: str) -> int:
    units = {"K": 1 << 10, "M": 1 << 20}
    return int(text[:-1]) * units[text[-1]] if text[-1] in units else int(text)


def coded(content: bytes, level: int, frame_size: int | None, *, primed: bool) -> tuple[int, float]:
    """Return the size of the archive and the seconds of CPU time."""
    start = time.process_time()
    size = len(weightless.compress(content, level, frame_size=frame_size, primed=primed))
    return size, time.process_time() - start


def simulate(
    frames: int, workers: int, seconds: float, first: float, startup: float, join: float
) -> float:
    """Return the seconds until the output is whole: a queue of frames, and then the joining."""
    free = [startup] * min(workers, frames)
    heapq.heapify(free)
    start = first
    end = startup + first
    for _ in range(frames - (first > 0)):
        begin = max(heapq.heappop(free), start)
        heapq.heappush(free, begin + seconds)
        end = max(end, begin + seconds)
    return end + join


def table_of_loss(content: bytes, level: int, sizes: list[int]) -> float:
    whole, seconds = coded(content, level, None, primed=False)
    print(f"\n{len(content):,} bytes at level {level}: {whole:,} bytes in one frame\n")
    print("| frame size | plain | primed |\n| --- | --: | --: |")
    for size in sizes:
        if size >= len(content):
            print(f"| {size >> 10} KiB | one frame | one frame |")
            continue
        plain, _ = coded(content, level, size, primed=False)
        primed, _ = coded(content, level, size, primed=True)
        print(
            f"| {size >> 10} KiB | +{plain / whole - 1:.2%} | +{primed / whole - 1:.2%} |",
            flush=True,
        )
    return seconds / len(content)


def measured_runs(content: bytes, level: int, per_byte: float) -> None:
    import dask
    import distributed

    from weightless.integrations.dask import compress

    frames = 8
    size = -(-len(content) // frames)
    print("\n| workers | model, CPU s per worker | measured, CPU s of the busiest | wall s |")
    print("| --: | --: | --: | --: |")
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "x")
        source.write_bytes(content)
        for workers in (1, 2):
            with (
                dask.config.set({"distributed.worker.profile.enabled": False}),
                distributed.LocalCluster(
                    n_workers=workers, threads_per_worker=1, dashboard_address=None
                ) as cluster,
                distributed.Client(cluster, set_as_default=False) as client,
            ):
                before = client.run(time.process_time)
                start = time.perf_counter()
                compress(str(source), f"{source}.wl", client=client, level=level, frame_size=size)
                wall = time.perf_counter() - start
                after = client.run(time.process_time)
            busiest = max(after[name] - before[name] for name in after)
            model = simulate(frames, workers, per_byte * size, 0, 0, 0)
            print(f"| {workers} | {model:.2f} | {busiest:.2f} | {wall:.2f} |", flush=True)


def table_of_growth(
    per_byte: float, frame: int, price: float, ratio: float, network: float
) -> None:
    """Print hours and money for a terabyte, per_byte seconds of coding a byte."""
    frames = TERA // frame
    speed = 1 / per_byte / 1000
    print(f"\n1 TB in frames of {frame / MEGA:.0f} MB, {speed:.0f} KB/s for each worker\n")
    print("| workers | plain, hours | primed, hours | core-hours paid | money | efficiency |")
    print("| --: | --: | --: | --: | --: | --: |")
    transfer = frame * (1 + 1 / ratio) / network
    # The join reads the parts and writes the archive, on one machine.
    join = 2 * TERA / ratio / network
    one = frames * (per_byte * frame + transfer)
    for workers in (1, 10, 100, 1000, 10_000):
        seconds = per_byte * frame + transfer
        plain = simulate(frames, workers, seconds, 0, 60, join)
        first = seconds
        primed = simulate(frames, workers, seconds, first, 60, join) + first  # each reads it once
        paid = workers * plain / 3600
        print(
            f"| {workers:,} | {plain / 3600:,.1f} | {primed / 3600:,.1f} | {paid:,.0f} | "
            f"{paid * price:,.0f} | {one / workers / plain:.0%} |"
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", nargs="?", type=Path)
    parser.add_argument("--level", type=int, default=1)
    parser.add_argument("--limit", type=parse_size, default=parse_size("4M"))
    parser.add_argument("--sizes", default="64K,256K,1M,4M,16M,64M")
    parser.add_argument("--frame", type=parse_size, default=parse_size("64M"))
    parser.add_argument("--price", type=float, default=0.04, help="of a core-hour")
    parser.add_argument("--network", type=float, default=50e6, help="bytes a second, each worker")
    parser.add_argument("--skip-cluster", action="store_true")
    options = parser.parse_args()
    if options.file is None:
        content = generated(options.limit)
    else:
        with options.file.open("rb") as file:
            content = file.read(options.limit)
    sizes = [parse_size(size) for size in options.sizes.split(",")]
    per_byte = table_of_loss(content, options.level, sizes)
    if not options.skip_cluster:
        measured_runs(content[: 1 << 20], options.level, per_byte)
    table_of_growth(per_byte, options.frame, options.price, 5.0, options.network)
    return 0


if __name__ == "__main__":
    sys.exit(main())
