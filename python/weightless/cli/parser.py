"""The options of the command; the manual page and completions are made from these."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from weightless.cli.arguments import parse_size
from weightless.cli.help_text import DESCRIPTION, USAGE, epilog
from weightless.cli.usage import CommandParser, HelpFormatter
from weightless.container.block import DEFAULT_BLOCK_SIZE, MAX_BLOCK_SIZE
from weightless.levels import DEFAULT_LEVEL, MAX_LEVEL, MIN_LEVEL

__all__ = ["LEVEL_WORDS", "build_parser"]

#: How the levels are written.
LEVEL_WORDS = frozenset(str(level) for level in range(MIN_LEVEL, MAX_LEVEL + 1))


def _size(text: str) -> int:
    try:
        return parse_size(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _block_size(text: str) -> int:
    size = _size(text)
    if not 1 <= size <= MAX_BLOCK_SIZE:
        raise argparse.ArgumentTypeError(f"{text} is not in [1, {MAX_BLOCK_SIZE}]")
    return size


def _frame_size(text: str) -> int:
    size = _size(text)
    if not 1 <= size < 1 << 63:
        raise argparse.ArgumentTypeError(f"{text} is not in [1, 2^63)")
    return size


def _threads(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = -1
    if number < 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of threads")
    return number


def _level(text: str) -> int:
    if text not in LEVEL_WORDS:
        raise argparse.ArgumentTypeError(f"{text!r} is no level from {MIN_LEVEL} to {MAX_LEVEL}")
    return int(text)


def _level_or_zero(text: str) -> int:
    return 0 if text == "0" else _level(text)


class _LevelFlag(argparse.Action):
    """An option whose name is the level: -7."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        """Store the number in the name."""
        assert option_string is not None
        setattr(namespace, self.dest, int(option_string[1:]))


def build_parser() -> CommandParser:
    """Return the parser of the command's options."""
    parser = CommandParser(
        prog="weightless",
        usage=USAGE,
        description=DESCRIPTION,
        epilog=epilog(),
        formatter_class=HelpFormatter,
        allow_abbrev=False,
        add_help=False,
    )
    add = parser.add_argument
    add("files", nargs="*", metavar="FILE", help=argparse.SUPPRESS)

    mode = parser.add_argument_group("what to do")
    add = mode.add_argument
    for names, value, text in (
        (("-z", "--compress"), "compress", "compress (the default)"),
        (("-d", "--decompress", "--uncompress"), "decompress", "decompress"),
        (("-t", "--test"), "test", "decode and check archives, write nothing"),
        (("-l", "--list"), "list", "show sizes, from headers only"),
    ):
        add(*names, dest="action", action="store_const", const=value, default="compress", help=text)
    add(
        "-b",
        dest="first_level",
        nargs="?",
        type=_level_or_zero,
        metavar="LEVEL",
        help="benchmark: compress and decompress in memory, write nothing",
    )
    add("-e", dest="last_level", type=_level, metavar="LEVEL", help="benchmark up to this level")
    add("-h", "-H", "--help", action="help", help="show this and exit")
    add("-V", "--version", action="store_true", help="show the version and exit")

    strength = parser.add_argument_group("how to compress")
    add = strength.add_argument
    add(
        *(f"-{level}" for level in range(MIN_LEVEL, MAX_LEVEL + 1)),
        dest="level",
        action=_LevelFlag,
        nargs=0,
        help=f"level, {MIN_LEVEL} fastest, {MAX_LEVEL} strongest; {DEFAULT_LEVEL} if not given",
    )
    add("--level", type=_level, metavar="LEVEL", help="the level, for scripts")
    add(
        "--block-size",
        type=_block_size,
        default=DEFAULT_BLOCK_SIZE,
        metavar="SIZE",
        help=f"content per block, what damage can cost: up to 1M, {DEFAULT_BLOCK_SIZE >> 10}K "
        "if not given",
    )
    add(
        "--frame-size",
        type=_frame_size,
        metavar="SIZE",
        help="content per frame, all in one if not given: frames are worked on by -T threads "
        "at once, and found by seeking; each learns anew, so many megabytes are best",
    )
    add(
        "-T",
        "--threads",
        type=_threads,
        metavar="N",
        help="threads, 0 for as many as there are processors, 1 if not given; never changes "
        "the archive",
    )

    out = parser.add_argument_group("output")
    add = out.add_argument
    add("-c", "--stdout", action="store_true", help="write to standard output")
    add("-o", "--output", metavar="FILE", help="write to FILE (one input only)")
    add(
        "--output-dir",
        "--output-dir-flat",
        metavar="DIR",
        help="write into DIR, made if it is missing",
    )
    add(
        "--output-dir-mirror",
        dest="mirror_dir",
        metavar="DIR",
        help="write into DIR, with the inputs' own folders below it",
    )
    add("-f", "--force", action="store_true", help="overwrite; follow links; use terminals")
    add("-k", "--keep", action="store_true", help="keep the input (the default)")
    add(
        "--rm",
        action="store_true",
        help="remove the input once its output is on the disk",
    )
    add("-r", "--recursive", action="store_true", help="take the files in directories")
    add("--sync", action="store_true", help="wait until the output is on the disk")

    bounds = parser.add_argument_group("bounds and damage")
    add = bounds.add_argument
    add(
        "-M",
        "--memory",
        "--memory-limit",
        dest="memory_limit",
        type=_size,
        metavar="SIZE",
        help="memory that decoding may take: 64M, 2G (the default), 0 for no limit",
    )
    add(
        "--cost-limit",
        type=_size,
        metavar="N",
        help="operations that decoding may take for a byte: 32M (the default), 0 for no limit",
    )
    add("--max-output-size", type=_size, metavar="SIZE", help="content at which to give up")
    add("--salvage", action="store_true", help="keep what comes before damage")

    talk = parser.add_argument_group("messages")
    add = talk.add_argument
    add("-q", "--quiet", action="count", default=0, help="errors only; twice: nothing")
    add(
        "-v",
        "--verbose",
        action="count",
        default=0,
        help="say more: ratio, time, speed",
    )
    add("--no-progress", action="store_true", help="no progress bar on a terminal")
    add("--json", action="store_true", help="with -l and -b: as JSON")
    return parser
