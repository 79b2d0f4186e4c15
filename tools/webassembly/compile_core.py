"""Compilation of the C++ sources to WebAssembly with Zig, which brings all that it needs."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

__all__ = ["compile_module", "compile_selftest"]

_CPP = Path(__file__).resolve().parents[2] / "cpp"

_FLAGS = (
    "-std=c++20",
    "-DNDEBUG",
    "-fno-exceptions",
    "-fno-rtti",
    "-fvisibility=hidden",
    "-DWEIGHTLESS_NO_THREADS",
    "-fno-sanitize=undefined",
    "-mbulk-memory",
    # WebAssembly has 32 bits, so these also say what 32-bit CPUs would lose.
    *("-Wall", "-Wextra", "-Wshorten-64-to-32", "-Werror"),
    f"-I{_CPP}",
    f"-I{_CPP / 'src'}",
)
_LINK = ("-Wl,-z,stack-size=4194304", "-s")

_FAST = ("-O2",)
#: How the module's sources are compiled, by what their paths begin with: the first that fits. The
#: kernels and the network must be fast, and the rest as small as can be (Zig takes -Oz for -Os). In
#: between, these were the flags that lost the least speed for the bytes that they saved.
_MODULE_FLAGS = {
    "src/kernels/": _FAST,
    "src/model/network/": _FAST,
    "src/codec/": _FAST,
    "src/model/experts/": (*_FAST, "-fno-unroll-loops", "-mllvm", "-inline-threshold=50"),
    "src/model/predictor/": ("-Os", "-mllvm", "-inline-threshold=100"),
    "": ("-Os", "-Xclang", "-Oz"),
}
#: Functions of several templates that turn out to be the same are there once.
_MERGED = ("-Xclang", "-fmerge-functions")


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
    sources = [*_core(simd), *_CPP.glob("container/*.cpp"), *_CPP.glob("wasm/*.cpp")]
    if simd:
        sources.remove(_CPP / "src/kernels/targets/scalar.cpp")
    small = ["-DWEIGHTLESS_SMALL", *(["-DWEIGHTLESS_NO_SCALAR"] if simd else [])]
    with tempfile.TemporaryDirectory() as folder:
        # One file for all recipes, because functions are merged within a file.
        recipes = [path for path in sources if path.parent.parent.name == "predictor"]
        together = Path(folder, "recipes.cpp")
        together.write_text("".join(f'#include "{path.as_posix()}"\n' for path in sorted(recipes)))
        jobs = [(together, "src/model/predictor/")]
        jobs += [(p, p.relative_to(_CPP).as_posix()) for p in set(sources) - set(recipes)]

        def compile_one(job: tuple[Path, str]) -> Path:
            path, name = job
            flags = next(f for start, f in _MODULE_FLAGS.items() if name.startswith(start))
            made = Path(folder, name.replace("/", "_") + ".o")
            _run(made, [path], ["-c", *flags, *_MERGED, *small], simd=simd)
            return made

        with ThreadPoolExecutor() as pool:
            objects = list(pool.map(compile_one, sorted(jobs)))
        _run(output, objects, ["-mexec-model=reactor", *_LINK], simd=simd)


def compile_selftest(output: Path, simd: bool = True) -> None:
    """Write the self-test as a WASI program; the parameters are those of `compile_module`."""
    names = ("main", "selftest", "checked_kernels", "parameter_ends", "pipeline_test")
    sources = [*_core(simd), *(_CPP / "selftest" / f"{name}.cpp" for name in names)]
    _run(output, sorted(sources), [*_FAST, *_LINK], simd=simd)


def _core(simd: bool) -> Iterator[Path]:
    yield from (p for p in _CPP.glob("src/**/*.cpp") if p.parent.name != "targets")
    for name in ["scalar", "wasm"] if simd else ["scalar"]:
        yield _CPP / "src" / "kernels" / "targets" / f"{name}.cpp"


def _run(output: Path, inputs: Iterable[Path], options: Sequence[str], *, simd: bool) -> None:
    command = [
        *(sys.executable, "-m", "ziglang", "c++"),
        "--target=wasm32-wasi",
        *(["-msimd128", "-DWEIGHTLESS_HAS_WASM"] if simd else []),
        *_FLAGS,
        *options,
        *map(str, inputs),
        *("-o", str(output)),
    ]
    subprocess.run(command, check=True)
