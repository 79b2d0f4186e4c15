"""The options of the command; the manual page and completions are made from these."""

from __future__ import annotations

import argparse
import os

from weightless.cli.arguments import parse_size
from weightless.container.block import DEFAULT_BLOCK_SIZE, MAX_BLOCK_SIZE
from weightless.errors import ParameterError
from weightless.levels import DEFAULT_LEVEL, MAX_LEVEL, MIN_LEVEL

__all__ = ["build_parser", "default_level", "default_threads"]

EPILOG = """\
With no FILE, or when FILE is -, reads standard input and writes standard output.

environment:
  WEIGHTLESS_LEVEL    the level in place of the default
  WEIGHTLESS_THREADS  the number of threads in place of the default
  WEIGHTLESS_TARGET   force an instruction set (scalar, sse4, avx2, ...); same bytes

exit status: 0 all went well, 1 at least one file failed, 2 wrong usage.
"""


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


def _threads(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = -1
    if number < 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of threads")
    return number


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the command's options."""
    parser = argparse.ArgumentParser(
        prog="weightless",
        usage="weightless [OPTION]... [FILE]...",
        description="Compress or decompress FILEs, keeping them; archives end in .wl.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
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
    add("-h", "--help", action="help", help="show this and exit")
    add("-V", "--version", action="store_true", help="show the version and exit")

    strength = parser.add_argument_group("how to compress")
    add = strength.add_argument
    for level in range(MIN_LEVEL, MAX_LEVEL + 1):
        note = {MIN_LEVEL: ", fastest", MAX_LEVEL: ", strongest", DEFAULT_LEVEL: ", the default"}
        add(
            f"-{level}",
            dest="level",
            action="store_const",
            const=level,
            help=f"level {level}{note.get(level, '')}",
        )
    add(
        "--block-size",
        type=_block_size,
        default=DEFAULT_BLOCK_SIZE,
        metavar="SIZE",
        help=f"content per block, what damage can cost: up to 1M, {DEFAULT_BLOCK_SIZE >> 10}K "
        "if not given",
    )
    add(
        "-T",
        "--threads",
        type=_threads,
        metavar="N",
        help="threads, 0 for as many as there are processors; never changes the archive",
    )

    out = parser.add_argument_group("output")
    add = out.add_argument
    add("-c", "--stdout", action="store_true", help="write to standard output")
    add("-o", "--output", metavar="FILE", help="write to FILE (one input only)")
    add("--output-dir", metavar="DIR", help="write into DIR")
    add("-f", "--force", action="store_true", help="overwrite; follow links; use terminals")
    add("-k", "--keep", action="store_true", help="keep the input (the default)")
    add("--rm", action="store_true", help="remove the input when its output is complete")
    add("-r", "--recursive", action="store_true", help="take the files in directories")
    add("--sync", action="store_true", help="wait until the output is on the disk")

    bounds = parser.add_argument_group("bounds and damage")
    add = bounds.add_argument
    add(
        "-M",
        "--memory-limit",
        type=_size,
        metavar="SIZE",
        help="memory that decoding may take: 64M, 2G (the default), 0 for no limit",
    )
    add("--max-output-size", type=_size, metavar="SIZE", help="content at which to give up")
    add("--salvage", action="store_true", help="keep what comes before damage")

    talk = parser.add_argument_group("messages")
    add = talk.add_argument
    add("-q", "--quiet", action="count", default=0, help="errors only; twice: nothing")
    add("-v", "--verbose", action="count", default=0, help="say more")
    add("--no-progress", action="store_true", help="no progress bar on a terminal")
    add("--json", action="store_true", help="with -l: as JSON")
    return parser


def default_level() -> int:
    """Return the level that WEIGHTLESS_LEVEL names, or the default.

    Raises
    ------
    ParameterError
        If it is no level.
    """
    text = os.environ.get("WEIGHTLESS_LEVEL", "")
    if not text:
        return DEFAULT_LEVEL
    if not text.isascii() or not text.isdigit() or not MIN_LEVEL <= int(text) <= MAX_LEVEL:
        raise ParameterError(f"WEIGHTLESS_LEVEL is {text!r}, not {MIN_LEVEL} to {MAX_LEVEL}")
    return int(text)


def default_threads() -> int:
    """Return the number of threads that WEIGHTLESS_THREADS names, or 1.

    Raises
    ------
    ParameterError
        If it is no number.
    """
    text = os.environ.get("WEIGHTLESS_THREADS", "")
    if not text:
        return 1
    if not text.isascii() or not text.isdigit():
        raise ParameterError(f"WEIGHTLESS_THREADS is {text!r}, not a number of threads")
    return int(text)
