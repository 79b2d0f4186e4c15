"""The header of a frame, which contains all that decoding its blocks requires.

Source: ``docs/format.md``, "Frames with content".
"""

from __future__ import annotations

from dataclasses import dataclass

from weightless.container.checks import header_check
from weightless.container.varint import (
    NeedMoreData,
    decode_varint,
    encode_varint,
    unzigzag,
    zigzag,
)
from weightless.errors import (
    CorruptError,
    NotAnArchiveError,
    ParameterError,
    UnsupportedError,
)
from weightless.levels import PARAMETER_SETS
from weightless.parameters import Parameters

__all__ = [
    "EMPTY",
    "MAGIC",
    "MAX_PRIOR_SIZE",
    "SKIPPABLE",
    "VERSION",
    "FrameHeader",
    "PriorName",
    "begins_archive",
    "may_begin_archive",
    "parse_header",
]

#: The first bytes of every frame: text in no encoding, changed by a translation of line ends and
#: by the loss of the eighth bit, and the start of nothing that file and shared-mime-info know.
MAGIC = b"\xd7\n\x0e"
VERSION = 1
#: The first bytes of archives that were made before release 1.0, in format version 0.
MAGIC_0 = b"\x97WL"
#: The message about an archive without a single byte.
EMPTY = "not a weightless archive: it is empty"
#: The value of the version field in a skippable frame, which has no content.
SKIPPABLE = 15

#: The largest size of a prior in bytes. It bounds the time that a header can cause.
MAX_PRIOR_SIZE = 1 << 30

_HAS_SIZE = 1
_HAS_PARAMETERS = 2
_HAS_PRIOR = 4
_KNOWN_FLAGS = _HAS_SIZE | _HAS_PARAMETERS | _HAS_PRIOR
_HASH_SIZE = 16
_PRIOR_BITS = 32
_SIZE_BITS = 63
_ID_BITS = 14
_COUNT_BITS = 14
_VALUE_BITS = 32

_MADE_BEFORE = (
    "the archive was made before release 1.0, in a format that this version does not read"
)

_SET_IDS = {parameters: number for number, parameters in PARAMETER_SETS.items()}


@dataclass(frozen=True, slots=True)
class PriorName:
    """What a frame states about the prior that it needs.

    Attributes
    ----------
    hash : int
        The XXH3-128 hash of the prior.
    size : int
        Its size in bytes, 1 to `MAX_PRIOR_SIZE`.
    """

    hash: int
    size: int

    @property
    def hex(self) -> str:
        """The hash in hexadecimal, as ``xxh128sum`` shows it."""
        return f"{self.hash:032x}"


@dataclass(frozen=True, slots=True)
class FrameHeader:
    """The fields of a frame header.

    Attributes
    ----------
    parameters : Parameters
        Parameters of the predictor.
    content_size : int or None
        Bytes of content in this frame, or None if the writer did not know it in advance.
        It is not trusted: the decoder compares it with the lengths of the blocks.
    prior : PriorName or None
        What the model has read before the first block; None if nothing.
    kept : bool
        Whether the content of this frame may be the prior of later frames.
    """

    parameters: Parameters
    content_size: int | None = None
    prior: PriorName | None = None
    kept: bool = False

    @property
    def set_id(self) -> int | None:
        """The id of the parameter set, or None if the header lists the values."""
        return _SET_IDS.get(self.parameters)

    def memory_for(self, content_size: int) -> int:
        """Return the bytes of memory that decoding the frame takes at most.

        Parameters
        ----------
        content_size : int
            Size of the content in bytes, as far as it is known.

        Returns
        -------
        int
            The size of the model with its window. With a prior it includes the prior and a
            second model, which keeps the state after reading it; for a frame that is kept, it
            includes the content.
        """
        kept = content_size if self.kept else 0
        if self.prior is None:
            return self.parameters.memory_for(content_size) + kept
        size = self.prior.size
        models = self.parameters.memory_for(size) + self.parameters.memory_for(size + content_size)
        return models + size + kept

    def to_bytes(self) -> bytes:
        """Return the encoded header."""
        set_id = self.set_id
        flags = (_HAS_SIZE if self.content_size is not None else 0) | (
            _HAS_PARAMETERS if set_id is None else 0
        )
        if self.prior is not None or self.kept:
            flags |= _HAS_PRIOR
        out = bytearray(MAGIC)
        out.append(VERSION << 4 | flags)
        if set_id is not None:
            out += encode_varint(set_id)
        else:
            values = self.parameters.values
            out += encode_varint(len(values))
            for value in values:
                out += encode_varint(zigzag(value))
        if self.content_size is not None:
            out += encode_varint(self.content_size)
        if flags & _HAS_PRIOR:
            out += encode_varint((self.prior.size << 1 if self.prior else 0) | self.kept)
            if self.prior:
                out += self.prior.hash.to_bytes(_HASH_SIZE, "little")
        out.append(header_check(out))
        return bytes(out)


def begins_archive(head: bytes) -> bool:
    """Return whether 3 bytes are the start of an archive, of this format or of the one before."""
    return head in (MAGIC, MAGIC_0)


def may_begin_archive(head: bytes | bytearray) -> bool:
    """Return whether up to 3 bytes are how an archive starts, as far as they go."""
    return MAGIC.startswith(head) or MAGIC_0.startswith(head)


def parse_header(data: bytes | bytearray | memoryview) -> tuple[FrameHeader, int]:
    """Decode the header of a frame with content (not of a skippable frame).

    Parameters
    ----------
    data : bytes-like
        Data that starts with the header.

    Returns
    -------
    header : FrameHeader
    size : int
        Length of the encoded header in bytes.

    Raises
    ------
    NeedMoreData
        If the data ends within the header.
    NotAnArchiveError
        If the data does not start with the magic number.
    UnsupportedError
        If this version does not support the format version, the flags or the parameters, or the
        archive was made before release 1.0.
    CorruptError
        If a number is out of range or the header check does not match.
    """
    magic = bytes(data[:3])
    if not may_begin_archive(magic):
        raise NotAnArchiveError("not a weightless archive")
    if len(data) < 4:
        raise NeedMoreData
    if magic == MAGIC_0:
        raise UnsupportedError(_MADE_BEFORE)
    version, flags = data[3] >> 4, data[3] & 15
    if version != VERSION:
        raise UnsupportedError(f"format version {version} is not supported by this version")
    if flags & ~_KNOWN_FLAGS:
        raise UnsupportedError(f"header flags {flags} are not supported by this version")
    position = 4
    set_id: int | None = None
    values: list[int] = []
    if flags & _HAS_PARAMETERS:
        count, position = decode_varint(data, position, _COUNT_BITS)
        if count > len(Parameters.names()):
            raise UnsupportedError(
                f"the header lists {count} parameters, more than this version supports"
            )
        for _ in range(count):
            value, position = decode_varint(data, position, _VALUE_BITS)
            values.append(unzigzag(value))
    else:
        set_id, position = decode_varint(data, position, _ID_BITS)
    content_size: int | None = None
    if flags & _HAS_SIZE:
        content_size, position = decode_varint(data, position, _SIZE_BITS)
    prior: PriorName | None = None
    kept = False
    if flags & _HAS_PRIOR:
        word, position = decode_varint(data, position, _PRIOR_BITS)
        kept = bool(word & 1)
        size = word >> 1
        if size > MAX_PRIOR_SIZE or word == 0:
            raise CorruptError("the size of a prior is out of range")
        if size:
            if position + _HASH_SIZE > len(data):
                raise NeedMoreData
            digest = bytes(data[position : position + _HASH_SIZE])
            prior = PriorName(int.from_bytes(digest, "little"), size)
            position += _HASH_SIZE
    if position >= len(data):
        raise NeedMoreData
    if data[position] != header_check(data[:position]):
        raise CorruptError("the frame header is damaged")
    if set_id is not None:
        if set_id not in PARAMETER_SETS:
            raise UnsupportedError(f"parameter set {set_id} is not supported by this version")
        parameters = PARAMETER_SETS[set_id]
    else:
        try:
            parameters = Parameters.from_values(values)
        except ParameterError as error:
            raise UnsupportedError(str(error)) from None
    return FrameHeader(parameters, content_size, prior, kept), position + 1
