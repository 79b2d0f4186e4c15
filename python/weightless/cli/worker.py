"""The processing of one file by the command."""

from __future__ import annotations

import dataclasses
import errno
import os
import time
from pathlib import Path
from typing import BinaryIO

from weightless.cli import benchmark, explaining
from weightless.cli.console import (
    DETAILS,
    ERRORS,
    RESULTS,
    Console,
    describe,
    name_of_input,
    printable,
)
from weightless.cli.inputs import open_source
from weightless.cli.job import STDIN, Job
from weightless.cli.progress import Progress
from weightless.cli.standard import (
    check_written,
    is_terminal,
    leads_to_terminal,
    standard_input,
    standard_output,
    write_out,
)
from weightless.container.header import MAGIC, may_begin_archive
from weightless.container.scan import scan_archive
from weightless.errors import DataError, UnsuitableFileError
from weightless.files.atomic import atomic_output, is_written_in_place
from weightless.files.beside import refuse_descriptor, refuse_special
from weightless.files.convert import compress_file, decompress_file
from weightless.files.descriptors import descriptor_of
from weightless.files.info import info
from weightless.files.inputs import open_input, refuse_same_file, refuse_same_name
from weightless.files.names import archive_name, content_name
from weightless.files.prior import Prior
from weightless.files.pump import compress_stream, copy_stream, decompress_stream, write_all
from weightless.files.temporary import protect_input
from weightless.files.unread import first_bytes
from weightless.frames.archive_decoder import ArchiveDecoder
from weightless.frames.archive_encoder import ArchiveEncoder
from weightless.result import Result
from weightless.sizes import duration, human_size
from weightless.speed import estimate_seconds
from weightless.streams.file import WeightlessFile

__all__ = ["Worker"]

#: Bytes from which on a job is long enough for an estimate of its time, and what it is made from.
_LONG = 1 << 20
_SAMPLE = 1 << 15


class Worker:
    """Processes files one after another and adds up their sizes.

    Attributes
    ----------
    files, raw_size, compressed_size : int
        Totals of all files that were processed without error.
    """

    def __init__(self, job: Job, console: Console, prior: Prior | None = None) -> None:
        self._job = job
        self._prior = prior
        self._console = console
        self._written: set[str] = set()
        self._measurements: list[benchmark.Measurement] = []
        self.files = self.raw_size = self.compressed_size = 0

    def work(self, name: str) -> bool:
        """Process one file as the job states; return whether it succeeded."""
        job = self._job
        if name == STDIN and not job.force and is_terminal(0):
            raise UnsuitableFileError(
                errno.EINVAL, "refusing to read from a terminal (use -f to force it)"
            )
        if job.action == "benchmark":
            self._benchmark(name)
            return True
        if job.action == "explain":
            explaining.explain_file(name, job, self._prior, self._console)
            return True
        start = time.perf_counter()
        sound = True
        if job.part is not None:
            result = self._part(Path(name), *job.part)
        elif job.action == "test":
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
            self._console.warn(f"{printable(result.output)}: {kept} salvaged; the rest is missing")
        self._report(result)
        return sound and result.damage is None

    def finish(self) -> None:
        """Write the output that needs the results of all files."""
        if self._job.json and self._measurements:
            write_out(benchmark.to_json(self._measurements))

    def _report(self, result: Result) -> None:
        name = printable(result.source)
        if self._job.resume and result.resumed == result.raw_size > 0:
            self._console.say(RESULTS, f"{name}: already done")
        elif result.resumed:
            self._console.say(RESULTS, f"{name}: resumed after {_amount(result.resumed)}")
        if result.outdated:
            self._console.warn(
                f"{name}: an earlier run had done more, which no longer matches; it was done again"
            )
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
            f"{result.seconds:.2f} s, {human_size(result.speed)}/s "
            f"({result.raw_size} <=> {result.compressed_size} bytes)",
        )

    def _shows_progress(self) -> bool:
        return self._job.progress and self._console.verbosity > ERRORS and is_terminal(2)

    def _progress(self, name: str, output: Path | None = None) -> Progress:
        """Return the progress bar for a file; `output` is where its content goes, if anywhere."""
        # A device or a pipe may lead to the terminal on which the bar would be drawn.
        shown = self._shows_progress() and not (output is not None and is_written_in_place(output))
        label = printable(name_of_input(name))
        if not shown or name == STDIN or not os.path.isfile(name):
            return Progress(label, None, shown=shown)
        with open_input(Path(name)) as (stream, status):
            if self._job.action == "compress":
                return Progress(label, status.st_size, shown=True)
            start = stream.tell()
            try:
                return Progress(label, scan_archive(stream).raw_size, shown=True)
            except DataError:  # decoding will report it
                return Progress(label, status.st_size, shown=True, archive=True)
            finally:
                stream.seek(start)

    def _encoder(self, progress: Progress) -> ArchiveEncoder:
        return ArchiveEncoder(
            self._job.parameters,
            block_size=self._job.block_size,
            frame_size=self._job.frame_size,
            frame_at=self._job.frame_at,
            prior=self._prior,
            primed=self._job.primed,
            threads=self._job.threads,
            progress=progress.of_content,
        )

    def _decoder(self, progress: Progress) -> ArchiveDecoder:
        return ArchiveDecoder(
            memory_limit=self._job.memory_limit,
            cost_limit=self._job.cost_limit,
            output_limit=self._job.max_output_size,
            prior=self._prior,
            threads=self._job.threads,
            progress=progress.of_content,
        )

    def _benchmark(self, name: str) -> None:
        job = self._job
        data = benchmark.read(name)
        shown = self._shows_progress()
        for level in range(job.level, job.last_level + 1):
            found = benchmark.measure(name, data, level, job, self._prior, shown=shown)
            if not job.json:
                first = not self._measurements
                write_out((benchmark.HEADINGS if first else "") + benchmark.row(found))
            self._measurements.append(found)

    def _test(self, name: str) -> Result:
        self._say_how_long(Path(name))
        with open_source(name) as stream, self._progress(name) as progress:
            progress.begin()
            raw_size, size, _ = decompress_stream(
                stream,
                None,
                self._decoder(progress),
                consumed=progress.of_archive,
                delivered=progress.of_content,
            )
        source = Path(name_of_input(name))
        return Result(source, source, raw_size, size, 0.0)

    def _part(self, path: Path, start: int, length: int) -> Result:
        """Decompress a part of the content."""
        job = self._job
        with WeightlessFile(
            path,
            "rb",
            prior=self._prior,
            threads=job.threads,
            memory_limit=job.memory_limit,
            cost_limit=job.cost_limit,
        ) as content:
            content.seek(start)
            if job.to_stdout:
                size = _copy(content, standard_output(), length)
                check_written()
                output = Path("standard output")
            else:
                assert job.output is not None
                output = Path(job.output)
                refuse_same_name(path.stat(), output)
                with atomic_output(output, overwrite=job.force, sync=job.sync) as sink:
                    size = _copy(content, sink, length)
        return Result(path, output, size, path.stat().st_size, 0.0)

    def _to_standard_output(self, name: str) -> Result:
        job = self._job
        if job.output_dir is not None and not job.to_stdout:
            raise UnsuitableFileError(
                errno.EINVAL, "--output-dir does not apply to standard input (use -o or -c)"
            )
        if is_terminal(1):
            self._refuse_terminal()
        self._say_how_long(Path(name))
        with open_source(name) as stream:
            silent = Progress("", None, shown=False)  # the content may be on the same terminal
            result = self._code(name, stream, standard_output(), Path("standard output"), silent)
        check_written()
        return result

    def _from_standard_input(self) -> Result:
        job = self._job
        assert job.output is not None
        output = Path(job.output)
        if self._is_prior(output):
            raise UnsuitableFileError(errno.EINVAL, "the output would replace the prior")
        self._check_output(output)
        refuse_same_name(os.fstat(0), output)
        protect_input(0, output)
        with (
            self._progress(STDIN, output) as progress,
            atomic_output(output, overwrite=job.force, sync=job.sync) as sink,
        ):
            progress.begin()
            return self._code(STDIN, standard_input(), sink, output, progress)

    def _code(
        self,
        name: str,
        stream: BinaryIO,
        sink: BinaryIO,
        output: Path,
        progress: Progress,
    ) -> Result:
        """Compress or decompress from one open file into another."""
        job = self._job
        refuse_same_file(stream, sink)
        damage: DataError | None = None
        if job.action == "decompress" and job.force and job.to_stdout:
            head, stream = first_bytes(stream, len(MAGIC))
            if not may_begin_archive(head):  # what is no archive goes through as it is, as in zstd
                size = copy_stream(stream, sink)
                return Result(Path(name_of_input(name)), output, size, size, 0.0)
        if job.action == "compress":
            raw, size = compress_stream(stream, sink, self._encoder(progress))
        else:
            raw, size, damage = decompress_stream(
                stream,
                sink,
                self._decoder(progress),
                salvage=job.salvage,
                consumed=progress.of_archive,
                delivered=progress.of_content,
            )
        return Result(Path(name_of_input(name)), output, raw, size, 0.0, damage)

    def _to_file(self, path: Path) -> tuple[Result, bool]:
        job = self._job
        self._check_source(path)
        output = self._output_name(path)
        before = path.stat()
        in_place = is_written_in_place(output)
        # Before an input is removed, its output must be safe from a power failure.
        sync = job.sync or job.remove
        self._say_how_long(path)
        with self._progress(os.fspath(path), output) as progress:
            progress.begin()
            if job.action == "compress":
                result = compress_file(
                    path,
                    output,
                    self._encoder(progress),
                    overwrite=job.force,
                    sync=sync,
                    resume=job.resume,
                )
            else:
                result = decompress_file(
                    path,
                    output,
                    self._decoder(progress),
                    overwrite=job.force,
                    sync=sync,
                    salvage=job.salvage,
                    resume=job.resume,
                    consumed=progress.of_archive,
                    delivered=progress.of_content,
                )
        self._written.add(os.path.realpath(output))
        if path.is_file() and _changed(before, path.stat()):
            kept = "; not removed" if job.remove else ""
            self._console.warn(f"{printable(path)}: changed while it was being read{kept}")
            return result, not job.remove
        # Keep the input if its output went to a device or a pipe, which cannot be read again,
        # and remove regular files only, not names of open descriptors.
        if (
            job.remove
            and result.damage is None
            and not in_place
            and path.is_file()
            and descriptor_of(path) is None
        ):
            if self._is_prior(path):
                self._console.warn(f"{printable(path)}: not removed: it is the prior")
                return result, True
            path.unlink()
        return result, True

    def _say_how_long(self, path: Path) -> None:
        """With -v, estimate the time that a long job takes, before it begins."""
        if self._console.verbosity < DETAILS or path == Path(STDIN) or not path.is_file():
            return
        if descriptor_of(path) is not None:  # whose position is shared
            return
        job = self._job
        where = " with the network alone" if job.network_alone else f" at level {job.level}"
        if job.action == "compress":
            with open_input(path) as (stream, status):
                sample = stream.read(_SAMPLE) if status.st_size >= _LONG else b""
            if not sample:
                return
            seconds = estimate_seconds(job.parameters, sample, status.st_size)
        else:
            try:
                archive = info(path)
            except DataError:  # decoding says so
                return
            limit = job.memory_limit
            if archive.raw_size < _LONG or (limit is not None and archive.memory > limit):
                return
            seconds, where = archive.estimate_seconds(), ""
        self._console.say(
            DETAILS,
            f"{printable(path)}: about {duration(seconds)}{where}, less with several threads",
        )

    def _output_name(self, path: Path) -> Path:
        job = self._job
        if job.output is not None:
            output = Path(job.output)
            self._check_output(output)
        else:
            refuse_descriptor(path)
            output = archive_name(path) if job.action == "compress" else content_name(path)
            if job.output_dir is not None:
                output = Path(job.output_dir, _below(output) if job.mirror else output.name)
                output.parent.mkdir(parents=True, exist_ok=True)
            refuse_special(output)
        if self._is_prior(output):
            raise UnsuitableFileError(errno.EINVAL, "the output would replace the prior")
        if output.exists() and path.exists() and os.path.samefile(path, output):
            raise UnsuitableFileError(errno.EINVAL, "input and output are the same file")
        # Unlike Path.resolve, also of a link that leads to itself.
        if os.path.realpath(output) in self._written:
            raise UnsuitableFileError(
                errno.EEXIST, "another input has the same output", str(output)
            )
        return output

    def _is_prior(self, path: Path) -> bool:
        """Return whether a path is that of the prior, without which its archives are lost."""
        prior = self._prior
        if prior is None or prior.path is None or is_written_in_place(path):
            return False
        try:
            return os.path.samefile(prior.path, path)
        except OSError:  # one of them does not exist
            return False

    def _check_output(self, output: Path) -> None:
        """Refuse to write an archive to a path that refers to a terminal, such as /dev/tty."""
        if is_written_in_place(output) and leads_to_terminal(output):
            self._refuse_terminal()

    def _refuse_terminal(self) -> None:
        if self._job.action == "compress" and not self._job.force:
            raise UnsuitableFileError(
                errno.EINVAL, "refusing to write an archive to a terminal (use -f to force it)"
            )

    def _check_source(self, path: Path) -> None:
        """Refuse links and special files as inputs unless -f or -o is given."""
        if self._job.force or self._job.output is not None:
            return
        if path.is_symlink():
            raise UnsuitableFileError(errno.EINVAL, "is a symbolic link (use -f to follow it)")
        if path.exists() and not path.is_file():
            raise UnsuitableFileError(
                errno.EINVAL, "is not a regular file (use -c or -o to read it)"
            )


def _copy(content: WeightlessFile, sink: BinaryIO, length: int) -> int:
    """Copy up to `length` bytes; return how many there were."""
    left = length
    while left and (piece := content.read(min(left, 1 << 20))):
        write_all(sink, piece)
        left -= len(piece)
    return length - left


def _amount(size: int) -> str:
    """Return a size for a message: exact below a million bytes, rounded above."""
    return f"{size} bytes" if size < 1_000_000 else human_size(size)


def _change(before: int, after: int) -> str:
    if max(before, after) < 1_000_000:
        return f"{before} => {after} bytes"
    return f"{human_size(before)} => {human_size(after)}"


def _below(path: Path) -> Path:
    """Return the path relative to its root, so that it can be placed below a folder.

    Raises
    ------
    UnsuitableFileError
        If the path contains "..".
    """
    if ".." in path.parts:
        raise UnsuitableFileError(errno.EINVAL, "--output-dir-mirror does not accept paths with ..")
    return path.relative_to(path.anchor)


def _changed(before: os.stat_result, after: os.stat_result) -> bool:
    """Tell whether a file was modified or replaced between two calls of stat."""
    return not os.path.samestat(before, after) or (
        (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns)
    )
