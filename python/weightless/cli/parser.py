"""The options of the command; the manual page and shell completions are generated from them."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from weightless.cli.arguments import parse_size
from weightless.cli.help_text import DESCRIPTION, USAGE, epilog
from weightless.cli.usage import CommandParser, HelpFormatter
from weightless.container.block import DEFAULT_BLOCK_SIZE, MAX_BLOCK_SIZE
from weightless.levels import DEFAULT_LEVEL, MAX_LEVEL, MIN_LEVEL

__all__ = ["DELIMITERS", "LEVEL_WORDS", "build_parser"]

#: What frames may end with, by the words of the command line.
DELIMITERS = {"LINE": b"\n", "NUL": b"\0"}

#: The valid levels, as written on the command line.
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


def _part(text: str) -> tuple[int, int]:
    start, found, length = text.partition(":")
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r} is not START:LENGTH")
    return _size(start or "0"), _size(length)


def _threads(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = -1
    if number < 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of threads")
    return number


def _level(text: str) -> int:
    if text not in LEVEL_WORDS:
        raise argparse.ArgumentTypeError(f"{text!r} is not a level from {MIN_LEVEL} to {MAX_LEVEL}")
    return int(text)


def _level_or_zero(text: str) -> int:
    return 0 if text == "0" else _level(text)


class _LevelFlag(argparse.Action):
    """An option such as -7, whose name is the level."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        """Store the number that the option's name contains."""
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

    mode = parser.add_argument_group("operations")
    add = mode.add_argument
    for names, value, text in (
        (("-z", "--compress"), "compress", "compress (the default)"),
        (("-d", "--decompress", "--uncompress"), "decompress", "decompress"),
        (("-t", "--test"), "test", "decode archives and verify them; write nothing"),
        (("-l", "--list"), "list", "list sizes; only headers are read"),
        (
            ("--explain",),
            "explain",
            "write FILE.html, a page that shows what each byte costs and what predicted it; FILE "
            "may be an archive",
        ),
    ):
        add(*names, dest="action", action="store_const", const=value, default="compress", help=text)
    add(
        "-b",
        dest="first_level",
        nargs="?",
        type=_level_or_zero,
        metavar="LEVEL",
        help="benchmark: compress and decompress in memory at this level; write nothing; "
        "without a level, or with 0, at the level chosen otherwise",
    )
    add(
        "-e",
        dest="last_level",
        type=_level,
        metavar="LEVEL",
        help="with -b: benchmark all levels up to this one",
    )
    add("-h", "-H", "--help", action="help", help="show this help and exit")
    add(
        "-V",
        "--version",
        action="store_true",
        help="show the version and exit; with -v also commit, compiler and instruction sets",
    )

    strength = parser.add_argument_group("compression")
    add = strength.add_argument
    add(
        *(f"-{level}" for level in range(MIN_LEVEL, MAX_LEVEL + 1)),
        dest="level",
        action=_LevelFlag,
        nargs=0,
        help=f"level, from {MIN_LEVEL} (fastest) to {MAX_LEVEL} (best); {DEFAULT_LEVEL} by default",
    )
    add("--level", type=_level, metavar="LEVEL", help="level, as an option with a value")
    add(
        "--network-alone",
        action="store_true",
        help="instead of a level: a small network alone, specified bit for bit, so that a decoder "
        "can be written from the text (docs/format_network.md); archives are larger",
    )
    add(
        "--block-size",
        type=_block_size,
        default=DEFAULT_BLOCK_SIZE,
        metavar="SIZE",
        help="content per block, at most 1M; a block is verified as a whole "
        f"(default: {DEFAULT_BLOCK_SIZE >> 10}K)",
    )
    add(
        "--frame-size",
        type=_frame_size,
        metavar="SIZE",
        help="content per frame (default: a single frame); frames are coded in parallel by "
        "-T threads and allow seeking, but the model starts again in each, so choose "
        "many megabytes",
    )
    add(
        "--frame-at",
        choices=tuple(DELIMITERS),
        help="with --frame-size: end each frame behind the first end of a line (LINE) or zero byte "
        "(NUL) past its size, at the latest after twice the size",
    )
    add(
        "--primed",
        action="store_true",
        help="with --frame-size: the model reads the first frame before each later one, which "
        "makes them smaller; all still decode in parallel once the first is known",
    )
    add(
        "-D",
        "--prior",
        "--patch-from",
        dest="prior",
        metavar="FILE",
        help="the model reads FILE first, which resembles the content: typical records, or the "
        "old version of a file; decompression needs the same FILE",
    )
    add(
        "-T",
        "--threads",
        type=_threads,
        metavar="N",
        help="number of threads, 0 for one per processor (default: 1); does not change the archive",
    )

    out = parser.add_argument_group("output")
    add = out.add_argument
    add("-c", "--stdout", action="store_true", help="write to standard output")
    add("-o", "--output", metavar="FILE", help="write to FILE (one input only)")
    add(
        "--output-dir",
        "--output-dir-flat",
        metavar="DIR",
        help="write outputs into DIR, which is created if missing",
    )
    add(
        "--output-dir-mirror",
        dest="mirror_dir",
        metavar="DIR",
        help="write outputs into DIR and recreate the directories of the inputs below it",
    )
    add(
        "-f",
        "--force",
        action="store_true",
        help="overwrite files, follow links, and read from or write to terminals; with -dc, write "
        "what is no archive as it is",
    )
    add("-k", "--keep", action="store_true", help="keep input files (the default)")
    add(
        "--rm",
        action="store_true",
        help="remove each input file once its output is on disk",
    )
    add("-r", "--recursive", action="store_true", help="process the files in directories")
    add("--sync", action="store_true", help="wait until the output is on disk")
    add(
        "--resume",
        action="store_true",
        help="continue what a killed run has begun: keep outputs that are complete, and whole "
        "frames of one that is not, after checking them; keep these also if this run fails",
    )

    bounds = parser.add_argument_group("decoding: limits and damaged archives")
    add = bounds.add_argument
    add(
        "-M",
        "--memory",
        "--memory-limit",
        dest="memory_limit",
        type=_size,
        metavar="SIZE",
        help="memory limit of decoding, such as 64M; 0 for no limit (default: 8G)",
    )
    add(
        "--cost-limit",
        type=_size,
        metavar="N",
        help="limit of operations per byte in decoding; 0 for no limit (default: 32M)",
    )
    add(
        "--max-output-size",
        type=_size,
        metavar="SIZE",
        help="stop with an error when the content exceeds SIZE",
    )
    add(
        "--range",
        dest="part",
        type=_part,
        metavar="START:LENGTH",
        help="with -d and -c or -o: only LENGTH bytes of the content from START on; decoding "
        "begins at the frame that contains START (--frame-size)",
    )
    add("--salvage", action="store_true", help="keep the content that precedes the damage")

    talk = parser.add_argument_group("messages")
    add = talk.add_argument
    add(
        "-q",
        "--quiet",
        action="count",
        default=0,
        help="show errors only; given twice, show nothing",
    )
    add(
        "-v",
        "--verbose",
        action="count",
        default=0,
        help="also show ratio, time and speed, and before long jobs an estimate of the time",
    )
    add("--no-progress", action="store_true", help="show no progress bar")
    add("--json", action="store_true", help="with -l, -b and --explain: write JSON")
    return parser
