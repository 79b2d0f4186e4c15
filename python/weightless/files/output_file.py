"""Files that are written under a name that means nothing to the user."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from weightless.files.descriptors import WaitingFile

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["OutputFile", "about"]


class OutputFile(WaitingFile):
    """An output file on a descriptor; its errors state the final name of the output."""

    def __init__(self, descriptor: int, path: Path, mode: str) -> None:
        self._path = path
        super().__init__(descriptor, mode)

    def write(self, data: Buffer, /) -> int:
        """Write at least part of the data; return the number of bytes written."""
        with about(self._path):
            return super().write(data)

    def close(self) -> None:
        """Close the file, which may report that data could not be written."""
        with about(self._path):
            super().close()


@contextlib.contextmanager
def about(path: Path) -> Iterator[None]:
    """Add the name of the output to errors of the system that lack one."""
    try:
        yield
    except OSError as error:
        if error.filename is None:
            error.filename = str(path)
        raise
