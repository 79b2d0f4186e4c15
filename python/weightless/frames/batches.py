"""Grouping of the frames of an archive that are decoded in parallel."""

from __future__ import annotations

import heapq
from collections.abc import Iterator

from weightless.container.scan import FrameInfo, HeaderScan
from weightless.container.source import Source
from weightless.errors import DataError

__all__ = ["find_batches"]

# A group is complete when it has a frame for each thread and, together with the next frame,
# more than this many bytes of archive and content.
_GROUP_SIZE = 1 << 16


def find_batches(
    source: Source, offset: int, threads: int, memory_limit: int | None
) -> Iterator[list[FrameInfo]]:
    """Yield the frames with content, in groups to be decoded in parallel.

    There are no groups if there is only one thread or the source is not seekable (a pipe).
    The iteration ends early at a frame whose headers are damaged; decoding the rest
    sequentially then finds the valid content before the damage.

    Parameters
    ----------
    source : Source
        The archive.
    offset : int
        Offset of the first frame in the archive.
    threads : int
        Number of threads.
    memory_limit : int or None
        Largest number of bytes that the models, the archive and the content of a group may
        take together; a group of a single frame may take more. None means no limit.
    """
    if threads < 2 or not source.seekable():
        return
    scan = HeaderScan(source, offset)
    group: list[FrameInfo] = []
    content = 0
    models: list[int] = []  # sizes of the largest models in the group, one per thread
    while (frame := _next_frame(scan)) is not None:
        if frame.header is None:
            continue
        if frame.header.kept:  # its content must be known before later frames are decoded
            if group:
                yield group
            yield [frame]
            group, content, models = [], 0, []
            continue
        size = frame.size + frame.raw_size
        model = frame.header.memory_for(frame.raw_size)
        larger = heapq.nlargest(threads, [*models, model])
        full = memory_limit is not None and content + size + sum(larger) > memory_limit
        # Each group has a fixed overhead, so small frames are put into larger groups.
        enough = len(group) >= threads and content + size > _GROUP_SIZE
        if group and (full or enough):
            yield group
            group, content, models = [], 0, []
            larger = [model]
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
