"""A `tarfile.TarFile` that also reads and writes .tar.wl, in the modes "r:wl", "w:wl", "x:wl".

The modes "r|wl" and "w|wl" are for files that are not seekable, such as pipes and sockets.
The modes "r", "r:*" and "r|*" detect the compression, as those of the standard class do.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from io import FileIO
from os import PathLike
from typing import TYPE_CHECKING, Any, BinaryIO, Literal

from weightless.container.header import MAGIC
from weightless.errors import DataError, NotAnArchiveError, TruncatedError
from weightless.files.prior import Prior
from weightless.files.pump import read_some
from weightless.frames.cost import DEFAULT_COST_LIMIT
from weightless.frames.decoder import DEFAULT_MEMORY_LIMIT
from weightless.streams.file import WeightlessFile

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

__all__ = ["TarFile"]

if not hasattr(tarfile, "data_filter"):
    raise ImportError(
        "weightless requires the data filter of tarfile, which this version of Python lacks; "
        "3.10.12, 3.11.4 and all later versions have it"
    )


class TarFile(tarfile.TarFile):
    """A tar archive in any compression that tarfile supports, or in that of weightless.

    It extracts with tarfile's data filter by default.
    """

    OPEN_METH = {**tarfile.TarFile.OPEN_METH, "wl": "wlopen"}  # noqa: RUF012
    extraction_filter = staticmethod(tarfile.data_filter)

    _opened: ExitStack | None = None  # the files to close together with this one

    @classmethod
    def open(  # type: ignore[override]
        cls,
        name: str | bytes | PathLike[str] | PathLike[bytes] | None = None,
        mode: str = "r",
        fileobj: Any = None,
        bufsize: int = tarfile.RECORDSIZE,
        **options: Any,
    ) -> Self:
        """Open a tar archive for reading or writing.

        Parameters
        ----------
        name, mode, fileobj, bufsize
            As for `tarfile.TarFile.open`, with the additional modes "r:wl", "w:wl", "x:wl",
            and "r|wl" and "w|wl" for sequential access to a file that is not seekable.
        **options
            As for `tarfile.TarFile.open`; for .wl also those of `wlopen`.

        Raises
        ------
        tarfile.ReadError
            If the file is not a tar archive in that compression.
        DataError
            If the archive is damaged.
        ValueError
            If the mode is invalid, or neither a name nor a file object is given.
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
        primed: bool = False,
        prior: Prior | None = None,
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
                source = _PeekableFile(source)
            if isinstance(source, _PeekableFile) and not source.starts_with(MAGIC):
                below, kind = source, "r|*"
            else:
                below, kind = (
                    WeightlessFile(
                        source,
                        "w" if writes else "r",
                        level,
                        frame_size=frame_size,
                        primed=primed,
                        prior=prior,
                        threads=threads,
                        memory_limit=memory_limit,
                        cost_limit=cost_limit,
                    ),
                    "w|" if writes else "r|",
                )
                opened.enter_context(below)
            with _data_errors_as_read_errors():
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
        primed: bool = False,
        prior: Prior | None = None,
        threads: int = 1,
        memory_limit: int | None = DEFAULT_MEMORY_LIMIT,
        cost_limit: int | None = DEFAULT_COST_LIMIT,
        **options: Any,
    ) -> Self:
        """Open a .tar.wl archive; `TarFile.open` calls this method.

        Parameters
        ----------
        name, mode, fileobj, **options
            As for `tarfile.TarFile`.
        level, frame_size, primed, prior, threads, memory_limit, cost_limit
            See `weightless.WeightlessFile`. If the archive has several frames, reading a
            single member decodes only the frames that contain it.

        Raises
        ------
        tarfile.ReadError, DataError, ValueError
            As `open`.
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
                primed=primed,
                prior=prior,
                threads=threads,
                memory_limit=memory_limit,
                cost_limit=cost_limit,
            )
            opened.enter_context(archive)
            with _data_errors_as_read_errors():
                tar = cls.taropen(name, mode, archive, **options)
            tar._opened = opened.pop_all()
        return tar

    def close(self) -> None:
        """Write the end of the archive, and close the files that were opened for it."""
        with self._opened or ExitStack():
            super().close()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the archive; after an error without writing the end of the tar archive."""
        with self._opened or ExitStack():
            super().__exit__(kind, error, traceback)


class _PeekableFile:
    """A file that is not seekable, whose first bytes can be read in advance."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self._head = b""

    def starts_with(self, prefix: bytes) -> bool:
        """Return whether the file starts with `prefix`, without consuming any bytes."""
        while len(self._head) < len(prefix):
            piece = self._read(len(prefix) - len(self._head))
            if not piece:
                break
            self._head += piece
        return self._head == prefix

    def read(self, size: int) -> bytes:
        """Return at most `size` bytes; empty only at the end."""
        if not self._head:
            return self._read(size)
        head, self._head = self._head[:size], self._head[size:]
        return head

    def _read(self, size: int) -> bytes:
        return bytes(read_some(self._file, size))


@contextmanager
def _data_errors_as_read_errors() -> Iterator[None]:
    """Convert an error about a file of another type into tarfile.ReadError."""
    try:
        yield
    except DataError as error:
        no_header = isinstance(error, TruncatedError) and error.offset == 0
        if no_header or isinstance(error, NotAnArchiveError):
            raise tarfile.ReadError("not a weightless archive") from error
        raise
