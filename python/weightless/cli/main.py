"""Entry point: parses options, runs the job, and turns errors into exit statuses."""

from __future__ import annotations

import argparse
import errno
import os
import signal
import sys
from collections.abc import Sequence

from weightless import _core
from weightless.cli.arguments import expand_bundles
from weightless.cli.console import RESULTS, WARNINGS, Console, describe
from weightless.cli.environment import default_level, default_threads
from weightless.cli.interrupts import (
    Terminated,
    die_by,
    handle_termination,
    leave_termination,
    prepare_to_die,
)
from weightless.cli.job import STDIN, Job
from weightless.cli.parser import DELIMITERS, LEVEL_WORDS, build_parser
from weightless.cli.standard import StandardOutputError, secure_descriptors
from weightless.cli.usage import CommandParser
from weightless.cli.version import show_version
from weightless.container.header import MAX_PRIOR_SIZE
from weightless.frames.cost import DEFAULT_COST_LIMIT
from weightless.frames.decoder import DEFAULT_MEMORY_LIMIT

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status.

    Parameters
    ----------
    arguments : sequence of str, optional
        The arguments; those of the process by default.
    """
    try:
        handle_termination()
        secure_descriptors()
        console = Console()
        try:
            status = _run(sys.argv[1:] if arguments is None else arguments, console)
        except StandardOutputError as error:
            if error.errno == errno.EPIPE:
                raise Terminated(getattr(signal, "SIGPIPE", 13)) from None
            console.error(f"standard output: {describe(error)}")
            status = 1
        except (Exception, SystemExit):
            leave_termination()
            raise
        leave_termination()
        return status
    except KeyboardInterrupt:
        number = prepare_to_die(signal.SIGINT)
    except Terminated as ended:
        number = prepare_to_die(ended.number)
    # The exception is released by now, so everything its traceback kept alive is cleaned up.
    return die_by(number)


def _run(arguments: Sequence[str], console: Console) -> int:
    parser = build_parser()
    options = _parse(parser, arguments)
    if options.version:
        return show_version(bool(options.verbose), console)
    _check(parser, options)
    files = tuple(options.files) or (STDIN,)
    # When content goes to standard output, result lines would only clutter it.
    quiet = options.stdout or options.output == "-" or STDIN in files
    console.verbosity = (WARNINGS if quiet else RESULTS) + options.verbose - 2 * options.quiet
    if options.quiet == 1:
        console.verbosity = max(console.verbosity, 1)
    job = _job(options, files, console)
    if job.action != "list":  # which reads headers only
        try:
            _core.target()
        except ValueError as error:  # WEIGHTLESS_TARGET
            console.error(str(error))
            return 2
    from weightless.cli.work import run  # imported late: --version and usage errors do not need it

    return run(job, console)


def _parse(parser: CommandParser, arguments: Sequence[str]) -> argparse.Namespace:
    """Parse options and files in any order; everything after -- is a file."""
    words = expand_bundles(arguments)
    end = words.index("--") if "--" in words else len(words)
    options = parser.parse(words[:end])
    options.files += words[end + 1 :]
    return options


def _check(parser: CommandParser, options: argparse.Namespace) -> None:
    """Reject combinations of options that contradict each other."""
    if options.first_level is not None:
        if options.action != "compress":
            parser.error("-b cannot be combined with -d, -t, -l or --explain")
        options.action = "benchmark"
    elif options.last_level is not None:
        parser.error("-e requires -b")
    if options.last_level is not None and options.last_level < (options.first_level or 1):
        parser.error("the level of -e is below that of -b")
    if options.network_alone and options.level is not None:
        parser.error("--network-alone and a level are mutually exclusive")
    if options.network_alone and options.action == "benchmark":
        parser.error("--network-alone cannot be combined with -b")
    for file in options.files if options.first_level == 0 else ():
        if file in LEVEL_WORDS and not os.path.lexists(file):
            parser.error(f"there is no file {file}; write a level without a space: -b{file}")
    if options.json and options.action not in ("list", "benchmark", "explain"):
        parser.error("--json requires -l, -b or --explain")
    if options.output is not None and len(options.files) > 1:
        parser.error("-o accepts one input only; use --output-dir or -c for several")
    outputs = (options.output, options.output_dir, options.mirror_dir)
    if len([output for output in outputs if output is not None]) > 1:
        parser.error("-o, --output-dir and --output-dir-mirror are mutually exclusive")
    if options.primed and options.frame_size is None:
        parser.error("--primed requires --frame-size")
    if options.primed and options.frame_size > MAX_PRIOR_SIZE:
        parser.error("--primed requires a --frame-size of at most 1G")
    if options.frame_at is not None and options.frame_size is None:
        parser.error("--frame-at requires --frame-size")
    if options.frame_at is not None and options.primed and options.frame_size > MAX_PRIOR_SIZE // 2:
        parser.error("--primed with --frame-at requires a --frame-size of at most 512M")
    if options.prior == STDIN:
        parser.error("a prior cannot be read from standard input")
    if options.output is not None and options.recursive:
        parser.error("-o and -r are mutually exclusive; use --output-dir")
    if options.part is not None:
        if options.action != "decompress" or options.resume or options.salvage:
            parser.error("--range requires -d, without --resume and --salvage")
        if not options.stdout and options.output is None:
            parser.error("--range requires -c or -o: a part would replace the whole content")
        if STDIN in options.files or not options.files:
            parser.error("--range cannot read standard input")
    if options.resume:
        _check_resume(parser, options)


def _check_resume(parser: CommandParser, options: argparse.Namespace) -> None:
    """Reject --resume where no whole frame can be found beside the output."""
    if options.action not in ("compress", "decompress"):
        parser.error("--resume requires files to compress or decompress")
    if options.stdout or "-" in (options.output, *options.files) or not options.files:
        parser.error("--resume cannot be combined with standard input or output")
    if options.action == "compress" and options.frame_size is None:
        parser.error("--resume requires --frame-size for compression: only whole frames are kept")


def _limit(given: int | None, default: int) -> int | None:
    """Return a limit that was not given, was given, or was given as 0, which means none."""
    return default if given is None else given or None


def _job(options: argparse.Namespace, files: tuple[str, ...], console: Console) -> Job:
    level = options.first_level or options.level or default_level(console.warn)
    return Job(
        action=options.action,
        files=files,
        level=level,
        last_level=max(level, options.last_level or level),
        network_alone=options.network_alone,
        threads=default_threads(console.warn) if options.threads is None else options.threads,
        block_size=options.block_size,
        frame_size=options.frame_size,
        frame_at=None if options.frame_at is None else DELIMITERS[options.frame_at],
        primed=options.primed,
        prior=options.prior,
        to_stdout=options.stdout or options.output == "-",
        output=None if options.output == "-" else options.output,
        output_dir=options.output_dir if options.mirror_dir is None else options.mirror_dir,
        mirror=options.mirror_dir is not None,
        force=options.force,
        remove=options.rm and not options.keep,
        recursive=options.recursive,
        sync=options.sync,
        resume=options.resume,
        memory_limit=_limit(options.memory_limit, DEFAULT_MEMORY_LIMIT),
        cost_limit=_limit(options.cost_limit, DEFAULT_COST_LIMIT),
        max_output_size=options.max_output_size,
        salvage=options.salvage,
        part=options.part,
        json=options.json,
        progress=not options.no_progress,
    )
