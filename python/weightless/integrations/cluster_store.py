"""Objects in the stores that a cluster reads and writes, with few requests."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple, TypeVar

from weightless.integrations.filesystem import SourceChangedError, Version, version_of

__all__ = [
    "GROUP",
    "Place",
    "groups",
    "is_local",
    "is_object_store",
    "make_folder",
    "read_group",
    "repeated",
    "sizes_of",
]

#: Bytes of small objects that are read at the same time.
GROUP = 1 << 23
# Stores in which one request reads or replaces an object as a whole, and folders are but a part of
# its name: Amazon's, Google's and Microsoft's.
_OBJECT_STORES = frozenset(("s3", "s3a", "gs", "gcs", "az", "abfs", "abfss"))
# From so many objects in one folder on, all of it is listed to find their sizes.
_MANY = 20
# A store that says one of these says it again.
_LASTING = (FileNotFoundError, PermissionError, FileExistsError, IsADirectoryError)
_REPEATS = 3  # of a request that failed

Answer = TypeVar("Answer")


class Place(NamedTuple):
    """An object in a store."""

    fs: Any
    path: str

    def fetch(self, start: int, end: int) -> bytes:
        """Return a range of the content."""
        if end <= start:
            return b""
        return bytes(repeated(lambda: self.fs.cat_file(self.path, start=start, end=end)))

    def stat(self) -> tuple[int, Version]:
        """Return the size now, and what changes when the object does."""
        self.fs.invalidate_cache(self.path)
        info = repeated(lambda: self.fs.info(self.path))
        return int(info["size"]), version_of(info)

    def check_version(self, version: Version) -> None:
        """Raise SourceChangedError if the object is not of this version."""
        if self.stat()[1] != version:
            raise SourceChangedError(f"{self.path}: changed while it was being read")


def is_local(fs: Any) -> bool:
    """Return whether the files are those of this machine."""
    return "file" in _protocols(fs)


def is_object_store(fs: Any) -> bool:
    """Return whether an object is read and replaced as a whole, without folders to be made."""
    return not _OBJECT_STORES.isdisjoint(_protocols(fs))


def make_folder(place: Place) -> None:
    """Make the folder in which an object is to be written."""
    if not is_object_store(place.fs):
        repeated(lambda: place.fs.makedirs(place.fs._parent(place.path), exist_ok=True))


def repeated(action: Callable[[], Answer]) -> Answer:
    """Return what an action returns, which is repeated after errors of a store that may pass.

    Tasks are repeated by dask, but one that makes many requests would hardly ever succeed with a
    store that fails one in ten.
    """
    for _ in range(_REPEATS):
        try:
            return action()
        except _LASTING:
            raise
        except OSError:
            continue
    return action()


def groups(sizes: Sequence[int]) -> list[slice]:
    """Divide objects into groups that are read at the same time: small ones, or a large one."""
    found: list[slice] = []
    start = total = 0
    for number, size in enumerate(sizes):
        if number > start and total + size > GROUP:
            found.append(slice(start, number))
            start, total = number, 0
        total += size
    return [*found, slice(start, len(sizes))] if sizes else []


def read_group(places: Sequence[Place], sizes: Sequence[int]) -> list[bytes]:
    """Return the content of objects that had these sizes when they were listed.

    One request reads a small object, and thus one version of it, in a store of objects.
    """
    fs = places[0].fs
    if sum(sizes) > GROUP or not is_object_store(fs) or any(p.fs is not fs for p in places):
        return [_read_unchanged(place) for place in places]
    # A byte more tells whether an object has grown.
    ends = {place.path: size + 1 for place, size in zip(places, sizes, strict=True) if size}
    found = fs.cat_ranges(list(ends), [0] * len(ends), list(ends.values()))  # at the same time
    contents = dict(zip(ends, found, strict=True))
    for place, size in zip(places, sizes, strict=True):
        content = contents.setdefault(place.path, b"")
        if isinstance(content, BaseException) or len(content) != size:
            contents[place.path] = _read_unchanged(place)
    return [contents[place.path] for place in places]


def _read_unchanged(place: Place) -> bytes:
    size, version = place.stat()
    content = place.fetch(0, size)
    place.check_version(version)
    return content


def sizes_of(places: Sequence[Place]) -> list[int]:
    """Return the sizes of objects, 0 where a store does not tell."""
    folders: dict[tuple[int, str], list[int]] = defaultdict(list)
    for number, (fs, path) in enumerate(places):
        folders[id(fs), fs._parent(path)].append(number)
    sizes = [0] * len(places)
    for (_, folder), numbers in folders.items():
        fs = places[numbers[0]].fs
        listed: dict[str, int | None] = {}
        if len(numbers) >= _MANY and is_object_store(fs):
            fs.invalidate_cache(folder)
            entries = repeated(partial(fs.ls, folder, detail=True))
            listed = {entry["name"]: entry["size"] for entry in entries}
        rest = [path for n in numbers if (path := places[n].path) not in listed]
        if fs.async_impl:  # which asks for all at the same time
            listed |= zip(rest, repeated(partial(fs.sizes, rest)), strict=True)
        else:
            listed |= {path: repeated(partial(fs.size, path)) for path in rest}
        for number in numbers:
            sizes[number] = listed[places[number].path] or 0
    return sizes


def _protocols(fs: Any) -> tuple[str, ...]:
    return (fs.protocol,) if isinstance(fs.protocol, str) else tuple(fs.protocol)
