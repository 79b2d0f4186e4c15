"""Nucleotides, alone and as reads with their qualities."""

from __future__ import annotations

from golden_kinds.numbers import Numbers

__all__ = ["dna", "fastq", "sam"]

_COMPLEMENT = str.maketrans("ACGT", "TGCA")


def _genome(numbers: Numbers, size: int) -> str:
    return "".join(numbers.choice("AACGTT") for _ in range(size))


def dna(size: int, seed: int = 81) -> bytes:
    """Return a sequence with repeats, some of them reversed, in lines after a heading."""
    numbers = Numbers(seed)
    genome = _genome(numbers, size // 3)
    while len(genome) < size:
        start = numbers.below(len(genome) - 400)
        part = genome[start : start + 400]
        genome += part if numbers.below(2) else part[::-1].translate(_COMPLEMENT)
        genome += _genome(numbers, 60)
    lines = [genome[i : i + 70] for i in range(0, len(genome), 70)]
    return (">chr1 made\n" + "\n".join(lines)).encode()[:size]


def _read(numbers: Numbers, genome: str, length: int) -> tuple[int, bool, str, str]:
    """Return the place of a read, whether it is reversed, its bases and qualities."""
    place = numbers.below(len(genome) - length)
    level = 35 << 4
    qualities = ""
    bases = ""
    for base in genome[place : place + length]:
        level = min(max(level + numbers.bell(9) - 1, 8 << 4), 41 << 4)
        quality = (level >> 4) if numbers.below(10) else max(2, (level >> 4) - numbers.below(20))
        qualities += chr(33 + quality)
        bases += numbers.choice("ACGT") if numbers.below(1 << quality // 4) == 0 else base
    reverse = numbers.below(2) == 1
    return place, reverse, bases[::-1].translate(_COMPLEMENT) if reverse else bases, qualities


def fastq(size: int, seed: int = 82) -> bytes:
    """Return reads as a sequencer writes them."""
    numbers = Numbers(seed)
    genome = _genome(numbers, 1500)
    out = ""
    x = 1000
    while len(out) < size:
        x += numbers.below(12)
        _, _, bases, qualities = _read(numbers, genome, 80)
        y = 1900 + numbers.below(90_000)
        out += f"@M01:67:C0ABC:1:1101:{x}:{y} 1:N:0:ATCACG\n{bases}\n+\n{qualities}\n"
    return out.encode()[:size]


def sam(size: int, seed: int = 83) -> bytes:
    """Return alignments, sorted by their places."""
    numbers = Numbers(seed)
    genome = _genome(numbers, 1500)
    reads = sorted(_read(numbers, genome, 60) for _ in range(size // 150))
    out = "@HD\tVN:1.6\tSO:coordinate\n@SQ\tSN:chr1\tLN:1500\n"
    for place, reverse, bases, qualities in reads:
        flag = numbers.choice((83, 147) if reverse else (99, 163))
        aligned = bases[::-1].translate(_COMPLEMENT) if reverse else bases
        out += f"read.{numbers.below(10**6)}\t{flag}\tchr1\t{place + 1}\t60\t60M\t=\t"
        out += f"{place + 200}\t{260 + numbers.bell(40)}\t{aligned}\t{qualities}\tMD:Z:60\n"
    return out.encode()[:size]
