"""All files of one run, whatever happens to some of them."""

from __future__ import annotations

import errno
from pathlib import Path

from weightless.cli.console import (
    DETAILS,
    Console,
    StandardOutputError,
    describe,
    name_of_input,
    printable,
    write_out,
)
from weightless.cli.inputs import find_inputs
from weightless.cli.job import STDIN, Job
from weightless.cli.listing import read_info, table, to_json
from weightless.cli.worker import Worker
from weightless.container.scan import ArchiveInfo
from weightless.errors import UnsuitableFileError, WeightlessError
from weightless.sizes import human_size

__all__ = ["run"]


def run(job: Job, console: Console) -> int:
    """Work on all files; return the exit code."""
    try:
        return int(_run(job, console))
    except StandardOutputError as error:
        console.error(f"standard output: {describe(error)}")
        return 1


def _run(job: Job, console: Console) -> bool:
    """Work on all files; tell whether any failed."""
    failed = False
    infos: list[tuple[str, ArchiveInfo]] = []
    worker = Worker(job, console)
    for name, error in find_inputs(job):
        try:
            if error is not None:
                raise error
            if job.action == "list":
                if name == STDIN:
                    raise UnsuitableFileError(errno.EINVAL, "-l cannot read standard input")
                infos.append((name, read_info(Path(name))))
            else:
                failed |= not worker.work(name)
        except (BrokenPipeError, StandardOutputError):
            raise  # for the next file it will be no better
        except (WeightlessError, OSError, MemoryError) as failure:
            failed = True
            shown = name_of_input(name) if name == STDIN else _about(name, failure)
            console.error(f"{printable(shown)}: {describe(failure)}")
    if infos:
        write_out(to_json(infos) if job.json else table(infos))
    worker.finish()
    if worker.files > 1:
        console.say(
            DETAILS,
            f"{worker.files} files: {human_size(worker.raw_size)} of content, "
            f"{human_size(worker.compressed_size)} of archive",
        )
    return failed


def _about(name: str, failure: BaseException) -> str:
    """Return the file that an error is about: the output, if the system names it."""
    other = getattr(failure, "filename", None)
    return other if isinstance(other, str) and other else name
