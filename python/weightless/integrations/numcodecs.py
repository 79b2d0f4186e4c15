"""A numcodecs codec, found by its entry point: `numcodecs.get_codec({"id": "weightless"})`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from numcodecs.abc import Codec
from numcodecs.compat import ensure_contiguous_ndarray, ndarray_copy

from weightless.api import compress, decompress
from weightless.levels import DEFAULT_LEVEL, level_parameters

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["Weightless"]


class Weightless(Codec):
    """Compresses buffers and arrays of any type but object.

    Parameters
    ----------
    level : int
        1 (fastest) to 9 (strongest).
    """

    codec_id = "weightless"

    def __init__(self, level: int = DEFAULT_LEVEL) -> None:
        level_parameters(level)  # refuses what is none
        self.level = level

    def encode(self, buf: Buffer) -> bytes:
        """Return the archive of a buffer's bytes."""
        archive: bytes = compress(ensure_contiguous_ndarray(buf), self.level)
        return archive

    def decode(self, buf: Buffer, out: Buffer | None = None) -> Any:
        """Return the content of an archive, in `out` if that is given."""
        limit = None if out is None else ensure_contiguous_ndarray(out).nbytes
        content = decompress(ensure_contiguous_ndarray(buf), max_output_size=limit)
        return ndarray_copy(content, out)
