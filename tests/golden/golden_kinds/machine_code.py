"""Machine code of four kinds of CPUs: functions that load, compute, store, jump and call."""

from __future__ import annotations

from golden_kinds.numbers import Numbers

__all__ = ["arm64", "m68k", "riscv", "x86"]

_X86_WITH_OFFSET = ("8b45", "8945", "8d4d", "8b55", "83c4", "83ec", "8b4e", "0fb646", "3945", "6a")
_X86_ALONE = ("8bc1", "33c0", "50", "56", "5e", "c3")


def x86(size: int, seed: int = 31) -> bytes:
    """Return code for 32-bit x86 that calls a number of functions."""
    numbers = Numbers(seed)
    places = [numbers.below(1 << 20) for _ in range(16)]
    out = bytearray()
    while len(out) < size:
        for _ in range(1 + numbers.below(5)):
            if numbers.below(2):
                out += bytes.fromhex(numbers.early(_X86_WITH_OFFSET))
                out.append(numbers.choice((4, 8, 12, 16, 20, 0xF8, 0xF4, 0xF0)))
            else:
                out += bytes.fromhex(numbers.early(_X86_ALONE))
        if numbers.below(3) == 0:
            out += bytes([0x85, 0xC0, 0x74 + numbers.below(2), 4 + numbers.below(56)])
        out += b"\xe8" + (numbers.early(places) - len(out) - 5 & 0xFFFFFFFF).to_bytes(4, "little")
    return bytes(out[:size])


def arm64(size: int, seed: int = 32) -> bytes:
    """Return code for 64-bit Arm."""
    numbers = Numbers(seed)
    places = [4 * numbers.below(1 << 16) for _ in range(8)]
    code: list[int] = []
    while 4 * len(code) < size:
        end = len(code) + 34
        code += [0xA9BE7BFD, 0x910003FD]  # STP, MOV
        while len(code) < end - 3:
            d, n, m = numbers.below(12), numbers.below(12), numbers.below(12)
            code.append(0xF9400000 | numbers.below(8) << 10 | 19 << 5 | d)  # LDR
            code.append(numbers.choice((0x8B000000, 0xCB000000)) | m << 16 | d << 5 | n)
            if numbers.below(4) == 0:
                code.append(0xB4000000 | (end - len(code)) << 5 | n)  # CBZ
            code.append(0xAA0003E0 | n << 16)  # MOV
            far = numbers.choice(places) - 4 * len(code)
            code.append(0x94000000 | far >> 2 & 0x3FFFFFF)  # BL
            code.append(0xF9000000 | numbers.below(8) << 10 | 19 << 5)  # STR
        code += [0xA8C27BFD, 0xD65F03C0]  # LDP, RET
    return b"".join(word.to_bytes(4, "little") for word in code)[:size]


def riscv(size: int, seed: int = 33) -> bytes:
    """Return code for 64-bit RISC-V, with instructions of 16 and of 32 bits."""
    numbers = Numbers(seed)
    places = [2 * numbers.below(1 << 17) for _ in range(8)]
    out = bytearray()

    def add(word: int, length: int) -> None:
        out.extend(word.to_bytes(length, "little"))

    while len(out) < size:
        add(0x1101, 2)  # C.ADDI
        add(0xEC06, 2)  # C.SDSP
        for _ in range(6):
            d, n, m = 10 + numbers.below(8), 10 + numbers.below(8), 10 + numbers.below(8)
            add(0x0003B003 | numbers.below(16) << 23 | d << 7, 4)  # LD
            add(numbers.choice((0x33, 0x40000033)) | m << 20 | n << 15 | d << 7, 4)  # ADD, SUB
            add(0x8002 | 10 << 7 | n << 2, 2)  # C.MV
            add(0x4001 | d << 7 | numbers.below(8) << 2, 2)  # C.LI
            far = numbers.choice(places) - len(out)
            bits = (far >> 20 & 1) << 31 | (far >> 1 & 1023) << 21
            add(0xEF | bits | (far >> 11 & 1) << 20 | (far >> 12 & 255) << 12, 4)  # JAL
            add(0x00A3B023 | numbers.below(16) << 25, 4)  # SD
        add(0x60E2, 2)  # C.LDSP
        add(0x6105, 2)  # C.ADDI16SP
        add(0x8082, 2)  # RET
    return bytes(out[:size])


def m68k(size: int, seed: int = 34) -> bytes:
    """Return code for the 68000."""
    numbers = Numbers(seed)
    out = bytearray()
    while len(out) < size:
        out += b"\x4e\x56\xff" + bytes([numbers.choice((0xF0, 0xF8, 0xFC))]) + b"\x48\xe7\x1f\x38"
        for _ in range(4 + numbers.below(16)):
            register = 2 * numbers.below(4)
            form = numbers.below(5)
            if form == 0:
                out += bytes([0x30 + register, 0x2E, 0, 8 + 2 * numbers.below(8)])
            elif form == 1:
                out += bytes([0x52 + register, 0x6E, 0xFF, 128 + 2 * numbers.below(64)])
            elif form == 2:
                out += bytes([0x4A, 0x40 + register // 2, 0x67, 2 + 2 * numbers.below(19)])
            elif form == 3:
                out += bytes([0x3F, register // 2, 0x4E, 0xAD, 2, 8 * numbers.below(32)])
            else:
                out += b"\x2f\x2e\x00" + bytes([8 + 2 * numbers.below(8)]) + b"\x58\x4f"
        out += b"\x4c\xdf\x1c\xf8\x4e\x5e\x4e\x75"
    return bytes(out[:size])
