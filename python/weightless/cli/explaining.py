"""`weightless --explain`: a page, or JSON, about a file or an archive."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from weightless.cli.console import DETAILS, RESULTS, Console, name_of_input, printable
from weightless.cli.inputs import open_source
from weightless.cli.job import STDIN, Job
from weightless.cli.standard import check_written, standard_output
from weightless.container.header import MAGIC, begins_archive
from weightless.errors import UnsuitableFileError
from weightless.files.atomic import atomic_output
from weightless.files.beside import refuse_special
from weightless.files.inputs import refuse_same_name
from weightless.files.prior import Prior
from weightless.files.pump import read_all, write_all

if TYPE_CHECKING:
    from weightless.explanations.explanation import Explanation

__all__ = ["explain_file"]


def explain_file(name: str, job: Job, prior: Prior | None, console: Console) -> None:
    """Explain a file and write the page beside it, or JSON to standard output or a file (-o).

    Raises
    ------
    OSError, WeightlessError
        As `weightless.explain`; before any work, `OutputExistsError` if the page exists, and
        `UnsuitableFileError` if it would replace the input or the prior.
    """
    output = _output(name, job)
    start = time.perf_counter()
    if output is None:
        _, text = _explain(name, job, prior)
        write_all(standard_output(), text.encode())
        check_written()
        return
    for path in (name, None if prior is None else prior.path):
        _refuse_to_replace(path, output)
    with atomic_output(output, overwrite=job.force, sync=job.sync) as sink:
        explanation, text = _explain(name, job, prior)
        write_all(sink, text.encode())
    shown = printable(name_of_input(name))
    console.say(RESULTS, f"{shown}: explained in {printable(output)}")
    console.say(
        DETAILS,
        f"{shown}: {explanation.size} bytes, {explanation.bits_per_byte:.3f} bits per byte, "
        f"{time.perf_counter() - start:.2f} s",
    )


def _explain(name: str, job: Job, prior: Prior | None) -> tuple[Explanation, str]:
    """Return the explanation of a file, and the page or the JSON."""
    from weightless.explanations.explain import explain  # imported late: numpy takes time

    with open_source(name) as stream:
        content = read_all(stream)
    is_archive = begins_archive(content[: len(MAGIC)])
    explanation = explain(
        content,
        parameters=None if is_archive else job.parameters,
        prior=prior,
        name=Path(name_of_input(name)).name,
        memory_limit=job.memory_limit,
        cost_limit=job.cost_limit,
    )
    return explanation, explanation.to_json() if job.json else explanation.html()


def _refuse_to_replace(path: str | os.PathLike[str] | None, output: Path) -> None:
    """Refuse an output that is the file at a path, which is an input."""
    if path is None:
        return
    try:
        status = os.fstat(0) if path == STDIN else os.stat(path)
    except OSError:  # it does not exist, which is reported when it is read
        return
    refuse_same_name(status, output)


def _output(name: str, job: Job) -> Path | None:
    """Return where the page or the JSON goes; None for standard output."""
    if job.to_stdout or (job.output is None and (name == STDIN or job.json)):
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
