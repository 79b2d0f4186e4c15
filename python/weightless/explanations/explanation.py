"""What `weightless.explain` returns."""

from __future__ import annotations

import functools
import json
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from weightless.explanations.parts import Parts, find_parts
from weightless.explanations.recording import Recording
from weightless.explanations.repeats import Repeat, find_repeats
from weightless.levels import level_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Explanation", "Likely"]

Floats = npt.NDArray[np.float64]

#: The expert whose offers these are, where the part before the colons does not say it.
_STAGE = "APM stages"


def _plain(name: str) -> str:
    """Return the name of an expert without the number of its generation: ``Image<0>`` is Image."""
    return re.sub(r"<\d+>", "", name)


@dataclass(frozen=True)
class Likely:
    """The likeliest values of one byte, before it was known.

    Attributes
    ----------
    position : int
        The byte's position in the content.
    values : tuple of (int, float)
        Values and their probabilities, the likeliest first.
    """

    position: int
    values: tuple[tuple[int, float], ...]


@dataclass(frozen=True, eq=False, repr=False)
class Explanation:
    """What each byte of some content cost, and what predicted it.

    All arrays along `positions` have one entry for each byte that was recorded by itself: every
    byte, or of large content a sample, evenly spread. Those along segments cover all content.

    Attributes
    ----------
    name : str
        What was explained; the file name, or ``"bytes"``.
    size : int
        Bytes of content.
    archive_size, payload_size : int
        Bytes of the archive, and of the payloads of its blocks: without headers and checks.
    level : int or None
        The level whose parameters were used, if they are those of one.
    positions : ndarray of int64, shape (n,)
        Positions of the recorded bytes in the content.
    content : ndarray of uint8, shape (n,)
        The recorded bytes.
    bits : ndarray of float64, shape (n,)
        What each byte cost, in bits: minus the binary logarithm of its probability; 8 in a block
        that is stored. Without sampling, their sum is the size of the payloads, except for the few
        bytes with which the arithmetic coder ends each block.
    network_bits : ndarray of float64, shape (n,)
        What it would have cost if the network alone had predicted it; empty without a network.
        0 for bytes that were copied from earlier content, of which the network is not asked.
    mixed_bits : ndarray of float64, shape (n,)
        The cost by the mixers' prediction, before the APM stages corrected it.
    experts_bits : ndarray of float64, shape (n,)
        The cost in an archive of the same experts without the network; empty if that was not
        computed.
    kinds : ndarray of uint8, shape (n,)
        What the data were taken for: an index in `kind_names`.
    ranks : ndarray of uint8, shape (n,)
        How many values the network considered likelier; 0 means that it guessed the byte. All are
        0 without a network.
    match_lengths, match_places : ndarray of uint16 and int64, shape (n,)
        Length in bytes of the longest match before the byte, and the position of the byte that it
        expected to follow; 0 and -1 if there was none.
    segment_size : int
        Bytes in a segment (the last one may have fewer).
    segment_bits : ndarray of float64, shape (segments, 3)
        Cost of each segment in bits: of the whole, by the mixers, by the network.
    offers : tuple of str
        The names of what the mixer's inputs come from, such as ``Orders::Four``.
    segment_saved : ndarray of float64, shape (segments, len(offers))
        How many bits each offer saved in each segment (see docs/explain.md). In each segment
        8 bits for each byte less these sum up to the cost by the mixers.
    kind_names : tuple of str
        The kinds of data: an expert that has detected its structure, ``Text``, or ``Other``.
    kind_bytes : ndarray of int64, shape (kinds,)
        Bytes of each kind.
    kind_bits, kind_saved : ndarray of float64, shapes (kinds, 3) and (kinds, len(offers))
        The same as for segments, by kind.
    likely : tuple of Likely
        The likeliest values of some bytes, evenly spread.
    continuations : dict of int to bytes
        For some positions, what the whole model would have continued with.
    hidden : ndarray of float64, shape (segments, width)
        Outputs of the network's top layer at the start of each segment, from -1 to 1.
    digests : ndarray of uint64, shape (n,)
        A digest of all weights that predicted each byte; empty unless it was asked for.
    from_archive : bool
        Whether it was recorded by decoding an archive.
    """

    name: str
    size: int
    archive_size: int
    payload_size: int
    level: int | None
    positions: npt.NDArray[np.int64]
    content: npt.NDArray[np.uint8]
    bits: Floats
    network_bits: Floats
    mixed_bits: Floats
    experts_bits: Floats
    kinds: npt.NDArray[np.uint8]
    ranks: npt.NDArray[np.uint8]
    match_lengths: npt.NDArray[np.uint16]
    match_places: npt.NDArray[np.int64]
    segment_size: int
    segment_bits: Floats
    offers: tuple[str, ...]
    segment_saved: Floats
    kind_names: tuple[str, ...]
    kind_bytes: npt.NDArray[np.int64]
    kind_bits: Floats
    kind_saved: Floats
    likely: tuple[Likely, ...]
    continuations: dict[int, bytes]
    hidden: Floats
    digests: npt.NDArray[np.uint64]
    from_archive: bool = False
    extra: dict[str, Any] = field(default_factory=dict, repr=False)

    def __repr__(self) -> str:
        """Return one line: the name and the sizes, without the arrays."""
        return (
            f"<Explanation of {self.name!r}: {self.size} bytes, {self.archive_size} in the archive>"
        )

    @classmethod
    def of(
        cls,
        name: str,
        recording: Recording,
        *,
        experts_bits: Floats | None = None,
        from_archive: bool = False,
        extra: dict[str, Any] | None = None,
    ) -> Explanation:
        """Make an explanation of what was recorded."""
        arrays, sampling = recording.arrays, recording.sampling
        positions = sampling.positions()
        bits = arrays["bits"].astype(float)
        segment_bytes, segment_bits, segment_saved = arrays["segments"]
        kind_bytes, kind_bits, kind_saved = arrays["by_kind"]
        segment_bits = segment_bits.copy()
        starts = np.arange(len(segment_bytes)) * sampling.segment
        for block in recording.blocks:
            if block.stored:
                end = block.start + block.raw_size
                bits[(positions >= block.start) & (positions < end)] = 8
                overlap = np.clip(
                    np.minimum(starts + segment_bytes, end) - np.maximum(starts, block.start),
                    0,
                    None,
                )
                share = overlap / np.maximum(segment_bytes, 1)
                segment_bits[:, 0] += share * (8 * segment_bytes - segment_bits[:, 0])
        has_network = recording.parameters.width > 0
        likely = tuple(
            Likely(
                int(position),
                tuple((int(v), float(p)) for v, p in zip(values, chances, strict=True) if p > 0),
            )
            for position, values, chances in zip(
                arrays["probed"], arrays["likely_bytes"], arrays["likely_p"], strict=True
            )
        )
        used = kind_bytes > 0
        names = [_plain(n) for n, keep in zip(arrays["kind_names"], used, strict=True) if keep]
        renumbered = np.cumsum(used) - 1
        return cls(
            name=name,
            size=sampling.size,
            archive_size=recording.archive_size,
            payload_size=sum(block.payload_size for block in recording.blocks),
            level=level_of(recording.parameters),
            positions=positions,
            content=arrays["bytes"],
            bits=bits,
            network_bits=arrays["network_bits"].astype(float) if has_network else np.zeros(0),
            mixed_bits=arrays["mixed_bits"].astype(float),
            experts_bits=np.zeros(0) if experts_bits is None else experts_bits,
            kinds=renumbered[arrays["kinds"]].astype(np.uint8),
            ranks=arrays["ranks"],
            match_lengths=arrays["match_lengths"],
            match_places=arrays["match_places"],
            segment_size=sampling.segment,
            segment_bits=segment_bits,
            offers=tuple(_plain(name) for name in arrays["input_names"]),
            segment_saved=segment_saved,
            kind_names=tuple(names),
            kind_bytes=kind_bytes[used],
            kind_bits=kind_bits[used],
            kind_saved=kind_saved[used],
            likely=likely,
            continuations={
                int(at): text
                for at, text in zip(arrays["pondered"], arrays["continuations"], strict=True)
            },
            hidden=arrays["hidden"] / 2048,
            digests=arrays["digests"],
            from_archive=from_archive,
            extra=extra or {},
        )

    @property
    def whole(self) -> bool:
        """Whether every byte was recorded by itself."""
        return len(self.positions) == self.size

    @property
    def bits_per_byte(self) -> float:
        """Bits of payload per byte of content; 0 without content."""
        return float(self.segment_bits[:, 0].sum()) / self.size if self.size else 0.0

    @functools.cached_property
    def experts(self) -> tuple[str, ...]:
        """The names of the experts, the one that saved most first.

        ``APM stages`` stands for the stages that correct the mixers' prediction.
        """
        names, sums = self._expert_sums(self.segment_saved.sum(axis=0)[None])
        totals = {name: float(s) for name, s in zip(names, sums[0], strict=True) if s}
        totals[_STAGE] = float(self.segment_bits[:, 1].sum() - self.segment_bits[:, 0].sum())
        return tuple(sorted(totals, key=lambda name: -totals[name]))

    @functools.cached_property
    def saved(self) -> Floats:
        """How many bits each expert saved: shape (segments, len(experts)).

        8 bits for each byte less what all of them saved is what the content cost.
        """
        return self._by_expert(self.segment_saved, self.segment_bits)

    @functools.cached_property
    def saved_by_kind(self) -> Floats:
        """How many bits each expert saved, by kind of data: shape (kinds, len(experts))."""
        return self._by_expert(self.kind_saved, self.kind_bits)

    @functools.cached_property
    def parts(self) -> Parts:
        """Where the bits go: by line, word, column and field."""
        return find_parts(self.content, self.bits, self.positions)

    @functools.cached_property
    def repeats(self) -> tuple[Repeat, ...]:
        """The longest repeats, and how much cheaper they were than what they repeat."""
        return find_repeats(self.match_lengths, self.match_places, self.positions, self.bits)

    def _by_expert(self, saved: Floats, bits: Floats) -> Floats:
        names, sums = self._expert_sums(saved)
        columns = {**dict(zip(names, sums.T, strict=True)), _STAGE: bits[:, 1] - bits[:, 0]}
        return np.array([columns[name] for name in self.experts]).T.reshape(-1, len(self.experts))

    def _expert_sums(self, saved: Floats) -> tuple[list[str], Floats]:
        """Add up what the offers of each expert saved: a column for each expert."""
        experts = [offer.partition("::")[0] for offer in self.offers]
        names = list(dict.fromkeys(experts))
        sums = np.zeros((len(saved), len(names)))
        for column, expert in zip(saved.T, experts, strict=True):
            sums[:, names.index(expert)] += column
        return names, sums

    def to_json(self) -> str:
        """Return the figures, without the content, as JSON."""
        from weightless.explanations.figures import figures

        return json.dumps(figures(self), indent=1) + "\n"

    def html(self) -> str:
        """Return a self-contained page, which needs no network."""
        from weightless.explanations.page import render

        return render(self)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the page to a file and return its path.

        Raises
        ------
        OSError
            If it cannot be written; a file that exists is replaced.
        """
        target = Path(path)
        target.write_text(self.html(), encoding="utf-8")
        return target

    def plot(self) -> Figure:
        """Draw the learning curve and what the experts saved, with matplotlib.

        Returns
        -------
        matplotlib.figure.Figure

        Raises
        ------
        ImportError
            If matplotlib, the extra ``plot``, is not installed.
        """
        from weightless.explanations.plot import draw

        return draw(self)

    def _repr_html_(self) -> str:
        """Show the page in a notebook, in a frame of its own in which it may run its script."""
        import html

        page = html.escape(self.html(), quote=True)
        return (
            f'<iframe srcdoc="{page}" sandbox="allow-scripts" width="100%" height="720" '
            'style="border:1px solid #8888" title="Explanation"></iframe>'
        )
