"""Generated inputs; the same bytes for the same seed."""

from __future__ import annotations

import random


def noise(size: int, seed: int = 1) -> bytes:
    """Return random bytes, which cannot be compressed."""
    return random.Random(seed).randbytes(size)


def text(size: int, seed: int = 2) -> bytes:
    """Return words drawn from a Zipf distribution."""
    rng = random.Random(seed)
    words = ["".join(rng.choices("etaoinshrdlu", k=rng.randint(1, 9))) for _ in range(300)]
    weights = [1 / (i + 1) for i in range(len(words))]
    return (" ".join(rng.choices(words, weights, k=size // 2 + 1))).encode()[:size]


def records(size: int, seed: int = 3) -> bytes:
    """Rows of a binary table: a counter, a slow signal, flags."""
    rng = random.Random(seed)
    out = bytearray()
    level = 1000
    for i in range(size // 12 + 1):
        level += rng.randint(-9, 9)
        out += i.to_bytes(4, "little") + (level & 0xFFFF).to_bytes(2, "big")
        out += bytes([0, rng.choice((0, 1, 4))]) + b"abc\n"
    return bytes(out[:size])


def counters() -> bytes:
    """Thirty binary counters, line by line."""
    return "".join(f"{i:06b}\n" for i in range(30)).encode()


SAMPLES = {
    "empty": b"",
    "one byte": b"x",
    "two bytes": b"\x00\xff",
    "counters": counters(),
    "zeros": bytes(5000),
    "noise": noise(3000),
    "text": text(6000),
    "records": records(6000),
    "every byte": bytes(range(256)) * 8,
    "periodic": b"abcdefg" * 600,
}
