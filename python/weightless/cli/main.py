"""Entry point: options to work, errors to messages and exit codes."""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence

import weightless
from weightless.cli.arguments import expand_bundles
from weightless.cli.console import RESULTS, WARNINGS, Console
from weightless.cli.interrupts import Terminated, die_by, handle_termination
from weightless.cli.parser import build_parser, default_level, default_threads
from weightless.cli.work import Job, run
from weightless.errors import ParameterError

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code.

    Parameters
    ----------
    arguments : sequence of str, optional
        Those of the process if not given.
    """
    parser = build_parser()
    options = parser.parse_args(expand_bundles(sys.argv[1:] if arguments is None else arguments))
    if options.version:
        print(f"weightless {weightless.__version__}")
        return 0
    try:
        level = default_level() if options.level is None else options.level
        threads = default_threads() if options.threads is None else options.threads
    except ParameterError as error:
        parser.error(str(error))
    if options.json and options.action != "list":
        parser.error("--json goes with -l")
    if options.output is not None and len(options.files) > 1:
        parser.error("-o takes one input; use --output-dir or -c for several")
    if options.output is not None and options.output_dir is not None:
        parser.error("-o and --output-dir exclude each other")
    if options.output is not None and options.recursive:
        parser.error("-o and -r exclude each other; use --output-dir")
    job = Job(
        action=options.action,
        files=tuple(options.files) or ("-",),
        level=level,
        threads=threads,
        block_size=options.block_size,
        to_stdout=options.stdout or options.output == "-",
        output=None if options.output == "-" else options.output,
        output_dir=options.output_dir,
        force=options.force,
        remove=options.rm and not options.keep,
        recursive=options.recursive,
        sync=options.sync,
        memory_limit=options.memory_limit,
        max_output_size=options.max_output_size,
        salvage=options.salvage,
        json=options.json,
        progress=not options.no_progress,
    )
    # To a pipe or the terminal, results would be noise between or beside the content.
    quiet = job.to_stdout or "-" in job.files
    console = Console((WARNINGS if quiet else RESULTS) + options.verbose - 2 * options.quiet)
    if options.quiet == 1:
        console.verbosity = max(console.verbosity, 1)
    handle_termination()
    try:
        return run(job, console)
    except KeyboardInterrupt:
        return die_by(signal.SIGINT)
    except Terminated as ended:
        return die_by(ended.number)
    except BrokenPipeError:
        return die_by(getattr(signal, "SIGPIPE", 13))
