"""A numcodecs codec, registered by an entry point.

`numcodecs.get_codec({"id": "weightless"})` returns it without an import of this module.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from numcodecs.abc import Codec
from numcodecs.compat import ensure_contiguous_ndarray, ndarray_copy

from weightless.api import compress, decompress
from weightless.files.prior import Prior
from weightless.integrations.prior_json import prior_from_json, prior_to_json
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
    prior : Prior or mapping, optional
        What the model reads before each buffer, which makes small buffers smaller. In a
        configuration it is represented by the name of its file and its hash, or by its content
        if it was not read from a file.

    Raises
    ------
    ParameterError
        If the level is out of range, or the configuration of a prior is invalid.
    OSError, PriorError
        If the file of a prior cannot be read, or has changed.
    TypeError
        If an argument has the wrong type.
    """

    codec_id = "weightless"

    def __init__(
        self, level: int = DEFAULT_LEVEL, prior: Prior | Mapping[str, Any] | None = None
    ) -> None:
        self.level = level_number(level)  # a plain int, which JSON can represent
        self.prior = prior_from_json(prior)

    def get_config(self) -> dict[str, Any]:
        """Return the configuration, which JSON can represent."""
        config: dict[str, Any] = {"id": self.codec_id, "level": self.level}
        if self.prior is not None:
            config["prior"] = prior_to_json(self.prior)
        return config

    def __repr__(self) -> str:
        """Return the constructor's call."""
        prior = "" if self.prior is None else f", prior={self.prior!r}"
        return f"Weightless(level={self.level}{prior})"

    def encode(self, buf: Buffer) -> bytes:
        """Compress the bytes of a contiguous buffer; return the archive."""
        archive: bytes = compress(ensure_contiguous_ndarray(buf), self.level, prior=self.prior)
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
        DataError, LimitError, PriorError
            As `weightless.decompress`; `OutputLimitError` if the content is larger than
            `out`.
        """
        limit = None if out is None else ensure_contiguous_ndarray(out).nbytes
        content = decompress(
            ensure_contiguous_ndarray(buf), max_output_size=limit, prior=self.prior
        )
        return ndarray_copy(content, out)
