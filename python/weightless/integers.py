"""Validation of integer arguments: any object that supports `__index__`, within a range."""

from __future__ import annotations

import reprlib
from operator import index

from weightless.errors import ParameterError

__all__ = ["MAX_INTEGER", "integer", "optional_integer"]

#: The largest value that sizes and limits may have.
MAX_INTEGER = (1 << 63) - 1


def integer(value: object, name: str, low: int, high: int = MAX_INTEGER, *, also: str = "") -> int:
    """Convert `value` to an int as `operator.index` does, and check its range.

    Integers of numpy and bool are accepted.

    Parameters
    ----------
    value : object
        The value of the argument.
    name : str
        The name of the argument, for error messages.
    low, high : int
        The smallest and the largest value allowed.
    also : str
        Other values that the argument may have, for the error message (" or None").

    Raises
    ------
    TypeError
        If `value` is not an integer, for example a str or a float.
    ParameterError
        If `value` is out of range.
    """
    allowed = f"[{low}, 2^63)" if high == MAX_INTEGER else f"[{low}, {high}]"
    try:
        number = int(index(value))  # type: ignore[arg-type]  # of a subclass, its plain value
    except TypeError:
        raise TypeError(
            f"{name} is {reprlib.repr(value)} ({type(value).__name__}), "
            f"not an integer in {allowed}{also}"
        ) from None
    if not low <= number <= high:
        raise ParameterError(f"{name} is {number}, not in {allowed}")
    return number


def optional_integer(value: object, name: str, low: int, high: int = MAX_INTEGER) -> int | None:
    """Do the same as `integer`, but return None for None."""
    return None if value is None else integer(value, name, low, high, also=" or None")
