"""The parameters of the predictor.

Their names, defaults and ranges are defined once, in the extension (`FIELDS`). The
predictions depend only on them and on the bytes seen so far, so a decoder with the same
parameters as the encoder reproduces its predictions exactly.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import SupportsIndex

from weightless import _core
from weightless.errors import ParameterError
from weightless.integers import integer

__all__ = ["Parameters"]

_Codec = _core.Codec
_INDEX = {name: i for i, (name, *_) in enumerate(_core.FIELDS)}
# Beyond this much content a model takes no more memory: the window is at most 4 GiB.
_MOST_CONTENT = 1 << 33
# Sizes are rounded up to a byte less than a multiple of this, so that many small frames of
# different sizes are computed once.
_CHUNK = 1 << 16
_DEFAULTS = tuple(default for _, default, _, _ in _core.FIELDS)


@contextmanager
def _value_errors_as_parameter_errors() -> Iterator[None]:
    """Convert a ValueError of the extension, also one about WEIGHTLESS_TARGET."""
    try:
        yield
    except ValueError as error:
        raise ParameterError(str(error)) from None


@lru_cache(maxsize=64)  # an archive may have many frames with the same parameters
def _memory(values: tuple[int, ...], content: int) -> int:
    with _value_errors_as_parameter_errors():
        return _core.Codec.memory_for(list(values), content)


class Parameters:
    """An immutable set of parameters of the predictor.

    Each parameter is readable as an attribute. Equal sets give equal archives.

    Parameters
    ----------
    **fields : int
        Values that differ from the defaults, by name; `Parameters.names()` lists the names.

    Raises
    ------
    ParameterError
        If a name is unknown, a value is out of range, or the combination is not allowed.
    TypeError
        If a value is not an integer.
    """

    __slots__ = ("_values",)
    _values: tuple[int, ...]

    def __init__(self, **fields: SupportsIndex) -> None:
        values = list(_DEFAULTS)
        for name, value in fields.items():
            if name not in _INDEX:
                raise ParameterError(f"unknown parameter: {name}")
            _, _, low, high = _core.FIELDS[_INDEX[name]]
            values[_INDEX[name]] = integer(value, name, low, high)
        with _value_errors_as_parameter_errors():
            _core.validate(values)
        object.__setattr__(self, "_values", tuple(values))

    @staticmethod
    def names() -> tuple[str, ...]:
        """Return the names of all parameters, in the order of the frame header."""
        return tuple(_INDEX)

    @classmethod
    def from_values(cls, values: Iterable[SupportsIndex]) -> Parameters:
        """Return the set with the given values, in the order of `names`.

        Parameters
        ----------
        values : iterable of int
            Parameters beyond its end have their default values.

        Raises
        ------
        ParameterError
            If there are more values than parameters, a value is out of range, or the
            combination is not allowed.
        TypeError
            If a value is not an integer.
        """
        values = tuple(values)
        if len(values) > len(_DEFAULTS):
            raise ParameterError(
                f"{len(values)} parameters were given, but only {len(_DEFAULTS)} are known"
            )
        return cls(**dict(zip(_INDEX, values, strict=False)))

    @property
    def values(self) -> tuple[int, ...]:
        """All values, in the order of `names`."""
        return self._values

    @property
    def memory(self) -> int:
        """Bytes of memory that the model takes in the beginning, without its window.

        The same in compression and in decompression; `memory_for` adds the window.
        """
        return _memory(self._values, 0)

    def memory_for(self, content_size: int) -> int:
        """Return the bytes of memory that the model takes at most, with its window.

        Parameters
        ----------
        content_size : int
            Size in bytes of the content that the model sees. The window keeps the last
            2^`window_bits` bytes of it (all of up to 4 GiB, unless the parameter says
            otherwise), for at most 1.8 bytes of memory each, and the table of bit histories
            doubles up to `growth_bits` times, whenever it has less than 2^`growth_share` bytes
            for each byte.
            The tables of match models grow to at most 16 MiB each.
        """
        if content_size:
            content_size = min(content_size, _MOST_CONTENT) | (_CHUNK - 1)
        return _memory(self._values, content_size)

    def replace(self, **fields: SupportsIndex) -> Parameters:
        """Return a copy with some values changed.

        Parameters
        ----------
        **fields : int
            The new values, by name.

        Raises
        ------
        ParameterError, TypeError
            As for the constructor.
        """
        return Parameters(**{**dict(zip(_INDEX, self._values, strict=True)), **fields})

    def codec(self, *, brief: bool = False) -> _core.Codec:
        """Return a new codec in its initial state.

        Parameters
        ----------
        brief : bool
            Whether it will code only few bytes (at most about `_core.BRIEF`); such a codec
            is cheaper to create. The coded bytes do not depend on it.

        Raises
        ------
        ParameterError
            If the extension refuses the parameters or the value of WEIGHTLESS_TARGET.
        """
        # Not _value_errors_as_parameter_errors: a file may be finalized late in the shutdown
        # of the interpreter, when other modules (contextlib) have been cleared already.
        try:
            return _Codec(list(self._values), brief)
        except ValueError as error:
            raise ParameterError(str(error)) from None

    def __getattr__(self, name: str) -> int:
        """Return the value of one parameter."""
        try:
            return self._values[_INDEX[name]]
        except KeyError:
            raise AttributeError(f"no parameter {name!r}") from None

    def __setattr__(self, name: str, value: object) -> None:
        """Raise AttributeError: parameters are immutable, see `replace`."""
        raise AttributeError("parameters are immutable; use replace()")

    def __dir__(self) -> list[str]:
        """List the parameters in addition to the methods."""
        return [*super().__dir__(), *_INDEX]

    def __eq__(self, other: object) -> bool:
        """Compare all values."""
        return isinstance(other, Parameters) and self._values == other._values

    def __hash__(self) -> int:
        """Hash all values."""
        return hash(self._values)

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle by value."""
        return (Parameters.from_values, (self._values,))

    def __repr__(self) -> str:
        """Return an expression with the values that differ from the defaults."""
        changed = ", ".join(
            f"{name}={value}"
            for name, value, default in zip(_INDEX, self._values, _DEFAULTS, strict=True)
            if value != default
        )
        return f"Parameters({changed})"
