"""The network of docs/network.md in PyTorch, in float64, with gradients by autograd.

It is kept simple, so that it can be compared with the document line by line: the forward
pass is the document's equations, the backward pass is autograd's, and the update is the
document's rule, element by element.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch

from .initial import Parameters, initial_weights
from .ngrams import Ngrams
from .optimiser import Optimiser

FloatArray = npt.NDArray[np.float64]


def quadratic(z: torch.Tensor) -> torch.Tensor:
    """q(z), which takes the place of tanh."""
    u = torch.clamp(z / 2, -1, 1)
    return u * (2 - u.abs())


def logistic(z: torch.Tensor) -> torch.Tensor:
    """s(z), which takes the place of the logistic function."""
    return (1 + quadratic(z / 2)) / 2


class TorchLstm:
    """A network and its optimisers, in float64.

    Parameters
    ----------
    parameters
        All fields of the network's parameters by name; `delay` must be 0.
    """

    def __init__(self, parameters: Parameters) -> None:
        if parameters.get("delay"):
            raise ValueError("delayed updates are in the C++ reference only")
        self.parameters = dict(parameters)
        self.weights = initial_weights(parameters)
        self.optimisers = {
            name: Optimiser(name, array.shape, parameters) for name, array in self.weights.items()
        }
        self.ngrams = Ngrams(parameters)
        width = parameters["width"]
        self.hidden = [torch.zeros(width, dtype=torch.float64) for _ in range(self.layers)]
        self.cell = [torch.zeros(width, dtype=torch.float64) for _ in range(self.layers)]
        self.segments = 0
        self.previous = 0

    @property
    def layers(self) -> int:
        """The number of LSTM layers."""
        return self.parameters["layers"]

    def _cell(
        self, z: torch.Tensor, c: torch.Tensor, activated: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return (h, c) from the gate sums z; `activated` is s(z) of all gates but g."""
        width = self.parameters["width"]
        g = quadratic(z[-width:])
        if self.parameters["gates"] == 0:
            f, o = activated[:width], activated[width:]
            c = f * c + (1 - f) * g
            return o * c, c
        i, f, o = activated[:width], activated[width : 2 * width], activated[2 * width :]
        c = f * c + i * g
        c = c + (torch.clamp(c, -16, 16) - c).detach()  # the clamp's derivative is taken as 1
        return o * quadratic(c), c

    def segment(
        self, targets: Sequence[int]
    ) -> tuple[FloatArray, dict[str, FloatArray], list[int]]:
        """Run over `targets` from the current state and differentiate; h and c advance.

        Returns
        -------
        bits
            -log2 of the probabilities at each position, of shape (len(targets), 256).
        gradients
            The gradient of the code length of `targets`, in bits, by tensor.
        inputs
            The byte before each position.
        """
        tensors = {
            name: torch.tensor(array, dtype=torch.float64, requires_grad=True)
            for name, array in self.weights.items()
        }
        inputs = [self.previous, *targets[:-1]]
        width = self.parameters["width"]
        below: list[torch.Tensor] = []
        states: list[list[torch.Tensor]] = []
        for layer in range(self.layers):
            columns = tensors[f"layer{layer}.input"][inputs] + tensors[f"layer{layer}.bias"]
            recurrent = tensors[f"layer{layer}.recurrent"]
            if layer > 0:
                columns = columns + torch.stack(below) @ recurrent[width:]
            h, c = self.hidden[layer], self.cell[layer]
            below = []
            for column in columns:
                z = column + h @ recurrent[:width]
                h, c = self._cell(z, c, logistic(z[:-width]))
                below.append(h)
            states.append(below)
            self.hidden[layer], self.cell[layer] = h.detach(), c.detach()
        everything = torch.cat([torch.stack(state) for state in states], dim=1)
        logits = everything @ tensors["output.weight"] + tensors["output.bias"]
        logits = logits + torch.from_numpy(self._ngram_logits(logits.detach().numpy(), targets))
        bits = -torch.log_softmax(logits * np.log(2.0), dim=1) / np.log(2.0)
        bits[range(len(targets)), list(targets)].sum().backward()
        self.previous = targets[-1]
        gradients = {name: np.asarray(tensor.grad) for name, tensor in tensors.items()}
        return np.asarray(bits.detach()), gradients, inputs

    def _ngram_logits(self, logits: FloatArray, targets: Sequence[int]) -> FloatArray:
        """Return the n-grams' logits for each row; they train as they go, outside autograd."""
        rows = []
        for row, byte in zip(logits, targets, strict=True):
            added = self.ngrams.logits()
            power = np.exp2(row + added - (row + added).max())
            error = power / power.sum()
            error[byte] -= 1
            self.ngrams.update(error, byte)
            rows.append(added)
        return np.array(rows)

    def train(self, targets: Sequence[int]) -> FloatArray:
        """Train on a whole segment; return the cost of each byte in bits."""
        bits, gradients, inputs = self.segment(targets)
        for name, gradient in gradients.items():
            self.weights[name] = self.optimisers[name].updated(
                self.weights[name], gradient, inputs, self.segments
            )
        self.segments += 1
        return bits[np.arange(len(targets)), list(targets)]

    def code_lengths(self, data: bytes) -> FloatArray:
        """Return the cost of each byte of `data` in bits; only whole segments are trained on."""
        horizon = self.parameters["horizon"]
        parts = []
        for start in range(0, len(data), horizon):
            targets = list(data[start : start + horizon])
            if len(targets) == horizon:
                parts.append(self.train(targets))
            else:
                bits, _, _ = self.segment(targets)
                parts.append(bits[np.arange(len(targets)), targets])
        return np.concatenate(parts)
