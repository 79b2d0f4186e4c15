"""What the command does with one file."""

from __future__ import annotations

import dataclasses
import errno
import os
import sys
import time
from pathlib import Path

from weightless.cli import benchmark
from weightless.cli.console import (
    DETAILS,
    ERRORS,
    RESULTS,
    Console,
    describe,
    name_of_input,
    printable,
    write_out,
)
from weightless.cli.inputs import is_terminal, open_source, standard_stream
from weightless.cli.job import STDIN, Job
from weightless.cli.progress import Progress
from weightless.errors import DataError, UnsuitableFileError
from weightless.files.atomic import atomic_output
from weightless.files.convert import compress_file, decompress_file
from weightless.files.names import archive_name, content_name
from weightless.files.pump import compress_stream, decompress_stream
from weightless.frames.archive_decoder import ArchiveDecoder
from weightless.frames.archive_encoder import ArchiveEncoder
from weightless.frames.cost import DEFAULT_COST_LIMIT
from weightless.frames.decoder import DEFAULT_MEMORY_LIMIT
from weightless.levels import level_parameters
from weightless.result import Result
from weightless.sizes import human_size

__all__ = ["Worker"]


class Worker:
    """Takes one file after the other and remembers what they came to.

    Attributes
    ----------
    files, raw_size, compressed_size : int
        Of all that went well.
    """

    def __init__(self, job: Job, console: Console) -> None:
        self._job = job
        self._console = console
        self._written: set[Path] = set()
        self._measurements: list[benchmark.Measurement] = []
        self.files = self.raw_size = self.compressed_size = 0

    def work(self, name: str) -> bool:
        """Do what the job says with one file; tell whether all went well."""
        job = self._job
        if name == STDIN and not job.force and is_terminal(0):
            raise UnsuitableFileError(
                errno.EINVAL, "refusing to read from a terminal (-f to do it)"
            )
        if job.action == "benchmark":
            self._benchmark(name)
            return True
        start = time.perf_counter()
        sound = True
        if job.action == "test":
            result = self._test(name)
        elif job.to_stdout or (name == STDIN and job.output is None):
            result = self._to_standard_output(name)
        elif name == STDIN:
            result = self._from_standard_input()
        else:
            result, sound = self._to_file(Path(name))
        result = dataclasses.replace(result, seconds=time.perf_counter() - start)
        self.files += 1
        self.raw_size += result.raw_size
        self.compressed_size += result.compressed_size
        if result.damage is not None:
            self._console.error(f"{printable(result.source)}: {describe(result.damage)}")
            kept = _amount(result.raw_size)
            self._console.warn(f"{printable(result.output)}: {kept} salvaged, the rest is missing")
        self._report(result)
        return sound and result.damage is None

    def finish(self) -> None:
        """Write what can only be written when all files are done."""
        if self._job.json and self._measurements:
            write_out(benchmark.to_json(self._measurements))

    def _report(self, result: Result) -> None:
        name = printable(result.source)
        if self._job.action == "compress":
            percent = 100 * result.compressed_size / result.raw_size if result.raw_size else 0.0
            text = (
                f"{name}: {percent:.2f}% ({_change(result.raw_size, result.compressed_size)}, "
                f"{printable(result.output)})"
            )
        elif self._job.action == "test":
            text = f"{name}: {_amount(result.raw_size)}, sound"
        else:
            text = f"{name}: {_amount(result.raw_size)}, {printable(result.output)}"
        self._console.say(RESULTS, text)
        self._console.say(
            DETAILS,
            f"{name}: ratio {result.ratio:.3f}, {result.bits_per_byte:.3f} bits per byte, "
            f"{result.seconds:.2f} s, {result.speed / 1000:.1f} kB/s "
            f"({result.raw_size} <=> {result.compressed_size} bytes)",
        )

    def _shows_progress(self) -> bool:
        terminal = sys.stderr is not None and sys.stderr.isatty()
        wanted = self._job.progress and self._console.verbosity > ERRORS
        # Beside content on the same terminal a bar would only be in the way.
        return terminal and wanted and not (self._job.to_stdout and is_terminal(1))

    def _progress(self, name: str, total: int | None) -> Progress:
        return Progress(printable(name_of_input(name)), total, shown=self._shows_progress())

    def _encoder(self, progress: Progress) -> ArchiveEncoder:
        return ArchiveEncoder(
            level_parameters(self._job.level),
            block_size=self._job.block_size,
            frame_size=self._job.frame_size,
            threads=self._job.threads,
            progress=progress.callback,
        )

    def _decoder(self) -> ArchiveDecoder:
        limit = self._job.memory_limit
        cost = self._job.cost_limit
        return ArchiveDecoder(
            memory_limit=DEFAULT_MEMORY_LIMIT if limit is None else limit or None,
            cost_limit=DEFAULT_COST_LIMIT if cost is None else cost or None,
            output_limit=self._job.max_output_size,
            threads=self._job.threads,
        )

    def _benchmark(self, name: str) -> None:
        job = self._job
        data = benchmark.read(name)
        for level in range(job.level, job.last_level + 1):
            found = benchmark.measure(name, data, level, job, shown=self._shows_progress())
            if not job.json:
                first = not self._measurements
                write_out((benchmark.HEADINGS if first else "") + benchmark.row(found))
            self._measurements.append(found)

    def _test(self, name: str) -> Result:
        with open_source(name) as (stream, total), self._progress(name, total) as progress:
            raw_size, size, _ = decompress_stream(
                stream, None, self._decoder(), consumed=progress.callback
            )
        source = Path(name_of_input(name))
        return Result(source, source, raw_size, size, 0.0)

    def _to_standard_output(self, name: str) -> Result:
        job = self._job
        if job.output_dir is not None and not job.to_stdout:
            raise UnsuitableFileError(errno.EINVAL, "standard input goes to standard output")
        if not job.force and job.action == "compress" and is_terminal(1):
            raise UnsuitableFileError(
                errno.EINVAL, "refusing to write an archive to a terminal (-f to do it)"
            )
        damage: DataError | None = None
        with open_source(name) as (stream, total), self._progress(name, total) as progress:
            sink = standard_stream(1)
            if job.action == "compress":
                raw, size = compress_stream(stream, sink, self._encoder(progress))
            else:
                raw, size, damage = decompress_stream(
                    stream,
                    sink,
                    self._decoder(),
                    salvage=job.salvage,
                    consumed=progress.callback,
                )
        source = Path(name_of_input(name))
        return Result(source, Path("standard output"), raw, size, 0.0, damage)

    def _from_standard_input(self) -> Result:
        job = self._job
        assert job.output is not None
        output = Path(job.output)
        damage: DataError | None = None
        with (
            atomic_output(output, overwrite=job.force, sync=job.sync) as sink,
            self._progress(STDIN, None) as progress,
        ):
            if job.action == "compress":
                raw, size = compress_stream(standard_stream(0), sink, self._encoder(progress))
            else:
                raw, size, damage = decompress_stream(
                    standard_stream(0),
                    sink,
                    self._decoder(),
                    salvage=job.salvage,
                    consumed=progress.callback,
                )
        return Result(Path(name_of_input(STDIN)), output, raw, size, 0.0, damage)

    def _to_file(self, path: Path) -> tuple[Result, bool]:
        job = self._job
        self._check_source(path)
        output = self._output_name(path)
        before = path.stat()
        # Never remove a file whose replacement a power failure could take.
        sync = job.sync or job.remove
        with self._progress(path.name, before.st_size) as progress:
            if job.action == "compress":
                result = compress_file(
                    path, output, self._encoder(progress), overwrite=job.force, sync=sync
                )
            else:
                result = decompress_file(
                    path,
                    output,
                    self._decoder(),
                    overwrite=job.force,
                    sync=sync,
                    salvage=job.salvage,
                    consumed=progress.callback,
                )
        self._written.add(output.resolve())
        if path.is_file() and _changed(before, path.stat()):
            kept = "; not removed" if job.remove else ""
            self._console.warn(f"{printable(path)}: changed while it was being read{kept}")
            return result, not job.remove
        # What went to a device or a pipe cannot be read again.
        if job.remove and result.damage is None and path.is_file() and output.is_file():
            path.unlink()
        return result, True

    def _output_name(self, path: Path) -> Path:
        job = self._job
        if job.output is not None:
            output = Path(job.output)
        else:
            output = archive_name(path) if job.action == "compress" else content_name(path)
        if job.output_dir is not None:
            output = Path(job.output_dir, _below(output) if job.mirror else output.name)
            output.parent.mkdir(parents=True, exist_ok=True)
        if output.exists() and path.exists() and os.path.samefile(path, output):
            raise UnsuitableFileError(errno.EINVAL, "input and output are the same file")
        if output.resolve() in self._written:
            raise UnsuitableFileError(
                errno.EEXIST, "another of the inputs has this output", str(output)
            )
        return output

    def _check_source(self, path: Path) -> None:
        """Refuse what should not be replaced by an archive unless asked to."""
        if self._job.force or self._job.output is not None:
            return
        if path.is_symlink():
            raise UnsuitableFileError(errno.EINVAL, "is a symbolic link (-f follows it)")
        if path.exists() and not path.is_file():
            raise UnsuitableFileError(errno.EINVAL, "is not a regular file (-c or -o reads it)")


def _amount(size: int) -> str:
    """Return a size for a result: to the byte while such a number can be read."""
    return f"{size} bytes" if size < 1_000_000 else human_size(size)


def _change(before: int, after: int) -> str:
    if max(before, after) < 1_000_000:
        return f"{before} => {after} bytes"
    return f"{human_size(before)} => {human_size(after)}"


def _below(path: Path) -> Path:
    """Return the path without what would lead out of a folder that it is put into.

    Raises
    ------
    UnsuitableFileError
        For a path with "..".
    """
    if ".." in path.parts:
        raise UnsuitableFileError(errno.EINVAL, "--output-dir-mirror takes no name with ..")
    return path.relative_to(path.anchor)


def _changed(before: os.stat_result, after: os.stat_result) -> bool:
    """Tell whether a file was written to between two looks at it."""
    return (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns)
