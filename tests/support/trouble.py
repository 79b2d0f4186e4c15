"""A local file system that fails, kills its process, or changes a file while it is read."""

from __future__ import annotations

import os
from typing import Any, ClassVar

from fsspec.implementations.local import LocalFileSystem

__all__ = ["TroubleFileSystem"]


class TroubleFileSystem(LocalFileSystem):
    """Files whose reading has the troubles that the options name.

    Parameters
    ----------
    fail_every : int
        The number of requests of which one fails, in each process.
    kill : str, optional
        A file: the first process that reads a range after the start creates it and ends.
    change : str, optional
        A file: the first process that reads a range after the start creates it, and writes to
        the file it reads.
    """

    protocol = "trouble"
    requests: ClassVar[int] = 0

    def __init__(
        self, fail_every: int = 0, kill: str | None = None, change: str | None = None, **others: Any
    ) -> None:
        super().__init__(auto_mkdir=True, **others)
        self.fail_every, self.kill, self.change = fail_every, kill, change

    @classmethod
    def _strip_protocol(cls, path: Any) -> Any:
        if isinstance(path, str):
            path = path.removeprefix("trouble://")
        return LocalFileSystem._strip_protocol(path)

    def cat_file(self, path: str, start: Any = None, end: Any = None, **others: Any) -> bytes:
        self._count(path)
        if start and self.kill and _first(self.kill):
            os._exit(9)
        if start and self.change and _first(self.change):
            with open(path, "ab") as file:
                file.write(b"more")
        with open(self._strip_protocol(path), "rb") as file:
            file.seek(start or 0)
            return file.read(-1 if end is None else end - (start or 0))

    def pipe_file(self, path: str, value: bytes, **others: Any) -> None:
        self._count(path)
        with open(self._strip_protocol(path), "wb") as file:
            file.write(value)

    def _count(self, path: str) -> None:
        TroubleFileSystem.requests += 1
        if self.fail_every and TroubleFileSystem.requests % self.fail_every == 0:
            raise OSError(f"the store failed: {path}")


def _first(flag: str) -> bool:
    try:
        os.close(os.open(flag, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True
