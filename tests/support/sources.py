"""Binary streams with short reads, without data at times, or without seeking."""

from __future__ import annotations

import io
from itertools import cycle


class ShortReads(io.BytesIO):
    """A stream that returns at most `most` bytes at a time, as raw files may."""

    most = 50_000

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(self.most if size is None or size < 0 else min(size, self.most))


class Pipe(io.RawIOBase):
    """A stream without seeking that returns at most `most` bytes at a time.

    With `pauses`, it has nothing yet (None) before every piece, and before its end.
    """

    def __init__(self, data: bytes, most: int = 50_000, *, pauses: bool = False) -> None:
        self._data = io.BytesIO(data)
        self._most = most
        self._pauses = cycle([True, False] if pauses else [False])

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int | None:  # type: ignore[override]
        if next(self._pauses):
            return None
        return self._data.readinto(memoryview(buffer)[: self._most])
