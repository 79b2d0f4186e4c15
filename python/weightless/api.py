"""The functions of the package: whole files and whole byte strings."""

from __future__ import annotations

import io
import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, overload

from weightless.container.block import DEFAULT_BLOCK_SIZE
from weightless.errors import DamageWarning, DataError
from weightless.files.beside import output_beside
from weightless.files.convert import compress_file, decompress_file
from weightless.files.names import archive_name, content_name
from weightless.frames.archive_decoder import ArchiveDecoder
from weightless.frames.archive_encoder import ArchiveEncoder
from weightless.frames.buffers import byte_view
from weightless.frames.cost import DEFAULT_COST_LIMIT
from weightless.frames.decoder import DEFAULT_MEMORY_LIMIT
from weightless.parameters import Parameters
from weightless.result import Result
from weightless.streams.compressor import choose_parameters

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["compress", "decompress"]


@overload
def compress(
    source: str | os.PathLike[str],
    level: int | None = None,
    *,
    parameters: Parameters | None = None,
    block_size: int = DEFAULT_BLOCK_SIZE,
    frame_size: int | None = None,
    threads: int = 1,
    output: str | os.PathLike[str] | None = None,
    overwrite: bool = False,
) -> Result: ...
@overload
def compress(
    source: Buffer,
    level: int | None = None,
    *,
    parameters: Parameters | None = None,
    block_size: int = DEFAULT_BLOCK_SIZE,
    frame_size: int | None = None,
    threads: int = 1,
) -> bytes: ...
def compress(
    source: str | os.PathLike[str] | Buffer,
    level: int | None = None,
    *,
    parameters: Parameters | None = None,
    block_size: int = DEFAULT_BLOCK_SIZE,
    frame_size: int | None = None,
    threads: int = 1,
    output: str | os.PathLike[str] | None = None,
    overwrite: bool = False,
) -> Result | bytes:
    """Compress a file, or bytes.

    Parameters
    ----------
    source : path or bytes-like
        A str or a Path is the name of a file; anything else must be a buffer.
    level : int, optional
        1 (fastest) to 9 (strongest), 6 by default.
    parameters : Parameters, optional
        Of the predictor, in place of a level.
    block_size : int
        Bytes of content per block, at most 2^20: what one damaged byte can cost.
    frame_size : int, optional
        Bytes of content per frame, with a table of the frames at the archive's end: they
        are compressed and decompressed by as many threads as there are, and reading can
        begin at each (`weightless.open`). The model starts anew in each, so small frames
        cost bytes. All in one frame if not given.
    threads : int
        How many may work at once, 0 for as many as there are processors. The archive
        does not depend on it. Each frame in work is held in memory, with a model of its own.
    output : path, optional
        For a file: the archive's name, else the file's with ``.wl`` behind it.
    overwrite : bool
        For a file: replace an output that exists.

    Returns
    -------
    Result or bytes
        For a file: names, sizes, ratio, seconds. For bytes: the archive.

    Raises
    ------
    OSError
        If a file cannot be read or written; `OutputExistsError` if the output exists.
    ParameterError
        For a level or a parameter out of range.
    """
    encoder = ArchiveEncoder(
        choose_parameters(level, parameters),
        block_size=block_size,
        frame_size=frame_size,
        threads=threads,
    )
    if isinstance(source, str | os.PathLike):
        path = Path(source)
        target = output_beside(path, archive_name) if output is None else Path(output)
        return compress_file(path, target, encoder, overwrite=overwrite)
    if output is not None:
        raise TypeError("output goes with a path as source, not with bytes")
    try:
        return encoder.write(byte_view(source)) + encoder.finish()
    finally:
        encoder.release()


@overload
def decompress(
    source: str | os.PathLike[str],
    *,
    output: str | os.PathLike[str] | None = None,
    overwrite: bool = False,
    memory_limit: int | None = DEFAULT_MEMORY_LIMIT,
    cost_limit: int | None = DEFAULT_COST_LIMIT,
    max_output_size: int | None = None,
    threads: int = 1,
    salvage: bool = False,
) -> Result: ...
@overload
def decompress(
    source: Buffer,
    *,
    memory_limit: int | None = DEFAULT_MEMORY_LIMIT,
    cost_limit: int | None = DEFAULT_COST_LIMIT,
    max_output_size: int | None = None,
    threads: int = 1,
    salvage: bool = False,
) -> bytes: ...
def decompress(
    source: str | os.PathLike[str] | Buffer,
    *,
    output: str | os.PathLike[str] | None = None,
    overwrite: bool = False,
    memory_limit: int | None = DEFAULT_MEMORY_LIMIT,
    cost_limit: int | None = DEFAULT_COST_LIMIT,
    max_output_size: int | None = None,
    threads: int = 1,
    salvage: bool = False,
) -> Result | bytes:
    """Decompress a file, or bytes: all frames of it.

    Parameters
    ----------
    source : path or bytes-like
        A str or a Path is the name of a file; anything else must be a buffer.
    output : path, optional
        For a file: the content's name, else the archive's without ``.wl``.
    overwrite : bool
        For a file: replace an output that exists.
    memory_limit : int or None
        Bytes that the model may take (2 GiB by default), all models of frames that are
        decoded at once together; None for no limit.
    cost_limit : int or None
        Operations that a byte may take (2^25 by default, 32 times what level 9 takes); None
        for no limit. So parameters listed in a header cannot make decoding take for ever.
    max_output_size : int, optional
        Bytes of content at which to give up.
    threads : int
        How many may work at once, 0 for as many as there are processors.
    salvage : bool
        Keep what comes before damage: a file's `Result` says in `damage` where that
        is, for bytes a `DamageWarning` does.

    Returns
    -------
    Result or bytes
        For a file: names, sizes, ratio, seconds. For bytes: the content.

    Raises
    ------
    DataError
        If the archive cannot be decoded: `NotAnArchiveError`, `UnsupportedError`,
        `CorruptError` or `TruncatedError`, with the place.
    LimitError
        If it needs more memory or time or gives more output than allowed.
    OSError
        If a file cannot be read or written; `OutputExistsError` if the output exists.
    """
    decoder = ArchiveDecoder(
        memory_limit=memory_limit,
        cost_limit=cost_limit,
        output_limit=max_output_size,
        threads=threads,
    )
    if isinstance(source, str | os.PathLike):
        path = Path(source)
        target = output_beside(path, content_name) if output is None else Path(output)
        return decompress_file(path, target, decoder, overwrite=overwrite, salvage=salvage)
    if output is not None:
        raise TypeError("output goes with a path as source, not with bytes")
    blocks: list[bytes] = []
    try:
        for block in decoder.decode(io.BytesIO(byte_view(source))):
            blocks.append(block)
    except DataError as error:
        if not salvage:
            raise
        warnings.warn(DamageWarning(str(error)), stacklevel=2)
    return b"".join(blocks)
