"""The figures of an explanation as plain lists and numbers, for JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from weightless.explanations.parts import Part, shown

if TYPE_CHECKING:
    from weightless.explanations.explanation import Explanation

__all__ = ["figures"]

_LENGTH = 48  # bytes of what followed a position


def figures(explanation: Explanation) -> dict[str, Any]:
    """Return everything but the content and the arrays along it; bits to thousandths."""
    e = explanation
    parts = e.parts
    lockstep, ranks = e.extra.get("lockstep"), e.extra.get("ranks")
    return {
        "name": e.name,
        "content_size": e.size,
        "archive_size": e.archive_size,
        "payload_size": e.payload_size,
        "bits": _round(float(e.segment_bits[:, 0].sum())),
        "bits_per_byte": round(e.bits_per_byte, 6),
        "level": e.level,
        "from_archive": e.from_archive,
        "recorded_bytes": len(e.positions),
        "has_network": bool(len(e.network_bits)) or bool(e.hidden.shape[1]),
        "segment_size": e.segment_size,
        "segment_bits": {
            "whole": _rounded(e.segment_bits[:, 0]),
            "mixers": _rounded(e.segment_bits[:, 1]),
            "network": _rounded(e.segment_bits[:, 2]),
        },
        "experts_alone_bits": _round(float(e.experts_bits.sum())) if len(e.experts_bits) else None,
        "experts": list(e.experts),
        "saved": [_rounded(column) for column in e.saved.T],
        "offers": dict(
            sorted(
                (
                    (name, _round(float(bits)))
                    for name, bits in zip(e.offers, e.segment_saved.sum(axis=0), strict=True)
                    if bits
                ),
                key=lambda item: -item[1],
            )
        ),
        "kinds": [
            {
                "name": name,
                "bytes": int(size),
                "bits": _round(float(bits[0])),
                "saved": _rounded(saved),
            }
            for name, size, bits, saved in zip(
                e.kind_names, e.kind_bytes, e.kind_bits, e.saved_by_kind, strict=True
            )
        ],
        "parts": {
            "delimiter": parts.delimiter,
            "lines": [_part(part) for part in parts.lines],
            "words": [_part(part) for part in parts.words],
            "columns": [_part(part) for part in parts.columns],
            "fields": [_part(part) for part in parts.fields],
            "bytes": [_part(part) for part in parts.bytes],
        },
        "repeats": [
            {
                "first": r.first,
                "second": r.second,
                "size": r.size,
                "first_bits": _round(r.first_bits),
                "second_bits": _round(r.second_bits),
            }
            for r in e.repeats
        ],
        "likely": [
            {"position": one.position, "values": [[v, round(p, 9)] for v, p in one.values]}
            for one in e.likely
        ],
        "curves": {name: curve for name, curve in e.extra.get("curves", {}).items()},
        "continuations": [
            {
                "position": at,
                "expected": shown(expected),
                "followed": shown(_followed(e, at)),
                "recorded": _is_recorded(e, at),
            }
            for at, expected in e.continuations.items()
        ],
        "network_continuation": shown(e.extra["network_continuation"])
        if e.extra.get("network_continuation")
        else None,
        "ranks": None
        if ranks is None
        else {
            "vocabulary": ranks.vocabulary,
            "words": [
                {
                    "word": rank.word,
                    "untrained": rank.untrained,
                    "trained": rank.trained,
                    "bits_untrained": _round(rank.bits_untrained),
                    "bits_trained": _round(rank.bits_trained),
                }
                for rank in ranks.words
            ],
        },
        "lockstep": None
        if lockstep is None
        else {
            "encoder": [f"{int(d):016x}" for d in lockstep.encoder],
            "decoder": [f"{int(d):016x}" for d in lockstep.decoder],
            "payload": lockstep.payload.hex(),
        },
    }


def _followed(explanation: Explanation, position: int) -> bytes:
    """Return what stands at a position, as far as it was recorded."""
    at = int(np.searchsorted(explanation.positions, position))
    run = (
        explanation.positions[at : at + _LENGTH]
        - np.arange(position, position + _LENGTH)[: len(explanation.positions) - at]
    )
    size = int(np.argmax(run != 0)) if run.any() else len(run)
    return explanation.content[at : at + size].tobytes()


def _part(part: Part) -> dict[str, Any]:
    return {
        "name": part.name,
        "start": part.start,
        "count": part.count,
        "size": part.size,
        "bits": _round(part.bits),
    }


def _round(value: float) -> float:
    return round(value, 3)


def _is_recorded(explanation: Explanation, position: int) -> bool:
    at = int(np.searchsorted(explanation.positions, position))
    return at < len(explanation.positions) and int(explanation.positions[at]) == position


def _rounded(values: Any) -> list[float]:
    return [round(float(value), 3) for value in values]
