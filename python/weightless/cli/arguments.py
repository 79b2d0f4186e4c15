"""Split combined short options as zstd does: -9T0dkf is -9 -T0 -d -k -f."""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["expand_bundles", "parse_size"]

_SIZE = re.compile(r"\d+(?:[KMG](?:i?B)?)?")
_NUMBER = re.compile(r"\d+")
_REST = re.compile(r".*", re.DOTALL)
_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}

# The values that may follow an option letter without a space; other letters take none.
_VALUES = {"T": _NUMBER, "b": _NUMBER, "e": _NUMBER, "M": _SIZE, "o": _REST, "D": _REST}


def parse_size(text: str) -> int:
    """Convert a size such as "64", "64K", "64KB", "64KiB", "2M" or "1G" to bytes.

    Raises
    ------
    ValueError
        If the text is not such a size.
    """
    if not _SIZE.fullmatch(text):
        raise ValueError(f"{text!r} is not a size such as 4096, 64K or 2G")
    digits = text.rstrip("KMGiB")
    return int(digits) * _UNITS[text[len(digits) : len(digits) + 1]]


def expand_bundles(arguments: Iterable[str]) -> list[str]:
    """Split combined short options, so that argparse receives one at a time."""
    out: list[str] = []
    rest = iter(arguments)
    for argument in rest:
        if argument == "--":
            out += [argument, *rest]
        elif argument.startswith("--") or not argument.startswith("-") or argument == "-":
            out.append(argument)
        else:
            out += _expand(argument[1:])
    return out


def _expand(letters: str) -> list[str]:
    out: list[str] = []
    position = 0
    while position < len(letters):
        if match := _NUMBER.match(letters, position):
            # -19 is rejected as a level that does not exist; it does not mean -1 -9.
            out.append(f"-{match.group()}" if len(match.group()) == 1 else f"--level={match[0]}")
            position = match.end()
            continue
        letter = letters[position]
        position += 1
        pattern = _VALUES.get(letter)
        match = pattern.match(letters, position) if pattern else None
        value = match.group() if match else ""
        position += len(value)
        # Without a level, -b gets an explicit 0, so that argparse does not take the file name
        # that follows as its value.
        out.append(f"-{letter}{value or '0'}" if letter == "b" else f"-{letter}{value}")
    return out
