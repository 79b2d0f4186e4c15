"""Short options written together, as zstd takes them: -9T0dkf is -9 -T0 -d -k -f."""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["expand_bundles", "parse_size"]

_SIZE = re.compile(r"\d+(?:[KMG](?:i?B)?)?")
_NUMBER = re.compile(r"\d+")
_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}


def parse_size(text: str) -> int:
    """Return the bytes that "64", "64K", "64KB", "64KiB", "2M" or "1G" name.

    Raises
    ------
    ValueError
        For anything else.
    """
    if not _SIZE.fullmatch(text):
        raise ValueError(f"{text!r} is no size such as 4096, 64K or 2G")
    digits = text.rstrip("KMGiB")
    return int(digits) * _UNITS[text[len(digits) : len(digits) + 1]]


def expand_bundles(arguments: Iterable[str]) -> list[str]:
    """Take bundles of short options apart, so that argparse sees one at a time."""
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
        letter = letters[position]
        position += 1
        value = ""
        if letter in "TM":
            match = (_NUMBER if letter == "T" else _SIZE).match(letters, position)
            value = match.group() if match else ""
        elif letter == "o":
            value = letters[position:]
        position += len(value)
        out.append(f"-{letter}{value}")
    return out
