"""A compression for fsspec, for files whose names end in .wl.

After `register()`, `fsspec.open("data.csv.wl", compression="infer")` decompresses on reading
and compresses on writing. So does everything that opens files through fsspec: dask
(`compression="infer"` is its default for reading, and for reading and writing bags) and pandas
(with a URL and `storage_options={"compression": "infer"}`).

A pickled fsspec file includes the registration, so a process that receives it, such as a dask
worker, need not call `register`.
"""

from __future__ import annotations

import copyreg
import io
from collections.abc import Callable
from functools import partial
from typing import Any, BinaryIO, NamedTuple

from fsspec.compression import register_compression
from fsspec.core import OpenFile

from weightless.files.names import SUFFIX
from weightless.files.prior import Prior, check_prior
from weightless.streams.file import WeightlessFile

__all__ = ["register"]

_NAME = "weightless"


class _Options(NamedTuple):
    level: int | None
    frame_size: int | None
    threads: int
    primed: bool = False
    prior: Prior | None = None


_options = _Options(None, None, 1)
#: Whether `register` was called in this process; if not, unpickling a file sets the options.
_called = False


def register(
    level: int | None = None,
    *,
    frame_size: int | None = None,
    primed: bool = False,
    prior: Prior | None = None,
    threads: int = 1,
) -> None:
    """Register "weightless" as a compression of fsspec.

    Another call replaces the options. Files that `fsspec.open` returns can be pickled and
    opened with the same options in a process that has not called this function.

    Parameters
    ----------
    level, frame_size, primed
        Options for writing, see `weightless.compress`.
    prior : Prior, optional
        A prior for writing and reading.
    threads : int
        Number of threads for writing and reading, 0 for one per processor.

    Raises
    ------
    ParameterError
        If an option is out of range.
    TypeError
        If an option has the wrong type.
    """
    global _called
    options = _Options(level, frame_size, threads, primed, check_prior(prior))
    # fsspec opens a file, and thereby empties it, before it asks for the compression.
    _open(options, io.BytesIO(), "wb").close()
    _install(options)
    _called = True


def _install(options: _Options) -> None:
    global _options
    _options = options
    register_compression(_NAME, partial(_open, options), SUFFIX[1:], force=True)
    # fsspec pickles a compression by its name, which a new process has not registered yet.
    copyreg.pickle(OpenFile, _reduce)


def _reduce(file: Any) -> tuple[Any, ...]:
    """Pickle a file as fsspec does, together with the registration if the file needs it."""
    make, arguments, *state = file.__reduce__()
    if file.compression == _NAME:
        make, arguments = _load, (tuple(_options), make, arguments)
    return (make, arguments, *state)


def _load(options: tuple[Any, ...], make: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    """Unpickle a file, and register the compression unless `register` was called."""
    if not _called:
        _install(_Options(*options))
    return make(*arguments)


def _open(options: _Options, file: BinaryIO, mode: str = "rb", **others: Any) -> WeightlessFile:
    """Open an archive; called by fsspec."""
    chosen = {"threads": options.threads, "prior": options.prior, **others}
    if mode.startswith("r"):
        return WeightlessFile(file, mode, **chosen)
    return WeightlessFile(
        file,
        mode,
        **{
            "level": options.level,
            "frame_size": options.frame_size,
            "primed": options.primed,
            **chosen,
        },
    )
