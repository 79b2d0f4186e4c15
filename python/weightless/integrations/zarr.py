"""A codec for arrays of zarr format 3, registered by an entry point as "weightless"."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zarr.abc.codec import BytesBytesCodec
from zarr.core.common import parse_named_configuration

from weightless.api import compress, decompress
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

    Raises
    ------
    ParameterError
        If the level is out of range.
    TypeError
        If the level is not an integer.
    """

    is_fixed_size = False

    level: int = DEFAULT_LEVEL

    def __post_init__(self) -> None:
        """Make the level a plain int, which JSON can represent, or raise an error."""
        object.__setattr__(self, "level", level_number(self.level))

    @classmethod
    def from_dict(cls, data: dict[str, JSON]) -> Self:
        """Create the codec from the metadata of an array."""
        _, configuration = parse_named_configuration(data, _NAME, require_configuration=False)
        return cls(**(configuration or {}))  # type: ignore[arg-type]

    def to_dict(self) -> dict[str, JSON]:
        """Return the metadata of this codec."""
        return {"name": _NAME, "configuration": {"level": self.level}}

    def compute_encoded_size(self, input_byte_length: int, chunk_spec: ArraySpec) -> int:
        """Raise NotImplementedError: the size depends on the content."""
        raise NotImplementedError

    def _encode_sync(self, chunk_data: Buffer, chunk_spec: ArraySpec) -> Buffer | None:
        archive = compress(chunk_data.to_bytes(), self.level)
        return chunk_spec.prototype.buffer.from_bytes(archive)

    def _decode_sync(self, chunk_data: Buffer, chunk_spec: ArraySpec) -> Buffer:
        content = decompress(chunk_data.to_bytes())
        return chunk_spec.prototype.buffer.from_bytes(content)

    async def _encode_single(self, chunk_data: Buffer, chunk_spec: ArraySpec) -> Buffer | None:
        return await asyncio.to_thread(self._encode_sync, chunk_data, chunk_spec)

    async def _decode_single(self, chunk_data: Buffer, chunk_spec: ArraySpec) -> Buffer:
        return await asyncio.to_thread(self._decode_sync, chunk_data, chunk_spec)
