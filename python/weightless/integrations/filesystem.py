"""A file system of fsspec that shows archives as the content they have.

fsspec finds it by its entry point: where this package is installed, `wl::` before any other URL
(`wl::s3://bucket/x.csv.wl`, `wl::file://...`) opens archives as plain files, whose ranges can be
read at random and by several threads. `dask.dataframe.read_csv("wl::...", blocksize=...)` splits
them therefore like plain text.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from datetime import datetime
from typing import Any, BinaryIO, NamedTuple, cast

import fsspec
from fsspec.implementations.chained import ChainedFileSystem

from weightless.container.header import parse_header
from weightless.container.varint import NeedMoreData
from weightless.container.window import MAX_FRAME_HEADER
from weightless.errors import DataError, LimitError, ParameterError, PriorError, WeightlessError
from weightless.files.prior import Prior, check_prior
from weightless.frames.cost import DEFAULT_COST_LIMIT
from weightless.frames.decoder import DEFAULT_MEMORY_LIMIT
from weightless.integers import optional_integer
from weightless.integrations.frame_cache import (
    FrameTable,
    Place,
    RangeFile,
    SharedCache,
    decode_frame,
    not_in_table,
    read_frames,
)
from weightless.streams.file import WeightlessFile

__all__ = ["ContentFile", "SourceChangedError", "Version", "WeightlessFileSystem", "version_of"]

#: Bytes of decoded frames that a file system keeps, unless it is told otherwise.
DEFAULT_CACHE_SIZE = 256 << 20
# Frames that are listed in the tables that a file system keeps.
_TABLES = 1 << 20

# Options that fsspec's own constructor takes.
_FSSPEC = frozenset(
    (
        "asynchronous",
        "batch_size",
        "listings_expiry_time",
        "loop",
        "max_paths",
        "skip_instance_cache",
        "use_listings_cache",
    )
)

# What identifies content, the first that a store tells; listings tell the same as `info` does.
_TAGS = ("ETag", "etag", "generation", "md5Hash", "content_md5")
# What stores without these tell.
_TIMES = ("mtime", "LastModified", "last_modified", "created", "updated", "ino")

#: What changes when a file does: names of what its file system tells, with the values as text.
Version = tuple[tuple[str, str], ...]


class SourceChangedError(WeightlessError):
    """An archive was replaced while its content was being read."""


class _Archive(NamedTuple):
    path: str
    version: Version
    table: FrameTable


class WeightlessFileSystem(ChainedFileSystem):
    """A file system whose files are the content of archives in another one.

    The names are those of the archives. `info` and open files state the size of the content,
    which the seek table at the end of an archive of several frames says; listings do not (their
    sizes are None), because that would take a request for each file.

    Parameters
    ----------
    target_protocol, target_options
        The file system that contains the archives; a chained URL states them.
    fs : AbstractFileSystem, optional
        The same as an object.
    cache_size : int
        Bytes of decoded frames to keep, in all files of this object. Frames with more content
        than that are decoded as a stream, from their start.
    threads : int
        Number of threads that decode a frame, 0 for one per processor. Different frames are
        decoded in parallel if several threads read them.
    prior : Prior, optional
        The prior that frames may name, and for writing.
    memory_limit, cost_limit : int or None
        As for `weightless.open`.
    level, frame_size, frame_at, primed
        For writing: see `weightless.compress`.

    Raises
    ------
    ParameterError
        If an option is out of range.
    TypeError
        If an option has the wrong type.
    """

    protocol = "wl"
    cachable = True

    def __init__(
        self,
        target_protocol: str | None = None,
        target_options: dict[str, Any] | None = None,
        fs: Any = None,
        *,
        cache_size: int = DEFAULT_CACHE_SIZE,
        threads: int = 1,
        prior: Prior | None = None,
        memory_limit: int | None = DEFAULT_MEMORY_LIMIT,
        cost_limit: int | None = DEFAULT_COST_LIMIT,
        level: int | None = None,
        frame_size: int | None = None,
        frame_at: bytes | None = None,
        primed: bool = False,
        **options: Any,
    ) -> None:
        options.pop("fo", None)  # the path of the archive, which every call states again
        if unknown := sorted(options.keys() - _FSSPEC):
            raise TypeError(f"unknown option of wl: {', '.join(unknown)}")
        super().__init__(**options)
        if fs is None:
            fs = fsspec.filesystem(target_protocol or "file", **(target_options or {}))
        elif target_protocol is not None:
            raise ParameterError("give fs or target_protocol, not both")
        self.fs = fs
        limit = optional_integer(cache_size, "cache_size", 0) or 0
        self._cache: SharedCache[bytes] = SharedCache(limit, len)
        self._decoding = {
            "threads": threads,
            "memory_limit": memory_limit,
            "cost_limit": cost_limit,
        }
        self._prior = check_prior(prior)
        self._writing = {
            "level": level,
            "frame_size": frame_size,
            "frame_at": frame_at,
            "primed": primed,
        }
        self._tables: SharedCache[FrameTable] = SharedCache(
            _TABLES, lambda table: len(table.frames) + 1
        )
        self._strip_protocol = self._strip

    def _strip(self, path: Any) -> Any:
        """Return the path of the archive in the other file system."""
        if isinstance(path, list):
            return [self._strip(each) for each in path]
        return self.fs._strip_protocol(super()._strip_protocol(path))

    # What a name is, and what can be done without decoding, the other file system answers.

    def ls(self, path: str, detail: bool = True, **options: Any) -> Any:
        """List a directory; the sizes of files are None."""
        entries = self.fs.ls(self._strip(path), detail=True, **options)
        if not detail:
            return [entry["name"] for entry in entries]
        return [_without_size(entry) for entry in entries]

    def find(
        self,
        path: str,
        maxdepth: int | None = None,
        withdirs: bool = False,
        detail: bool = False,
        **options: Any,
    ) -> Any:
        """List all files below a directory; their sizes are None."""
        found = self.fs.find(
            self._strip(path), maxdepth=maxdepth, withdirs=withdirs, detail=True, **options
        )
        if not detail:
            return sorted(found)
        return {name: _without_size(entry) for name, entry in found.items()}

    def info(self, path: str, **options: Any) -> dict[str, Any]:
        """Return what the other file system says, with the size of the content.

        Raises
        ------
        DataError
            If the file is not an archive.
        """
        path = self._strip(path)
        info = self.fs.info(path, **options)
        if info["type"] != "file":
            return cast("dict[str, Any]", info)
        archive = self._archive(path, info)
        return {**info, "size": archive.table.size, "compressed_size": info["size"]}

    def du(self, path: str, total: bool = True, **options: Any) -> Any:
        """Return the size of the content of all files below a directory."""
        options.pop("withdirs", None)
        sizes = {name: self.info(name)["size"] for name in self.find(path, **options)}
        return sum(sizes.values()) if total else sizes

    def exists(self, path: str, **options: Any) -> bool:
        """Return whether there is a file or directory of that name."""
        return bool(self.fs.exists(self._strip(path), **options))

    def isfile(self, path: str) -> bool:
        """Return whether there is a file of that name."""
        return bool(self.fs.isfile(self._strip(path)))

    def isdir(self, path: str) -> bool:
        """Return whether there is a directory of that name."""
        return bool(self.fs.isdir(self._strip(path)))

    def ukey(self, path: str) -> str:
        """Return what changes when the archive does."""
        return str(self.fs.ukey(self._strip(path)))

    def checksum(self, path: str) -> Any:
        """Return the checksum that the other file system has for the archive."""
        return self.fs.checksum(self._strip(path))

    def created(self, path: str) -> Any:
        """Return when the archive was created."""
        return self.fs.created(self._strip(path))

    def modified(self, path: str) -> Any:
        """Return when the archive was modified."""
        return self.fs.modified(self._strip(path))

    def mkdir(self, path: str, create_parents: bool = True, **options: Any) -> None:
        """Create a directory."""
        self.fs.mkdir(self._strip(path), create_parents=create_parents, **options)

    def makedirs(self, path: str, exist_ok: bool = False) -> None:
        """Create a directory and those above it."""
        self.fs.makedirs(self._strip(path), exist_ok=exist_ok)

    def rmdir(self, path: str) -> None:
        """Remove an empty directory."""
        self.fs.rmdir(self._strip(path))

    def rm_file(self, path: str) -> None:
        """Remove an archive."""
        self.fs.rm_file(self._strip(path))

    def rm(self, path: Any, recursive: bool = False, maxdepth: int | None = None) -> None:
        """Remove archives and directories."""
        self.fs.rm(self._strip(path), recursive=recursive, maxdepth=maxdepth)

    def mv(self, path1: str, path2: str, **options: Any) -> None:
        """Rename an archive."""
        self.fs.mv(self._strip(path1), self._strip(path2), **options)

    def cp_file(self, path1: str, path2: str, **options: Any) -> None:
        """Copy an archive as it is."""
        self.fs.cp_file(self._strip(path1), self._strip(path2), **options)

    def invalidate_cache(self, path: str | None = None) -> None:
        """Forget what is known of files, and their content."""
        self.fs.invalidate_cache(None if path is None else self._strip(path))
        self._tables.clear()
        self._cache.clear()

    # Content.

    def cat_file(
        self, path: str, start: int | None = None, end: int | None = None, **options: Any
    ) -> bytes:
        """Return a range of the content; several threads may do so at the same time."""
        path = self._strip(path)
        archive = self._archive(path, self.fs.info(path))
        first, last, _ = slice(start, end).indices(archive.table.size)
        return self._read(archive, first, last)

    def frames(self, path: str) -> tuple[Place, ...]:
        """Return where the frames of an archive that have content are.

        Raises
        ------
        DataError
            If the file is not an archive.
        """
        path = self._strip(path)
        return self._archive(path, self.fs.info(path)).table.frames

    def decoding_memory(self, path: str) -> int:
        """Return the bytes of memory that decoding the largest frame takes, by its header.

        Raises
        ------
        DataError
            If the header is damaged, or the frame is not where the seek table says.
        """
        frames = self.frames(path)
        if not frames:
            return 0
        path = self._strip(path)
        largest = max(frames, key=lambda place: place.raw_size)
        end = min(largest.offset + MAX_FRAME_HEADER, largest.offset + largest.size)
        with _naming(path):
            try:
                header, _ = parse_header(self._fetch(path, largest.offset, end))
            except NeedMoreData:
                raise not_in_table(largest) from None
        return header.memory_for(largest.raw_size)

    def _open(
        self,
        path: str,
        mode: str = "rb",
        block_size: int | None = None,
        autocommit: bool = True,
        cache_options: dict[str, Any] | None = None,
        **options: Any,
    ) -> Any:
        if mode == "rb":
            return ContentFile(self, self._archive(path, self.fs.info(path)))
        if mode not in ("wb", "xb"):
            raise ValueError(f"the mode is {mode!r}, not 'rb', 'wb' or 'xb'")
        threads = self._decoding["threads"] or 0
        chosen = {"prior": self._prior, "threads": threads, **self._writing, **options}
        # Opening the target may empty it, so the options are checked before.
        WeightlessFile(io.BytesIO(), "wb", **chosen).close()
        file = self.fs.open(path, mode, autocommit=autocommit)
        return _Writer(file, self, path, **chosen)

    def _archive(self, path: str, info: dict[str, Any]) -> _Archive:
        """Return the frames of an archive, which are read once for each of its versions."""
        version = version_of(info)

        def read() -> FrameTable:
            tail = RangeFile(lambda a, b: self._fetch(path, a, b), info["size"])
            with _naming(path):
                return read_frames(tail, lambda: cast(BinaryIO, self.fs.open(path, "rb")))

        return _Archive(path, version, self._tables.get((path, version), read))

    def _fetch(self, path: str, start: int, end: int) -> bytes:
        return bytes(self.fs.cat_file(path, start=start, end=end))

    def _read(self, archive: _Archive, start: int, end: int) -> bytes:
        """Return the content from `start` to `end`, which is not after the end."""
        pieces: list[bytes] = []
        frames = archive.table.frames
        number = archive.table.find(start) if start < end else len(frames)
        while start < end:
            place = frames[number]
            stop = min(end, place.start + place.raw_size)
            pieces.append(self._part(archive, place, start, stop))
            start, number = stop, number + 1
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _part(self, archive: _Archive, place: Place, start: int, stop: int) -> bytes:
        if place.raw_size > self._cache.limit:
            with self._unchanged(archive), self._stream(archive) as file:
                file.seek(start)
                return file.read(stop - start)
        content = self._frame(archive, place)
        return content[start - place.start : stop - place.start]

    def _frame(self, archive: _Archive, place: Place) -> bytes:
        def decode() -> bytes:
            with self._unchanged(archive):
                return decode_frame(
                    lambda a, b: self._fetch(archive.path, a, b),
                    archive.table,
                    place,
                    prior=self._prior,
                    primer=lambda kept: self._frame(archive, kept),
                    **cast("dict[str, Any]", self._decoding),
                )

        return self._cache.get((archive.path, archive.version, place.offset), decode)

    @contextlib.contextmanager
    def _unchanged(self, archive: _Archive) -> Iterator[None]:
        """Raise SourceChangedError if the archive is another one after what is done."""
        try:
            with _naming(archive.path):
                yield
        except WeightlessError as error:
            self._check_version(archive, error)
            raise
        self._check_version(archive, None)

    def _check_version(self, archive: _Archive, cause: Exception | None) -> None:
        """Raise an error if the archive is no longer the one whose frames are known."""
        self.fs.invalidate_cache(archive.path)
        if version_of(self.fs.info(archive.path)) != archive.version:
            raise SourceChangedError(f"{archive.path}: changed while it was being read") from cause

    def _stream(self, archive: _Archive) -> WeightlessFile:
        """Open an archive with frames that are too large to be kept."""
        file = self.fs.open(archive.path, "rb")
        return _Closing(file, "rb", prior=self._prior, **cast("dict[str, Any]", self._decoding))


class _RawContent(io.RawIOBase):
    """The content of an archive as an unbuffered file."""

    def __init__(self, fs: WeightlessFileSystem, archive: _Archive) -> None:
        self._fs = fs
        self._archive = archive
        self._position = 0
        self._stream: WeightlessFile | None = None  # for frames that are too large to be kept

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        size = self._archive.table.size
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: size}[whence]
        if base + offset < 0:
            raise ValueError(f"negative seek position {base + offset}")
        self._position = base + offset
        return self._position

    def readinto(self, buffer: Any) -> int:
        table, limit = self._archive.table, self._fs._cache.limit
        end = min(table.size, self._position + len(buffer))
        if self._position >= end:
            return 0
        place = table.frames[table.find(self._position)]
        end = min(end, place.start + place.raw_size)
        if place.raw_size > limit:
            # A request after each read would be many; one is made after the stream's first read,
            # and after one that reaches the end of a frame.
            ends = self._stream is None or end == place.start + place.raw_size
            with self._fs._unchanged(self._archive) if ends else _naming(self._archive.path):
                if self._stream is None:
                    self._stream = self._fs._stream(self._archive)
                self._stream.seek(self._position)
                data = self._stream.read(end - self._position)
        else:
            data = self._fs._read(self._archive, self._position, end)
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)

    def close(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close()
        super().close()


class ContentFile(io.BufferedReader):
    """The content of an archive as a file.

    Attributes
    ----------
    fs : WeightlessFileSystem
        The file system.
    path : str
        The name of the archive in it.
    size : int
        Bytes of content.
    """

    def __init__(self, fs: WeightlessFileSystem, archive: _Archive) -> None:
        super().__init__(_RawContent(fs, archive), 1 << 16)
        self.fs = fs
        self.path = archive.path
        self.size = archive.table.size


class _Closing(WeightlessFile):
    """An archive that closes the file it was opened with."""

    def __init__(self, file: Any, mode: str, **options: Any) -> None:
        self._underlying = file
        super().__init__(file, mode, **options)

    def close(self) -> None:
        try:
            super().close()
        finally:
            if self.closed:
                self._underlying.close()


class _Writer(_Closing):
    """An archive that is being written; it has what fsspec's transactions call."""

    def __init__(self, file: Any, fs: WeightlessFileSystem, path: str, **options: Any) -> None:
        self.fs, self.path = fs, path
        super().__init__(file, "wb", **options)

    def commit(self) -> None:
        """Let the archive appear under its name."""
        self._underlying.commit()

    def discard(self) -> None:
        """Discard the archive."""
        self._underlying.discard()


def _without_size(entry: dict[str, Any]) -> dict[str, Any]:
    return {**entry, "size": None} if entry["type"] == "file" else entry


def version_of(info: dict[str, Any]) -> Version:
    """Return what changes when a file does, as far as its file system tells."""
    told = [key for key in _TAGS if info.get(key) is not None][:1]
    told = told or [key for key in _TIMES if info.get(key) is not None]
    return tuple((key, _text(info[key])) for key in ("size", *told))


def _text(value: object) -> str:
    """Return a value as text, a time whatever its zone is."""
    return repr(value.timestamp() if isinstance(value, datetime) else value)


@contextlib.contextmanager
def _naming(path: str) -> Iterator[None]:
    """Let errors about an archive begin with its name."""
    try:
        yield
    except (DataError, LimitError, PriorError) as error:
        message = str(error.args[0])
        # Threads that wait for the same frame raise the same error.
        if not message.startswith(f"{path}: "):
            error.args = (f"{path}: {message}", *error.args[1:])
        raise
