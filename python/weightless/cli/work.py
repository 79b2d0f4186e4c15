"""What the command does with each file."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from weightless.cli.console import DETAILS, ERRORS, RESULTS, Console, describe, printable
from weightless.cli.listing import read_info, table, to_json
from weightless.cli.progress import Progress
from weightless.container.scan import ArchiveInfo
from weightless.errors import DataError, UnsuitableFileError, WeightlessError
from weightless.files.convert import compress_file, decompress_file
from weightless.files.inputs import is_regular, open_input
from weightless.files.names import SUFFIX, archive_name, content_name
from weightless.files.pump import compress_stream, decompress_stream
from weightless.frames.archive import ArchiveDecoder
from weightless.frames.decoder import DEFAULT_MEMORY_LIMIT
from weightless.result import Result
from weightless.streams.compressor import Compressor

__all__ = ["Job", "run"]

STDIN = "-"


@dataclass(frozen=True)
class Job:
    """The options, checked; see the parser for what each means."""

    action: str
    files: tuple[str, ...]
    level: int
    threads: int
    block_size: int
    to_stdout: bool
    output: str | None
    output_dir: str | None
    force: bool
    remove: bool
    recursive: bool
    sync: bool
    memory_limit: int | None
    max_output_size: int | None
    salvage: bool
    json: bool
    progress: bool


def run(job: Job, console: Console) -> int:
    """Work on all files; return the exit code."""
    failed = False
    infos: list[tuple[str, ArchiveInfo]] = []
    for name, error in _inputs(job):
        try:
            if error is not None:
                raise error
            if job.action == "list":
                if name == STDIN:
                    raise UnsuitableFileError(errno.EINVAL, "-l cannot read standard input")
                infos.append((name, read_info(Path(name))))
            else:
                result = _Worker(job, console).work(name)
                failed |= result.damage is not None
        except BrokenPipeError:
            raise
        except (WeightlessError, OSError, MemoryError) as failure:
            failed = True
            shown = "standard input" if name == STDIN else _about(name, failure)
            console.error(f"{printable(shown)}: {describe(failure)}")
    if infos:
        sys.stdout.write(to_json(infos) if job.json else table(infos))
        sys.stdout.flush()
    return int(failed)


def _about(name: str, failure: BaseException) -> str:
    """Return the file that an error is about: the output, if the system names it."""
    other = getattr(failure, "filename", None)
    return other if isinstance(other, str) and other else name


def _inputs(job: Job) -> Iterator[tuple[str, OSError | None]]:
    """Give the names of the files to work on, or what is wrong with them."""
    for name in job.files:
        path = Path(name)
        if name == STDIN or not path.is_dir():
            yield name, None
        elif not job.recursive:
            yield name, UnsuitableFileError(errno.EISDIR, "is a directory (-r takes its files)")
        else:
            yield from _walk(path, archives=job.action != "compress")


def _walk(path: Path, *, archives: bool) -> Iterator[tuple[str, OSError | None]]:
    """Give the plain files below a directory: archives, or all but archives."""
    errors: list[OSError] = []
    for folder, folders, files in os.walk(path, onerror=errors.append):
        folders.sort()
        for file in sorted(files):
            member = Path(folder, file)
            # Neither archives of archives when a command is repeated, nor links out.
            if file.endswith(SUFFIX) == archives and member.is_file() and not member.is_symlink():
                yield str(member), None
        for error in errors:
            yield str(error.filename), error
        errors.clear()


class _Worker:
    """One file's work."""

    def __init__(self, job: Job, console: Console) -> None:
        self._job = job
        self._console = console

    def work(self, name: str) -> Result:
        job = self._job
        if name == STDIN and not job.force and _is_terminal(0):
            raise UnsuitableFileError(
                errno.EINVAL, "refusing to read from a terminal (-f to do it)"
            )
        if job.action == "test":
            result = self._test(name)
        elif name == STDIN or job.to_stdout:
            result = self._to_stream(name)
        else:
            result = self._to_file(Path(name))
        if result.damage is not None:
            self._console.error(f"{printable(result.source)}: {describe(result.damage)}")
            self._console.warn(
                f"{printable(result.output)}: {result.raw_size} bytes salvaged, the rest is missing"
            )
        self._report(result)
        return result

    def _report(self, result: Result) -> None:
        name = printable(result.source)
        sizes = f"{result.raw_size} <= {result.compressed_size} bytes"
        if self._job.action == "compress":
            percent = 100 * result.compressed_size / result.raw_size if result.raw_size else 0.0
            text = (
                f"{name}: {percent:.2f}% ({result.raw_size} => {result.compressed_size} bytes, "
                f"{printable(result.output)})"
            )
        elif self._job.action == "test":
            text = f"{name}: {result.raw_size} bytes, sound"
        else:
            text = f"{name}: {result.raw_size} bytes, {printable(result.output)}"
        self._console.say(RESULTS, text)
        self._console.say(
            DETAILS,
            f"{name}: ratio {result.ratio:.3f}, {result.bits_per_byte:.3f} bits per byte, "
            f"{result.seconds:.2f} s, {result.speed / 1000:.1f} kB/s ({sizes})",
        )

    def _progress(self, name: str, total: int | None) -> Progress:
        terminal = sys.stderr is not None and sys.stderr.isatty()
        wanted = self._job.progress and self._console.verbosity > ERRORS
        # Beside content on the same terminal a bar would only be in the way.
        clear = not (self._job.to_stdout and _is_terminal(1))
        return Progress(printable(name), total, shown=terminal and wanted and clear)

    def _compressor(self, progress: Progress) -> Compressor:
        return Compressor(
            self._job.level, block_size=self._job.block_size, progress=progress.callback
        )

    def _decoder(self) -> ArchiveDecoder:
        limit = self._job.memory_limit
        return ArchiveDecoder(
            memory_limit=DEFAULT_MEMORY_LIMIT if limit is None else limit or None,
            output_limit=self._job.max_output_size,
        )

    def _test(self, name: str) -> Result:
        with _source(name) as (stream, total), self._progress(name, total) as progress:
            raw_size, size, _ = decompress_stream(
                stream, None, self._decoder(), consumed=progress.callback
            )
        return Result(Path(name), Path(name), raw_size, size, 0.0)

    def _to_stream(self, name: str) -> Result:
        job = self._job
        if job.output is not None or job.output_dir is not None:
            raise UnsuitableFileError(errno.EINVAL, "standard input goes to standard output")
        if not job.force and job.action == "compress" and _is_terminal(1):
            raise UnsuitableFileError(
                errno.EINVAL, "refusing to write an archive to a terminal (-f to do it)"
            )
        damage: DataError | None = None
        with _source(name) as (stream, total), self._progress(name, total) as progress:
            sink = _standard(1)
            if job.action == "compress":
                raw, size = compress_stream(stream, sink, self._compressor(progress))
            else:
                raw, size, damage = decompress_stream(
                    stream,
                    sink,
                    self._decoder(),
                    salvage=job.salvage,
                    consumed=progress.callback,
                )
        return Result(Path(name), Path("standard output"), raw, size, 0.0, damage)

    def _to_file(self, path: Path) -> Result:
        job = self._job
        self._check_source(path)
        output = self._output_name(path)
        size = path.stat().st_size
        with self._progress(path.name, size) as progress:
            if job.action == "compress":
                result = compress_file(
                    path, output, self._compressor(progress), overwrite=job.force, sync=job.sync
                )
            else:
                result = decompress_file(
                    path,
                    output,
                    self._decoder(),
                    overwrite=job.force,
                    sync=job.sync,
                    salvage=job.salvage,
                    consumed=progress.callback,
                )
        if job.remove and result.damage is None:
            path.unlink()
        return result

    def _output_name(self, path: Path) -> Path:
        job = self._job
        if job.output is not None:
            return Path(job.output)
        name = archive_name(path) if job.action == "compress" else content_name(path)
        return name if job.output_dir is None else Path(job.output_dir) / name.name

    def _check_source(self, path: Path) -> None:
        """Refuse what should not be replaced by an archive unless asked to."""
        if self._job.force or self._job.output is not None:
            return
        if path.is_symlink():
            raise UnsuitableFileError(errno.EINVAL, "is a symbolic link (-f follows it)")
        if path.exists() and not path.is_file():
            raise UnsuitableFileError(errno.EINVAL, "is not a regular file (-c or -o reads it)")


@contextlib.contextmanager
def _source(name: str) -> Iterator[tuple[BinaryIO, int | None]]:
    if name == STDIN:
        yield _standard(0), None
        return
    with open_input(Path(name)) as (stream, status):
        yield stream, status.st_size if is_regular(status) else None


def _standard(descriptor: int) -> BinaryIO:
    """Return standard input (0) or output (1) as a raw binary stream."""
    if sys.platform == "win32":
        import msvcrt

        msvcrt.setmode(descriptor, os.O_BINARY)
    return open(descriptor, "rb" if descriptor == 0 else "wb", buffering=0, closefd=False)


def _is_terminal(descriptor: int) -> bool:
    try:
        return os.isatty(descriptor)
    except OSError:
        return False
