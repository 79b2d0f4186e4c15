"""Archives as file objects: `open` and `WeightlessFile`."""

from __future__ import annotations

import atexit
import contextlib
import io
import os
import threading
from collections.abc import Callable, Iterator
from gc import collect as collect_garbage
from io import FileIO

# Imported by name: when a file is finalized late in the shutdown of the interpreter, the
# modules themselves may have been cleared.
from os import close as close_descriptor
from stat import S_ISREG
from sys import is_finalizing
from typing import TYPE_CHECKING, Any, BinaryIO, ClassVar, Literal, TypedDict, cast, overload
from weakref import WeakValueDictionary

from weightless.container.block import DEFAULT_BLOCK_SIZE
from weightless.container.scan import scan_archive
from weightless.container.sink import Sink
from weightless.container.source import Source
from weightless.errors import ParameterError
from weightless.files.prior import Prior, check_prior
from weightless.frames.archive_encoder import ArchiveEncoder
from weightless.frames.buffers import byte_view
from weightless.frames.cost import DEFAULT_COST_LIMIT
from weightless.frames.decoder import DEFAULT_MEMORY_LIMIT
from weightless.frames.threads import count_threads
from weightless.parameters import Parameters
from weightless.streams.compressor import Compressor, choose_parameters
from weightless.streams.no_reentry import NoReentry
from weightless.streams.reader import ArchiveReader

if TYPE_CHECKING:
    from typing_extensions import Buffer, Self, Unpack

__all__ = ["WeightlessFile", "open"]

_READING = {"r", "rb"}
_WRITING = {"w", "wb", "x", "xb", "a", "ab"}

Name = str | bytes | os.PathLike[str] | os.PathLike[bytes]


class WeightlessFile(io.BufferedIOBase):
    """A file object that compresses what is written to it, or decompresses what is read.

    The interface is that of `lzma.LZMAFile`. Reading returns the content of all frames. If
    the underlying file is seekable, so is this one: `seek` finds the frame that contains the
    position by reading headers, and decodes from the start of that frame. An object may be
    shared between threads: its methods lock it, and the GIL is released while the model
    works. A read that fails leaves the position unchanged.

    If the underlying file is non-blocking and not ready, calls wait for it. If it cannot be
    waited for because it has no descriptor, they raise `BlockingIOError` and can be repeated.

    Parameters
    ----------
    file : path or binary file
        The name of the archive, or a file object, which is used from its current position
        and not closed by `close`.
    mode : str
        "r" to read; "w" to write; "x" to write a file that must not exist yet; "a" to append
        frames to an archive. A "b" may follow. A file that is opened by name to append to it
        must be empty or a complete archive: otherwise what is appended could not be read.
    level : int, optional
        For writing: 1 (fastest) to 9 (strongest); the default is 6.
    parameters : Parameters, optional
        For writing: parameters of the predictor, instead of a level.
    block_size, frame_size, frame_at, primed
        For writing: see `weightless.compress`.
    prior : Prior, optional
        For writing: what the model reads before each frame. For reading: the prior that frames
        may name.
    threads : int
        Number of threads, 0 for one per processor.
    memory_limit : int or None
        For reading: largest model in bytes, with its window (8 GiB by default); None means
        no limit.
    cost_limit : int or None
        For reading: largest number of operations per byte (2^25 by default); None means no
        limit.

    Raises
    ------
    ParameterError
        If a level, a parameter or an option is out of range, or an option for writing is
        given for reading.
    ValueError
        If the mode is invalid.
    TypeError
        If `file` is neither a path nor a binary file object with the method needed, or an option
        has the wrong type.
    DataError
        If frames cannot be appended to the file of that name: `NotAnArchiveError`,
        `TruncatedError`, `CorruptError` or `UnsupportedError`. The file is unchanged.
    OSError
        If the file cannot be opened.
    """

    FLUSH_BLOCK: ClassVar[int] = Compressor.FLUSH_BLOCK
    FLUSH_FRAME: ClassVar[int] = Compressor.FLUSH_FRAME

    _file: BinaryIO | None = None  # for `close` after an error in __init__
    _text_starts = False  # see `_starting_text`

    def __init__(
        self,
        file: Name | BinaryIO,
        mode: str = "r",
        level: int | None = None,
        *,
        parameters: Parameters | None = None,
        block_size: int = DEFAULT_BLOCK_SIZE,
        frame_size: int | None = None,
        frame_at: bytes | None = None,
        primed: bool = False,
        prior: Prior | None = None,
        threads: int = 1,
        memory_limit: int | None = DEFAULT_MEMORY_LIMIT,
        cost_limit: int | None = DEFAULT_COST_LIMIT,
    ) -> None:
        self._lock = threading.RLock()
        self._call = NoReentry()  # for writing and closing; a reader has a guard of its own
        self._position = 0  # in the content, for writing
        self._broken = False
        self._ending = False  # only `close` follows
        self._finished = False  # the end of the archive has been encoded
        self._encoder: ArchiveEncoder | None = None
        self._content: ArchiveReader | None = None
        if mode in _READING:
            if level is not None or parameters is not None or frame_size is not None or primed:
                raise ParameterError(
                    "level, parameters, frame_size and primed are only for writing"
                )
            if frame_at is not None:
                raise ParameterError("frame_at is only for writing")
            check_prior(prior)
            threads = count_threads(threads)
        elif mode in _WRITING:
            self._encoder = ArchiveEncoder(
                choose_parameters(level, parameters, prior),
                block_size=block_size,
                frame_size=frame_size,
                frame_at=frame_at,
                threads=threads,
                # A seek table would have to list the frames that exist already.
                seek_table=not mode.startswith("a"),
                prior=prior,
                primed=primed,
            )
        else:
            raise ValueError(f"invalid mode: {mode!r}")
        self._descriptor = -1
        try:
            if isinstance(file, str | bytes | os.PathLike):
                self._descriptor = _open_descriptor(file, mode)
                self._file = _file_of(self._descriptor, mode, file)
            elif isinstance(file, io.TextIOBase):
                raise TypeError(f"file is {type(file).__name__}, a text file, not a binary file")
            elif hasattr(file, "write" if mode in _WRITING else "read"):
                self._file = file
            else:
                raise TypeError(
                    f"file is {type(file).__name__}, neither a path nor a file object for that mode"
                )
            # Only after other frames is an archive without any content valid without a frame.
            self._may_be_empty = mode.startswith("a") and _position(self._file) > 0
            self._follows_content = self._may_be_empty
            if self._may_be_empty and self._descriptor >= 0:
                self._follows_content = _has_content(self._descriptor, cast(Name, file))
            self._sink = Sink(self._file)
            if self._encoder is None:
                source = Source(self._file, pread=True)
                self._content = ArchiveReader(
                    source,
                    memory_limit=memory_limit,
                    cost_limit=cost_limit,
                    threads=threads,
                    prior=prior,
                )
        except BaseException:
            self._close_underlying()  # no archive has been started, so none is completed
            raise
        if self._encoder is not None:
            _writers[id(self)] = self

    @property
    def closed(self) -> bool:
        """Whether the file has been closed."""
        return self._file is None

    @property
    def name(self) -> Any:
        """The name of the underlying file."""
        return self._open_file().name

    @property
    def mode(self) -> str:
        """The mode: "rb" for reading or "wb" for writing."""
        return "rb" if self._encoder is None else "wb"

    def fileno(self) -> int:
        """Return the descriptor of the underlying file."""
        return self._open_file().fileno()

    def readable(self) -> bool:
        """Return whether the file was opened for reading."""
        self._open_file()
        return self._encoder is None

    def writable(self) -> bool:
        """Return whether the file was opened for writing."""
        self._open_file()
        return self._encoder is not None

    def seekable(self) -> bool:
        """Return whether `seek` is possible."""
        return self._text_starts or (self.readable() and self._reader().seekable())

    def read(self, size: int | None = -1, /) -> bytes:
        """Return `size` bytes of content, fewer only at the end; all the rest if negative."""
        with self._lock:
            return self._reader().read(-1 if size is None else size)

    def read1(self, size: int = -1, /) -> bytes:
        """Return at least one byte and at most the rest of a block; empty only at the end."""
        with self._lock:
            return self._reader().read1(size)

    def readinto(self, buffer: Buffer, /) -> int:
        """Read into a buffer; return the number of bytes, less than its size only at the end."""
        with self._lock, byte_view(buffer, writable=True) as view:
            data = self._reader().read(len(view))
            view[: len(data)] = data
        return len(data)

    def readinto1(self, buffer: Buffer, /) -> int:
        """Read at most the rest of a block into a buffer; return the number of bytes."""
        with self._lock, byte_view(buffer, writable=True) as view:
            data = self._reader().read1(len(view))
            view[: len(data)] = data
        return len(data)

    def readline(self, size: int | None = -1, /) -> bytes:
        """Return the rest of the line, at most `size` bytes if `size` is not negative."""
        with self._lock:
            return self._reader().readline(-1 if size is None else size)

    def readlines(self, hint: int | None = -1, /) -> list[bytes]:
        """Return lines of at least `hint` bytes in total; all if `hint` is not positive."""
        with self._lock:
            return self._reader().readlines(-1 if hint is None else hint)

    def peek(self, size: int = 0, /) -> bytes:
        """Return the next bytes without moving the position; empty only at the end."""
        with self._lock:
            return self._reader().peek(size)

    def __iter__(self) -> Self:
        """Return self: iteration yields lines."""
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
            if self._text_starts:
                return int(self._follows_content)
            return self._position if self._content is None else self._content.tell()

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Move to a position in the content, as `io.IOBase.seek` does; return it.

        The position is clamped to the start and the end of the content. The frame that
        contains it is found by reading the headers before it, and decoded from its start.

        Raises
        ------
        io.UnsupportedOperation
            If the file is not open for reading or not seekable.
        DataError, LimitError
            If the position cannot be reached by decoding.
        """
        with self._lock:
            return self._reader().seek(offset, whence)

    def write(self, data: Buffer, /) -> int:
        """Compress data; return their number of bytes.

        Parameters
        ----------
        data : bytes-like
            Any contiguous buffer. All of it is accepted.

        Raises
        ------
        io.UnsupportedOperation
            If the file is not open for writing.
        ValueError
            If the file is closed, or an earlier write failed or was interrupted.
        BlockingIOError
            If the underlying file accepts no data now and cannot be waited for. Nothing of
            `data` has been accepted; the call can be repeated.
        OSError
            If the underlying file cannot be written.
        """
        view = byte_view(data)
        with self._lock:
            return self._call(lambda: self._write(view))

    def flush(self, mode: int = FLUSH_BLOCK, /) -> None:
        """Write everything needed to decode the content so far.

        This ends the block, which makes the archive slightly larger. It does nothing for a
        file that is open for reading.

        Parameters
        ----------
        mode : int
            `FLUSH_BLOCK`, or `FLUSH_FRAME` to end the frame as well: later content starts
            another frame, where readers can start.

        Raises
        ------
        ParameterError
            If the mode is invalid.
        ValueError, BlockingIOError, OSError
            As `write`.
        """
        if mode not in (self.FLUSH_BLOCK, self.FLUSH_FRAME):
            raise ParameterError(f"mode is {mode!r}, not FLUSH_BLOCK or FLUSH_FRAME")
        with self._lock:
            self._open_file()
            if self._encoder is not None and not self._ending:
                self._call(lambda: self._flush(mode))

    def close(self) -> None:
        """Complete the archive, and close the underlying file if it was opened by name.

        After a write that failed or was interrupted, the archive is left incomplete, so that
        decompression raises `TruncatedError`.

        Raises
        ------
        BlockingIOError
            If the underlying file accepts no data now and cannot be waited for. This file
            stays open, and `close` can be called again.
        OSError
            If the underlying file cannot be written; this file is closed all the same.
        RuntimeError
            If called during another call in the same thread, from the `write` of the
            underlying file or a signal handler; this file stays open.
        """
        # While the interpreter shuts down, a thread that holds the lock never releases it.
        if not self._lock.acquire(blocking=not is_finalizing()):
            return
        try:
            if self._file is not None:
                self._call(self._close)
        finally:
            self._lock.release()

    def __reduce__(self) -> str:
        """Raise TypeError: an open file cannot be pickled."""
        raise TypeError("a WeightlessFile cannot be pickled")

    @contextlib.contextmanager
    def _starting_text(self) -> Iterator[None]:
        """Let `io.TextIOWrapper`, while it is created, see whether text starts with this file.

        It writes a byte order mark only if a file is seekable and at position 0.
        """
        self._text_starts = self.writable()
        try:
            yield
        finally:
            self._text_starts = False

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

    def _write(self, view: memoryview) -> int:
        encoder = self._writer()
        self._drain()
        self._put(lambda: encoder.write(view))
        self._position += len(view)
        with contextlib.suppress(BlockingIOError):  # the data have been accepted
            self._drain()
        return len(view)

    def _flush(self, mode: int) -> None:
        encoder = self._writer()
        self._put(encoder.flush if mode == self.FLUSH_BLOCK else encoder.end_frame)
        self._drain(self._sink.flush)

    def _close(self) -> None:
        if self._content is not None:
            self._content.close()
        else:
            try:
                self._finish()
            except BlockingIOError:
                raise
            except BaseException:
                self._close_underlying()
                raise
        self._close_underlying()

    def _end_frame_at_exit(self) -> None:
        # A daemon thread may hold the lock for ever.
        if not self._lock.acquire(blocking=False):
            return
        try:
            with contextlib.suppress(Exception):
                if not (self._file is None or self._broken):
                    self._call(self._end_frame)
        finally:
            self._lock.release()

    def _end_frame(self) -> None:
        if not (self._finished or (self._may_be_empty and self._position == 0)):
            encoder = self._writer()
            # Without content, `finish` returns an empty frame, which `end_frame` does not.
            self._put(encoder.end_frame if self._position else encoder.finish)
        self._drain()

    def _put(self, encode: Callable[[], bytes]) -> None:
        """Buffer what `encode` returns; mark the file as broken if it raises anything."""
        self._broken = True
        try:
            self._sink.add(encode())
            self._broken = False
        finally:
            self._release_if_broken()

    def _drain(self, drain: Callable[[], None] | None = None) -> None:
        """Write the buffer; mark the file as broken on any error but BlockingIOError."""
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
        """Release the model if the file is broken: nothing more will be written."""
        if self._broken and self._encoder is not None:
            self._encoder.release()

    def _finish(self) -> None:
        """Write the end of the archive."""
        if self._broken:
            return
        if self._descriptor >= 0 and self._file is not None and self._file.closed:
            # If both files are in a reference cycle, the garbage collector may finalize the
            # underlying file first.
            self._file = self._sink.file = _file_of(self._descriptor, "w", self._file.name)
        if not (self._finished or (self._may_be_empty and self._position == 0)):
            self._put(self._writer().finish)
            self._finished = True
        self._drain()

    def _close_underlying(self) -> None:
        """Close the underlying file if it was opened by name."""
        self._file = None
        if self._descriptor >= 0:
            close_descriptor(self._descriptor)


#: The files that are open for writing, by their ids.
_writers: WeakValueDictionary[int, WeightlessFile] = WeakValueDictionary()


@atexit.register
def _end_frames_at_exit() -> None:
    """End the frames of all files that are still open for writing.

    They are usually completed when they are finalized. But the interpreter finalizes some
    objects when not even the builtins exist any more (those that a handler of `logging`
    refers to) or never (those of a `ContextVar`). The files are not closed, so that other
    functions called at exit can still write.
    """
    # Files in reference cycles are completed by the collector, and now: if it came while a frame
    # of such a file is coded by several threads, it might come in one of these, which would then
    # wait for the file, and this thread for it.
    if _writers:
        collect_garbage()
    for reference in _writers.valuerefs():
        file = reference()
        if file is not None:
            file._end_frame_at_exit()


def _open_descriptor(name: Name, mode: str) -> int:
    """Open a file; return a descriptor, which the caller must close."""
    with FileIO(name, mode[0]) as file:
        return os.dup(file.fileno())


def _file_of(descriptor: int, mode: str, name: Name) -> BinaryIO:
    """Return a file object for a descriptor, which it does not close."""
    file = FileIO(descriptor, "r" if mode in _READING else "w", closefd=False)
    file.name = name
    return cast(BinaryIO, file)


def _has_content(descriptor: int, name: Name) -> bool:
    """Return whether a file to append to has content.

    Raises
    ------
    DataError
        If it is not a complete archive, as far as the headers show.
    """
    if not S_ISREG(os.fstat(descriptor).st_mode):
        return True  # a device, or a pipe, which is not read
    try:
        file = FileIO(name)
    except PermissionError:
        return True  # it may be written, but not read
    with file:
        return scan_archive(cast(BinaryIO, file)).raw_size > 0


def _position(file: BinaryIO) -> int:
    """Return the position of a file; 0 if it has none."""
    try:
        return file.tell()
    except (AttributeError, OSError):
        return 0


class _TextFile(io.TextIOWrapper):
    """A text layer over a `WeightlessFile`.

    Its `close` does not flush the binary file before closing it, which would end a block.
    """

    def __init__(
        self, file: WeightlessFile, encoding: str, errors: str | None, newline: str | None
    ) -> None:
        # write_through: the text layer buffers nothing, so that no text is lost whichever of the
        # two objects the garbage collector finalizes first.
        through = file.writable()
        with file._starting_text():
            super().__init__(file, encoding, errors, newline, write_through=through)

    def close(self) -> None:
        """Write the remaining text and complete the archive."""
        if not self.closed:
            cast(WeightlessFile, self.buffer)._ending = True
        super().close()


class _Options(TypedDict, total=False):
    parameters: Parameters | None
    block_size: int
    frame_size: int | None
    frame_at: bytes | None
    primed: bool
    prior: Prior | None
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
    frame_at: bytes | None = None,
    primed: bool = False,
    prior: Prior | None = None,
    threads: int = 1,
    memory_limit: int | None = DEFAULT_MEMORY_LIMIT,
    cost_limit: int | None = DEFAULT_COST_LIMIT,
    encoding: str | None = None,
    errors: str | None = None,
    newline: str | None = None,
) -> WeightlessFile | io.TextIOWrapper:
    """Open an archive for reading or writing its content.

    Parameters
    ----------
    file : path or binary file
        The name of the archive, or a file object, which is used from its current position
        and not closed.
    mode : str
        "r", "w", "x" or "a" as for the built-in `open`, followed by "t" for text; "b" or
        nothing means binary. "a" appends frames to an archive.
    level, parameters, block_size, frame_size, frame_at, primed, prior, threads
        See `WeightlessFile`.
    memory_limit, cost_limit
        See `WeightlessFile`.
    encoding, errors, newline : str, optional
        For text: as for the built-in `open`.

    Returns
    -------
    WeightlessFile or io.TextIOWrapper
        A binary or a text file object.

    Raises
    ------
    ValueError
        If the mode is invalid, or an option for text is given for a binary file.
    ParameterError, TypeError, DataError, OSError
        See `WeightlessFile`.
    """
    if "t" in mode:
        if "b" in mode:
            raise ValueError(f"invalid mode: {mode!r}")
    elif not (encoding is errors is newline is None):
        raise ValueError("encoding, errors and newline are only for text mode (such as 'rt')")
    text_encoding = io.text_encoding(encoding)
    if "t" in mode:
        # Opening a file for writing empties it, so the options for text are checked before.
        io.TextIOWrapper(io.BytesIO(), text_encoding, errors, newline)
    binary = WeightlessFile(
        file,
        mode.replace("t", "", 1),
        level,
        parameters=parameters,
        block_size=block_size,
        frame_size=frame_size,
        frame_at=frame_at,
        primed=primed,
        prior=prior,
        threads=threads,
        memory_limit=memory_limit,
        cost_limit=cost_limit,
    )
    if "t" not in mode:
        return binary
    return _TextFile(binary, text_encoding, errors, newline)
