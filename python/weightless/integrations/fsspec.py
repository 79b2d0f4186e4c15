"""fsspec: files ending in .wl are archives, for everything that opens files through it.

After `register()`, `fsspec.open("data.csv.wl", compression="infer")` reads and writes
content; so do dask (`compression="infer"` is the default where it reads, and of its bags) and
pandas (`storage_options={"compression": "infer"}` with a URL).

fsspec's files take the registration with them when they are pickled: a process that they
are sent to, a dask worker, need not call `register`.
"""

from __future__ import annotations

import copyreg
from collections.abc import Callable
from functools import partial
from typing import Any, BinaryIO, NamedTuple

from fsspec.compression import register_compression
from fsspec.core import OpenFile

from weightless.files.names import SUFFIX
from weightless.levels import level_parameters
from weightless.streams.file import WeightlessFile

__all__ = ["register"]

_NAME = "weightless"


class _Options(NamedTuple):
    level: int | None
    frame_size: int | None
    threads: int


_options = _Options(None, None, 1)
#: Whether `register` was called in this process; else options come with what is unpickled.
_called = False


def register(level: int | None = None, *, frame_size: int | None = None, threads: int = 1) -> None:
    """Make "weightless" a compression of fsspec's; again, with other options.

    Files that `fsspec.open` returns may be pickled then and opened in a process that has
    not called this, with the same options.

    Parameters
    ----------
    level, frame_size, threads
        For what is written, and the threads for what is read too: see
        `weightless.compress`.
    """
    global _called
    level_parameters(level)
    _install(_Options(level, frame_size, threads))
    _called = True


def _install(options: _Options) -> None:
    global _options
    _options = options
    register_compression(_NAME, partial(_open, options), SUFFIX[1:], force=True)
    # fsspec pickles a compression by its name, which a new process does not know yet.
    copyreg.pickle(OpenFile, _reduce)


def _reduce(file: Any) -> tuple[Any, ...]:
    """Pickle a file of fsspec's as it would itself, with the registration if it needs it."""
    make, arguments, *state = file.__reduce__()
    if file.compression == _NAME:
        make, arguments = _load, (tuple(_options), make, arguments)
    return (make, arguments, *state)


def _load(options: tuple[Any, ...], make: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    """Unpickle a file of fsspec's."""
    if not _called:
        _install(_Options(*options))
    return make(*arguments)


def _open(options: _Options, file: BinaryIO, mode: str = "rb", **others: Any) -> WeightlessFile:
    """Open an archive as fsspec asks for it."""
    chosen = {"threads": options.threads, **others}
    if mode.startswith("r"):
        return WeightlessFile(file, mode, **chosen)
    return WeightlessFile(
        file, mode, **{"level": options.level, "frame_size": options.frame_size, **chosen}
    )
