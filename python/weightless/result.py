"""The result of compressing or decompressing a file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from weightless.errors import DataError

__all__ = ["Result"]


@dataclass(frozen=True)
class Result:
    """What `weightless.compress` and `weightless.decompress` return for a file.

    Attributes
    ----------
    source, output : Path
        The file that was read and the file that was written.
    raw_size, compressed_size : int
        Size of the content and of the archive in bytes.
    seconds : float
        Elapsed (wall-clock) time.
    damage : DataError or None
        After decompression with ``salvage=True``: the error that ended it, with its
        offset. None if the archive is intact.
    resumed : int
        With ``resume=True``: bytes of content that an earlier run had already processed.
    outdated : bool
        With ``resume=True``: whether the earlier run had processed more, which does not match
        the source any more and has been done again.
    """

    source: Path
    output: Path
    raw_size: int
    compressed_size: int
    seconds: float
    damage: DataError | None = None
    resumed: int = 0
    outdated: bool = False

    @property
    def ratio(self) -> float:
        """Raw size divided by compressed size; 0 if the compressed size is 0."""
        return self.raw_size / self.compressed_size if self.compressed_size else 0.0

    @property
    def bits_per_byte(self) -> float:
        """Bits of archive per byte of content; 0 if there is no content."""
        return 8 * self.compressed_size / self.raw_size if self.raw_size else 0.0

    @property
    def speed(self) -> float:
        """Bytes of content per second."""
        return self.raw_size / self.seconds if self.seconds > 0 else 0.0
