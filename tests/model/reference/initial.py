"""The initial weights of docs/network.md, drawn from the same pseudo-random sequence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt

Parameters = Mapping[str, int]
MASK = (1 << 64) - 1


def splitmix64(seed: int) -> Iterator[int]:
    """Yield the outputs of SplitMix64 (Steele, Lea & Flood, OOPSLA 2014)."""
    state = seed & MASK
    while True:
        state = (state + 0x9E3779B97F4A7C15) & MASK
        z = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        yield z ^ (z >> 31)


def shapes(parameters: Parameters) -> dict[str, tuple[int, ...]]:
    """Return the shapes of all tensors, in the network's order."""
    width, layers = parameters["width"], parameters["layers"]
    columns = width * (4 if parameters["gates"] else 3)
    result: dict[str, tuple[int, ...]] = {}
    for layer in range(layers):
        result[f"layer{layer}.recurrent"] = (width if layer == 0 else 2 * width, columns)
        result[f"layer{layer}.input"] = (256, columns)
        result[f"layer{layer}.bias"] = (columns,)
    result["output.weight"] = (layers * width, 256)
    result["output.bias"] = (256,)
    return result


def initial_weights(parameters: Parameters) -> dict[str, npt.NDArray[np.float64]]:
    """Return the initial value of every tensor as real numbers."""
    random = splitmix64(parameters["seed"])
    bound = parameters["init_bound"] << 18
    width = parameters["width"]
    forget = width if parameters["gates"] else 0
    weights = {}
    for name, shape in shapes(parameters).items():
        values = np.zeros(shape)
        if name.endswith((".recurrent", ".input")):
            drawn = [((next(random) >> 32) * (2 * bound + 1) >> 32) - bound for _ in values.flat]
            values = np.array(drawn, dtype=np.float64).reshape(shape) * 2.0**-26
        elif name.endswith(".bias") and name.startswith("layer"):
            values[forget : forget + width] = parameters["forget_bias"] / 16
        weights[name] = values
    return weights
