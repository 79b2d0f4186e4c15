"""A codec for arrays of zarr format 3, registered by an entry point as "weightless"."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zarr.abc.codec import BytesBytesCodec
from zarr.core.common import parse_named_configuration

from weightless.api import compress, decompress
from weightless.files.prior import Prior
from weightless.integrations.prior_json import prior_from_json, prior_to_json
from weightless.levels import DEFAULT_LEVEL, level_number

if TYPE_CHECKING:
    from typing_extensions import Self
    from zarr.core.array_spec import ArraySpec
    from zarr.core.buffer import Buffer
    from zarr.core.common import JSON

__all__ = ["WeightlessCodec"]

_NAME = "weightless"


@dataclass(frozen=True)
class WeightlessCodec(BytesBytesCodec):
    """A codec that compresses chunks, several of them in parallel threads.

    Parameters
    ----------
    level : int
        1 (fastest) to 9 (strongest).
    prior : Prior or mapping, optional
        What the model reads before each chunk, which makes small chunks smaller. In the metadata
        it is represented by the name of its file and its hash, or by its content if it was not
        read from a file.

    Raises
    ------
    ParameterError
        If the level is out of range, or the metadata of a prior are invalid.
    OSError, PriorError
        If the file of a prior cannot be read, or has changed.
    TypeError
        If an argument has the wrong type.
    """

    is_fixed_size = False

    level: int = DEFAULT_LEVEL
    prior: Prior | None = None

    def __post_init__(self) -> None:
        """Make the level a plain int and the prior an object, or raise an error."""
        object.__setattr__(self, "level", level_number(self.level))
        object.__setattr__(self, "prior", prior_from_json(self.prior))

    @classmethod
    def from_dict(cls, data: dict[str, JSON]) -> Self:
        """Create the codec from the metadata of an array."""
        _, configuration = parse_named_configuration(data, _NAME, require_configuration=False)
        return cls(**(configuration or {}))  # type: ignore[arg-type]

    def to_dict(self) -> dict[str, JSON]:
        """Return the metadata of this codec."""
        configuration: dict[str, JSON] = {"level": self.level}
        if self.prior is not None:
            configuration["prior"] = prior_to_json(self.prior)
        return {"name": _NAME, "configuration": configuration}

    def compute_encoded_size(self, input_byte_length: int, chunk_spec: ArraySpec) -> int:
        """Raise NotImplementedError: the size depends on the content."""
        raise NotImplementedError

    def _encode_sync(self, chunk_data: Buffer, chunk_spec: ArraySpec) -> Buffer | None:
        archive = compress(chunk_data.to_bytes(), self.level, prior=self.prior)
        return chunk_spec.prototype.buffer.from_bytes(archive)

    def _decode_sync(self, chunk_data: Buffer, chunk_spec: ArraySpec) -> Buffer:
        content = decompress(chunk_data.to_bytes(), prior=self.prior)
        return chunk_spec.prototype.buffer.from_bytes(content)

    async def _encode_single(self, chunk_data: Buffer, chunk_spec: ArraySpec) -> Buffer | None:
        return await asyncio.to_thread(self._encode_sync, chunk_data, chunk_spec)

    async def _decode_single(self, chunk_data: Buffer, chunk_spec: ArraySpec) -> Buffer:
        return await asyncio.to_thread(self._decode_sync, chunk_data, chunk_spec)
