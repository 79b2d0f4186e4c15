"""Measure every kernel on every target of this machine: `pytest bench -k kernel`.

Each call from Python runs a kernel `REPEAT` times, so that the overhead of the call is
negligible. `kernels.cpp` measures the matrix products without Python at all.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from weightless import _core

REPEAT = 200
STEPS = 32

#: The arguments of a call, and how many elements (products: multiply-adds) it processes.
Call = tuple[tuple[Any, ...], int]

#: Sums of products of 16-bit integers, whose speed is given as a share of the machine's peak.
PRODUCTS = ("matvec", "matmul", "outer")


def aligned(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return a copy aligned to a cache line, as the network's own arrays are."""
    room = np.empty(array.nbytes + 64, np.uint8)
    begin = -room.ctypes.data % 64
    moved = room[begin : begin + array.nbytes].view(array.dtype).reshape(array.shape)
    moved[...] = array
    return moved


def calls(width: int) -> dict[str, Call]:
    """Return arguments for every kernel, sized as for a network of that width."""
    rng = np.random.default_rng(1)

    def draw(shape: int | tuple[int, ...], limit: int, dtype: type = np.int32) -> Any:
        return aligned(rng.integers(-limit, limit + 1, shape).astype(dtype))

    gates = (3 * width + 31) // 32 * 32
    weights = draw(width * gates, 1 << 13, np.int16)
    row = draw(gates, 1 << 20)
    z, c = draw(3 * width, 1 << 18), draw(width, 1 << 24)
    cells = _core.Kernels("scalar").cell_forward(False, z, c)
    after, activations, slopes, squashed, _ = cells
    rule = [2, 8, 28, 1 << 16, 20000, 8, (1 << 29) - (1 << 15), 0]
    moment = aligned(rng.integers(1 << 31, 1 << 32, gates).astype(np.uint32))
    exponents = aligned(rng.integers(0, 15, gates).astype(np.int32))
    inputs = 80
    rows = draw((10, inputs), 1 << 20)
    return {
        "matvec": ((weights, draw(width, 1 << 11, np.int16), row), width * gates),
        "matmul": (
            (weights, draw((STEPS, width), 1 << 11, np.int16), draw((STEPS, gates), 1 << 20)),
            STEPS * width * gates,
        ),
        "outer": (
            (draw((STEPS // 2, gates, 2), 1 << 13, np.int16), draw((4, STEPS), 1 << 11, np.int16)),
            4 * STEPS * gates,
        ),
        "update": (
            (rule, draw((4, gates), 1 << 20), exponents, draw((4, gates), 1 << 28), moment),
            4 * gates,
        ),
        "pack": ((draw((width, gates), 1 << 28), 15, 17), width * gates),
        "softmax": ((draw(256, 1 << 17),), 256),
        "max_abs": ((row,), gates),
        "narrow": ((row, 9, 8191), gates),
        "narrow_columns": ((draw((STEPS, gates), 1 << 20), 13), STEPS * gates),
        "widen_add": ((row, 5, draw(gates, 1 << 20)), gates),
        "cell_forward": ((False, z, c), width),
        "cell_backward": (
            (False, draw(width, 1 << 20), c, after, activations, slopes, squashed, c),
            width,
        ),
        "mix_predict": ((rows, draw(inputs, 1 << 12, np.int16)), rows.size),
        "mix_train": (
            (rows, draw(inputs, 1 << 12, np.int16), draw(rows.shape[0], 3000)),
            rows.size,
        ),
        "mix_errors": (
            (
                rng.integers(0, 1 << 22, 23).astype(np.uint32),
                1,
                rng.integers(0, 2000, 1000).astype(np.uint16),
                rng.permutation(1000)[:23].astype(np.uint32),
                rng.integers(0, 256, 2032).astype(np.int32),
                16,
            ),
            23,
        ),
        "history_update": (
            (
                rng.integers(0, 1 << 32, (56 * 2304, 2)).astype(np.uint32),
                (np.arange(56) * 2304 + rng.integers(0, 256, 56)).astype(np.uint32),
                1,
                1023,
                rng.integers(0, 1 << 32, 8).astype(np.uint32),
            ),
            56,
        ),
        "similarity": (
            (
                rng.integers(0, 256, 8192 + 512).astype(np.uint8),
                512,
                rng.integers(0, 30_000, 8192).astype(np.uint16),
            ),
            8192 * 512,
        ),
    }


NAMES = [name for name in dir(_core.Kernels) if not name.startswith("_")]


@pytest.mark.parametrize("target", _core.targets())
@pytest.mark.parametrize("name", NAMES)
def bench_kernel(
    benchmark: BenchmarkFixture,
    pytestconfig: pytest.Config,
    peak: dict[str, float],
    name: str,
    target: str,
) -> None:
    arguments, work = calls(pytestconfig.getoption("width"))[name]
    kernel: Callable[..., object] = getattr(_core.Kernels(target, REPEAT), name)
    benchmark.pedantic(kernel, arguments, rounds=7, warmup_rounds=1)
    seconds = benchmark.stats.stats.min / REPEAT
    rate = work / seconds
    what = "multiply-adds" if name in PRODUCTS else "elements"
    speed = f"{seconds * 1e9:10.0f} ns {rate * 1e-9:8.2f} G {what}/s"
    if name in PRODUCTS and target in peak and target != "scalar":
        speed += f", {100 * rate / peak[target]:.0f} % of the peak"
    benchmark.extra_info |= {"work": work, "unit": what, "per_second": rate, "speed": speed}
