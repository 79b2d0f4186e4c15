"""The network for researchers: a prediction, a byte, the next prediction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from weightless import _core
from weightless.streams.compressor import choose_parameters

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from typing_extensions import Buffer

from weightless.errors import ParameterError
from weightless.parameters import Parameters

__all__ = ["Predictor"]

_ONE = 1 << 24
_WEIGHT_ONE = 1 << 26


class Predictor:
    """The LSTM that compressor and decompressor evolve in step.

    Two predictors with equal parameters that have seen the same bytes are equal to the
    last bit, on any machine.

    Parameters
    ----------
    level : int, optional
        1 to 9; 6 if neither this nor `parameters` is given.
    parameters : Parameters, optional
        In place of a level.

    Raises
    ------
    ParameterError
        For a level or a parameter out of range, or without a network.
    """

    def __init__(self, level: int | None = None, *, parameters: Parameters | None = None) -> None:
        self._parameters = choose_parameters(level, parameters)
        if self._parameters.width == 0:
            raise ParameterError("these parameters have no network (width is 0)")
        self._network = _core.Network(list(self._parameters.values))

    @property
    def parameters(self) -> Parameters:
        """The parameters it was made with."""
        return self._parameters

    def predict(self) -> npt.NDArray[np.float64]:
        """Return the probabilities of the 256 values of the next byte, exact, sum 1."""
        return self._network.predict() / _ONE

    def update(self, byte: int) -> None:
        """Take the byte that came.

        Raises
        ------
        ValueError
            If it is not in 0 to 255.
        """
        self._network.update(byte)

    def train(self, data: Buffer) -> float:
        """Take many bytes; return their code length in bits."""
        import numpy as np

        bits = 0.0
        for byte in memoryview(data).cast("B"):
            bits -= float(np.log2(self.predict()[byte]))
            self.update(byte)
        return bits

    def copy(self) -> Predictor:
        """Return a predictor in the same state; from here on each goes its own way."""
        twin = object.__new__(Predictor)
        twin._parameters = self._parameters
        twin._network = self._network.copy()
        return twin

    @property
    def weights(self) -> dict[str, npt.NDArray[np.float64]]:
        """Copies of all weights by tensor name; see ``docs/network.md`` for the shapes."""
        return {name: values / _WEIGHT_ONE for name, values in self._network.tensors().items()}
