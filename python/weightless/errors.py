"""The exceptions of this package: one hierarchy under `WeightlessError`.

Errors that the operating system reports (missing file, no permission, disk full) are
raised unchanged, as `OSError` and its subclasses. Every exception can be pickled.
"""

from __future__ import annotations

import copy
from typing import TypeVar

__all__ = [
    "CorruptError",
    "CostLimitError",
    "DamageWarning",
    "DataError",
    "LimitError",
    "MemoryLimitError",
    "NotAnArchiveError",
    "OutputExistsError",
    "OutputLimitError",
    "ParameterError",
    "PriorError",
    "TruncatedError",
    "UnsuitableFileError",
    "UnsupportedError",
    "WeightlessError",
]


class WeightlessError(Exception):
    """Base class of all exceptions that this package defines."""


class ParameterError(WeightlessError, ValueError):
    """A level, parameter or option is out of range."""


class DataError(WeightlessError, ValueError):
    """The archive cannot be decoded.

    Attributes
    ----------
    offset : int or None
        Byte offset in the archive of the part (header, block or content check) that cannot
        be decoded; None if it is not known.
    delivered : int or None
        Bytes of content decoded before that part, all of them verified; None if it is not
        known.
    """

    def __init__(
        self, message: str, *, offset: int | None = None, delivered: int | None = None
    ) -> None:
        super().__init__(message)
        self.offset = offset
        self.delivered = delivered

    def __str__(self) -> str:
        """Return the message, followed by the offset of the damage if it is known."""
        message = str(self.args[0])
        if self.offset is None:
            return message
        return f"{message} (at byte {self.offset} of the archive)"


class NotAnArchiveError(DataError):
    """The data does not start with the magic number of an archive."""


class UnsupportedError(DataError):
    """The archive uses a format version or parameters that this version does not support."""


class PriorError(WeightlessError, ValueError):
    """The archive, or a pickled `Prior`, needs a prior that is not at hand.

    Attributes
    ----------
    needed, given : str or None
        XXH3-128 hashes, in hexadecimal, of the prior that is needed and of the one that was given
        instead; `given` is None if there was none.
    needed_size, given_size : int
        Their sizes in bytes; 0 for a prior that was not given.
    """

    def __init__(
        self,
        message: str,
        *,
        needed: str | None = None,
        needed_size: int = 0,
        given: str | None = None,
        given_size: int = 0,
    ) -> None:
        super().__init__(message)
        self.needed = needed
        self.needed_size = needed_size
        self.given = given
        self.given_size = given_size


class CorruptError(DataError):
    """The archive is damaged."""


class TruncatedError(DataError, EOFError):
    """The archive ends in the middle of a frame, or is empty."""


class LimitError(WeightlessError):
    """Decoding would exceed a limit that the caller set.

    Attributes
    ----------
    needed, limit : int
        What decoding needs and what the limit allows: in bytes, or for a `CostLimitError`
        in operations per byte.
    """

    def __init__(self, message: str, *, needed: int = 0, limit: int = 0) -> None:
        super().__init__(message)
        self.needed = needed
        self.limit = limit


class MemoryLimitError(LimitError, MemoryError):
    """The model of the archive needs more memory than `memory_limit` allows."""

    def __new__(cls, *args: object, **attributes: object) -> MemoryLimitError:
        """Create the exception by `Exception.__new__`.

        `MemoryError.__new__`, which would be called otherwise, refuses subclasses with another
        base class before it. tblib, which dask.distributed installs, calls `__new__` to copy or
        unpickle an exception.
        """
        return Exception.__new__(cls, *args)


class CostLimitError(LimitError, ValueError):
    """Decoding needs more operations per byte than `cost_limit` allows."""


class OutputLimitError(LimitError, ValueError):
    """The content is larger than `max_output_size`."""


class OutputExistsError(WeightlessError, FileExistsError):
    """The output file exists and overwriting was not requested."""


class UnsuitableFileError(WeightlessError, OSError):
    """The input or output is not a file that can be compressed or decompressed by name."""


class DamageWarning(UserWarning):
    """Content was salvaged from a damaged archive; everything after the damage is missing."""


_Error = TypeVar("_Error", bound=Exception)


def copy_error(error: _Error) -> _Error:
    """Return a copy of an error that refers to no traceback and to no other error.

    An object that kept the error itself would form a reference cycle with it, through the
    traceback. `copy.copy` alone is not enough: it copies the traceback as well where tblib has been
    installed, as dask.distributed does.
    """
    twin = copy.copy(error)
    twin.__traceback__ = twin.__cause__ = twin.__context__ = None
    return twin
