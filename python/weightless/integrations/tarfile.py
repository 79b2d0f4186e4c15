"""`tarfile.TarFile` that reads and writes .tar.wl: modes "r:wl", "w:wl" and "x:wl".

For what cannot seek (a pipe, a socket) there are "r|wl" and "w|wl". Modes of "r", "r:*"
and "r|*" find out by themselves what the file is, as the standard class does.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from io import FileIO
from os import PathLike
from typing import TYPE_CHECKING, Any, BinaryIO, Literal

from weightless.container.header import MAGIC
from weightless.container.waiting import wait_until_ready
from weightless.errors import DataError, NotAnArchiveError, TruncatedError
from weightless.frames.cost import DEFAULT_COST_LIMIT
from weightless.frames.decoder import DEFAULT_MEMORY_LIMIT
from weightless.streams.file import WeightlessFile

if TYPE_CHECKING:
    from types import TracebackType

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

    _opened: ExitStack | None = None  # what has to be closed with it

    @classmethod
    def open(  # type: ignore[override]
        cls,
        name: str | bytes | PathLike[str] | PathLike[bytes] | None = None,
        mode: str = "r",
        fileobj: Any = None,
        bufsize: int = tarfile.RECORDSIZE,
        **options: Any,
    ) -> Self:
        """Open a tar archive of any kind, as the standard class does.

        Parameters
        ----------
        name, mode, fileobj, bufsize
            As for `tarfile.TarFile.open`; the modes "r|wl", "w|wl" and "r|*" are for
            archives that are read or written in one go, from or to what cannot seek.
        **options
            As there; for .wl also those of `wlopen`.

        Raises
        ------
        tarfile.ReadError
            If it is no archive of that kind.
        DataError
            If it is one that is damaged.
        """
        if mode in ("w|wl", "r|wl", "r|*", "|wl", "|*"):
            if fileobj is None and not name:
                raise ValueError("nothing to open")
            return cls._open_stream(name, mode, fileobj, bufsize, **options)
        standard: Any = super().open
        tar: Self = standard(name, mode, fileobj, bufsize, **options)
        return tar

    @classmethod
    def _open_stream(
        cls,
        name: Any,
        mode: str,
        fileobj: Any,
        bufsize: int,
        *,
        level: int | None = None,
        frame_size: int | None = None,
        threads: int = 1,
        memory_limit: int | None = DEFAULT_MEMORY_LIMIT,
        cost_limit: int | None = DEFAULT_COST_LIMIT,
        **options: Any,
    ) -> Self:
        writes = mode.startswith("w")
        with ExitStack() as opened:
            source = name if fileobj is None else fileobj
            below: Any
            if mode.endswith("*"):
                if fileobj is None:
                    source = opened.enter_context(FileIO(name))
                source = _Head(source)
            if isinstance(source, _Head) and not source.starts_with(MAGIC):
                below, kind = source, "r|*"
            else:
                below, kind = (
                    WeightlessFile(
                        source,
                        "w" if writes else "r",
                        level,
                        frame_size=frame_size,
                        threads=threads,
                        memory_limit=memory_limit,
                        cost_limit=cost_limit,
                    ),
                    "w|" if writes else "r|",
                )
                opened.enter_context(below)
            with _refusals():
                standard: Any = super().open
                tar: Self = standard(name, kind, below, bufsize, **options)
            tar._opened = opened.pop_all()
        return tar

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
        cost_limit: int | None = DEFAULT_COST_LIMIT,
        **options: Any,
    ) -> Self:
        """Open a .tar.wl; `TarFile.open` calls this.

        Parameters
        ----------
        name, mode, fileobj, **options
            As for `tarfile.TarFile`.
        level, frame_size, threads, memory_limit, cost_limit
            See `weightless.WeightlessFile`. With a frame size, reading a single member
            decodes no more than its frames.
        """
        if mode not in ("r", "w", "x"):
            raise ValueError("mode must be 'r', 'w' or 'x'")
        source = fileobj if fileobj is not None else name
        if source is None:
            raise ValueError("nothing to open")
        with ExitStack() as opened:
            archive = WeightlessFile(
                source,
                mode,
                level,
                frame_size=frame_size,
                threads=threads,
                memory_limit=memory_limit,
                cost_limit=cost_limit,
            )
            opened.enter_context(archive)
            with _refusals():
                tar = cls.taropen(name, mode, archive, **options)
            tar._opened = opened.pop_all()
        return tar

    def close(self) -> None:
        """Write the end, and close what was opened."""
        with self._opened or ExitStack():
            super().close()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close what was opened; after an error without writing the tar archive's end."""
        with self._opened or ExitStack():
            super().__exit__(kind, error, traceback)


class _Head:
    """A file that cannot seek, whose first bytes can be looked at."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self._head = b""

    def starts_with(self, prefix: bytes) -> bool:
        """Tell whether the file begins with some bytes, without going behind them."""
        while len(self._head) < len(prefix):
            piece = self._read(len(prefix) - len(self._head))
            if not piece:
                break
            self._head += piece
        return self._head == prefix

    def read(self, size: int) -> bytes:
        """Return at most `size` bytes; none at the end only."""
        head, self._head = self._head[:size], self._head[size:]
        return head + self._read(size - len(head)) if len(head) < size else head

    def _read(self, size: int) -> bytes:
        while (data := self._file.read(size)) is None:
            wait_until_ready(self._file)
        return bytes(data)


@contextmanager
def _refusals() -> Iterator[None]:
    """Turn what says that a file is of another kind into tarfile's error."""
    try:
        yield
    except DataError as error:
        nothing = isinstance(error, TruncatedError) and error.offset == 0
        if nothing or isinstance(error, NotAnArchiveError):
            raise tarfile.ReadError("not a weightless archive") from error
        raise
