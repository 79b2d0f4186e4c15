"""`weightless.explain`."""

from __future__ import annotations

import contextlib
import io
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from weightless.container.header import MAGIC, begins_archive
from weightless.errors import ParameterError
from weightless.explanations.explanation import Explanation
from weightless.explanations.lockstep import LONGEST, Lockstep, run_lockstep
from weightless.explanations.network import WordRanks, rank_words
from weightless.explanations.peers import learning_curves
from weightless.explanations.recording import Sampling, record_archive, record_content
from weightless.files.inputs import open_input
from weightless.files.prior import Prior, check_prior
from weightless.frames.buffers import byte_view
from weightless.frames.cost import DEFAULT_COST_LIMIT
from weightless.frames.decoder import DEFAULT_MEMORY_LIMIT
from weightless.integers import integer
from weightless.parameters import Parameters
from weightless.streams.compressor import choose_parameters

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["explain"]

#: How many bytes are recorded one by one, by default.
DEFAULT_KEEP = 1 << 20

#: Up to how many bytes are compared with other ways, by default.
_COMPARED = 1 << 16

#: Bytes with which the network continues the content.
_CONTINUED = 48


def explain(
    source: str | os.PathLike[str] | Buffer,
    level: int | None = None,
    *,
    parameters: Parameters | None = None,
    prior: Prior | None = None,
    keep: int = DEFAULT_KEEP,
    probes: int | None = None,
    compare: bool | None = None,
    name: str | None = None,
    memory_limit: int | None = DEFAULT_MEMORY_LIMIT,
    cost_limit: int | None = DEFAULT_COST_LIMIT,
) -> Explanation:
    """Explain what each byte of a file or of bytes costs, and what predicts it.

    Content is compressed, and an archive is decompressed; both record the same, because the
    decoder makes the predictions of the encoder. Nothing is written.

    Parameters
    ----------
    source : path or bytes-like
        A str or path object is the name of a file; anything else must be a contiguous buffer. What
        begins as an archive does is taken for one.
    level : int, optional
        1 (fastest) to 9 (strongest); the default is 6. An archive is decoded with the parameters
        that it states; a level is then an error.
    parameters : Parameters, optional
        Parameters of the predictor, instead of a level.
    prior : Prior, optional
        What the model reads before the content.
    keep : int
        About how many bytes are recorded one by one, 2^20 by default; of more content a sample is,
        evenly spread. Sums always cover everything.
    probes : int, optional
        For about how many bytes, evenly spread, the likeliest values are found; by default one of
        4096 bytes, at least 32 and at most 256. 0 saves the second model that it takes.
    compare : bool, optional
        Whether to compare with the experts without the network and with other programs, if the
        whole content is recorded. By default this is done for up to 64 KiB, as it takes longer
        than the rest.
    name : str, optional
        What the explanation calls the content; the name of the file by default.
    memory_limit, cost_limit : int or None
        For an archive: limits as in `weightless.decompress`.

    Returns
    -------
    Explanation
        Arrays of figures; it shows itself in a notebook, and `Explanation.save` writes a page.

    Raises
    ------
    OSError
        If a file cannot be read.
    DataError, LimitError, PriorError
        If an archive cannot be decoded, as `weightless.decompress` raises them.
    ParameterError
        If an option is out of range, or a level is given for an archive.
    TypeError
        If `source` is neither a path nor a buffer, or an option has the wrong type.
    """
    keep = integer(keep, "keep", 1)
    probes = None if probes is None else integer(probes, "probes", 0)
    with _open(source) as (stream, found):
        start = stream.read(len(MAGIC))
        stream.seek(0)
        if begins_archive(start):
            if level is not None or parameters is not None:
                raise ParameterError("an archive states its parameters; a level does not apply")
            recording, content = record_archive(
                stream,
                keep,
                probes,
                memory_limit=memory_limit,
                cost_limit=cost_limit,
                prior=check_prior(prior),
            )
            from_archive = True
        else:
            chosen = choose_parameters(level, parameters, prior)
            raw = stream.read()
            sampling = Sampling.of(len(raw), keep, probes)
            recording = record_content(memoryview(raw), chosen, sampling, prior=prior)
            content = raw if sampling.width >= sampling.period else None
            from_archive = False
    experts_bits = None
    curves: dict[str, list[tuple[int, int]]] = {}
    lockstep: Lockstep | None = None
    ranks: WordRanks | None = None
    used = recording.parameters
    network_continuation = b""
    if recording.codec is not None and used.width and recording.sampling.size:
        network_continuation = recording.codec.network_alone().continuation(_CONTINUED)
    if content is not None and recording.frames == 1 and prior is None:
        if len(content) <= _COMPARED if compare is None else compare:
            others = threading.Thread(target=lambda: curves.update(learning_curves(content)))
            others.start()
            try:
                if used.width and used.experts:
                    experts_bits = _experts_alone(content, used)
                if recording.codec is not None and content:
                    ranks = rank_words(recording.codec, content, used)
            finally:
                others.join()
        if 0 < len(content) <= LONGEST:
            lockstep = run_lockstep(content, used)
    return Explanation.of(
        found if name is None else name,
        recording,
        experts_bits=experts_bits,
        from_archive=from_archive,
        extra={
            "curves": curves,
            "lockstep": lockstep,
            "ranks": ranks,
            "network_continuation": network_continuation,
        },
    )


def _experts_alone(content: bytes, parameters: Parameters) -> np.ndarray:
    """Return the cost of each byte by the same experts without the network."""
    alone = parameters.replace(width=0)
    sampling = Sampling.of(len(content), len(content) or 1, 0)
    recording = record_content(memoryview(content), alone, sampling, costs_only=True)
    return np.asarray(recording.arrays["bits"], dtype=float)


@contextlib.contextmanager
def _open(source: str | os.PathLike[str] | Buffer) -> Iterator[tuple[BinaryIO, str]]:
    if isinstance(source, str | os.PathLike):
        path = Path(source)
        with open_input(path) as (stream, _):
            if stream.seekable():
                yield stream, path.name
            else:
                yield io.BytesIO(stream.read()), path.name
        return
    # Reading from bytes copies nothing.
    yield io.BytesIO(source if type(source) is bytes else byte_view(source)), "bytes"
