"""Which frames of an archive are decoded at the same time."""

from __future__ import annotations

from collections.abc import Iterator

from weightless.container.reading import Readable
from weightless.container.scan import FrameInfo, scan_archive
from weightless.errors import DataError

__all__ = ["find_batches"]


def find_batches(source: Readable, threads: int, memory_limit: int | None) -> list[list[FrameInfo]]:
    """Return the frames from the position of `source` on, in groups for `threads`.

    The models and the content of a group fit in `memory_limit`, but for groups of one.
    There are no groups where nothing could be gained, where the source cannot seek (a
    pipe), or where the headers alone show damage: who then reads on finds out what is
    good before it. The position of `source` stays.
    """
    if threads < 2 or not source.seekable():
        return []
    start = source.tell()
    try:
        frames = scan_archive(source, start).frames
    except DataError:
        frames = ()
    finally:
        source.seek(start)
    groups = list(_group(frames, threads, memory_limit))
    return groups if any(len(group) > 1 for group in groups) else []


def _group(
    frames: tuple[FrameInfo, ...], threads: int, memory_limit: int | None
) -> Iterator[list[FrameInfo]]:
    group: list[FrameInfo] = []
    held = 0
    for frame in frames:
        need = frame.size + frame.raw_size
        if frame.header is not None:
            need += frame.header.parameters.memory
        full = memory_limit is not None and held + need > memory_limit
        if group and (full or len(group) == threads):
            yield group
            group, held = [], 0
        group.append(frame)
        held += need
    if group:
        yield group
