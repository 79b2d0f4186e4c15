"""What an operation on files did."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from weightless.errors import DataError

__all__ = ["Result"]


@dataclass(frozen=True)
class Result:
    """One file compressed or decompressed.

    Attributes
    ----------
    source, output : Path
        The file read and the file written.
    raw_size, compressed_size : int
        Bytes of content and of archive.
    seconds : float
        Wall-clock time.
    damage : DataError or None
        Where and why salvaging stopped; None for a sound archive.
    """

    source: Path
    output: Path
    raw_size: int
    compressed_size: int
    seconds: float
    damage: DataError | None = None

    @property
    def ratio(self) -> float:
        """Raw size over compressed size; 0 for an empty archive."""
        return self.raw_size / self.compressed_size if self.compressed_size else 0.0

    @property
    def bits_per_byte(self) -> float:
        """Bits of archive per byte of content; 0 for no content."""
        return 8 * self.compressed_size / self.raw_size if self.raw_size else 0.0

    @property
    def speed(self) -> float:
        """Bytes of content per second."""
        return self.raw_size / self.seconds if self.seconds > 0 else 0.0
