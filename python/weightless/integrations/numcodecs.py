"""A numcodecs codec, registered by an entry point.

`numcodecs.get_codec({"id": "weightless"})` returns it without an import of this module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from numcodecs.abc import Codec
from numcodecs.compat import ensure_contiguous_ndarray, ndarray_copy

from weightless.api import compress, decompress
from weightless.levels import DEFAULT_LEVEL, level_number

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["Weightless"]


class Weightless(Codec):
    """A codec for buffers and arrays of any dtype except object.

    Parameters
    ----------
    level : int
        1 (fastest) to 9 (strongest).

    Raises
    ------
    ParameterError
        If the level is out of range.
    TypeError
        If the level is not an integer.
    """

    codec_id = "weightless"

    def __init__(self, level: int = DEFAULT_LEVEL) -> None:
        self.level = level_number(level)  # a plain int, which JSON can represent

    def encode(self, buf: Buffer) -> bytes:
        """Compress the bytes of a contiguous buffer; return the archive."""
        archive: bytes = compress(ensure_contiguous_ndarray(buf), self.level)
        return archive

    def decode(self, buf: Buffer, out: Buffer | None = None) -> Any:
        """Decompress an archive.

        Parameters
        ----------
        buf : bytes-like
            The archive.
        out : writable buffer, optional
            The buffer to write the content to.

        Returns
        -------
        bytes or buffer
            The content, or `out` if it is given.

        Raises
        ------
        DataError, LimitError
            As `weightless.decompress`; `OutputLimitError` if the content is larger than
            `out`.
        """
        limit = None if out is None else ensure_contiguous_ndarray(out).nbytes
        content = decompress(ensure_contiguous_ndarray(buf), max_output_size=limit)
        return ndarray_copy(content, out)
