"""Which frames of an archive are decoded at the same time."""

from __future__ import annotations

import heapq
from collections.abc import Iterator

from weightless.container.scan import FrameInfo, HeaderScan
from weightless.container.source import Source
from weightless.errors import DataError

__all__ = ["find_batches"]

# Bytes of archive and content that make a group, if it has a frame for each thread.
_ENOUGH = 1 << 16


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
    content = 0
    models: list[int] = []  # the largest of the group, as many as there are threads
    while (frame := _next_frame(scan)) is not None:
        if frame.header is None:
            continue
        size = frame.size + frame.raw_size
        larger = heapq.nlargest(threads, [*models, frame.header.parameters.memory])
        full = memory_limit is not None and content + size + sum(larger) > memory_limit
        # What a group costs goes by their number: small frames make large ones.
        enough = len(group) >= threads and content + size > _ENOUGH
        if group and (full or enough):
            yield group
            group, content, models = [], 0, []
            larger = [frame.header.parameters.memory]
        group.append(frame)
        content += size
        models = larger
    if group:
        yield group


def _next_frame(scan: HeaderScan) -> FrameInfo | None:
    try:
        return scan.next_frame()
    except DataError:
        return None
