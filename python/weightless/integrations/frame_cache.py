"""Content of archives in any store, by ranges: a table of frames, and the decoded ones kept."""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import BinaryIO, Generic, TypeVar, cast

from weightless.container.header import parse_header
from weightless.container.scan import HeaderScan
from weightless.container.seek_table import read_seek_table
from weightless.container.source import Source
from weightless.container.varint import NeedMoreData
from weightless.container.window import MAX_FRAME_HEADER
from weightless.errors import CorruptError, DataError
from weightless.files.prior import Prior
from weightless.frames.decoder import FrameDecoder
from weightless.frames.priors import Priors

__all__ = [
    "FrameTable",
    "Place",
    "RangeFile",
    "SharedCache",
    "decode_frame",
    "not_in_table",
    "read_frames",
]

Value = TypeVar("Value")

_TAIL = 1 << 16  # bytes at the end of an archive that are read first, with the seek table


@dataclass(frozen=True, slots=True)
class Place:
    """Where a frame is: offset and size in the archive, and start and size of its content."""

    offset: int
    size: int
    start: int
    raw_size: int


@dataclass(frozen=True)
class FrameTable:
    """The frames of an archive that have content, in order, and the size of all content.

    Attributes
    ----------
    frames : tuple of Place
        The frames.
    kept : tuple of Place or None
        The frames whose content is a prior of later ones; None if only the seek table was read,
        which does not say it.
    """

    frames: tuple[Place, ...]
    kept: tuple[Place, ...] | None

    @property
    def size(self) -> int:
        """Bytes of content."""
        return self.frames[-1].start + self.frames[-1].raw_size if self.frames else 0

    def find(self, position: int) -> int:
        """Return the number of the frame that contains a position before the end."""
        return bisect_right(self.frames, position, key=lambda place: place.start) - 1


class RangeFile:
    """A seekable binary file over a function that returns ranges of an object.

    The end of the object is read in one request and kept, because the seek table is there.

    Parameters
    ----------
    fetch : callable
        Called with start and end; returns the bytes between them.
    size : int
        Size of the object.
    """

    def __init__(self, fetch: Callable[[int, int], bytes], size: int) -> None:
        self._fetch = fetch
        self._size = size
        self._position = 0
        self._tail_start = max(0, size - _TAIL)
        self._tail: bytes | None = None

    def seekable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return the position."""
        return self._position

    def seek(self, offset: int, whence: int = 0) -> int:
        """Move to a position, as files do; return it."""
        self._position = offset + (0, self._position, self._size)[whence]
        return self._position

    def read(self, size: int = -1) -> bytes:
        """Return `size` bytes, fewer only at the end."""
        start = self._position
        end = self._size if size < 0 else min(self._size, start + size)
        if start >= end:
            return b""
        if start >= self._tail_start:
            if self._tail is None:
                self._tail = self._fetch(self._tail_start, self._size)
            data = self._tail[start - self._tail_start : end - self._tail_start]
        else:
            data = self._fetch(start, end)
        self._position = start + len(data)
        return data


def read_frames(tail: RangeFile, whole: Callable[[], BinaryIO]) -> FrameTable:
    """Return the frames of an archive, from its seek table if it has one.

    Parameters
    ----------
    tail : RangeFile
        The archive; only its end is read, unless it has few bytes.
    whole : callable
        Opens the archive to read the headers of all blocks, if there is no table.

    Raises
    ------
    DataError
        If there is no table, and the data are no complete archive.
    """
    source = Source(cast(BinaryIO, tail))
    size = source.size()
    table = read_seek_table(source)
    if table is not None:
        places: list[Place] = []
        offset = start = 0
        for length, raw_size in table:
            places.append(Place(offset, length, start, raw_size))
            offset, start = offset + length, start + raw_size
        return FrameTable(tuple(place for place in places if place.raw_size), None)
    if size <= _TAIL:
        return _scan(source)
    with whole() as file:
        return _scan(Source(file))


def _scan(source: Source) -> FrameTable:
    """Read all headers."""
    scan = HeaderScan(source)
    places: list[Place] = []
    kept: list[Place] = []
    start = 0
    while (frame := scan.next_frame()) is not None:
        if not frame.raw_size:
            continue
        places.append(Place(frame.offset, frame.size, start, frame.raw_size))
        start += frame.raw_size
        if frame.header is not None and frame.header.kept:
            kept.append(places[-1])
    return FrameTable(tuple(places), tuple(kept))


def decode_frame(
    fetch: Callable[[int, int], bytes],
    table: FrameTable,
    place: Place,
    *,
    prior: Prior | None,
    primer: Callable[[Place], bytes],
    threads: int,
    memory_limit: int | None,
    cost_limit: int | None,
) -> bytes:
    """Return the content of one frame.

    Parameters
    ----------
    fetch : callable
        Returns a range of the archive.
    table : FrameTable
        The frames of the archive.
    place : Place
        The frame.
    prior : Prior, optional
        The prior that the frame may name.
    primer : callable
        Returns the content of the frame that primes this one.
    threads, memory_limit, cost_limit
        As for `weightless.open`.

    Raises
    ------
    DataError, LimitError, PriorError
        If the frame cannot be decoded, or is not what the table says.
    """
    data = fetch(place.offset, place.offset + place.size)
    priors = Priors(prior)
    try:
        header, _ = parse_header(data[:MAX_FRAME_HEADER])
    except (DataError, NeedMoreData):  # decoding raises an error with the offset
        header = None
    if header is not None and header.prior is not None and not header.kept:
        kept = table.frames[:1] if table.kept is None else table.kept
        before = [k for k in kept if k.offset < place.offset]
        known = prior is not None and prior.name == header.prior
        if before and not known and before[-1].raw_size == header.prior.size:
            priors.keep(primer(before[-1]))
    decoder = FrameDecoder(
        memory_limit=memory_limit,
        cost_limit=cost_limit,
        output_limit=place.start + place.raw_size,
        threads=threads,
        offset=place.offset,
        delivered=place.start,
        priors=priors,
    )
    decoder.feed(data)
    blocks: list[bytes] = []
    try:
        while (block := decoder.next_block()) is not None:
            blocks.append(block)
        if not decoder.eof:
            raise decoder.truncated()
    finally:
        decoder.release()
        priors.release()
    content = b"".join(blocks)
    if len(content) != place.raw_size or decoder.offset != place.offset + place.size:
        raise not_in_table(place)
    return content


def not_in_table(place: Place) -> CorruptError:
    """Return the error about a frame that is not what, or where, the seek table says."""
    return CorruptError("a frame is not what the seek table says", offset=place.offset)


class SharedCache(Generic[Value]):
    """What takes long to make, of which that used last is kept within a total size.

    Several threads that want the same value make it once. A failure is not kept.

    Parameters
    ----------
    limit : int
        Largest sum of the sizes of the values that are kept.
    measure : callable
        Returns the size of a value.
    """

    def __init__(self, limit: int, measure: Callable[[Value], int]) -> None:
        self.limit = limit
        self._measure = measure
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, Value] = OrderedDict()
        self._size = 0
        self._coming: dict[Hashable, Future[Value]] = {}

    @property
    def size(self) -> int:
        """The sum of the sizes of the values that are kept now."""
        return self._size

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """Return the value of a key, made by `make` unless it is kept.

        Raises
        ------
        Exception
            What `make` raises, in every thread that waits for it.
        """
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
            mine = key not in self._coming
            future = self._coming.setdefault(key, Future())
        if not mine:
            return future.result()
        try:
            value = make()
        except BaseException as error:
            with self._lock:
                del self._coming[key]
            future.set_exception(error)
            raise
        with self._lock:
            del self._coming[key]
            self._keep(key, value)
        future.set_result(value)
        return value

    def clear(self) -> None:
        """Forget all values."""
        with self._lock:
            self._kept.clear()
            self._size = 0

    def _keep(self, key: Hashable, value: Value) -> None:
        size = self._measure(value)
        if size > self.limit:
            return
        self._kept[key] = value
        self._size += size
        while self._size > self.limit:
            _, old = self._kept.popitem(last=False)
            self._size -= self._measure(old)
