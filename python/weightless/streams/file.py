"""Archives as files: `open` and the object that it returns."""

from __future__ import annotations

import contextlib
import io
import os
import threading
from collections.abc import Callable
from io import FileIO

# By name: when a file is finalized late, the modules may be empty.
from os import close as close_descriptor
from sys import is_finalizing
from typing import TYPE_CHECKING, Any, BinaryIO, ClassVar, Literal, TypedDict, cast, overload

from weightless.container.block import DEFAULT_BLOCK_SIZE
from weightless.container.source import Source
from weightless.errors import ParameterError
from weightless.frames.archive_encoder import ArchiveEncoder
from weightless.frames.buffers import byte_view
from weightless.frames.cost import DEFAULT_COST_LIMIT
from weightless.frames.decoder import DEFAULT_MEMORY_LIMIT
from weightless.frames.threads import count_threads
from weightless.parameters import Parameters
from weightless.streams.compressor import Compressor, choose_parameters
from weightless.streams.reader import ArchiveReader
from weightless.streams.sink import Sink

if TYPE_CHECKING:
    from typing_extensions import Buffer, Self, Unpack

__all__ = ["WeightlessFile", "open"]

_READING = {"r", "rb"}
_WRITING = {"w", "wb", "x", "xb", "a", "ab"}

Name = str | bytes | os.PathLike[str] | os.PathLike[bytes]


class WeightlessFile(io.BufferedIOBase):
    """An archive as a binary file; shaped like `lzma.LZMAFile`.

    Reading it gives the content of all frames. It can seek if the file below can: to the
    frame that holds the position, if the archive ends in a table of its frames
    (`frame_size`), and on from there by decoding. Its calls may come from several
    threads; each waits for the others, and the GIL is released while the model works.
    A call to read that fails leaves the position where it was.

    A file below that does not block is waited for. Where that is not possible (it has no
    descriptor), calls raise `BlockingIOError`, have done nothing, and can be repeated.

    Parameters
    ----------
    file : path or binary file
        A file object is read from, or written to, where it stands; it is not closed.
    mode : str
        "r" to read, "w" to write anew, "x" the same if there is no such file, "a" to
        write frames behind those that are there; a "b" may follow.
    level : int, optional
        For writing: 1 (fastest) to 9 (strongest), 6 by default.
    parameters : Parameters, optional
        For writing: of the predictor, in place of a level.
    block_size, frame_size : int
        For writing: see `weightless.compress`.
    threads : int
        How many may work at once, 0 for as many as there are processors.
    memory_limit : int or None
        For reading: bytes that the model may take; None for no limit.
    cost_limit : int or None
        For reading: operations that a byte may take; None for no limit.

    Raises
    ------
    ParameterError
        For a level or a parameter out of range, or for writing only, in another mode.
    """

    FLUSH_BLOCK: ClassVar[int] = Compressor.FLUSH_BLOCK
    FLUSH_FRAME: ClassVar[int] = Compressor.FLUSH_FRAME

    _file: BinaryIO | None = None  # also if there was an error before it was opened

    def __init__(
        self,
        file: Name | BinaryIO,
        mode: str = "r",
        level: int | None = None,
        *,
        parameters: Parameters | None = None,
        block_size: int = DEFAULT_BLOCK_SIZE,
        frame_size: int | None = None,
        threads: int = 1,
        memory_limit: int | None = DEFAULT_MEMORY_LIMIT,
        cost_limit: int | None = DEFAULT_COST_LIMIT,
    ) -> None:
        self._lock = threading.RLock()
        self._position = 0  # of a writer, in the content
        self._broken = False
        self._ending = False  # nothing but `close` comes any more
        self._finished = False  # the archive's end has been coded
        self._encoder: ArchiveEncoder | None = None
        self._content: ArchiveReader | None = None
        if mode in _READING:
            if level is not None or parameters is not None or frame_size is not None:
                raise ParameterError("level, parameters and frame_size are for writing")
            threads = count_threads(threads)
        elif mode in _WRITING:
            self._encoder = ArchiveEncoder(
                choose_parameters(level, parameters),
                block_size=block_size,
                frame_size=frame_size,
                threads=threads,
                # What stands before is not ours to list.
                seek_table=not mode.startswith("a"),
            )
        else:
            raise ValueError(f"invalid mode: {mode!r}")
        self._descriptor = -1
        if isinstance(file, str | bytes | os.PathLike):
            self._descriptor = _open_descriptor(file, mode)
            self._file = _file_of(self._descriptor, mode, file)
        elif hasattr(file, "write" if mode in _WRITING else "read"):
            self._file = file
        else:
            raise TypeError(f"file is {type(file).__name__}: no path, nor a file of that mode")
        # Behind other frames, and only there, nothing is as good as an empty frame.
        self._may_be_empty = mode.startswith("a") and _position(self._file) > 0
        self._sink = Sink(self._file)
        if self._encoder is None:
            source = Source(self._file, pread=True)
            self._content = ArchiveReader(
                source, memory_limit=memory_limit, cost_limit=cost_limit, threads=threads
            )

    @property
    def closed(self) -> bool:
        """Whether the file has been closed."""
        return self._file is None

    @property
    def name(self) -> Any:
        """The name of the file below."""
        return self._open_file().name

    @property
    def mode(self) -> str:
        """Whether it is read or written: "rb" or "wb"."""
        return "rb" if self._encoder is None else "wb"

    def fileno(self) -> int:
        """Return the descriptor of the file below."""
        return self._open_file().fileno()

    def readable(self) -> bool:
        """Tell whether the file was opened for reading."""
        self._open_file()
        return self._encoder is None

    def writable(self) -> bool:
        """Tell whether the file was opened for writing."""
        self._open_file()
        return self._encoder is not None

    def seekable(self) -> bool:
        """Tell whether `seek` works."""
        return self.readable() and self._reader().seekable()

    def read(self, size: int | None = -1, /) -> bytes:
        """Return `size` bytes of content, fewer at the end only; all that follow for -1."""
        with self._lock:
            return self._reader().read(-1 if size is None else size)

    def read1(self, size: int = -1, /) -> bytes:
        """Return some bytes, what decoding the next block gives at most."""
        with self._lock:
            return self._reader().read1(size)

    def readinto(self, buffer: Buffer, /) -> int:
        """Fill a buffer; return how much of it."""
        with self._lock, byte_view(buffer, writable=True) as view:
            data = self._reader().read(len(view))
            view[: len(data)] = data
        return len(data)

    def readinto1(self, buffer: Buffer, /) -> int:
        """Fill a buffer as far as the next block goes; return how much of it."""
        with self._lock, byte_view(buffer, writable=True) as view:
            data = self._reader().read1(len(view))
            view[: len(data)] = data
        return len(data)

    def readline(self, size: int | None = -1, /) -> bytes:
        """Return a line, or the first `size` bytes of it."""
        with self._lock:
            return self._reader().readline(-1 if size is None else size)

    def readlines(self, hint: int | None = -1, /) -> list[bytes]:
        """Return the lines that follow, with a hint only until they have that many bytes."""
        with self._lock:
            return self._reader().readlines(-1 if hint is None else hint)

    def peek(self, size: int = 0, /) -> bytes:
        """Return what follows, at least a byte but at the end, and stay before it."""
        with self._lock:
            return self._reader().peek(size)

    def __iter__(self) -> Self:
        """Give lines."""
        self._reader()
        return self

    def __next__(self) -> bytes:
        """Return the next line."""
        if line := self.readline():
            return line
        raise StopIteration

    def tell(self) -> int:
        """Return the position in the content."""
        with self._lock:
            self._open_file()
            return self._position if self._content is None else self._content.tell()

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Go to a position in the content, as `io.IOBase.seek` does, and return it.

        What lies before the beginning or behind the end becomes these. The frame that
        holds the position is found by the headers of what stands before it; from its
        beginning on the content is decoded.
        """
        with self._lock:
            return self._reader().seek(offset, whence)

    def write(self, data: Buffer, /) -> int:
        """Take content; return how much of it, all.

        Parameters
        ----------
        data : bytes-like
            Any contiguous buffer.
        """
        view = byte_view(data)
        with self._lock:
            encoder = self._writer()
            self._drain()
            self._put(lambda: encoder.write(view))
            self._position += len(view)
            with contextlib.suppress(BlockingIOError):  # the data has been taken
                self._drain()
        return len(view)

    def flush(self, mode: int = FLUSH_BLOCK, /) -> None:
        """Write all that has been taken so far, so that it can be decoded; costs bytes.

        Parameters
        ----------
        mode : int
            `FLUSH_BLOCK`, or `FLUSH_FRAME` to end the frame: what comes later starts
            another, and readers can begin there.
        """
        if mode not in (self.FLUSH_BLOCK, self.FLUSH_FRAME):
            raise ParameterError(f"mode is {mode!r}, not FLUSH_BLOCK or FLUSH_FRAME")
        with self._lock:
            self._open_file()
            if self._encoder is None or self._ending:
                return
            encoder = self._writer()
            self._put(encoder.flush if mode == self.FLUSH_BLOCK else encoder.end_frame)
            self._drain(self._sink.flush)

    def close(self) -> None:
        """End the archive, and close the file if it was opened here.

        After a write that failed or was interrupted the archive stays without an end, and
        its reader will say so.

        Raises
        ------
        BlockingIOError
            If the file below takes nothing now and cannot be waited for; this file stays
            open, and `close` can be called again.
        """
        # When the interpreter ends, a thread that holds the lock will never let go of it.
        if not self._lock.acquire(blocking=not is_finalizing()):
            return
        try:
            if self._file is None:
                return
            try:
                if self._content is not None:
                    self._content.close()
                else:
                    self._finish()
            except BlockingIOError:
                raise
            except BaseException:
                self._let_go()
                raise
            self._let_go()
        finally:
            self._lock.release()

    def __reduce__(self) -> str:
        """Refuse: a file that is open cannot be pickled."""
        raise TypeError("a WeightlessFile cannot be pickled")

    def _open_file(self) -> BinaryIO:
        if self._file is None:
            raise ValueError("I/O operation on closed file")
        return self._file

    def _reader(self) -> ArchiveReader:
        self._open_file()
        if self._content is None:
            raise io.UnsupportedOperation("the file is not open for reading")
        return self._content

    def _writer(self) -> ArchiveEncoder:
        self._open_file()
        if self._encoder is None:
            raise io.UnsupportedOperation("the file is not open for writing")
        if self._broken:
            raise ValueError("an earlier write failed or was interrupted; start again")
        return self._encoder

    def _put(self, encode: Callable[[], bytes]) -> None:
        """Keep what `encode` returns for the file; what happens on the way breaks it."""
        self._broken = True
        try:
            self._sink.add(encode())
            self._broken = False
        finally:
            self._release_if_broken()

    def _drain(self, drain: Callable[[], None] | None = None) -> None:
        """Write what is kept; only a file that takes nothing now leaves it whole."""
        self._broken = True
        try:
            (drain or self._sink.drain)()
            self._broken = False
        except BlockingIOError:
            self._broken = False
            raise
        finally:
            self._release_if_broken()

    def _release_if_broken(self) -> None:
        """Let go of the model: nothing more will be written."""
        if self._broken and self._encoder is not None:
            self._encoder.release()

    def _finish(self) -> None:
        """Write the archive's end."""
        if self._broken:
            return
        if self._descriptor >= 0 and self._file is not None and self._file.closed:
            # A garbage collector that finds both in a cycle may finalize that one first.
            self._file = self._sink.file = _file_of(self._descriptor, "w", self._file.name)
        if not (self._finished or (self._may_be_empty and self._position == 0)):
            self._put(self._writer().finish)
            self._finished = True
        self._drain()

    def _let_go(self) -> None:
        """Close the file below, if it is this one's."""
        self._file = None
        if self._descriptor >= 0:
            close_descriptor(self._descriptor)


def _open_descriptor(name: Name, mode: str) -> int:
    """Open a file; return a descriptor that nobody closes but who asked for it."""
    with FileIO(name, mode[0]) as file:
        return os.dup(file.fileno())


def _file_of(descriptor: int, mode: str, name: Name) -> BinaryIO:
    """Return a file object that leaves the descriptor open."""
    file = FileIO(descriptor, "r" if mode in _READING else "w", closefd=False)
    file.name = name
    return cast(BinaryIO, file)


def _position(file: BinaryIO) -> int:
    """Return where a file stands; 0 if it cannot tell."""
    try:
        return file.tell()
    except (AttributeError, OSError):
        return 0


class _TextFile(io.TextIOWrapper):
    """Text over a `WeightlessFile`; its end alone does not make a block of its own."""

    def close(self) -> None:
        """Write what is left and end the archive."""
        if not self.closed:
            cast(WeightlessFile, self.buffer)._ending = True
        super().close()


class _Options(TypedDict, total=False):
    parameters: Parameters | None
    block_size: int
    frame_size: int | None
    threads: int
    memory_limit: int | None
    cost_limit: int | None


class _TextOptions(_Options, total=False):
    encoding: str | None
    errors: str | None
    newline: str | None


_BinaryMode = Literal["r", "rb", "w", "wb", "x", "xb", "a", "ab"]
_TextMode = Literal["rt", "wt", "xt", "at"]


@overload
def open(
    file: Name | BinaryIO,
    mode: _BinaryMode = "rb",
    level: int | None = None,
    **options: Unpack[_Options],
) -> WeightlessFile: ...
@overload
def open(
    file: Name | BinaryIO,
    mode: _TextMode,
    level: int | None = None,
    **options: Unpack[_TextOptions],
) -> io.TextIOWrapper: ...
@overload
def open(
    file: Name | BinaryIO,
    mode: str,
    level: int | None = None,
    **options: Unpack[_TextOptions],
) -> WeightlessFile | io.TextIOWrapper: ...
def open(
    file: Name | BinaryIO,
    mode: str = "rb",
    level: int | None = None,
    *,
    parameters: Parameters | None = None,
    block_size: int = DEFAULT_BLOCK_SIZE,
    frame_size: int | None = None,
    threads: int = 1,
    memory_limit: int | None = DEFAULT_MEMORY_LIMIT,
    cost_limit: int | None = DEFAULT_COST_LIMIT,
    encoding: str | None = None,
    errors: str | None = None,
    newline: str | None = None,
) -> WeightlessFile | io.TextIOWrapper:
    """Open an archive, to read or write its content.

    Parameters
    ----------
    file : path or binary file
        A file object is read from, or written to, where it stands; it is not closed.
    mode : str
        "r", "w", "x" or "a" as for the built-in `open`; with "t" behind it for text, with
        "b" or nothing for bytes. "a" adds frames.
    level, parameters, block_size, frame_size, threads, memory_limit, cost_limit
        See `WeightlessFile`.
    encoding, errors, newline : str, optional
        For text: as for the built-in `open`.

    Returns
    -------
    WeightlessFile or io.TextIOWrapper
    """
    if "t" in mode:
        if "b" in mode:
            raise ValueError(f"invalid mode: {mode!r}")
    elif not (encoding is errors is newline is None):
        raise ValueError("encoding, errors and newline are for text (mode 'rt', say)")
    binary = WeightlessFile(
        file,
        mode.replace("t", "", 1),
        level,
        parameters=parameters,
        block_size=block_size,
        frame_size=frame_size,
        threads=threads,
        memory_limit=memory_limit,
        cost_limit=cost_limit,
    )
    if "t" not in mode:
        return binary
    # Without a buffer of its own for what is written: whichever of the two a garbage
    # collector finalizes first, nothing is left in the other.
    writes = binary.writable()
    return _TextFile(binary, io.text_encoding(encoding), errors, newline, write_through=writes)
