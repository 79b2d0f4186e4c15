"""The numbers that the predictor's behaviour depends on.

Their names, defaults and ranges come from the extension (`FIELDS`), so that there is
one list of them; encoder and decoder with equal parameters write and read the same
bytes.
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
_DEFAULTS = tuple(default for _, default, _, _ in _core.FIELDS)


@contextmanager
def _refusals_as_parameter_errors() -> Iterator[None]:
    """Turn what the extension refuses (WEIGHTLESS_TARGET included) into the package's error."""
    try:
        yield
    except ValueError as error:
        raise ParameterError(str(error)) from None


@lru_cache(maxsize=64)  # archives may have many frames with the same parameters
def _memory(values: tuple[int, ...]) -> int:
    with _refusals_as_parameter_errors():
        return _core.Codec.memory_for(list(values))


class Parameters:
    """An immutable set of parameters; equal sets make equal archives.

    Parameters
    ----------
    **fields : int
        Values that differ from the defaults, by name; `Parameters.names()` lists them.

    Raises
    ------
    ParameterError
        For an unknown name, or a value that is out of its range.
    TypeError
        For a value that is no integer.
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
        with _refusals_as_parameter_errors():
            _core.validate(values)
        object.__setattr__(self, "_values", tuple(values))

    @staticmethod
    def names() -> tuple[str, ...]:
        """Return the names of all parameters, in the order of the archive's header."""
        return tuple(_INDEX)

    @classmethod
    def from_values(cls, values: Iterable[SupportsIndex]) -> Parameters:
        """Return the set with these values, in order; the rest has its defaults."""
        values = tuple(values)
        if len(values) > len(_DEFAULTS):
            raise ParameterError(f"{len(values)} parameters, but only {len(_DEFAULTS)} are known")
        return cls(**dict(zip(_INDEX, values, strict=False)))

    @property
    def values(self) -> tuple[int, ...]:
        """All values, in the order of the archive's header."""
        return self._values

    @property
    def memory(self) -> int:
        """Bytes of memory that coding and decoding take."""
        return _memory(self._values)

    def replace(self, **fields: SupportsIndex) -> Parameters:
        """Return a copy with some values changed."""
        return Parameters(**{**dict(zip(_INDEX, self._values, strict=True)), **fields})

    def codec(self, *, brief: bool = False) -> _core.Codec:
        """Return a new codec in its initial state; `brief`: for a few bytes only."""
        # Also called when a file is finalized late, and only this module is still whole.
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
        """Refuse: parameters are immutable, see `replace`."""
        raise AttributeError("parameters are immutable; use replace()")

    def __dir__(self) -> list[str]:
        """Name the parameters beside the methods."""
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
        """Name the values that differ from the defaults."""
        changed = ", ".join(
            f"{name}={value}"
            for name, value, default in zip(_INDEX, self._values, _DEFAULTS, strict=True)
            if value != default
        )
        return f"Parameters({changed})"
