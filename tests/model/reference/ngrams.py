"""The n-gram logits of docs/network.md, in NumPy."""

from __future__ import annotations

import string
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from .initial import Parameters

FloatArray = npt.NDArray[np.float64]
Key = tuple[str, bytes, bytes]
SYMBOLS = 9  # the largest number of byte values with a weight in one context


class Context:
    """The statistics of one context: its count, and weights by byte value, oldest first."""

    def __init__(self) -> None:
        self.count = 0
        self.weights: dict[int, float] = {}

    def keep(self, byte: int) -> None:
        """Give the byte a weight, replacing the least weight if the context is full."""
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
    """Logits that depend on the last bytes and words, trained after every byte.

    Parameters
    ----------
    parameters
        All fields of the network's parameters.
    """

    def __init__(self, parameters: Parameters) -> None:
        self.lengths = range(2, parameters["ngrams"] + 1)
        self.words = parameters["ngram_words"]
        self.contexts: dict[Key, Context] = {}
        self.scales: dict[tuple[str, int], float] = {}
        self.history = bytes(8)
        self.word = self.word_before = b""

    def _present(self) -> Iterator[tuple[Context, tuple[str, int]]]:
        """Yield each current context and the key of its scale."""
        keys: list[Key] = [(f"{n} bytes", self.history[-n:], b"") for n in self.lengths]
        words = [("word", self.word, b""), ("words", self.word, self.word_before)]
        for key in [*keys, *words[: self.words]]:
            context = self.contexts.setdefault(key, Context())
            yield context, (key[0], context.count.bit_length())

    def logits(self) -> FloatArray:
        """Return what the current contexts add to the logits."""
        a = np.zeros(256)
        for context, key in self._present():
            scale = self.scales.get(key, 1.0)
            for byte, weight in context.weights.items():
                a[byte] += scale * weight
        return a

    def update(self, error: FloatArray, byte: int) -> None:
        """Train on the error, p minus one-hot, and append the byte to the history."""
        for context, key in self._present():
            context.keep(byte)
            gradient = sum(error[y] * weight for y, weight in context.weights.items())
            rate = 1 / np.sqrt(1 + context.count / 2)
            for y, weight in context.weights.items():
                context.weights[y] = float(np.clip(weight - rate * error[y], -16, 16))
            moved = self.scales.get(key, 1.0) - np.clip(gradient, -4, 4) / 512
            self.scales[key] = float(np.clip(moved, 0, 2))
            context.count = min(context.count + 1, 255)
        self.history = self.history[1:] + bytes([byte])
        if chr(byte | 32) in string.ascii_lowercase or byte >= 128:
            self.word += bytes([byte | 32])
        elif self.word:
            self.word, self.word_before = b"", self.word
