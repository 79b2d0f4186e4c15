"""Reads archives by the second reader of the container; predictor and coder are the package's."""

from __future__ import annotations

import plain_container
from plain_container import BadArchiveError, seek_table

from weightless import _core
from weightless.levels import PARAMETER_SETS

__all__ = ["BadArchiveError", "read", "seek_table"]


class PackageCodec:
    """`Codec` of `plain_container`, by the package."""

    def __init__(self, number: int | None, values: list[int]) -> None:
        if number in PARAMETER_SETS:
            values = list(PARAMETER_SETS[number].values)
        elif number is None:
            values = values + [default for _, default, _, _ in _core.FIELDS[len(values) :]]
        try:
            self.codec = _core.Codec(values)
        except ValueError as error:
            raise BadArchiveError("parameters") from error

    def absorb(self, data: bytes) -> None:
        self.codec.absorb(data)

    def skip(self, data: bytes) -> None:
        self.codec.skip(data)

    def decode(self, payload: bytes, size: int) -> bytes:
        try:
            return self.codec.decode(payload, size)
        except _core.CorruptPayload as error:
            raise BadArchiveError("payload") from error


def read(archive: bytes, prior: bytes = b"") -> bytes:
    return plain_container.read(archive, PackageCodec, prior)
