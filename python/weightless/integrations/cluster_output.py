"""What a cluster writes: parts of an output, which are joined to one object that appears whole.

A part ends with a hash of its content. The folder of the parts is named after the job: the source's
version and everything else that its bytes depend on. So a run whose client was killed leaves parts
that the next run of the same job takes over, and removes in the end.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Sequence
from typing import Any, NamedTuple

import xxhash

from weightless.integrations.filesystem import SourceChangedError, version_of

__all__ = ["Part", "Parts", "Place", "Whole", "join", "kept_part", "write_part"]

_PIECE = 1 << 22  # bytes per read and write while parts are joined
_HASH_SIZE = 16


class Place(NamedTuple):
    """An object in a store."""

    fs: Any
    path: str

    def fetch(self, start: int, end: int) -> bytes:
        """Return a range of the content."""
        return bytes(self.fs.cat_file(self.path, start=start, end=end)) if end > start else b""

    def version(self) -> str:
        """Return what changes when the object does."""
        self.fs.invalidate_cache(self.path)
        return version_of(self.fs.info(self.path))

    def check_version(self, version: str) -> None:
        """Raise SourceChangedError if the object is not of this version."""
        if self.version() != version:
            raise SourceChangedError(f"{self.path}: changed while it was being read")


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
    place.fs.makedirs(place.fs._parent(place.path), exist_ok=True)
    place.fs.pipe_file(place.path, data + check)
    return Part(place.path, len(data), raw_size, check)


def kept_part(place: Place, raw_size: int) -> Part | None:
    """Return a part that an earlier run of the same job has written; None if there is none."""
    try:
        place.fs.invalidate_cache(place.path)
        stored = bytes(place.fs.cat_file(place.path))
    except FileNotFoundError:
        return None
    data, check = stored[:-_HASH_SIZE], stored[-_HASH_SIZE:]
    return Part(place.path, len(data), raw_size, check) if _hash(data) == check else None


def join(output: Place, parts: Sequence[Part], tail: bytes) -> int:
    """Write the parts, in order, as one object, which appears when it is complete."""
    with Whole(output) as file:
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


class Whole:
    """An output file that appears under its name when it is complete, or not at all."""

    def __init__(self, output: Place) -> None:
        self._output = output
        protocols = output.fs.protocol
        self._local = "file" in ((protocols,) if isinstance(protocols, str) else protocols)
        self._temporary = f"{output.path}.{uuid.uuid4().hex}.tmp"

    def __enter__(self) -> Any:
        """Return the file, open for writing."""
        fs, path = self._output
        fs.makedirs(fs._parent(path), exist_ok=True)
        if self._local:
            self._file = fs.open(self._temporary, "wb")
        else:
            self._file = fs.open(path, "wb", autocommit=False)
        return self._file

    def __exit__(self, kind: object, error: object, traceback: object) -> None:
        """Give the file its name, or discard it after an error."""
        if kind is None:
            self._file.close()
            if self._local:  # fsspec would move it from another folder, perhaps by copying
                os.replace(self._temporary, self._output.path)
            else:
                self._file.commit()
        elif self._local:
            self._file.close()
            os.unlink(self._temporary)
        else:
            self._file.discard()


class Parts:
    """A folder beside the output for its parts, which goes in the end.

    Parameters
    ----------
    output : Place
        The output.
    version : str
        The version of the source. If its store tells the size alone, no part is taken over.
    job
        What the parts depend on, besides the source: values whose `repr` tells them apart.
    """

    def __init__(self, output: Place, version: str, *job: object) -> None:
        self._fs = output.fs
        told = version.count("(") > 1
        name = repr((version, job, None if told else uuid.uuid4().hex))
        self._folder = f"{output.path}.{xxhash.xxh3_128_hexdigest(name.encode())}.parts"

    def name(self, number: int) -> Place:
        """Return the place of a part."""
        return Place(self._fs, f"{self._folder}/{number:08}")

    def __enter__(self) -> Parts:
        """Make the folder."""
        self._fs.makedirs(self._folder, exist_ok=True)
        return self

    def __exit__(self, *error: object) -> None:
        """Remove it with all parts."""
        self._fs.invalidate_cache()
        if self._fs.exists(self._folder):
            self._fs.rm(self._folder, recursive=True)


def _hash(data: bytes) -> bytes:
    return xxhash.xxh3_128_digest(data)
