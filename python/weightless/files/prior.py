"""Priors: data that a model reads before the content, in compression and in decompression."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import TYPE_CHECKING

from weightless.container.header import MAX_PRIOR_SIZE
from weightless.container.reading import CHUNK_SIZE
from weightless.errors import ParameterError, PriorError
from weightless.files.inputs import open_input
from weightless.files.pump import read_some
from weightless.frames.archive_decoder import ArchiveDecoder
from weightless.frames.archive_encoder import ArchiveEncoder
from weightless.frames.buffers import byte_view
from weightless.frames.cost import DEFAULT_COST_LIMIT
from weightless.frames.decoder import DEFAULT_MEMORY_LIMIT
from weightless.frames.prior_models import PriorModels
from weightless.levels import level_parameters
from weightless.parameters import Parameters

if TYPE_CHECKING:
    from typing_extensions import Buffer, Self

__all__ = ["Prior", "check_prior"]


class Prior(PriorModels):
    """Data that the model reads before the content, so that it knows what resembles it.

    Typical records make small records much smaller, and the old version of a file makes the new
    one a patch. An archive names its prior by hash and size and does not contain it: whoever
    decompresses it needs the same bytes. `compress` and `decompress` are for any number of small
    records; other functions and classes take the object as `prior`.

    The first use with a set of parameters reads the whole prior, which takes as long as
    compressing it. The state of the model is then kept, and a later use returns to it in a time
    that depends on the size of the record. An object may be shared between threads. It keeps the
    prior and, for the parameters used last, one model more than were in use at the same time.
    `release` releases the models.

    An object can be pickled: one from a file by the name of the file, which must still have the
    same content when the pickle is loaded; any other by its content.

    Parameters
    ----------
    source : path or bytes-like
        A str or path object is the name of a file; anything else must be a contiguous buffer.
        The size must be 1 byte to 1 GiB.
    level : int, optional
        The level for compression where none is given: 1 (fastest) to 9 (strongest); the default
        is 6.
    parameters : Parameters, optional
        Parameters of the predictor, instead of a level.

    Raises
    ------
    OSError
        If the file cannot be read.
    ParameterError
        If the prior is empty or too large, the level is out of range, or both a level and
        parameters are given.
    TypeError
        If an argument has the wrong type.
    """

    def __init__(
        self,
        source: str | os.PathLike[str] | Buffer,
        level: int | None = None,
        *,
        parameters: Parameters | None = None,
    ) -> None:
        if parameters is None:
            parameters = level_parameters(level)
        elif level is not None:
            raise ParameterError("give a level or parameters, not both")
        elif not isinstance(parameters, Parameters):
            raise TypeError(f"parameters is {type(parameters).__name__}, not Parameters")
        self._path: Path | None = None
        if isinstance(source, str | os.PathLike):
            self._path = Path(os.path.abspath(source))
            content = _read(Path(source))
        else:
            content = bytes(byte_view(source))
        super().__init__(content)
        self._default = parameters

    @classmethod
    def from_file(
        cls,
        path: str | os.PathLike[str],
        hash: str,
        size: int,
        *,
        parameters: Parameters | None = None,
    ) -> Self:
        """Return the prior from a file that must have a certain content.

        Parameters
        ----------
        path : path
            The name of the file.
        hash : str
            The XXH3-128 hash of the content in hexadecimal.
        size : int
            Its size in bytes.
        parameters : Parameters, optional
            Parameters of the predictor for compression where none are given.

        Raises
        ------
        PriorError
            If the content is another one.
        OSError, ParameterError, TypeError
            As for the constructor.
        """
        prior = cls(path, parameters=parameters)
        if (prior.hash, prior.size) != (hash, size):
            raise PriorError(
                f"{path} has changed: it had the XXH3-128 hash {hash} ({size} bytes), and now has "
                f"{prior.hash} ({prior.size} bytes)",
                needed=hash,
                needed_size=size,
                given=prior.hash,
                given_size=prior.size,
            )
        return prior

    @property
    def content(self) -> bytes:
        """The bytes of the prior."""
        return self._content

    @property
    def path(self) -> Path | None:
        """The name of the file that the prior was read from; None if it was given as bytes."""
        return self._path

    @property
    def hash(self) -> str:
        """The XXH3-128 hash in hexadecimal, by which archives name the prior."""
        return self.name.hex

    @property
    def size(self) -> int:
        """The size in bytes."""
        return self.name.size

    @property
    def parameters(self) -> Parameters:
        """Parameters of the predictor for compression where none are given."""
        return self._default

    def compress(self, data: Buffer) -> bytes:
        """Compress a bytes-like object; return the archive.

        Raises
        ------
        TypeError
            If `data` is not a buffer.
        """
        encoder = ArchiveEncoder(self._default, prior=self)
        try:
            return encoder.write(byte_view(data)) + encoder.finish()
        finally:
            encoder.release()

    def decompress(
        self,
        archive: Buffer,
        *,
        memory_limit: int | None = DEFAULT_MEMORY_LIMIT,
        cost_limit: int | None = DEFAULT_COST_LIMIT,
        max_output_size: int | None = None,
    ) -> bytes:
        """Decompress all frames of an archive, given as a bytes-like object.

        Parameters
        ----------
        archive : bytes-like
            The archive.
        memory_limit, cost_limit, max_output_size
            See `weightless.decompress`.

        Raises
        ------
        PriorError
            If the archive needs another prior.
        DataError, LimitError, ParameterError, TypeError
            As `weightless.decompress`.
        """
        decoder = ArchiveDecoder(
            memory_limit=memory_limit,
            cost_limit=cost_limit,
            output_limit=max_output_size,
            prior=self,
        )
        return b"".join(decoder.decode(io.BytesIO(byte_view(archive))))

    def __repr__(self) -> str:
        """Return the source, hash and size."""
        source = "" if self._path is None else f"{str(self._path)!r}, "
        return f"<Prior {source}{self.hash}, {self.size} bytes>"

    def __eq__(self, other: object) -> bool:
        """Compare the contents, by hash and size."""
        return isinstance(other, Prior) and self.name == other.name

    def __hash__(self) -> int:
        """Hash the content."""
        return hash(self.name)

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle by name, or by content if the prior was not read from a file."""
        if self._path is None:
            return (_from_content, (self._content, self._default))
        return (_from_file, (str(self._path), self.hash, self.size, self._default))


def check_prior(prior: object) -> Prior | None:
    """Return the value of a `prior` argument.

    Raises
    ------
    TypeError
        If it is neither a `Prior` nor None.
    """
    if prior is None or isinstance(prior, Prior):
        return prior
    raise TypeError(f"prior is {type(prior).__name__}, not Prior")


def _read(path: Path) -> bytes:
    """Return the content of a file, unless it is larger than a prior may be."""
    with open_input(path) as (stream, _):
        content = bytearray()
        while piece := read_some(stream, CHUNK_SIZE):
            content += piece
            if len(content) > MAX_PRIOR_SIZE:
                raise ParameterError(
                    f"the prior {path} is larger than the limit of {MAX_PRIOR_SIZE} bytes"
                )
    return bytes(content)


def _from_content(content: bytes, parameters: Parameters) -> Prior:
    return Prior(content, parameters=parameters)


def _from_file(path: str, digest: str, size: int, parameters: Parameters) -> Prior:
    return Prior.from_file(path, digest, size, parameters=parameters)
