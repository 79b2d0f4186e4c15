"""fsspec: files ending in .wl are archives, for everything that opens files through it.

After `register()`, `fsspec.open("data.csv.wl", compression="infer")` reads and writes
content; so do dask (`compression="infer"` is its default) and pandas
(`storage_options={"compression": "infer"}` with a URL).
"""

from __future__ import annotations

from functools import partial
from typing import Any, BinaryIO

from fsspec.compression import register_compression

from weightless.files.names import SUFFIX
from weightless.levels import level_parameters
from weightless.streams.file import WeightlessFile

__all__ = ["register"]


def register(level: int | None = None, *, frame_size: int | None = None, threads: int = 1) -> None:
    """Make "weightless" a compression of fsspec's; again, with other options.

    Parameters
    ----------
    level, frame_size, threads
        For what is written, and the threads for what is read too: see
        `weightless.compress`.
    """
    level_parameters(level)
    opener = partial(_open, level, frame_size, threads)
    register_compression("weightless", opener, SUFFIX[1:], force=True)


def _open(
    level: int | None,
    frame_size: int | None,
    threads: int,
    file: BinaryIO,
    mode: str = "rb",
    **options: Any,
) -> WeightlessFile:
    """Open an archive as fsspec asks for it."""
    options = {"threads": threads, **options}
    if mode.startswith("r"):
        return WeightlessFile(file, mode, **options)
    return WeightlessFile(file, mode, **{"level": level, "frame_size": frame_size, **options})
