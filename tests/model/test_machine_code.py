"""Machine code is detected by its instructions, and predicted with its targets as absolute ones.

The programs are generated: functions that load, compute, store, call and jump.
"""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from data import noise, records, text
from payloads import coded


def arm64(size: int, seed: int, absolute: bool) -> bytes:
    """Functions for 64-bit Arm that call a few places, or as many places as there are calls."""
    rng = random.Random(seed)
    places = [4 * rng.randrange(1 << 16) for _ in range(8)]
    words: list[int] = []
    while 4 * len(words) < size:
        end = len(words) + 34
        words += [0xA9BE7BFD, 0x910003FD]  # STP, MOV
        while len(words) < end - 3:
            d, n, m = (rng.randrange(12) for _ in range(3))
            words.append(0xF9400000 | rng.randrange(8) << 10 | 19 << 5 | d)  # LDR
            words.append(rng.choice((0x8B000000, 0xCB000000)) | m << 16 | d << 5 | n)  # ADD, SUB
            if rng.randrange(4) == 0:
                words.append(0xB4000000 | (end - len(words)) << 5 | n)  # CBZ
            words.append(0xAA0003E0 | n << 16)  # MOV
            here = 4 * len(words)
            place = rng.choice(places) if absolute else 4 * rng.randrange(1 << 16)
            words.append(0x94000000 | ((place - here) >> 2 & 0x3FFFFFF))  # BL
            words.append(0xF9000000 | rng.randrange(8) << 10 | 19 << 5)  # STR
        words += [0xA8C27BFD, 0xD65F03C0]  # LDP, RET
    return b"".join(word.to_bytes(4, "little") for word in words)[:size]


def riscv(size: int, seed: int, absolute: bool) -> bytes:
    """The same for RISC-V, with instructions of 16 and of 32 bits."""
    rng = random.Random(seed)
    places = [2 * rng.randrange(1 << 17) for _ in range(8)]
    out = bytearray()

    def long(word: int) -> None:
        out.extend(word.to_bytes(4, "little"))

    def short(word: int) -> None:
        out.extend(word.to_bytes(2, "little"))

    while len(out) < size:
        short(0x1101)  # C.ADDI
        short(0xEC06)  # C.SDSP
        for _ in range(6):
            d, n, m = (10 + rng.randrange(8) for _ in range(3))
            long(0x0003B003 | rng.randrange(16) << 23 | d << 7)  # LD
            long(rng.choice((0x33, 0x40000033)) | m << 20 | n << 15 | d << 7)  # ADD, SUB
            short(0x8002 | 10 << 7 | n << 2)  # C.MV
            short(0x4001 | d << 7 | rng.randrange(8) << 2)  # C.LI
            place = rng.choice(places) if absolute else 2 * rng.randrange(1 << 17)
            far = place - len(out)
            bits = (far >> 20 & 1) << 31 | (far >> 1 & 1023) << 21
            long(0xEF | bits | (far >> 11 & 1) << 20 | (far >> 12 & 255) << 12)  # JAL
            long(0x00A3B023 | rng.randrange(16) << 25)  # SD
        short(0x60E2)  # C.LDSP
        short(0x6105)  # C.ADDI16SP
        short(0x8082)  # RET
    return bytes(out[:size])


Make = Callable[[int, int, bool], bytes]


@pytest.mark.parametrize("experts", [1, 2, 3, 4])
@pytest.mark.parametrize(("make", "share"), [(arm64, 0.85), (riscv, 0.8)])
def test_calls_of_the_same_place_look_alike(make: Make, share: float, experts: int) -> None:
    alike = coded(make(16_000, 1, True), experts)
    assert alike < share * coded(make(16_000, 1, False), experts)


@pytest.mark.parametrize("make", [arm64, riscv])
def test_code_within_other_data(make: Make) -> None:
    """Wherever it begins, and whatever stands around it, at little cost to that."""
    parts = [text(6000), make(6000, 2, True), records(4000), make(6001, 3, True), noise(3000)]
    assert coded(b"".join(parts), 2) < 1.02 * sum(coded(part, 2) for part in parts)


@pytest.mark.parametrize("make", [arm64, riscv])
def test_hostile_code(make: Make) -> None:
    """Any bits may follow what was detected as code."""
    rng = random.Random(5)
    data = bytearray(make(8000, 4, True))
    for _ in range(2000):
        data[rng.randrange(len(data))] = rng.randrange(256)
    data += bytes(1000) + b"\xff" * 1000
    assert coded(bytes(data), 4) > 0
