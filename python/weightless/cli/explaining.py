"""`weightless --explain`: a page, or JSON, about a file or an archive."""

from __future__ import annotations

import errno
import time
from pathlib import Path

from weightless.cli.console import DETAILS, RESULTS, Console, name_of_input, printable
from weightless.cli.inputs import open_source
from weightless.cli.job import STDIN, Job
from weightless.cli.standard import check_written, standard_output, write_out
from weightless.container.header import MAGIC
from weightless.errors import UnsuitableFileError
from weightless.files.atomic import atomic_output
from weightless.files.beside import refuse_special
from weightless.files.prior import Prior
from weightless.files.pump import read_all, write_all

__all__ = ["explain_file"]


def explain_file(name: str, job: Job, prior: Prior | None, console: Console) -> None:
    """Explain a file and write the page beside it, or JSON to standard output.

    Raises
    ------
    OSError, WeightlessError
        As `weightless.explain`; `OutputExistsError` if the page exists.
    """
    from weightless.explanations.explain import explain  # imported late: numpy takes time

    output = None if job.json else _output(name, job)
    start = time.perf_counter()
    with open_source(name) as stream:
        content = read_all(stream)
    is_archive = content[: len(MAGIC)] == MAGIC
    explanation = explain(
        content,
        parameters=None if is_archive else job.parameters,
        prior=prior,
        name=Path(name_of_input(name)).name,
        memory_limit=job.memory_limit,
        cost_limit=job.cost_limit,
    )
    if job.json:
        write_out(explanation.to_json())
        return
    page = explanation.html().encode()
    if output is None:
        write_all(standard_output(), page)
        check_written()
        return
    with atomic_output(output, overwrite=job.force, sync=job.sync) as sink:
        write_all(sink, page)
    shown = printable(name_of_input(name))
    console.say(RESULTS, f"{shown}: explained in {printable(output)}")
    console.say(
        DETAILS,
        f"{shown}: {explanation.size} bytes, {explanation.bits_per_byte:.3f} bits per byte, "
        f"{time.perf_counter() - start:.2f} s",
    )


def _output(name: str, job: Job) -> Path | None:
    """Return where the page goes; None for standard output."""
    if job.to_stdout or (name == STDIN and job.output is None):
        return None
    if job.output is not None:
        return Path(job.output)
    path = Path(name)
    output = path.with_name(path.name + ".html")
    if job.output_dir is not None:
        if job.mirror:
            raise UnsuitableFileError(
                errno.EINVAL, "--output-dir-mirror does not apply to pages (use --output-dir)"
            )
        output = Path(job.output_dir, output.name)
        output.parent.mkdir(parents=True, exist_ok=True)
    refuse_special(output)
    return output
