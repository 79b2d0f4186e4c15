"""Compilation of the C++ sources to WebAssembly with Zig, which brings all that it needs."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

__all__ = ["compile_module", "compile_selftest"]

_CPP = Path(__file__).resolve().parents[2] / "cpp"

_FLAGS = (
    "-std=c++20",
    "-O2",
    "-DNDEBUG",
    "-fno-exceptions",
    "-fno-rtti",
    "-fvisibility=hidden",
    "-DWEIGHTLESS_NO_THREADS",
    "-fno-sanitize=undefined",
    *("-Wall", "-Wextra", "-Werror"),
    f"-I{_CPP}",
    f"-I{_CPP / 'src'}",
    "-Wl,-z,stack-size=4194304",
    "-s",
)


def compile_module(output: Path, simd: bool = True) -> None:
    """Write the module with the encoder and the decoder, which needs no WASI.

    Parameters
    ----------
    output : Path
        The file to write.
    simd : bool
        Whether it may use instructions for vectors of 128 bits.

    Raises
    ------
    subprocess.CalledProcessError
        If compilation fails.
    """
    sources = [*_CPP.glob("container/*.cpp"), *_CPP.glob("wasm/*.cpp")]
    _compile(output, sources, ["-mexec-model=reactor"], simd=simd)


def compile_selftest(output: Path, simd: bool = True) -> None:
    """Write the self-test as a WASI program; the parameters are those of `compile_module`."""
    names = ("main", "selftest", "checked_kernels", "parameter_ends", "pipeline_test")
    _compile(output, [_CPP / "selftest" / f"{name}.cpp" for name in names], [], simd=simd)


def _compile(output: Path, sources: Sequence[Path], options: Sequence[str], *, simd: bool) -> None:
    core = [p for p in _CPP.glob("src/**/*.cpp") if p.parent.name != "targets"]
    names = ["scalar", "wasm"] if simd else ["scalar"]
    targets = [_CPP / "src" / "kernels" / "targets" / f"{name}.cpp" for name in names]
    command = [
        *(sys.executable, "-m", "ziglang", "c++"),
        "--target=wasm32-wasi",
        *(["-msimd128", "-DWEIGHTLESS_HAS_WASM"] if simd else []),
        "-mbulk-memory",
        *_FLAGS,
        *options,
        *map(str, sorted([*core, *targets, *sources])),
        *("-o", str(output)),
    ]
    subprocess.run(command, check=True)
