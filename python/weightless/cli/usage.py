"""The argument parser: its usage errors and the layout of its help."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any, NoReturn

from weightless.cli.standard import write_error, write_out

__all__ = ["CommandParser", "HelpFormatter"]


class HelpFormatter(argparse.RawDescriptionHelpFormatter):
    """Shows an optional value without a space, as it must be written: -b[LEVEL]."""

    def _format_action_invocation(self, action: argparse.Action) -> str:
        shown = super()._format_action_invocation(action)
        return shown.replace(" [", "[") if action.nargs == argparse.OPTIONAL else shown


class CommandParser(argparse.ArgumentParser):
    """A parser whose errors point to --help."""

    def error(self, message: str) -> NoReturn:
        """Write the error and a pointer to --help; exit with status 2."""
        write_error(
            f"{self.format_usage()}{self.prog}: error: {message}\n"
            f"Try '{self.prog} --help' for the list of options.\n"
        )
        raise SystemExit(2)

    def print_help(self, file: Any = None) -> None:
        """Write the help to standard output."""
        write_out(self.format_help())

    def parse(self, words: Sequence[str]) -> argparse.Namespace:
        """Parse options and files in any order; an unknown option is an error."""
        options, unknown = self.parse_known_intermixed_args(words)
        if unknown:
            self.error(f"unknown option {', '.join(map(self._with_similar, unknown))}")
        assert options is not None
        return options

    def _with_similar(self, word: str) -> str:
        import difflib  # imported late: only this error needs it

        name = word.partition("=")[0]
        if not name.startswith("--"):
            return word
        known = [flag for flag in self._option_string_actions if flag.startswith("--")]
        similar = difflib.get_close_matches(name, known, n=1, cutoff=0.7)
        return word + "".join(f" (did you mean {flag}?)" for flag in similar)
