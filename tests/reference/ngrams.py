"""The n-gram logits of docs/network.md, in numpy."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .initial import Parameters

FloatArray = npt.NDArray[np.float64]
SYMBOLS = 9  # that a context remembers


class Context:
    """What is known of one context: weights by byte value, in order of arrival."""

    def __init__(self) -> None:
        self.count = 0
        self.weights: dict[int, float] = {}

    def keep(self, byte: int) -> None:
        """Hold the byte's weight, if need be in place of the least."""
        if byte in self.weights:
            return
        if len(self.weights) < SYMBOLS:
            self.weights[byte] = 0.0
            return
        least = min(self.weights, key=self.weights.__getitem__)
        self.weights = {
            (byte if symbol == least else symbol): (0.0 if symbol == least else weight)
            for symbol, weight in self.weights.items()
        }


class Ngrams:
    """Logits by the last bytes, trained byte by byte.

    Parameters
    ----------
    parameters
        All fields of the network's parameters.
    """

    def __init__(self, parameters: Parameters) -> None:
        self.lengths = range(2, parameters["ngrams"] + 1)
        self.contexts: dict[bytes, Context] = {}
        self.scales = {(length, seen): 1.0 for length in self.lengths for seen in range(9)}
        self.history = bytes(8)

    def _present(self, length: int) -> Context:
        return self.contexts.setdefault(self.history[-length:], Context())

    def logits(self) -> FloatArray:
        """Return what the present contexts add to the logits."""
        a = np.zeros(256)
        for length in self.lengths:
            context = self._present(length)
            scale = self.scales[length, context.count.bit_length()]
            for byte, weight in context.weights.items():
                a[byte] += scale * weight
        return a

    def update(self, error: FloatArray, byte: int) -> None:
        """Learn from p - onehot and go on to the next byte."""
        for length in self.lengths:
            context = self._present(length)
            seen = context.count.bit_length()
            context.keep(byte)
            gradient = sum(error[y] * weight for y, weight in context.weights.items())
            rate = 1 / np.sqrt(1 + context.count / 2)
            for y, weight in context.weights.items():
                context.weights[y] = float(np.clip(weight - rate * error[y], -16, 16))
            moved = self.scales[length, seen] - np.clip(gradient, -4, 4) / 512
            self.scales[length, seen] = float(np.clip(moved, 0, 2))
            context.count = min(context.count + 1, 255)
        self.history = self.history[1:] + bytes([byte])
