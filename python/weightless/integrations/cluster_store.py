"""Objects in the stores that a cluster reads and writes, with few requests."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

from weightless.integrations.filesystem import SourceChangedError, Version, version_of

__all__ = [
    "Place",
    "is_local",
    "is_object_store",
    "make_folder",
    "read_whole",
    "repeated",
    "sizes_of",
]

# Stores in which one request reads or replaces an object as a whole, and folders are but a part of
# its name: Amazon's, Google's and Microsoft's.
_OBJECT_STORES = frozenset(("s3", "s3a", "gs", "gcs", "az", "abfs", "abfss"))
# From so many objects in one folder on, all of it is listed to find their sizes.
_MANY = 100
# A store that says one of these says it again.
_LASTING = (FileNotFoundError, PermissionError, FileExistsError, IsADirectoryError)

Answer = TypeVar("Answer")


class Place(NamedTuple):
    """An object in a store."""

    fs: Any
    path: str

    def fetch(self, start: int, end: int) -> bytes:
        """Return a range of the content."""
        return bytes(self.fs.cat_file(self.path, start=start, end=end)) if end > start else b""

    def stat(self) -> tuple[int, Version]:
        """Return the size now, and what changes when the object does."""
        self.fs.invalidate_cache(self.path)
        info = self.fs.info(self.path)
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
        place.fs.makedirs(place.fs._parent(place.path), exist_ok=True)


def repeated(action: Callable[[], Answer], retries: int) -> Answer:
    """Return what an action returns, which is repeated after errors of a store that may pass."""
    for _ in range(retries):
        try:
            return action()
        except _LASTING:
            raise
        except OSError:
            continue
    return action()


def read_whole(places: Sequence[Place]) -> list[bytes]:
    """Return the content of objects, with one request for each where that reads one version."""
    contents: list[bytes] = []
    for start, end in _runs([id(place.fs) for place in places]):
        fs = places[start].fs
        if is_object_store(fs):
            paths = [place.path for place in places[start:end]]
            for content in fs.cat_ranges(paths, None, None):  # at the same time
                if isinstance(content, BaseException):
                    raise content
                contents.append(bytes(content))
        else:
            contents += [_read_unchanged(place) for place in places[start:end]]
    return contents


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
            listed = {entry["name"]: entry["size"] for entry in fs.ls(folder, detail=True)}
        rest = [number for number in numbers if places[number].path not in listed]
        listed |= dict(zip((paths := [places[n].path for n in rest]), fs.sizes(paths), strict=True))
        for number in numbers:
            sizes[number] = listed[places[number].path] or 0
    return sizes


def _runs(values: Sequence[int]) -> list[tuple[int, int]]:
    """Return where runs of equal values start and end."""
    starts = [i for i in range(len(values)) if i == 0 or values[i] != values[i - 1]]
    return list(zip(starts, [*starts[1:], len(values)], strict=True))


def _protocols(fs: Any) -> tuple[str, ...]:
    return (fs.protocol,) if isinstance(fs.protocol, str) else tuple(fs.protocol)
