"""Messages on standard error, filtered by verbosity."""

from __future__ import annotations

from weightless.cli.job import STDIN
from weightless.cli.standard import write_error
from weightless.errors import DataError, WeightlessError

__all__ = [
    "Console",
    "describe",
    "name_of_input",
    "printable",
]

ERRORS, WARNINGS, RESULTS, DETAILS = range(1, 5)


class Console:
    """Writes the messages that the verbosity admits.

    Verbosity 0 writes nothing, 1 errors, 2 also warnings, 3 (the default) also one line for
    each file, and 4 also details.
    """

    def __init__(self, verbosity: int = RESULTS) -> None:
        self.verbosity = verbosity

    def say(self, importance: int, message: str) -> None:
        """Write one line if the verbosity is at least `importance`."""
        if self.verbosity >= importance:
            write_error(message + "\n")

    def error(self, message: str) -> None:
        """Write an error."""
        self.say(ERRORS, f"weightless: {message}")

    def warn(self, message: str) -> None:
        """Write a warning."""
        self.say(WARNINGS, f"weightless: {message}")


def name_of_input(argument: str) -> str:
    """Return the name of an input in messages; "-" is standard input, "./-" a file."""
    return "standard input" if argument == STDIN else argument


def printable(name: object) -> str:
    """Return a file name for a message, with unprintable characters escaped."""
    text = str(name)
    return text if text.isprintable() else text.encode("unicode_escape").decode("ascii")


def describe(error: BaseException) -> str:
    """Return the description of an error in one line, without the file name."""
    if isinstance(error, OSError) and not isinstance(error, DataError):
        reason = error.strerror or str(error) or type(error).__name__
    elif isinstance(error, MemoryError) and not isinstance(error, WeightlessError):
        reason = "out of memory"
    else:
        reason = str(error) or type(error).__name__
    reason = " ".join(reason.split())
    return reason[:1].lower() + reason[1:] if not reason[:2].isupper() else reason
