"""Generated files in common formats of science and numbers; the same bytes for one seed."""

from __future__ import annotations

import json
import math
import random
import struct
from collections.abc import Callable

_COMPLEMENT = str.maketrans("ACGT", "TGCA")


def _qualities(rng: random.Random, length: int) -> str:
    """Return the qualities of a read: they fall towards its end, and change seldom."""
    level = rng.gauss(38, 1.5)
    out = []
    for i in range(length):
        level += rng.gauss(0, 0.6) - (0.002 * i if i > length // 2 else 0)
        level = min(max(level, 8), 41)
        value = level if rng.random() < 0.9 else level - rng.expovariate(0.15)
        out.append(chr(33 + int(min(max(value, 2), 41))))
    return "".join(out)


class _Reads:
    """Reads of random places of a genome, with a few errors."""

    def __init__(self, seed: int, genome: int, length: int) -> None:
        self.rng = random.Random(seed)
        self.genome = "".join(self.rng.choices("ACGT", (3, 2, 2, 3), k=genome))
        self.length = length

    def __call__(self) -> tuple[int, bool, str, str]:
        rng = self.rng
        place = rng.randrange(len(self.genome) - self.length)
        bases = self.genome[place : place + self.length]
        reverse = rng.random() < 0.5
        quality = _qualities(rng, self.length)
        bases = "".join(
            rng.choice("ACGT") if rng.random() < 10 ** ((33 - ord(q)) / 10) else base
            for base, q in zip(bases, quality, strict=True)
        )
        if reverse:
            bases = bases[::-1].translate(_COMPLEMENT)
        return place, reverse, bases, quality


def fastq(size: int, seed: int = 61, genome: int = 200_000, length: int = 100) -> bytes:
    """Reads as a sequencer writes them, in the order of tiles and places on them."""
    reads = _Reads(seed, genome, length)
    rng = reads.rng
    out: list[str] = []
    written = 0
    tile = 1101
    x = 1000
    while written < size:
        x += rng.randrange(12)
        if x > 20_000:
            tile, x = tile + 1, 1000
        _, _, bases, quality = reads()
        y = rng.randrange(1900, 100_000)
        name = f"@M01:67:C0ABC:1:{tile}:{x}:{y} 1:N:0:ATCACG"
        out.append(f"{name}\n{bases}\n+\n{quality}\n")
        written += len(out[-1])
    return "".join(out).encode()[:size]


def sam(size: int, seed: int = 62, genome: int = 200_000, length: int = 76) -> bytes:
    """Alignments, sorted by their places in the genome."""
    reads = _Reads(seed, genome, length)
    rng = reads.rng
    head = f"@HD\tVN:1.6\tSO:coordinate\n@SQ\tSN:chr1\tLN:{genome}\n"
    count = size // 200 + 1
    out = [head]
    for place, reverse, bases, quality in sorted(reads() for _ in range(count)):
        flag = rng.choice((99, 163)) if not reverse else rng.choice((83, 147))
        cigar = f"{length}M" if rng.random() < 0.9 else f"{length - 5}M5S"
        span = int(rng.gauss(300, 30))
        mate, span = (place + 300 - length, span) if not reverse else (place - 200, -span)
        errors = rng.choice((0, 0, 0, 1, 2))
        aligned = bases if not reverse else bases[::-1].translate(_COMPLEMENT)
        out.append(
            f"read.{rng.randrange(10**7)}\t{flag}\tchr1\t{place + 1}\t{rng.choice((60, 60, 37))}\t"
            f"{cigar}\t=\t{max(mate, 1)}\t{span}\t{aligned}\t{quality}\t"
            f"NM:i:{errors}\tMD:Z:{length}\tAS:i:{length - 5 * errors}\n"
        )
    return "".join(out).encode()[:size]


def pdb(size: int, seed: int = 63) -> bytes:
    """Atoms of a protein in columns of fixed widths."""
    rng = random.Random(seed)
    kinds = {
        "ALA": ("CB",),
        "GLY": (),
        "SER": ("CB", "OG"),
        "LEU": ("CB", "CG", "CD1", "CD2"),
        "LYS": ("CB", "CG", "CD", "CE", "NZ"),
        "PHE": ("CB", "CG", "CD1", "CD2", "CE1", "CE2", "CZ"),
    }
    out = ["HEADER    HYDROLASE                               01-JAN-20   1XYZ              \n"]
    written = 0
    number = residue = 0
    x, y, z = 10.0, 20.0, 30.0
    while written < size:
        residue += 1
        name = rng.choice(list(kinds))
        warm = rng.uniform(10, 40)
        angle = residue * 1.745
        x, y, z = x + 2.3 * math.cos(angle), y + 2.3 * math.sin(angle), z + 1.5
        for atom in ("N", "CA", "C", "O", *kinds[name]):
            number += 1
            at = [c + rng.gauss(0, 1.1) for c in (x, y, z)]
            out.append(
                f"ATOM  {number:5} {' ' + atom if len(atom) < 4 else atom:<4} {name} A{residue:4}"
                f"    {at[0]:8.3f}{at[1]:8.3f}{at[2]:8.3f}  1.00{warm + rng.gauss(0, 2):6.2f}"
                f"           {atom[0]}  \n"
            )
            written += 81
    return "".join(out).encode()[:size]


def nested_json(size: int, seed: int = 64) -> bytes:
    """One list of objects with objects and lists in them, as a web service returns it."""
    rng = random.Random(seed)
    objects = []
    when = 1_700_000_000
    for i in range(size // 300 + 1):
        when += rng.randrange(90)
        user = rng.randrange(40)
        objects.append(
            {
                "id": 40_000 + i * 3 + rng.randrange(3),
                "created": when,
                "user": {"id": 900 + user, "name": f"user{user}", "admin": user % 7 == 0},
                "place": {
                    "lat": round(52.5 + rng.gauss(0, 0.03), 6),
                    "lon": round(13.4 + rng.gauss(0, 0.03), 6),
                },
                "items": [
                    {"sku": rng.choice(("A-17", "B-20", "C-99", "D-3")), "count": rng.randrange(9)}
                    for _ in range(rng.randrange(4))
                ],
                "total": round(rng.expovariate(0.02), 2),
                "note": rng.choice((None, "call first", "fragile")),
            }
        )
    return json.dumps(objects, indent=1).encode()[:size]


def int64(size: int, seed: int = 65) -> bytes:
    """Times in nanoseconds at intervals of a millisecond, nearly."""
    rng = random.Random(seed)
    now = 1_700_000_000_000_000_000
    out = bytearray()
    while len(out) < size:
        now += 1_000_000 + int(rng.gauss(0, 900))
        out += struct.pack("<q", now)
    return bytes(out[:size])


def int32(size: int, seed: int = 66) -> bytes:
    """Two coordinates of a point that moves smoothly."""
    rng = random.Random(seed)
    x = y = 1_000_000.0
    dx, dy = 120.0, -80.0
    out = bytearray()
    while len(out) < size:
        dx, dy = dx + rng.gauss(0, 3), dy + rng.gauss(0, 3)
        x, y = x + dx, y + dy
        out += struct.pack("<ii", int(x), int(y) % 2**31)
    return bytes(out[:size])


def _walk(code: str, size: int, seed: int, step: float) -> bytes:
    rng = random.Random(seed)
    value = 100.0
    out = bytearray()
    while len(out) < size:
        value += rng.gauss(0, step)
        out += struct.pack(code, value)
    return bytes(out[:size])


def walk32(size: int, seed: int = 67) -> bytes:
    """A random walk in single precision."""
    return _walk("<f", size, seed, 0.01)


def walk64(size: int, seed: int = 68) -> bytes:
    """A random walk in double precision."""
    return _walk("<d", size, seed, 0.01)


def half_bits(value: float) -> int:
    """Return a number's bits in half precision."""
    return int.from_bytes(struct.pack("<e", value), "little")


def brain_bits(value: float) -> int:
    """Return a number's bits in bfloat16, truncated."""
    return int.from_bytes(struct.pack("<f", value), "little") >> 16


def halves(
    size: int, seed: int = 69, columns: int = 64, bits: Callable[[float], int] = half_bits
) -> bytes:
    """Weights of a layer: their scale depends on the column, and they are random otherwise."""
    rng = random.Random(seed)
    scales = [math.exp(rng.gauss(-4, 1.2)) for _ in range(columns)]
    return b"".join(
        bits(rng.gauss(0, scales[i % columns])).to_bytes(2, "little") for i in range(size // 2)
    )


def brains(size: int, seed: int = 70) -> bytes:
    """The same in bfloat16."""
    return halves(size, seed, bits=brain_bits)


def halves_smooth(size: int, seed: int = 71) -> bytes:
    """A field of 48 columns in half precision, each of which changes slowly."""
    rng = random.Random(seed)
    out = bytearray()
    rows = size // 96 + 1
    for row in range(rows):
        for column in range(48):
            value = 3 * math.sin(row / 40 + column / 9) + rng.gauss(0, 0.004)
            out += struct.pack("<e", value)
    return bytes(out[:size])


FORMATS: dict[str, Callable[[int], bytes]] = {
    make.__name__: make
    for make in (
        fastq, sam, pdb, nested_json, int64, int32, walk32, walk64, halves, brains, halves_smooth,
    )
}  # fmt: skip
