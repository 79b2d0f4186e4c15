"""Generated data of every kind that the model has an expert for; the same bytes for one seed."""

from __future__ import annotations

import math
import random
import struct
import zlib
from collections.abc import Callable


def prose(size: int, seed: int = 31) -> bytes:
    """Words of a vocabulary with Zipf's frequencies, in sentences and lines."""
    rng = random.Random(seed)
    starts = ("b", "br", "d", "f", "g", "h", "kr", "l", "m", "n", "p", "r", "s", "sch", "t", "w")
    vowels = ("a", "e", "e", "e", "i", "o", "u", "ei", "ie", "\u00fc")
    ends = ("", "n", "r", "s", "t", "ch", "nd", "ng")
    words = [
        "".join(
            rng.choice(starts) + rng.choice(vowels) + rng.choice(ends)
            for _ in range(rng.choice((1, 1, 2, 2, 3)))
        )
        for _ in range(1500)
    ]
    weights = [1 / (i + 2) for i in range(len(words))]
    out: list[str] = []
    length = 0
    column = 0
    while length < size:
        chosen = rng.choices(words, weights, k=rng.randrange(4, 14))
        chosen[0] = chosen[0].capitalize()
        for word in [*chosen[:-1], chosen[-1] + rng.choice((".", ".", "?", ","))]:
            column += len(word) + 1
            out.append(word + ("\n" if column > 70 else " "))
            length += len(word) + 1
            column = 0 if column > 70 else column
    return "".join(out).encode()[:size]


def nucleotides(size: int, seed: int = 32) -> bytes:
    """Genes of codons of which some are frequent."""
    rng = random.Random(seed)
    codons = ["".join(rng.choices("ACGT", k=3)) for _ in range(24)]
    return "".join(rng.choices(codons, k=size // 3 + 1)).encode()[:size]


def x86(size: int, seed: int = 33) -> bytes:
    """Instructions of frequent forms, jumps, and calls to a number of functions."""
    rng = random.Random(seed)
    places = [rng.randrange(1 << 20) for _ in range(24)]
    forms = [
        bytes(form)
        for form in (
            (0x8B, 0x45), (0x89, 0x45), (0x8D, 0x4D), (0x8B, 0x55), (0x83, 0xC4), (0x83, 0xEC),
            (0x8B, 0x4E), (0x0F, 0xB6, 0x46), (0x39, 0x45), (0x03, 0x45), (0x6A,),
        )
    ]  # fmt: skip
    plain = [
        bytes(form) for form in ((0x8B, 0xC1), (0x33, 0xC0), (0x50,), (0x56,), (0x5E,), (0xC3,))
    ]
    out = bytearray()
    while len(out) < size:
        for _ in range(rng.randrange(1, 6)):
            if rng.random() < 0.5:
                out += rng.choice(forms) + bytes([rng.choice((4, 8, 12, 16, 20, 0xF8, 0xF4, 0xF0))])
            else:
                out += rng.choice(plain)
        if rng.random() < 0.4:
            out += bytes([0x85, 0xC0, rng.choice((0x74, 0x75)), rng.randrange(4, 60)])
        place = rng.choices(places, [1 / (i + 1) for i in range(24)])[0]
        out += b"\xe8" + ((place - len(out) - 5) & 0xFFFFFFFF).to_bytes(4, "little")
    return bytes(out[:size])


def m68k(size: int, seed: int = 34) -> bytes:
    """Functions of 68000 code."""
    rng = random.Random(seed)
    out = bytearray()
    while len(out) < size:
        out += b"\x4e\x56\xff" + bytes([rng.choice((0xF0, 0xF8, 0xFC))]) + b"\x48\xe7\x1f\x38"
        for _ in range(rng.randrange(4, 20)):
            register = 2 * rng.randrange(4)
            out += rng.choice(
                (
                    bytes([0x30 + register, 0x2E, 0, 2 * rng.randrange(4, 12)]),
                    bytes([0x52 + register, 0x6E, 0xFF, rng.randrange(128, 256, 2)]),
                    bytes([0x4A, 0x40 + register // 2, 0x67, rng.randrange(2, 40, 2)]),
                    bytes([0x3F, register // 2, 0x4E, 0xAD, 2, rng.randrange(0, 256, 8)]),
                    b"\x2f\x2e" + bytes([0, 2 * rng.randrange(4, 12)]) + b"\x58\x4f",
                )
            )
        out += b"\x4c\xdf\x1c\xf8\x4e\x5e\x4e\x75"
    return bytes(out[:size])


def cells(size: int, seed: int = 35) -> bytes:
    """Records of a spreadsheet: rows of cells, whose types depend on the column."""
    rng = random.Random(seed)
    out = bytearray(b"\x09\0\x04\0\x02\0\x10\0")
    kinds = [rng.choice((2, 3, 5)) for _ in range(30)]
    row = 0
    while len(out) < size:
        for column, kind in enumerate(kinds):
            if rng.random() < 0.1:
                continue
            value = {
                2: rng.randrange(500).to_bytes(2, "little"),
                3: struct.pack("<d", rng.randrange(2000) / 4),
                5: bytes([rng.randrange(2), 0, 1]),
            }[kind]
            body = row.to_bytes(2, "little") + bytes([column, 0, 15, 0, 0]) + value
            out += bytes([kind, 0, len(body), 0]) + body
        row += 1
    return bytes(out[:size])


def page(size: int, seed: int = 36) -> bytes:
    """A bilevel page of slanted strokes, 512 pixels wide."""
    rng = random.Random(seed)
    out = bytearray()
    edges = [rng.uniform(0, 500) for _ in range(24)]
    slopes = [rng.uniform(-0.8, 0.8) for _ in range(24)]
    while len(out) < size:
        pixels = 0
        for i, slope in enumerate(slopes):
            edges[i] = (edges[i] + slope) % 500
            pixels |= 0b1111111 << int(edges[i])
        out += pixels.to_bytes(64, "big")
    return bytes(out[:size])


def sound16(size: int, seed: int = 37) -> bytes:
    """Two tones and some noise, samples of 16 bits."""
    rng = random.Random(seed)
    return struct.pack(
        f"<{size // 2}h",
        *(
            int(9000 * math.sin(0.031 * i) + 4000 * math.sin(0.173 * i) + rng.gauss(0, 30))
            for i in range(size // 2)
        ),
    )


def sound8(size: int, seed: int = 38) -> bytes:
    """A tone whose loudness varies, and some noise, samples of 8 bits."""
    rng = random.Random(seed)
    return bytes(
        int(128 + (60 + 50 * math.sin(0.001 * i)) * math.sin(0.11 * i) + rng.gauss(0, 1.5))
        for i in range(size)
    )


def image8(size: int, seed: int = 39) -> bytes:
    """A smooth picture with noise, 200 pixels wide."""
    rng = random.Random(seed)
    return bytes(
        int(128 + 60 * math.sin(i // 200 / 20) * math.cos(i % 200 / 25) + rng.gauss(0, 2))
        for i in range(size)
    )


def image24(size: int, seed: int = 40) -> bytes:
    """The same in three channels, which share a part of the noise."""
    rng = random.Random(seed)
    out = bytearray()
    for i in range(size // 3 + 1):
        shade = 110 + 60 * math.sin(i // 120 / 20) * math.cos(i % 120 / 15) + rng.gauss(0, 2)
        out += bytes(int(shade + 12 * c + rng.gauss(0, 1)) for c in range(3))
    return bytes(out[:size])


def noise(size: int, seed: int = 41) -> bytes:
    """Random bytes."""
    return random.Random(seed).randbytes(size)


def noise200(size: int, seed: int = 42) -> bytes:
    """Random bytes below 200."""
    rng = random.Random(seed)
    return bytes(rng.randrange(200) for _ in range(size))


def deflated(size: int, seed: int = 43) -> bytes:
    """Text that is compressed already."""
    return zlib.compress(prose(4 * size, seed), 9)[:size].ljust(size, b"\x55")


def csv(size: int, seed: int = 44) -> bytes:
    """Rows of a time, a price and a count."""
    rng = random.Random(seed)
    lines = ["time,price,count,side\n"]
    price = 10_000
    length = 0
    while length < size:
        price += rng.randrange(-9, 10)
        when = 1_700_000_000 + 37 * len(lines) + rng.randrange(30)
        lines.append(f"{when},{price / 100:.2f},{rng.randrange(1, 400)},{rng.choice('BS')}\n")
        length += len(lines[-1])
    return "".join(lines).encode()[:size]


def json(size: int, seed: int = 45) -> bytes:
    """Lines of JSON with the same keys."""
    rng = random.Random(seed)
    lines: list[str] = []
    length = 0
    while length < size:
        lines.append(
            f'{{"id": {1000 + len(lines)}, "user": "{rng.choice(("ann", "bob", "eve"))}", '
            f'"ok": {rng.choice(("true", "false"))}, "ms": {rng.expovariate(0.02):.1f}}}\n'
        )
        length += len(lines[-1])
    return "".join(lines).encode()[:size]


def float32(size: int, seed: int = 46) -> bytes:
    """A slow wave with noise in single precision."""
    rng = random.Random(seed)
    return struct.pack(
        f"<{size // 4}f",
        *(20 + 5 * math.sin(i / 200) + rng.gauss(0, 0.02) for i in range(size // 4)),
    )


def float64(size: int, seed: int = 47) -> bytes:
    """Decimals of two places in double precision."""
    rng = random.Random(seed)
    return struct.pack(f"<{size // 8}d", *(round(rng.gauss(50, 9), 2) for _ in range(size // 8)))


def offsets(size: int, seed: int = 48) -> bytes:
    """A table like those of a message catalogue: small numbers in no order, many of them 0."""
    rng = random.Random(seed)
    return struct.pack(
        f"<{size // 4}I",
        *(rng.randrange(2796) if rng.random() < 0.75 else 0 for _ in range(size // 4)),
    )


def records(size: int, seed: int = 49) -> bytes:
    """Rows of a binary table: a counter, a level, flags, a name."""
    rng = random.Random(seed)
    names = [rng.randbytes(5).hex().encode() for _ in range(20)]
    out = bytearray()
    level = 1000
    for i in range(size // 20 + 1):
        level += rng.randint(-9, 9)
        out += struct.pack("<IHH", 70_000 + 3 * i, level & 0xFFFF, rng.choice((0, 1, 4)))
        out += rng.choice(names) + b"\0\0"
    return bytes(out[:size])


def counters(size: int, seed: int = 50) -> bytes:
    """Rising times as integers of 64 bits."""
    rng = random.Random(seed)
    now = 1_700_000_000_000_000
    out = bytearray()
    while len(out) < size:
        now += 1_000_000 + rng.randrange(-900, 900)
        out += now.to_bytes(8, "little")
    return bytes(out[:size])


KINDS: dict[str, Callable[[int], bytes]] = {
    make.__name__: make
    for make in (
        prose, nucleotides, x86, m68k, cells, page, sound16, sound8, image8, image24, noise,
        noise200, deflated, csv, json, float32, float64, offsets, records, counters,
    )
}  # fmt: skip
