"""The network on its own, for research: predict a byte, update, predict the next."""

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

_ONE = 1 << 24  # probabilities are Q24
_WEIGHT_ONE = 1 << 26  # weights are Q26


class Predictor:
    """The LSTM network of the model, which is trained online on the bytes it predicts.

    The compressor and the decompressor train identical copies of it in lockstep. Two
    predictors with equal parameters that have seen the same bytes are in bit-identical
    states, on any machine. ``docs/network.md`` specifies what the network computes.

    Parameters
    ----------
    level : int, optional
        A level with a network (4 to 9); 6 if neither this nor `parameters` is given.
    parameters : Parameters, optional
        Parameters of the predictor, instead of a level. Only those of the network matter.

    Raises
    ------
    ParameterError
        If a level or a parameter is out of range, both are given, or the parameters have
        no network (`width` is 0, as at levels 1 to 3).
    TypeError
        If `level` is not an integer or `parameters` is not a `Parameters`.
    """

    def __init__(self, level: int | None = None, *, parameters: Parameters | None = None) -> None:
        self._parameters = choose_parameters(level, parameters)
        if self._parameters.width == 0:
            raise ParameterError("these parameters have no network (width is 0)")
        self._network = _core.Network(list(self._parameters.values))

    @property
    def parameters(self) -> Parameters:
        """The parameters of this predictor."""
        return self._parameters

    def predict(self) -> npt.NDArray[np.float64]:
        """Return the probability of each value of the next byte.

        Returns
        -------
        numpy.ndarray of float64, shape (256,)
            Multiples of 2^-24, represented exactly; their sum is 1.
        """
        return self._network.predict() / _ONE

    def update(self, byte: SupportsIndex) -> None:
        """Feed the actual byte, and train the network if it ends a segment.

        Parameters
        ----------
        byte : int
            The byte that followed, 0 to 255.

        Raises
        ------
        ParameterError
            If `byte` is not in 0 to 255.
        TypeError
            If `byte` is not an integer.
        """
        value = index(byte)
        if not 0 <= value <= 255:
            raise ParameterError(f"byte must be in [0, 255], got {value}")
        self._network.update(value)

    def train(self, data: Buffer) -> float:
        """Update with many bytes, one after another.

        Parameters
        ----------
        data : bytes-like
            Any contiguous buffer.

        Returns
        -------
        float
            The ideal code length of `data` in bits: the sum of -log2 of the probability
            that was predicted for each byte before the update with it.
        """
        import numpy as np

        bits = 0.0
        for byte in byte_view(data):
            bits -= float(np.log2(self.predict()[byte]))
            self.update(byte)
        return bits

    def copy(self) -> Self:
        """Return an independent predictor in the same state."""
        twin = object.__new__(type(self))
        twin.__dict__.update(self.__dict__)
        twin._network = self._network.copy()
        return twin

    def __copy__(self) -> Self:
        """Return `copy()`: the state of the network is never shared."""
        return self.copy()

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        """Return a copy, with deep copies of the attributes that a subclass has added."""
        twin = self.copy()
        memo[id(self)] = twin
        for name, value in self.__dict__.items():
            if name != "_network":
                twin.__dict__[name] = copy.deepcopy(value, memo)
        return twin

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        """Raise TypeError, as `lzma`'s objects do: a predictor cannot be pickled.

        Its parameters and the bytes that it has seen recreate it.
        """
        raise TypeError(f"cannot pickle '{type(self).__name__}' object")

    @property
    def weights(self) -> dict[str, npt.NDArray[np.float64]]:
        """Copies of all weights, float64, by tensor name.

        The values are multiples of 2^-26. ``docs/network.md`` gives names and shapes.
        """
        return {name: values / _WEIGHT_ONE for name, values in self._network.tensors().items()}
