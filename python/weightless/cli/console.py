"""Messages to the person, on standard error, by how much they want to hear."""

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
    """Writes messages whose importance is within `verbosity`.

    0: nothing, 1: errors, 2: and warnings, 3 (usual): and one line a file, 4: and details.
    """

    def __init__(self, verbosity: int = RESULTS) -> None:
        self.verbosity = verbosity

    def say(self, importance: int, message: str) -> None:
        """Write one line, if it is wanted."""
        if self.verbosity >= importance:
            write_error(message + "\n")

    def error(self, message: str) -> None:
        """Write an error."""
        self.say(ERRORS, f"weightless: {message}")

    def warn(self, message: str) -> None:
        """Write a warning."""
        self.say(WARNINGS, f"weightless: {message}")


def name_of_input(argument: str) -> str:
    """Return what messages call an input: "-" is standard input, "./-" a file."""
    return "standard input" if argument == STDIN else argument


def printable(name: object) -> str:
    """Return a file's name for a message: no line breaks, no undecodable bytes."""
    text = str(name)
    return text if text.isprintable() else text.encode("unicode_escape").decode("ascii")


def describe(error: BaseException) -> str:
    """Return what went wrong, in one line, without the file's name."""
    if isinstance(error, OSError) and not isinstance(error, DataError):
        reason = error.strerror or str(error) or type(error).__name__
    elif isinstance(error, MemoryError) and not isinstance(error, WeightlessError):
        reason = "out of memory"
    else:
        reason = str(error) or type(error).__name__
    reason = " ".join(reason.split())
    return reason[:1].lower() + reason[1:] if not reason[:2].isupper() else reason
