"""Process all files of one run; an error in one does not stop the others."""

from __future__ import annotations

import errno
import traceback

from weightless.cli.console import (
    DETAILS,
    Console,
    describe,
    name_of_input,
    printable,
)
from weightless.cli.inputs import find_inputs
from weightless.cli.interrupts import raise_lost
from weightless.cli.job import STDIN, Job
from weightless.cli.listing import list_archive, table, to_json
from weightless.cli.standard import StandardOutputError, is_terminal, write_out
from weightless.cli.worker import Worker
from weightless.container.scan import ArchiveInfo
from weightless.errors import UnsuitableFileError, WeightlessError
from weightless.files.prior import Prior
from weightless.sizes import human_size

__all__ = ["run"]


def run(job: Job, console: Console) -> int:
    """Process all files and return the exit status.

    Raises
    ------
    StandardOutputError
        If standard output fails; work that does not write to it is completed first.
    """
    failed = False
    broken: StandardOutputError | None = None
    infos: list[tuple[str, ArchiveInfo]] = []
    prior: Prior | None = None
    if job.prior is not None and job.action != "list":  # which only names the priors needed
        try:
            prior = Prior(job.prior, parameters=job.parameters)  # once for all files
        except (WeightlessError, OSError) as failure:
            console.error(f"{printable(_about(job.prior, failure))}: {describe(failure)}")
            return 1
    worker = Worker(job, console, prior)
    # All inputs are found first, so that outputs of this run do not become its inputs.
    for name, error in list(find_inputs(job)):
        raise_lost()
        try:
            if error is not None:
                raise error
            if job.action == "list":
                if name == STDIN and is_terminal(0):
                    raise UnsuitableFileError(errno.EINVAL, "is a terminal")
                infos.append((name_of_input(name), list_archive(name)))
            else:
                failed |= not worker.work(name)
        except StandardOutputError as failure:
            broken = failure
            if job.to_stdout or job.action == "benchmark":
                break  # the next file would fail likewise
        except Exception as failure:
            raise_lost()
            failed = True
            shown = printable(_about(name_of_input(name), failure))
            console.error(f"{shown}: {describe(failure)}")
            if not isinstance(failure, (WeightlessError, OSError, MemoryError)):
                # An internal error; the other files are still processed.
                console.say(DETAILS, "".join(traceback.format_exception(failure)).rstrip())
    if infos:
        estimate = console.verbosity >= DETAILS
        limit = job.memory_limit
        show = to_json if job.json else table
        write_out(show(infos, estimate=estimate, memory_limit=limit))
    if broken is None:
        worker.finish()
    if worker.files > 1:
        console.say(
            DETAILS,
            f"{worker.files} files: {human_size(worker.raw_size)} of content, "
            f"{human_size(worker.compressed_size)} of archive",
        )
    if broken is not None:
        raise broken
    return int(failed)


def _about(name: str, failure: BaseException) -> str:
    """Return the name of the file that an error concerns, which may be the output."""
    other = getattr(failure, "filename", None)
    return other if isinstance(other, str) and other else name
