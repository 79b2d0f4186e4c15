"""A local file system that fails, kills its process, or changes a file while it is read."""

from __future__ import annotations

import multiprocessing
import os
import select
from typing import Any, ClassVar

from fsspec.implementations.local import LocalFileSystem
from patience import PATIENCE

__all__ = ["TroubleFileSystem"]


class TroubleFileSystem(LocalFileSystem):
    """Files whose use has the troubles that the options name.

    Parameters
    ----------
    fail_every : int
        The number of requests of which one fails, in each process.
    kill : str, optional
        A file: the first process of a worker that reads a range from `after` on creates it and
        ends.
    wait : str, optional
        A FIFO: the process that is about to be killed waits until something is written there.
    change : str, optional
        A file: the first process of a worker that reads a range from `after` on creates it, and
        writes to the file it reads.
    after : int
        Where the range must start, at least.
    log : str, optional
        A file that gets a line with the name of each file written at once.
    """

    protocol = "trouble"
    requests: ClassVar[int] = 0

    def __init__(
        self,
        fail_every: int = 0,
        kill: str | None = None,
        wait: str | None = None,
        change: str | None = None,
        after: int = 1,
        log: str | None = None,
        **others: Any,
    ) -> None:
        super().__init__(auto_mkdir=True, **others)
        self.fail_every, self.after, self.log = fail_every, after, log
        self.kill, self.wait, self.change = kill, wait, change

    @classmethod
    def _strip_protocol(cls, path: Any) -> Any:
        if isinstance(path, str):
            path = path.removeprefix("trouble://")
        return LocalFileSystem._strip_protocol(path)

    def cat_file(self, path: str, start: Any = None, end: Any = None, **others: Any) -> bytes:
        self._count(path)
        self._trouble(path, start or 0)
        with open(self._strip_protocol(path), "rb") as file:
            file.seek(start or 0)
            return file.read(-1 if end is None else end - (start or 0))

    def pipe_file(self, path: str, value: bytes, **others: Any) -> None:
        self._count(path)
        if self.log:
            with open(self.log, "a") as log:
                log.write(os.path.basename(path) + "\n")
        with open(self._strip_protocol(path), "wb") as file:
            file.write(value)

    def info(self, path: Any, **others: Any) -> dict[str, Any]:
        self._count(path)
        return dict(super().info(path, **others))

    def ls(self, path: str, detail: bool = False, **others: Any) -> Any:
        self._count(path)
        return super().ls(path, detail, **others)

    def rm(self, path: Any, recursive: bool = False, maxdepth: int | None = None) -> None:
        self._count(path)
        super().rm(path, recursive=recursive, maxdepth=maxdepth)

    def makedirs(self, path: str, exist_ok: bool = False) -> None:
        self._count(path)
        super().makedirs(path, exist_ok=exist_ok)

    def _open(self, path: str, *arguments: Any, **options: Any) -> Any:
        self._count(path)
        self._trouble(path, 0)
        return super()._open(path, *arguments, **options)

    def _trouble(self, path: str, start: int) -> None:
        """Kill this process, or change the file, if it is a worker's and nobody has yet."""
        # Only workers have a parent that multiprocessing knows of.
        if start >= self.after and multiprocessing.parent_process() is not None:
            if self.kill and _first(self.kill):
                if self.wait:
                    reader = os.open(self.wait, os.O_RDONLY | os.O_NONBLOCK)
                    select.select([reader], [], [], PATIENCE)
                os._exit(9)
            if self.change and _first(self.change):
                with open(path, "ab") as file:
                    file.write(b"more")

    def _count(self, path: Any) -> None:
        TroubleFileSystem.requests += 1
        if self.fail_every and TroubleFileSystem.requests % self.fail_every == 0:
            raise OSError(f"the store failed: {path}")


def _first(flag: str) -> bool:
    try:
        os.close(os.open(flag, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True
