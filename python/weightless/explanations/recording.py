"""Coding of content with a trace, and what the blocks of its archive are."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from weightless import _core
from weightless.container.block import parse_block_header
from weightless.container.checks import BLOCK_CHECK_SIZE
from weightless.container.header import parse_header
from weightless.container.scan import ArchiveInfo, scan_archive
from weightless.container.window import MAX_BLOCK_HEADER, MAX_FRAME_HEADER
from weightless.files.prior import Prior
from weightless.frames.archive_decoder import ArchiveDecoder
from weightless.frames.archive_encoder import ArchiveEncoder
from weightless.frames.models import ModelStore
from weightless.parameters import Parameters

__all__ = ["Block", "Recording", "Sampling", "record_archive", "record_content"]

#: The largest number of segments, of bytes that are recorded one by one, and of likeliest values.
_SEGMENTS = 512
_PROBES = 256
_FEWEST_PROBES = 32
_BYTES_FOR_A_PROBE = 4096
_PONDERINGS = 8
_WINDOWS = 64


@dataclass(frozen=True)
class Block:
    """A block of the archive: where its content starts, and its sizes in bytes."""

    start: int
    raw_size: int
    payload_size: int
    stored: bool


@dataclass(frozen=True)
class Sampling:
    """What is recorded of content of a certain size.

    Attributes
    ----------
    size : int
        Bytes of content.
    segment : int
        Bytes that are summed up together.
    width, period : int
        Of each `period` bytes the first `width` are recorded one by one.
    probe : int
        The likeliest values are found for each byte whose position is a multiple of this; 0: for
        none.
    ponder : int
        The same for what the model would continue with.
    """

    size: int
    segment: int
    width: int
    period: int
    probe: int
    ponder: int

    @classmethod
    def of(cls, size: int, keep: int, probes: int | None) -> Sampling:
        """Choose what to record of `size` bytes if about `keep` may be recorded one by one."""
        segment = max(1, -(-size // _SEGMENTS))
        width = period = max(1, size)
        if size > keep:
            period = -(-size // _WINDOWS)
            width = max(1, keep // _WINDOWS)
        # Finding the likeliest values takes as long as coding some hundred bytes.
        usual = min(_PROBES, max(_FEWEST_PROBES, size // _BYTES_FOR_A_PROBE))
        most = usual if probes is None else probes
        probe = max(1, -(-size // most)) if most else 0
        ponder = max(1, -(-size // _PONDERINGS)) if most else 0
        return cls(size, segment, width, period, probe, ponder)

    def positions(self) -> npt.NDArray[np.int64]:
        """Return the positions of the bytes that are recorded one by one."""
        if self.width >= self.period:
            return np.arange(self.size, dtype=np.int64)
        starts = np.arange(0, self.size, self.period, dtype=np.int64)
        all_positions = (starts[:, None] + np.arange(self.width)).ravel()
        return all_positions[all_positions < self.size]

    def trace(self, *, digests: bool = False, costs_only: bool = False) -> _core.Trace:
        """Return a trace that records this."""
        return _core.Trace(
            segment=self.segment,
            width=self.width,
            period=self.period,
            probe=self.probe,
            ponder=self.ponder,
            digests=digests,
            costs_only=costs_only,
        )


@dataclass(frozen=True)
class Recording:
    """What a trace has recorded, and the archive that was coded meanwhile.

    Attributes
    ----------
    arrays : dict
        The arrays of `_core.Trace`.
    sampling : Sampling
        What they cover.
    parameters : Parameters
        Parameters of the first frame.
    blocks : tuple of Block
        The blocks that have content.
    archive_size : int
        Bytes of the archive, with headers and checks.
    frames : int
        Number of frames with content.
    codec : Codec or None
        The last frame's model, in the state after the content; None if it was not kept.
    """

    arrays: dict[str, Any]
    sampling: Sampling
    parameters: Parameters
    blocks: tuple[Block, ...]
    archive_size: int
    frames: int
    codec: _core.Codec | None


def record_content(
    content: memoryview,
    parameters: Parameters,
    sampling: Sampling,
    *,
    prior: Prior | None = None,
    costs_only: bool = False,
) -> Recording:
    """Compress content as `weightless.compress` does, and record it."""
    models = ModelStore(sampling.trace(costs_only=costs_only))
    encoder = ArchiveEncoder(parameters, prior=prior, models=models)
    try:
        archive = encoder.write(content) + encoder.finish()
    finally:
        encoder.release()
    stream = io.BytesIO(archive)
    return _recording(stream, scan_archive(stream), models, sampling, parameters)


def record_archive(
    stream: BinaryIO, keep: int, probes: int | None, **limits: Any
) -> tuple[Recording, bytes | None]:
    """Decode an archive from its start, and record it.

    Parameters
    ----------
    stream : binary stream
        A seekable stream at the start of the archive.
    keep, probes : int
        As `Sampling.of` takes them.
    **limits
        Limits and the prior, as `ArchiveDecoder` takes them.

    Returns
    -------
    recording : Recording
    content : bytes or None
        The content if all of it was recorded byte by byte.
    """
    info = scan_archive(stream)
    sampling = Sampling.of(info.raw_size, keep, probes)
    parameters = next((f.header.parameters for f in info.frames if f.header), Parameters())
    models = ModelStore(sampling.trace())
    decoder = ArchiveDecoder(models=models, **limits)
    stream.seek(0)
    for _ in decoder.decode(stream):
        pass
    recording = _recording(stream, info, models, sampling, parameters)
    whole = sampling.width >= sampling.period
    return recording, recording.arrays["bytes"].tobytes() if whole else None


def _recording(
    stream: BinaryIO,
    info: ArchiveInfo,
    models: ModelStore,
    sampling: Sampling,
    parameters: Parameters,
) -> Recording:
    blocks: list[Block] = []
    start = frames = 0
    for frame in info.frames:
        if frame.header is None:
            continue
        frames += 1
        stream.seek(frame.offset)
        position = frame.offset + parse_header(stream.read(MAX_FRAME_HEADER))[1]
        for _ in range(frame.blocks):
            stream.seek(position)
            block, size = parse_block_header(stream.read(MAX_BLOCK_HEADER), 0)
            if block.raw_size:
                blocks.append(Block(start, block.raw_size, block.payload_size, block.verbatim))
            start += block.raw_size
            position += size + block.payload_size + BLOCK_CHECK_SIZE
    assert models.trace is not None
    return Recording(
        arrays=models.trace.arrays(),
        sampling=sampling,
        parameters=parameters,
        blocks=tuple(blocks),
        archive_size=info.compressed_size,
        frames=frames,
        codec=models.observed,
    )
