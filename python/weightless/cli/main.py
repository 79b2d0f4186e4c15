"""Entry point: options to work, errors to messages and exit codes."""

from __future__ import annotations

import argparse
import errno
import os
import signal
import sys
from collections.abc import Sequence

import weightless
from weightless.cli.arguments import expand_bundles
from weightless.cli.console import RESULTS, WARNINGS, Console, describe
from weightless.cli.environment import default_level, default_threads
from weightless.cli.interrupts import Terminated, die_by, handle_termination
from weightless.cli.job import STDIN, Job
from weightless.cli.parser import LEVEL_WORDS, build_parser
from weightless.cli.standard import StandardOutputError, secure_descriptors, write_out
from weightless.cli.usage import CommandParser

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code.

    Parameters
    ----------
    arguments : sequence of str, optional
        Those of the process if not given.
    """
    secure_descriptors()
    console = Console()
    try:
        return _run(sys.argv[1:] if arguments is None else arguments, console)
    except KeyboardInterrupt:
        number = int(signal.SIGINT)
    except Terminated as ended:
        number = ended.number
    except StandardOutputError as error:
        if error.errno != errno.EPIPE:
            console.error(f"standard output: {describe(error)}")
            return 1
        number = int(getattr(signal, "SIGPIPE", 13))
    # The exception is gone, and with it all that waited in its traceback to be cleaned up.
    return die_by(number)


def _run(arguments: Sequence[str], console: Console) -> int:
    parser = build_parser()
    options = _parse(parser, arguments)
    if options.version:
        write_out(f"weightless {weightless.__version__}\n")
        return 0
    _check(parser, options)
    files = tuple(options.files) or (STDIN,)
    # To a pipe or the terminal, results would be noise between or beside the content.
    quiet = options.stdout or options.output == "-" or STDIN in files
    console.verbosity = (WARNINGS if quiet else RESULTS) + options.verbose - 2 * options.quiet
    if options.quiet == 1:
        console.verbosity = max(console.verbosity, 1)
    job = _job(options, files, console)
    handle_termination()
    from weightless.cli.work import run  # after what --version and wrong usage need

    return run(job, console)


def _parse(parser: CommandParser, arguments: Sequence[str]) -> argparse.Namespace:
    """Read options and files in any order; after -- all are files."""
    words = expand_bundles(arguments)
    end = words.index("--") if "--" in words else len(words)
    options = parser.parse(words[:end])
    options.files += words[end + 1 :]
    return options


def _check(parser: CommandParser, options: argparse.Namespace) -> None:
    """Refuse options that contradict each other."""
    if options.first_level is not None:
        if options.action != "compress":
            parser.error("-b goes with none of -d, -t and -l")
        options.action = "benchmark"
    elif options.last_level is not None:
        parser.error("-e goes with -b")
    if options.last_level is not None and options.last_level < (options.first_level or 1):
        parser.error("-e ends before -b begins")
    for file in options.files if options.first_level == 0 else ():
        if file in LEVEL_WORDS and not os.path.lexists(file):
            parser.error(f"there is no file {file}; the level stands beside its letter: -b{file}")
    if options.json and options.action not in ("list", "benchmark"):
        parser.error("--json goes with -l and -b")
    if options.output is not None and len(options.files) > 1:
        parser.error("-o takes one input; use --output-dir or -c for several")
    outputs = (options.output, options.output_dir, options.mirror_dir)
    if len([output for output in outputs if output is not None]) > 1:
        parser.error("-o, --output-dir and --output-dir-mirror exclude each other")
    if options.output is not None and options.recursive:
        parser.error("-o and -r exclude each other; use --output-dir")


def _job(options: argparse.Namespace, files: tuple[str, ...], console: Console) -> Job:
    level = options.first_level or options.level or default_level(console.warn)
    return Job(
        action=options.action,
        files=files,
        level=level,
        last_level=max(level, options.last_level or level),
        threads=default_threads(console.warn) if options.threads is None else options.threads,
        block_size=options.block_size,
        frame_size=options.frame_size,
        to_stdout=options.stdout or options.output == "-",
        output=None if options.output == "-" else options.output,
        output_dir=options.output_dir if options.mirror_dir is None else options.mirror_dir,
        mirror=options.mirror_dir is not None,
        force=options.force,
        remove=options.rm and not options.keep,
        recursive=options.recursive,
        sync=options.sync,
        memory_limit=options.memory_limit,
        cost_limit=options.cost_limit,
        max_output_size=options.max_output_size,
        salvage=options.salvage,
        json=options.json,
        progress=not options.no_progress,
    )
