"""The errors of this package: one hierarchy under `WeightlessError`.

Errors that the operating system reports (missing file, no permission, disk full) stay
what they are in Python, `OSError` and its subclasses. Every error can be pickled.
"""

from __future__ import annotations

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
    "TruncatedError",
    "UnsuitableFileError",
    "UnsupportedError",
    "WeightlessError",
]


class WeightlessError(Exception):
    """Base of every error that this package raises by itself."""


class ParameterError(WeightlessError, ValueError):
    """A level, parameter or option is out of its range."""


class DataError(WeightlessError, ValueError):
    """The archive cannot be decoded.

    Attributes
    ----------
    offset : int or None
        Bytes of the archive before the part (header, block) that cannot be decoded.
    delivered : int or None
        Bytes of content before it, all of them verified.
    """

    def __init__(
        self, message: str, *, offset: int | None = None, delivered: int | None = None
    ) -> None:
        super().__init__(message)
        self.offset = offset
        self.delivered = delivered

    def __str__(self) -> str:
        """Return the message, followed by the place of the damage where it is known."""
        message = str(self.args[0])
        if self.offset is None:
            return message
        return f"{message} (at byte {self.offset} of the archive)"


class NotAnArchiveError(DataError):
    """The data does not start as an archive does."""


class UnsupportedError(DataError):
    """The archive needs a later version of this package."""


class CorruptError(DataError):
    """The archive is damaged."""


class TruncatedError(DataError, EOFError):
    """The archive ends before its content does."""


class LimitError(WeightlessError):
    """Decoding would need more than the caller allows.

    Attributes
    ----------
    needed, limit : int
        In bytes; of a `CostLimitError` in operations for a byte.
    """

    def __init__(self, message: str, *, needed: int = 0, limit: int = 0) -> None:
        super().__init__(message)
        self.needed = needed
        self.limit = limit


class MemoryLimitError(LimitError, MemoryError):
    """The archive's model needs more memory than `memory_limit`."""


class CostLimitError(LimitError, ValueError):
    """Decoding takes more time for each byte than `cost_limit` allows."""


class OutputLimitError(LimitError, ValueError):
    """The content is larger than `max_output_size`."""


class OutputExistsError(WeightlessError, FileExistsError):
    """The output file exists and overwriting was not asked for."""


class UnsuitableFileError(WeightlessError, OSError):
    """The input is not a file that can be replaced by an archive, or the reverse."""


class DamageWarning(UserWarning):
    """Content was salvaged from a damaged archive; what follows the damage is missing."""
