"""`weightless -b`: measure compressed sizes and speeds in memory at a range of levels."""

from __future__ import annotations

import io
import time
from dataclasses import asdict, dataclass

from weightless.cli.console import name_of_input, printable
from weightless.cli.inputs import open_source
from weightless.cli.job import Job
from weightless.cli.progress import Progress
from weightless.errors import CorruptError
from weightless.files.prior import Prior
from weightless.files.pump import read_all
from weightless.frames.archive_decoder import ArchiveDecoder
from weightless.frames.archive_encoder import ArchiveEncoder
from weightless.levels import level_parameters
from weightless.sizes import human_size

__all__ = ["HEADINGS", "Measurement", "measure", "read", "row", "to_json"]


@dataclass(frozen=True)
class Measurement:
    """The result for one file at one level; speeds are in bytes of content per second."""

    filename: str
    level: int
    uncompressed_size: int
    compressed_size: int
    compression_speed: float
    decompression_speed: float
    memory: int


def read(name: str) -> bytes:
    """Return the whole content of a file or of standard input."""
    with open_source(name) as stream:
        return read_all(stream)


def measure(
    name: str, data: bytes, level: int, job: Job, prior: Prior | None = None, *, shown: bool
) -> Measurement:
    """Compress and decompress `data` and check that the result is identical.

    Parameters
    ----------
    prior : Prior, optional
        What the model reads before; that is not part of the time.
    shown : bool
        Whether to show progress.

    Raises
    ------
    CorruptError
        If decompression does not restore `data`.
    """
    label = printable(name_of_input(name))
    parameters = level_parameters(level)
    if prior is not None:
        prior.give_back(parameters, prior.take(parameters, threads=job.threads))
    start = time.perf_counter()
    with Progress(f"{label} -{level}", len(data), shown=shown) as progress:
        progress.begin()
        encoder = ArchiveEncoder(
            parameters,
            block_size=job.block_size,
            frame_size=job.frame_size,
            frame_at=job.frame_at,
            prior=prior,
            primed=job.primed,
            threads=job.threads,
            progress=progress.of_content,
        )
        archive = encoder.write(memoryview(data)) + encoder.finish()
    middle = time.perf_counter()
    with Progress(f"{label} -{level} -d", len(data), shown=shown) as progress:
        progress.begin()
        decoder = ArchiveDecoder(
            memory_limit=None,
            cost_limit=None,
            prior=prior,
            threads=job.threads,
            progress=progress.of_content,
        )
        position = 0
        for block in decoder.decode(io.BytesIO(archive)):
            if block != data[position : position + len(block)]:
                raise CorruptError("decompression does not restore the content")
            position += len(block)
            progress.to(position)
    end = time.perf_counter()
    return Measurement(
        filename=name,
        level=level,
        uncompressed_size=len(data),
        compressed_size=len(archive),
        compression_speed=len(data) / (middle - start),
        decompression_speed=len(data) / (end - middle),
        memory=parameters.memory_for(_largest_frame(job, len(data))),
    )


def _largest_frame(job: Job, size: int) -> int:
    if job.frame_size is None:
        return size
    # A frame that ends behind a delimiter may have twice its size.
    return min(size, job.frame_size * (1 if job.frame_at is None else 2))


HEADINGS = (
    f"{'Level':>5} {'Uncompressed':>13} {'Compressed':>11} {'Ratio':>7} {'Bits/byte':>9} "
    f"{'Compression':>12} {'Decompr.':>12} {'Memory':>9}  Filename\n"
)


def row(m: Measurement) -> str:
    """Return the line of the table for one measurement."""
    ratio = m.uncompressed_size / m.compressed_size
    bits = 8 * m.compressed_size / m.uncompressed_size if m.uncompressed_size else 0.0
    speeds = [f"{human_size(s)}/s" for s in (m.compression_speed, m.decompression_speed)]
    return (
        f"{m.level:>5} {m.uncompressed_size:>13} {m.compressed_size:>11} {ratio:>7.3f} "
        f"{bits:>9.4f} {speeds[0]:>12} {speeds[1]:>12} {human_size(m.memory):>9}  "
        f"{printable(name_of_input(m.filename))}\n"
    )


def to_json(measurements: list[Measurement]) -> str:
    """Return all measurements as JSON, one object for each."""
    import json

    return json.dumps([asdict(m) for m in measurements], indent=2) + "\n"
