"""`compress` and `decompress`, for whole files and whole byte strings."""

from __future__ import annotations

import io
import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, overload

from weightless.container.block import DEFAULT_BLOCK_SIZE
from weightless.errors import DamageWarning, DataError, ParameterError
from weightless.files.beside import output_beside
from weightless.files.convert import compress_file, decompress_file
from weightless.files.info import info
from weightless.files.names import archive_name, content_name
from weightless.files.prior import Prior, check_prior
from weightless.files.progress import Progress, reporting
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
    frame_at: bytes | None = None,
    primed: bool = False,
    prior: Prior | None = None,
    threads: int = 1,
    output: str | os.PathLike[str] | None = None,
    overwrite: bool = False,
    resume: bool = False,
    progress: Progress = None,
) -> Result: ...
@overload
def compress(
    source: Buffer,
    level: int | None = None,
    *,
    parameters: Parameters | None = None,
    block_size: int = DEFAULT_BLOCK_SIZE,
    frame_size: int | None = None,
    frame_at: bytes | None = None,
    primed: bool = False,
    prior: Prior | None = None,
    threads: int = 1,
    progress: Progress = None,
) -> bytes: ...
def compress(
    source: str | os.PathLike[str] | Buffer,
    level: int | None = None,
    *,
    parameters: Parameters | None = None,
    block_size: int = DEFAULT_BLOCK_SIZE,
    frame_size: int | None = None,
    frame_at: bytes | None = None,
    primed: bool = False,
    prior: Prior | None = None,
    threads: int = 1,
    output: str | os.PathLike[str] | None = None,
    overwrite: bool = False,
    resume: bool = False,
    progress: Progress = None,
) -> Result | bytes:
    """Compress a file or a bytes-like object.

    Parameters
    ----------
    source : path or bytes-like
        A str or path object is the name of a file; anything else must be a contiguous
        buffer.
    level : int, optional
        1 (fastest) to 9 (strongest); the default is 6.
    parameters : Parameters, optional
        Parameters of the predictor, instead of a level.
    block_size : int
        Bytes of content per block, 1 to 2^20. Damage is detected per block: everything
        before the damaged block can be salvaged.
    frame_size : int, optional
        Bytes of content per frame; the archive of several frames ends with a seek table.
        Frames are compressed and decompressed in parallel (see `threads`), and reading can
        start at any of them (`weightless.open`). The model starts from its initial state in
        each frame, so small frames make the archive larger. By default the archive has a
        single frame.
    frame_at : bytes, optional
        With `frame_size`: a delimiter, such as that of lines. Each frame ends behind the first one
        at the frame size or later, so that it contains whole lines; without any delimiter in
        reach, after twice the frame size.
    primed : bool
        With `frame_size`: whether the model reads the content of the first frame before each
        later one. This makes the archive smaller; the first frame must then be decoded before
        any other.
    prior : Prior, optional
        What the model reads before the content of each frame. Without a level or parameters,
        those of the prior are used. Decompression needs the same prior.
    threads : int
        Number of threads, 0 for one per processor. The archive does not depend on it.
        Frames that are compressed in parallel are held in memory, each with a model of its
        own.
    output : path, optional
        For a file: the name of the archive. By default ``.wl`` is appended to the name of
        the source.
    overwrite : bool
        For a file: whether to replace an existing output.
    resume : bool
        For a file: whether to keep the frames that an earlier call had written before its
        process was killed, as far as they contain the start of the source. They are checked,
        not coded again, and must have been made with the same options. If this call fails, its
        frames are kept too. An output that is whole already is kept if it is that of this call.
        It requires `frame_size`.
    progress : callable or bool, optional
        A function that is called with the number of bytes of content done so far, at intervals and
        perhaps by another thread; an exception from it ends the call. True shows a bar.

    Returns
    -------
    Result or bytes
        For a file a `Result` (paths, sizes, time); for bytes the archive.

    Raises
    ------
    OSError
        If a file cannot be read or written; `OutputExistsError` if the output exists;
        `UnsuitableFileError` if the output is the source or a link to it.
    ParameterError
        If a level, a parameter or an option is out of range, both a level and parameters
        are given, or `resume` is without `frame_size`.
    TypeError
        If `source` is neither a path nor a buffer, an option has the wrong type, or
        `output` or `resume` is given for bytes.
    """
    if resume and frame_size is None:
        raise ParameterError("resume requires frame_size: only whole frames are kept")
    chosen = choose_parameters(level, parameters, prior)
    if not isinstance(source, str | os.PathLike):
        _refuse_for_bytes(output, resume)
    total, name = _size_and_name(source) if progress else (None, "")
    with reporting(progress, total, name) as report:
        encoder = ArchiveEncoder(
            chosen,
            block_size=block_size,
            frame_size=frame_size,
            frame_at=frame_at,
            primed=primed,
            prior=prior,
            threads=threads,
            progress=report,
        )
        if isinstance(source, str | os.PathLike):
            path = Path(source)
            target = output_beside(path, archive_name) if output is None else Path(output)
            return compress_file(path, target, encoder, overwrite=overwrite, resume=resume)
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
    prior: Prior | None = None,
    threads: int = 1,
    salvage: bool = False,
    resume: bool = False,
    progress: Progress = None,
) -> Result: ...
@overload
def decompress(
    source: Buffer,
    *,
    memory_limit: int | None = DEFAULT_MEMORY_LIMIT,
    cost_limit: int | None = DEFAULT_COST_LIMIT,
    max_output_size: int | None = None,
    prior: Prior | None = None,
    threads: int = 1,
    salvage: bool = False,
    progress: Progress = None,
) -> bytes: ...
def decompress(
    source: str | os.PathLike[str] | Buffer,
    *,
    output: str | os.PathLike[str] | None = None,
    overwrite: bool = False,
    memory_limit: int | None = DEFAULT_MEMORY_LIMIT,
    cost_limit: int | None = DEFAULT_COST_LIMIT,
    max_output_size: int | None = None,
    prior: Prior | None = None,
    threads: int = 1,
    salvage: bool = False,
    resume: bool = False,
    progress: Progress = None,
) -> Result | bytes:
    """Decompress all frames of an archive, given as a file or a bytes-like object.

    Parameters
    ----------
    source : path or bytes-like
        A str or path object is the name of a file; anything else must be a contiguous
        buffer.
    output : path, optional
        For a file: the name of the content. By default the name of the source without
        ``.wl``.
    overwrite : bool
        For a file: whether to replace an existing output.
    memory_limit : int or None
        Largest model in bytes, with its window (8 GiB by default). Frames decoded in parallel
        keep their models and contents together within it. With a prior, its size and a second
        model, which keeps the state after reading it, count too. None means no limit.
    cost_limit : int or None
        Largest number of operations per byte (2^25 by default, 32 times the cost of level
        9), which keeps a hostile archive from making decoding take unbounded time;
        docs/format.md gives the formula. None means no limit.
    max_output_size : int, optional
        Largest size of the content in bytes; by default there is no limit.
    prior : Prior, optional
        The prior that the archive may name.
    threads : int
        Number of threads, 0 for one per processor.
    salvage : bool
        Whether to keep the content before the damage in a damaged archive. The error is
        then reported rather than raised: as `Result.damage` for a file, as a
        `DamageWarning` for bytes.
    resume : bool
        For a file: whether to keep the content that an earlier call had written before its
        process was killed, up to the last whole frame that matches the archive. It is
        checked, not decoded again. If this call fails, its content is kept too. An output
        that is whole already is kept if it is the content of the archive.
    progress : callable or bool, optional
        A function that is called with the number of bytes of content done so far, at intervals and
        perhaps by another thread; an exception from it ends the call. True shows a bar.

    Returns
    -------
    Result or bytes
        For a file a `Result` (paths, sizes, time); for bytes the content.

    Raises
    ------
    DataError
        If the archive cannot be decoded: `NotAnArchiveError`, `UnsupportedError`,
        `CorruptError` or `TruncatedError`, with the offset.
    LimitError
        If a limit is exceeded: `MemoryLimitError`, `CostLimitError` or `OutputLimitError`.
    PriorError
        If the archive needs a prior that was not given.
    OSError
        If a file cannot be read or written; `OutputExistsError` if the output exists;
        `UnsuitableFileError` if the output is the source or a link to it.
    ParameterError
        If an option is out of range.
    TypeError
        If `source` is neither a path nor a buffer, an option has the wrong type, or
        `output` or `resume` is given for bytes.
    """
    checked = check_prior(prior)
    if not isinstance(source, str | os.PathLike):
        _refuse_for_bytes(output, resume)
    total, name = _content_size_and_name(source) if progress else (None, "")
    with reporting(progress, total, name) as report:
        decoder = ArchiveDecoder(
            memory_limit=memory_limit,
            cost_limit=cost_limit,
            output_limit=max_output_size,
            prior=checked,
            threads=threads,
            progress=report,
        )
        if isinstance(source, str | os.PathLike):
            path = Path(source)
            target = output_beside(path, content_name) if output is None else Path(output)
            return decompress_file(
                path,
                target,
                decoder,
                overwrite=overwrite,
                salvage=salvage,
                resume=resume,
                delivered=report,
            )
        blocks: list[bytes] = []
        try:
            for block in decoder.decode(io.BytesIO(byte_view(source))):
                blocks.append(block)
                if report is not None:
                    report(decoder.delivered)
        except DataError as error:
            if not salvage:
                raise
            warnings.warn(DamageWarning(str(error)), stacklevel=2)
        return b"".join(blocks)


def _size_and_name(source: str | os.PathLike[str] | Buffer) -> tuple[int | None, str]:
    """Return the size of a source, if it is known, and a name for a progress bar."""
    if not isinstance(source, str | os.PathLike):
        return byte_view(source).nbytes, "compress"
    path = Path(source)
    try:
        return path.stat().st_size or None, path.name
    except OSError:  # opening it will report it
        return None, path.name


def _content_size_and_name(source: str | os.PathLike[str] | Buffer) -> tuple[int | None, str]:
    """Return the size of an archive's content, if its headers say it, and a name."""
    name = Path(source).name if isinstance(source, str | os.PathLike) else "decompress"
    try:
        if isinstance(source, str | os.PathLike) and not Path(source).is_file():
            return None, name
        return info(source).raw_size, name
    except (DataError, OSError):  # decoding will report it
        return None, name


def _refuse_for_bytes(output: str | os.PathLike[str] | None, resume: bool) -> None:
    if output is not None:
        raise TypeError("output requires a path as source, not bytes")
    if resume:
        raise TypeError("resume requires a path as source, not bytes")
