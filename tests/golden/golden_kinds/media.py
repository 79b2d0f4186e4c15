"""Sound and images, with noise in both."""

from __future__ import annotations

import struct

from golden_kinds.numbers import Numbers, wave

__all__ = ["bmp", "pbm", "pgm", "tga", "wav"]


def wav(bits: int, channels: int, count: int, seed: int = 61) -> bytes:
    """Return two waves and noise, `count` samples for each channel."""
    numbers = Numbers(seed + bits)
    height = 1 << bits - 3
    slow, fast = wave(count, height, 18), wave(count, height // 3, 5)
    width = bits // 8
    body = bytearray()
    for a, b in zip(slow, fast, strict=True):
        for channel in range(channels):
            sample = a + (b >> channel) + numbers.bell(max(2, height >> 9))
            if bits == 8:
                body.append(128 + sample)
            else:
                body += sample.to_bytes(width, "little", signed=True)
    rate, block = 44_100, width * channels
    form = struct.pack("<HHIIHH", 1, channels, rate, rate * block, block, bits)
    head = b"RIFF" + (36 + len(body)).to_bytes(4, "little") + b"WAVEfmt \x10\0\0\0" + form
    return head + b"data" + len(body).to_bytes(4, "little") + bytes(body)


def _pixels(width: int, height: int, channels: int, seed: int) -> list[bytes]:
    """Return rows of smooth areas with noise; a fourth channel is constant."""
    numbers = Numbers(seed)
    step = 16
    grid = [[30 + numbers.below(190) for _ in range(width // step + 2)] for _ in range(height)]
    rows = []
    for y in range(height):
        i, v = y // step, y % step
        row = bytearray()
        for x in range(width):
            j, u = x // step, x % step
            above = grid[i][j] * (step - u) + grid[i][j + 1] * u
            below = grid[i + 1][j] * (step - u) + grid[i + 1][j + 1] * u
            value = (above * (step - v) + below * v) // step**2
            for channel in range(min(channels, 3)):
                row.append(value * (8 - channel) // 8 + numbers.below(4))
            if channels == 4:
                row.append(255)
        rows.append(bytes(row))
    return rows


def pgm(width: int, height: int) -> bytes:
    """Return an image of 8 bits (PGM)."""
    return f"P5\n{width} {height}\n255\n".encode() + b"".join(_pixels(width, height, 1, 66))


def bmp(bits: int, width: int, height: int) -> bytes:
    """Return an image of 24 bits (BMP)."""
    row = width * bits // 8
    body = b"".join(r + bytes(-row % 4) for r in _pixels(width, height, bits // 8, 67))
    head = struct.pack("<2sIII", b"BM", 54 + len(body), 0, 54)
    size = struct.pack("<IiiHHIIiiII", 40, width, height, 1, bits, 0, len(body), 2835, 2835, 0, 0)
    return head + size + body


def tga(width: int, height: int) -> bytes:
    """Return an image of 32 bits (TGA)."""
    head = struct.pack("<BBBHHBHHHHBB", 0, 0, 2, 0, 0, 0, 0, 0, width, height, 32, 8)
    return head + b"".join(_pixels(width, height, 4, 68))


def pbm(width: int, height: int, seed: int = 69) -> bytes:
    """Return a bilevel page of slanted strokes (PBM)."""
    numbers = Numbers(seed)
    places = [numbers.below(width) << 8 for _ in range(9)]
    slopes = [numbers.bell(220) for _ in range(9)]
    out = b""
    for _ in range(height):
        pixels = 0
        for i, slope in enumerate(slopes):
            places[i] = (places[i] + slope) % (width << 8)
            pixels |= 0b11111 << (places[i] >> 8)
        out += (pixels % (1 << width)).to_bytes(width // 8, "big")
    return f"P4\n{width} {height}\n".encode() + out
