"""The network as it learns from byte to byte ("Order of events")."""

from __future__ import annotations

from plain_network.backward import gradients
from plain_network.forward import Step, logits, softmax, step
from plain_network.sizes import VALUES, H, T
from plain_network.update import update
from plain_network.weights import Table, Weights


class Network:
    def __init__(self) -> None:
        self.weights = Weights()
        self.seen = [0] * VALUES
        self.n = 0
        self.x = 0
        self.h = [0] * H
        self.c = [0] * H
        self.steps: list[Step] = []
        self.error: Table = []

    def forward(self) -> list[int]:
        """Return the probabilities of the next byte, Q24."""
        done = step(self.weights, self.x, self.h, self.c)
        self.steps.append(done)
        self.h, self.c = done.new_h, done.new_c
        return softmax(logits(self.weights, self.h))

    def after(self, byte: int, p: list[int]) -> None:
        """Take a byte, whose probabilities were p."""
        error = list(p)
        error[byte] -= 2**24
        self.error.append(error)
        self.x = byte
        if len(self.steps) == T:
            update(self.weights, gradients(self.weights, self.steps, self.error), self.n, self.seen)
            self.n += 1
            self.steps, self.error = [], []
