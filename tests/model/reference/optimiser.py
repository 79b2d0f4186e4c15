"""The update rule of docs/network.md, in NumPy."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from .initial import Parameters

FloatArray = npt.NDArray[np.float64]
SGD, SHIFT, RMS = 0, 1, 2


class Optimiser:
    """The update rule for one tensor.

    Parameters
    ----------
    name
        The tensor's name, which determines its step size and its bound.
    shape
        Its shape.
    parameters
        All fields of the network's parameters.
    """

    def __init__(self, name: str, shape: tuple[int, ...], parameters: Parameters) -> None:
        self.parameters = parameters
        self.by_row = name.endswith(".input")
        self.in_fours = name.endswith((".recurrent", ".weight"))
        field = {
            "recurrent": "step_recurrent",
            "input": "step_input",
            "bias": "step_bias",
            "weight": "step_output",
        }[name.split(".")[1]]
        if name == "output.bias":
            field = "step_output_bias"
        self.step = parameters[field] / 2**20
        self.limit = 8.0 if name.endswith(".recurrent") else 16.0
        self.moment = np.zeros(shape)
        self.updates = np.zeros((shape[0], 1) if self.by_row else (), dtype=np.int64)

    def scheduled_step(self, segment: int) -> float:
        """Return the step size of update number `segment`, counted from 0."""
        floor = self.parameters["decay_floor"] / 256
        time = self.parameters["decay_time"]
        return self.step * (floor + (1 - floor) * time / (time + segment) if time else 1.0)

    def _mean_square(self, gradient: FloatArray) -> FloatArray:
        """Return the squared gradient; in matrices, averaged over groups of four rows."""
        square = gradient**2
        if not self.in_fours:
            return square
        return np.repeat(square.reshape(-1, 4, square.shape[1]).mean(axis=1), 4, axis=0)

    def updated(
        self, weights: FloatArray, gradient: FloatArray, rows: Sequence[int], segment: int
    ) -> FloatArray:
        """Return the new weights, and update the second moments.

        Parameters
        ----------
        weights
            The tensor before the update.
        gradient
            Of the segment's code length in bits.
        rows
            The segment's inputs: the rows of `input` that move.
        segment
            The segment's number, from 0.
        """
        parameters = self.parameters
        clip = parameters["clip"] / 16
        if parameters["optimizer"] == SGD:
            move = np.clip(gradient, -clip, clip)
        else:
            # The exponent that frexp returns gives floor(log2(j + 1)) exactly.
            exponent = np.frexp((self.updates + 1).astype(np.float64))[1] - 1
            rate = 2.0 ** -np.minimum(parameters["moment_shift"], exponent)
            moment = self.moment + rate * (self._mean_square(gradient) - self.moment)
            held = np.maximum(moment, 4.0 ** -parameters["epsilon"])
            root = np.sqrt(held)
            if parameters["optimizer"] == SHIFT:
                root = 2.0 ** np.floor(np.log2(held) / 2 + 0.5)
            move = np.clip(gradient / root, -clip, clip)
            if self.by_row:
                present = np.zeros((len(weights), 1), dtype=bool)
                present[list(rows)] = True
                move = np.where(present, move, 0.0)
                self.moment = np.where(present, moment, self.moment)
                self.updates = self.updates + present
            else:
                self.moment = moment
                self.updates = self.updates + 1
        new = weights - self.scheduled_step(segment) * move
        return np.clip(new, -self.limit, self.limit)
