"""Measure the network alone, without experts, against its floating-point reference.

    python bench/network.py FILE... [--widths 32,64,128,256] [--set NAME=VALUE]

For each file and width, it reports the size of the archive, the speeds of compression and
decompression on one thread (KB per second of CPU time), the process's peak memory, the code
length in bytes of `tests/model/reference/float_lstm.cpp` (the same network, initial weights and
schedule in float64), and how much larger the archive is than that, its header not counted.
The table is Markdown, written to standard output row by row.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from comparison.measure import own_peak

import weightless
from weightless.levels import network_parameters

_TREE = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Measured:
    """One file at one width."""

    raw: int
    compressed: int
    compress_cpu: float
    decompress_cpu: float
    memory: int


def measure(path: str, values: tuple[int, ...]) -> Measured:
    """Compress and decompress a file in this process."""
    parameters = weightless.Parameters.from_values(values)
    content = Path(path).read_bytes()
    begin = time.process_time()
    archive = weightless.compress(content, parameters=parameters)
    middle = time.process_time()
    back = weightless.decompress(archive)
    end = time.process_time()
    if back != content:
        raise RuntimeError(f"{path}: decompression did not restore the content")
    return Measured(len(content), len(archive), middle - begin, end - middle, own_peak())


def measure_apart(path: Path, parameters: weightless.Parameters) -> Measured:
    """Do the same in a new process, so that its peak memory is that of one run."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(measure, (str(path), parameters.values))


def build_reference(folder: Path) -> Path:
    """Compile the floating-point network."""
    compiler = os.environ.get("CXX") or shutil.which("c++") or shutil.which("clang++")
    if compiler is None:
        raise RuntimeError("the reference needs a C++ compiler; use --no-float to leave it out")
    program = folder / "float_lstm"
    source = _TREE / "tests" / "model" / "reference" / "float_lstm.cpp"
    options = ["-std=c++20", "-O3", f"-I{_TREE / 'cpp' / 'src'}", "-o", str(program)]
    subprocess.run([*compiler.split(), *options, str(source)], check=True)
    return program


def reference_bytes(program: Path, path: Path, parameters: weightless.Parameters) -> float:
    """Return the floating-point network's code length."""
    fields = zip(parameters.names(), parameters.values, strict=True)
    words = [word for name, value in fields for word in (f"--{name}", str(value))]
    done = subprocess.run(
        [str(program), str(path), *words], check=True, capture_output=True, text=True
    )
    # "N bytes: X coded, ..."
    return float(done.stdout.splitlines()[-1].split()[2])


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print the table; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument(
        "--widths",
        default="32,64,128,256",
        help="widths, separated by commas (default: 32,64,128,256)",
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="set another parameter of the network (may be repeated)",
    )
    parser.add_argument("--no-float", dest="reference", action="store_false")
    options = parser.parse_args(arguments)
    try:
        fields = {name: int(value) for name, _, value in (s.partition("=") for s in options.set)}
        sets = [network_parameters(int(width), **fields) for width in options.widths.split(",")]
    except ValueError as error:
        parser.error(str(error))
    head = ["file", "width", "bytes", "KB/s compress", "KB/s decompress", "peak MiB"]
    head += ["float64", "difference"] if options.reference else []
    print(_line(head), _line(["---"] + ["--:"] * (len(head) - 1)), sep="\n", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        program = build_reference(Path(folder)) if options.reference else None
        for path in options.files:
            for parameters in sets:
                print(_line(_row(path, parameters, program)), flush=True)
    return 0


def _row(path: Path, parameters: weightless.Parameters, program: Path | None) -> list[str]:
    found = measure_apart(path, parameters)
    row = [
        path.name,
        str(parameters.width) + (f" x {parameters.layers}" if parameters.layers > 1 else ""),
        f"{found.compressed:,}",
        f"{found.raw / 1000 / max(found.compress_cpu, 1e-9):.1f}",
        f"{found.raw / 1000 / max(found.decompress_cpu, 1e-9):.1f}",
        f"{found.memory / (1 << 20):.0f}",
    ]
    if program is not None:
        expected = reference_bytes(program, path, parameters)
        frame = len(weightless.compress(b"", parameters=parameters))
        difference = 100 * ((found.compressed - frame) / expected - 1)
        row += [f"{expected:,.0f}", f"{difference:+.2f} %"]
    return row


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    sys.exit(main())
