"""The measurements of each program on each file, and their totals over all files."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

__all__ = ["Comparison", "Run", "Summary", "load", "save"]


@dataclass(frozen=True)
class Run:
    """The measurements of one program on one file."""

    program: str
    family: str
    file: str
    raw: int
    compressed: int
    compress_cpu: float
    decompress_cpu: float
    compress_wall: float
    decompress_wall: float
    compress_memory: int
    decompress_memory: int
    memory_floor: int


@dataclass(frozen=True)
class Summary:
    """The totals of one program over all files."""

    program: str
    family: str
    raw: int
    compressed: int
    compress_cpu: float
    decompress_cpu: float
    memory: int  # the maximum over all runs, compression and decompression
    memory_floor: int

    @property
    def bits_per_byte(self) -> float:
        """Bits of archive per byte of content."""
        return 8 * self.compressed / max(1, self.raw)

    @property
    def compress_speed(self) -> float:
        """KB of content per second of CPU time."""
        return self.raw / 1000 / max(self.compress_cpu, 1e-9)

    @property
    def decompress_speed(self) -> float:
        """KB of content per second of CPU time."""
        return self.raw / 1000 / max(self.decompress_cpu, 1e-9)


@dataclass(frozen=True)
class Comparison:
    """The results of one run of `compare.py`."""

    machine: str
    runs: tuple[Run, ...]

    @property
    def files(self) -> list[str]:
        """Names of the files, in order."""
        return list(dict.fromkeys(run.file for run in self.runs))

    def summaries(self) -> list[Summary]:
        """Return one summary per program, in order of appearance."""
        by_program: dict[str, list[Run]] = {}
        for run in self.runs:
            by_program.setdefault(run.program, []).append(run)
        return [
            Summary(
                program=name,
                family=runs[0].family,
                raw=sum(run.raw for run in runs),
                compressed=sum(run.compressed for run in runs),
                compress_cpu=sum(run.compress_cpu for run in runs),
                decompress_cpu=sum(run.decompress_cpu for run in runs),
                memory=max(max(run.compress_memory, run.decompress_memory) for run in runs),
                memory_floor=max(run.memory_floor for run in runs),
            )
            for name, runs in by_program.items()
        ]


def save(comparison: Comparison, path: Path) -> None:
    """Write a comparison as JSON."""
    path.write_text(json.dumps(asdict(comparison), indent=1) + "\n", encoding="utf-8")


def load(path: Path) -> Comparison:
    """Read a comparison that `save` wrote."""
    record = json.loads(path.read_text(encoding="utf-8"))
    return Comparison(record["machine"], tuple(Run(**run) for run in record["runs"]))
