"""A second copy of data costs next to nothing, whatever the data are and wherever it stands."""

from __future__ import annotations

import math
import random
import struct
import zlib
from collections.abc import Callable

import pytest
from data import noise, text
from payloads import codec, coded

SIZE = 5_000


def few_values(rng: random.Random) -> bytes:
    return bytes(rng.randrange(200) for _ in range(SIZE))


def compressed(rng: random.Random) -> bytes:
    return zlib.compress(text(9 * SIZE, rng.randrange(1 << 20)), 9)[:SIZE]


def photograph(rng: random.Random) -> bytes:
    pixels = bytearray(b"P6\n80 25\n255\n")
    for i in range(SIZE):
        x, y = i // 3 % 80, i // 240
        wave = 60 * math.sin(x / 17 + i % 3) + 50 * math.cos(y / 11)
        pixels.append(int(128 + wave + rng.gauss(0, 4)) & 255)
    return bytes(pixels)


def sound(rng: random.Random) -> bytes:
    return b"".join(
        struct.pack("<h", int(8000 * math.sin(i / 20) + rng.gauss(0, 200)))
        for i in range(SIZE // 2)
    )


def walk(code: str, scale: float) -> Callable[[random.Random], bytes]:
    """An array in which each number is the previous one plus noise."""

    def array(rng: random.Random) -> bytes:
        value = 0.0
        out = b""
        for _ in range(SIZE // struct.calcsize("=" + code[-1])):
            value += rng.gauss(0, 1)
            out += struct.pack(code, value * scale if code[-1] in "efd" else int(value * scale))
        return out

    return array


def machine_code(rng: random.Random) -> bytes:
    out = bytearray()
    while len(out) < SIZE:
        out += rng.choice((b"\x8b\x45", b"\x89\x55", b"\x83\xc4")) + rng.randbytes(1)
        if rng.randrange(3) == 0:
            out += b"\xe8" + rng.randbytes(2) + b"\0\0"
    return bytes(out)


KINDS: dict[str, Callable[[random.Random], bytes]] = {
    "random": lambda rng: noise(SIZE, rng.randrange(1 << 20)),
    "200 values": few_values,
    "compressed": compressed,
    "24-bit image": photograph,
    "sound": sound,
    "int16": walk("<h", 100),
    "big-endian int16": walk(">h", 100),
    "int32": walk("<i", 1e4),
    "int64": walk("<q", 1e9),
    "float16": walk("<e", 1),
    "float32": walk("<f", 1),
    "float64": walk("<d", 1),
    "x86 code": machine_code,
    "text": lambda rng: text(SIZE, rng.randrange(1 << 20)),
}


@pytest.mark.parametrize(
    ("kind", "experts"),
    [(kind, experts) for kind in KINDS for experts in (1, 2)]
    + [(kind, experts) for kind in ("random", "sound", "x86 code") for experts in (3, 4)],
)
def test_a_second_copy(kind: str, experts: int) -> None:
    # Structures are detected in the first bytes of every 8,192, so that the second copy, too, lies
    # within what one was detected in.
    first = KINDS[kind](random.Random(1)) + KINDS[kind](random.Random(2))
    once = coded(first, experts, 20)
    assert coded(first + first, experts, 20) - once <= min(once, len(first)) / 100 + 100


@pytest.mark.parametrize("experts", [1, 2])
@pytest.mark.parametrize("distance", [100, 10_000, 57_000])
def test_copies_far_apart(distance: int, experts: int) -> None:
    # With memory_bits 18 the history has 2^16 bytes, and the table of matches 2^12 entries.
    once, between = noise(4_000, 1), noise(distance, 2)
    before = coded(once + between, experts, 18)
    assert coded(once + between + once, experts, 18) - before <= len(once) / 100 + 100


@pytest.mark.parametrize("experts", [1, 2, 4])
@pytest.mark.parametrize("kind", ["random", "sound", "text"])
def test_a_copy_with_changes(kind: str, experts: int) -> None:
    # Each change costs its place among 200 and its value among 256, two bytes, and then some.
    first = KINDS[kind](random.Random(1)) + KINDS[kind](random.Random(2))
    second = bytearray(first)
    rng = random.Random(3)
    for i in range(100, len(second), 200):
        second[i] ^= rng.randrange(1, 256)
    once = coded(first, experts, 20)
    changes = len(first) // 200
    limit = min(once, len(first)) / 100 + 100 + 4 * changes
    assert coded(first + bytes(second), experts, 20) - once <= limit


def test_a_stored_block_is_a_source_of_matches() -> None:
    block = noise(4_000, 4)
    model = codec(1, 20)
    model.absorb(block)
    assert len(model.encode(block)) <= 140
