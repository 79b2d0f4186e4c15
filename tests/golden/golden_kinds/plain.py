"""Inputs of no kind, or of several."""

from __future__ import annotations

from golden_kinds import arrays, machine_code, tables, texts
from golden_kinds.numbers import Numbers

__all__ = ["copies", "mixed", "noise", "periodic"]


def noise(size: int, seed: int = 1) -> bytes:
    """Return random bytes."""
    return Numbers(seed).data(size)


def periodic(size: int) -> bytes:
    """Return periods of several lengths, one after another."""
    out = bytearray()
    for period in (1, 2, 3, 7, 16, 61, 250):
        part = bytes((37 * i * i + period) % 251 for i in range(period))
        out += part * (size // 7 // period + 1)
    return bytes(out[:size])


def copies(size: int, seed: int = 2) -> bytes:
    """Return random bytes and their copies, with changes and at odd places."""
    numbers = Numbers(seed)
    first = numbers.data(size // 4)
    changed = bytearray(first)
    for _ in range(5):
        changed[numbers.below(len(changed))] ^= 1 + numbers.below(255)
    return (first + b"a" + changed + first[777:] + first)[:size]


def mixed(size: int) -> bytes:
    """Return parts of several kinds, the first of which comes again."""
    part = size // 6
    parts = (
        texts.prose(part, 90),
        machine_code.x86(part, 91),
        noise(part // 2, 92),
        tables.csv(part, 93),
        arrays.float64(part, 94),
        texts.prose(part, 90)[: part // 2],
        machine_code.arm64(part, 95),
    )
    return b"".join(parts)[:size]
