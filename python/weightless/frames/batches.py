"""Which frames of an archive are decoded at the same time."""

from __future__ import annotations

from collections.abc import Iterator

from weightless.container.scan import FrameInfo, HeaderScan
from weightless.container.source import Source
from weightless.errors import DataError

__all__ = ["find_batches"]


def find_batches(
    source: Source, offset: int, threads: int, memory_limit: int | None
) -> Iterator[list[FrameInfo]]:
    """Give the frames with content from `offset` on, in groups for `threads`.

    The models and the content of a group fit in `memory_limit`, but for groups of one.
    There are no groups where nothing could be gained, where the source cannot seek (a
    pipe), nor from where the headers alone show damage on: who then reads on finds out
    what is good before it.
    """
    if threads < 2 or not source.seekable():
        return
    scan = HeaderScan(source, offset)
    group: list[FrameInfo] = []
    held = 0
    while (frame := _next_frame(scan)) is not None:
        if frame.header is None:
            continue
        need = frame.size + frame.raw_size + frame.header.parameters.memory
        full = memory_limit is not None and held + need > memory_limit
        if group and (full or len(group) == threads):
            yield group
            group, held = [], 0
        group.append(frame)
        held += need
    if group:
        yield group


def _next_frame(scan: HeaderScan) -> FrameInfo | None:
    try:
        return scan.next_frame()
    except DataError:
        return None
