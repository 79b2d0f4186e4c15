"""Integers among arguments: whatever Python takes as an index, within a range."""

from __future__ import annotations

import reprlib
from operator import index

from weightless.errors import ParameterError

__all__ = ["MOST", "integer", "optional_integer"]

#: As large as sizes and limits may be.
MOST = (1 << 63) - 1


def integer(value: object, name: str, low: int, high: int = MOST, *, also: str = "") -> int:
    """Return `value` as an int, as `operator.index` has it (numpy's integers, bool).

    Parameters
    ----------
    value : object
        What was given.
    name : str
        Of the argument.
    low, high : int
        The least and the greatest that is allowed.
    also : str
        What else the argument may be, for the message.

    Raises
    ------
    TypeError
        If it is no integer: a str or a float, say.
    ParameterError
        If it is not in the range.
    """
    allowed = f"[{low}, 2^63)" if high == MOST else f"[{low}, {high}]"
    try:
        number = index(value)  # type: ignore[arg-type]
    except TypeError:
        raise TypeError(
            f"{name} is {reprlib.repr(value)} ({type(value).__name__}), "
            f"not an integer in {allowed}{also}"
        ) from None
    if not low <= number <= high:
        raise ParameterError(f"{name} is {number}, not in {allowed}")
    return number


def optional_integer(value: object, name: str, low: int, high: int = MOST) -> int | None:
    """Return the same, and None for None."""
    return None if value is None else integer(value, name, low, high, also=" or None")
