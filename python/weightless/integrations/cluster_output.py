"""What a cluster writes: parts of an output, which are joined to one object that appears whole.

A part ends with a hash of its content. The folder of the parts is named after the job: the source's
version and everything else that its bytes depend on. So a run whose client was killed leaves parts
that the next run of the same job takes over. A run that succeeds removes its own parts, and those
that killed runs of other jobs have left for the same output.
"""

from __future__ import annotations

import contextlib
import itertools
import re
import uuid
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import xxhash

from weightless.files.atomic import atomic_output
from weightless.integrations.cluster_store import (
    Place,
    is_local,
    is_object_store,
    make_folder,
    repeated,
)
from weightless.integrations.filesystem import Version

__all__ = ["Part", "Parts", "join", "kept_part", "whole", "write_part", "write_whole"]

_PIECE = 1 << 22  # bytes per read and write while parts are joined
_HASH_SIZE = 16


class Part(NamedTuple):
    """A part of the output, as its worker wrote it."""

    path: str
    size: int
    raw_size: int
    check: bytes


def write_part(place: Place, data: bytes, raw_size: int) -> Part:
    """Write a part. One that is written again, after a failure, has the same bytes."""
    check = _hash(data)
    # Another client that ran the same job may have removed the folder.
    make_folder(place)
    repeated(lambda: place.fs.pipe_file(place.path, data + check))
    return Part(place.path, len(data), raw_size, check)


def kept_part(place: Place, raw_size: int) -> Part | None:
    """Return a part that an earlier run of the same job has written; None if it is not whole."""
    try:
        place.fs.invalidate_cache(place.path)
        stored = bytes(repeated(lambda: place.fs.cat_file(place.path)))
    except FileNotFoundError:
        return None
    data, check = stored[:-_HASH_SIZE], stored[-_HASH_SIZE:]
    return Part(place.path, len(data), raw_size, check) if _hash(data) == check else None


def join(output: Place, parts: Sequence[Part], tail: bytes) -> int:
    """Write the parts, in order, as one object, which appears when it is complete."""
    with whole(output) as file:
        for part in parts:
            hasher = xxhash.xxh3_128()
            for start in range(0, part.size, _PIECE):
                end = min(part.size, start + _PIECE)
                data = Place(output.fs, part.path).fetch(start, end)
                hasher.update(data)
                file.write(data)
            if hasher.digest() != part.check:
                raise OSError(f"{part.path}: is not what was written")
        file.write(tail)
    return sum(part.size for part in parts) + len(tail)


def write_whole(outputs: Sequence[tuple[Place, bytes]]) -> None:
    """Write objects, each of which appears when it is complete."""
    for fs, group in itertools.groupby(outputs, lambda output: output[0].fs):
        if is_object_store(fs):
            archives = {place.path: data for place, data in group}
            repeated(partial(fs.pipe, archives))  # at the same time
            continue
        for place, data in group:
            repeated(partial(_write_one, place, data))


def _write_one(place: Place, data: bytes) -> None:
    with whole(place) as file:
        file.write(data)


@contextlib.contextmanager
def whole(output: Place) -> Iterator[Any]:
    """Open an output that appears under its name when it is complete, or not at all."""
    fs, path = output
    make_folder(output)
    if is_local(fs):
        with atomic_output(Path(path), overwrite=True) as local:
            yield local
        return
    file = fs.open(path, "wb", autocommit=False)
    try:
        yield file
        file.close()
    except BaseException:
        with contextlib.suppress(OSError):  # what went wrong before says more
            file.discard()
        raise
    file.commit()


class Parts:
    """A folder beside the output for its parts, which goes in the end.

    Parameters
    ----------
    output : Place
        The output.
    version : Version
        The version of the source. If its store tells the size alone, no part is taken over.
    job
        What the parts depend on, besides the source: values whose `repr` tells them apart.
    """

    def __init__(self, output: Place, version: Version, *job: object) -> None:
        self.output = output
        told = any(key != "size" for key, _ in version)
        name = repr((version, job, None if told else uuid.uuid4().hex))
        self._folder = f"{output.path}.{xxhash.xxh3_128_hexdigest(name.encode())}.parts"

    def name(self, number: int) -> Place:
        """Return the place of a part."""
        return Place(self.output.fs, f"{self._folder}/{number:08}")

    def places(self, count: int) -> list[tuple[Place, bool]]:
        """Return the places of all parts, and whether something was written there: one listing."""
        there = {_last(name) for name in self._list(self._folder)}
        places = [self.name(number) for number in range(count)]
        return [(place, _last(place.path) in there) for place in places]

    def __enter__(self) -> Parts:
        """Do nothing: the first part that is written makes the folder."""
        return self

    def __exit__(self, kind: object, error: object, traceback: object) -> None:
        """Remove it with all parts; after a success also what killed runs of other jobs left."""
        if kind is None:
            self._remove(self._folder)
            with contextlib.suppress(PermissionError):  # to list what is beside the output
                for folder in self._left():
                    self._remove(folder)
        else:
            with contextlib.suppress(OSError):  # what went wrong before says more
                self._remove(self._folder)

    def _left(self) -> list[str]:
        """Return the folders of parts of this output."""
        fs, path = self.output
        ours = re.compile(re.escape(_last(path)) + r"\.[0-9a-f]{32}\.parts")
        names = (name.rstrip("/") for name in self._list(fs._parent(path)))
        return [name for name in names if ours.fullmatch(_last(name))]

    def _list(self, folder: str) -> list[str]:
        """Return the names in a folder as they are now, none if it is not there."""
        fs = self.output.fs
        fs.invalidate_cache(folder)
        try:
            return [str(n) for n in repeated(lambda: fs.ls(folder, detail=False))]
        except FileNotFoundError:
            return []

    def _remove(self, folder: str) -> None:
        fs = self.output.fs
        fs.invalidate_cache()
        # Nothing was written, or another client that ran the same job has removed the folder.
        with contextlib.suppress(FileNotFoundError):
            repeated(lambda: fs.rm(folder, recursive=True))


def _last(name: str) -> str:
    return name.rpartition("/")[2]


def _hash(data: bytes) -> bytes:
    return xxhash.xxh3_128_digest(data)
