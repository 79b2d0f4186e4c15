"""`tarfile.TarFile` that reads and writes .tar.wl: modes "r:wl", "w:wl" and "x:wl".

A mode of "r" finds out by itself what the file is, as the standard class does.
"""

from __future__ import annotations

import tarfile
from os import PathLike
from typing import TYPE_CHECKING, Any, BinaryIO, Literal

from weightless.errors import NotAnArchiveError
from weightless.frames.decoder import DEFAULT_MEMORY_LIMIT
from weightless.streams.file import WeightlessFile

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["TarFile"]

if not hasattr(tarfile, "data_filter"):
    raise ImportError(
        "weightless extracts by the data filter only, which this Python's tarfile lacks: "
        "3.10.12, 3.11.4 and later ones have it"
    )


class TarFile(tarfile.TarFile):
    """A tar archive, compressed or not; extracts by the data filter unless told otherwise."""

    OPEN_METH = {**tarfile.TarFile.OPEN_METH, "wl": "wlopen"}  # noqa: RUF012
    extraction_filter = staticmethod(tarfile.data_filter)

    _archive: WeightlessFile | None = None

    @classmethod
    def wlopen(
        cls,
        name: str | bytes | PathLike[str] | PathLike[bytes] | None,
        mode: Literal["r", "w", "x"] = "r",
        fileobj: BinaryIO | None = None,
        *,
        level: int | None = None,
        frame_size: int | None = None,
        threads: int = 1,
        memory_limit: int | None = DEFAULT_MEMORY_LIMIT,
        **options: Any,
    ) -> Self:
        """Open a .tar.wl; `TarFile.open` calls this.

        Parameters
        ----------
        name, mode, fileobj, **options
            As for `tarfile.TarFile`.
        level, frame_size, threads, memory_limit
            See `weightless.WeightlessFile`. With a frame size, reading a single member
            decodes no more than its frames.
        """
        if mode not in ("r", "w", "x"):
            raise ValueError("mode must be 'r', 'w' or 'x'")
        source = fileobj if fileobj is not None else name
        if source is None:
            raise ValueError("nothing to open")
        archive = WeightlessFile(
            source,
            mode,
            level,
            frame_size=frame_size,
            threads=threads,
            memory_limit=memory_limit,
        )
        try:
            tar = cls.taropen(name, mode, archive, **options)
        except NotAnArchiveError as error:
            archive.close()
            raise tarfile.ReadError("not a weightless archive") from error
        except BaseException:
            archive.close()
            raise
        tar._archive = archive
        return tar

    def close(self) -> None:
        """Write the end, and close what was opened."""
        try:
            super().close()
        finally:
            if self._archive is not None:
                self._archive.close()
