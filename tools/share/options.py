"""The command's options as plain records, read from its argument parser."""

from __future__ import annotations

import argparse
from dataclasses import dataclass

from weightless.cli.parser import build_parser
from weightless.levels import MAX_LEVEL, MIN_LEVEL

__all__ = ["Group", "Option", "archive_flags", "fill", "read_options"]

# With one of these actions, the file arguments are archives.
_ARCHIVE_ACTIONS = ("decompress", "test", "list")

_SUGGESTIONS = {
    "LEVEL": tuple(str(level) for level in range(MIN_LEVEL, MAX_LEVEL + 1)),
    "N": ("0", "1", "2", "4", "8"),
}


@dataclass(frozen=True)
class Option:
    """One option under all its names.

    Attributes
    ----------
    flags : tuple of str
        Its names, with leading dashes.
    value : str or None
        The placeholder of its value (FILE, DIR, LEVEL, N, SIZE, {LINE,NUL}); None if it takes none.
    value_optional : bool
        Whether the value may be omitted; if given, it is in the same word.
    repeatable : bool
        Whether repeating the option has an effect.
    action : str or None
        The action, such as decompression, that the option selects, if it selects one.
    help : str
        The line of help.
    choices : tuple of str
        All its values, if only these are allowed.
    """

    flags: tuple[str, ...]
    value: str | None
    value_optional: bool
    repeatable: bool
    action: str | None
    help: str
    choices: tuple[str, ...] = ()

    @property
    def letters(self) -> tuple[str, ...]:
        """The letters and digits of its short names."""
        return tuple(flag[1:] for flag in self.flags if not flag.startswith("--"))

    @property
    def words(self) -> tuple[str, ...]:
        """Its long names without dashes."""
        return tuple(flag[2:] for flag in self.flags if flag.startswith("--"))

    @property
    def suggestions(self) -> tuple[str, ...]:
        """Values to suggest; the shell completes FILE and DIR, and SIZE has no typical values."""
        return self.choices or _SUGGESTIONS.get(self.value or "", ())


@dataclass(frozen=True)
class Group:
    """Options under one heading."""

    title: str
    options: tuple[Option, ...]


def read_options() -> list[Group]:
    """Return the options in the order of --help."""
    groups = []
    for group in build_parser()._action_groups:
        options = tuple(_option(action) for action in group._group_actions if action.option_strings)
        if options:
            groups.append(Group(group.title or "", options))
    return groups


def _option(action: argparse.Action) -> Option:
    takes_value = action.nargs != 0
    choices = tuple(map(str, action.choices or ()))
    placeholder = action.metavar or f"{{{','.join(choices)}}}"  # as in --help
    assert action.help, action
    return Option(
        flags=tuple(action.option_strings),
        value=str(placeholder) if takes_value else None,
        value_optional=action.nargs == "?",
        repeatable=isinstance(action, argparse._CountAction),
        action=action.const if action.dest == "action" else None,
        help=action.help,
        choices=choices,
    )


def archive_flags(options: list[Option]) -> tuple[list[str], list[str]]:
    """Return the letters and long names of options whose file arguments are archives."""
    chosen = [option for option in options if option.action in _ARCHIVE_ACTIONS]
    return (
        [letter for option in chosen for letter in option.letters],
        [word for option in chosen for word in option.words],
    )


def fill(script: str, **fields: str) -> str:
    """Replace each placeholder, @ and the field's name in capitals and @, by the field."""
    for name, value in fields.items():
        script = script.replace(f"@{name.upper()}@", value)
    return script
