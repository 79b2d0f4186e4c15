"""`info`: what an archive is, from its headers alone."""

from __future__ import annotations

import io
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from weightless.container.reading import CHUNK_SIZE
from weightless.container.scan import ArchiveInfo, scan_archive
from weightless.files.inputs import open_input
from weightless.files.pump import read_some
from weightless.frames.buffers import byte_view

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["info", "read_info"]

#: Bytes of a pipe that are held in memory; more go to a temporary file.
_IN_MEMORY = 1 << 24


def info(source: str | os.PathLike[str] | Buffer) -> ArchiveInfo:
    """Return the sizes, frames and levels of an archive, as ``weightless -l`` shows them.

    Only headers are read, and nothing is decoded; so damage elsewhere is not found.

    Parameters
    ----------
    source : path or bytes-like
        A str or path object is the name of a file; anything else must be a contiguous buffer.

    Returns
    -------
    ArchiveInfo
        Among others `raw_size`, `compressed_size`, `ratio`, `levels`, `memory`, `priors` and
        `frames`.

    Raises
    ------
    DataError
        If it is no archive, a header is damaged, or the archive is truncated; with the offset.
    OSError
        If a file cannot be read.
    TypeError
        If `source` is neither a path nor a buffer.
    """
    if isinstance(source, str | os.PathLike):
        with open_input(Path(source)) as (stream, _):
            return read_info(stream)
    return scan_archive(io.BytesIO(byte_view(source)))


def read_info(stream: BinaryIO) -> ArchiveInfo:
    """Scan the archive at the position of a stream; one that cannot be sought is read whole."""
    if stream.seekable():
        return scan_archive(stream)
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as copy:
        while data := read_some(stream, CHUNK_SIZE):
            copy.write(data)
        copy.seek(0)
        return scan_archive(copy)  # type: ignore[arg-type]  # it is a binary stream
