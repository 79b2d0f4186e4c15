"""The network for researchers: a prediction, a byte, the next prediction."""

from __future__ import annotations

import copy
from operator import index
from typing import TYPE_CHECKING, NoReturn, SupportsIndex

from weightless import _core
from weightless.frames.buffers import byte_view
from weightless.streams.compressor import choose_parameters

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from typing_extensions import Buffer, Self

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

    def update(self, byte: SupportsIndex) -> None:
        """Take the byte that came.

        Raises
        ------
        ParameterError
            If it is not in 0 to 255.
        TypeError
            If it is no integer.
        """
        value = index(byte)
        if not 0 <= value <= 255:
            raise ParameterError(f"a byte is in [0, 255], got {value}")
        self._network.update(value)

    def train(self, data: Buffer) -> float:
        """Take many bytes; return their code length in bits."""
        import numpy as np

        bits = 0.0
        for byte in byte_view(data):
            bits -= float(np.log2(self.predict()[byte]))
            self.update(byte)
        return bits

    def copy(self) -> Self:
        """Return a predictor in the same state; from here on each goes its own way."""
        twin = object.__new__(type(self))
        twin.__dict__.update(self.__dict__)
        twin._network = self._network.copy()
        return twin

    def __copy__(self) -> Self:
        """Copy, as `copy` does: a predictor's state is never shared."""
        return self.copy()

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        """Copy, together with what a subclass has added."""
        twin = self.copy()
        memo[id(self)] = twin
        for name, value in self.__dict__.items():
            if name != "_network":
                twin.__dict__[name] = copy.deepcopy(value, memo)
        return twin

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        """Refuse to be pickled, as `lzma`'s objects do: parameters and content make it anew."""
        raise TypeError(f"cannot pickle '{type(self).__name__}' object")

    @property
    def weights(self) -> dict[str, npt.NDArray[np.float64]]:
        """Copies of all weights by tensor name; see ``docs/network.md`` for the shapes."""
        return {name: values / _WEIGHT_ONE for name, values in self._network.tensors().items()}
