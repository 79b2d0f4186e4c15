"""Images of 8, 24 and 32 bits, found by their headers or by their structure, cost little more than
the noise in them, and data that only look like images cost no more for it."""

from __future__ import annotations

import functools
import itertools
import math
import random
import struct
from collections.abc import Callable
from pathlib import Path

import payloads
import pytest
from data import noise, records, text
from programs import CORE, lines_of

SIZE = 96  # pixels of a row, and rows
NOISE = 5  # values of the noise in each byte


@functools.cache
def coded(data: bytes, experts: int = 2) -> int:
    """Return the payload's size in bytes, after checking the round trip."""
    return payloads.coded(data, experts, memory_bits=22)


def pixels(bits: int, seed: int = 1, width: int = SIZE, height: int = SIZE) -> bytes:
    """Smooth areas with noise; an alpha channel is constant, and colours resemble each other."""
    rng = random.Random(seed)
    step = 16
    columns = width // step + 2
    grid = [[rng.randrange(30, 220) for _ in range(columns)] for _ in range(height // step + 2)]
    tints = [rng.uniform(0.6, 1) for _ in range(3)]
    out = bytearray()
    for y, x in itertools.product(range(height), range(width)):
        (i, v), (j, u) = divmod(y, step), divmod(x, step)
        above = grid[i][j] * (step - u) + grid[i][j + 1] * u
        below = grid[i + 1][j] * (step - u) + grid[i + 1][j + 1] * u
        value = (above * (step - v) + below * v) / step**2
        for tint in tints[: 1 if bits == 8 else 3]:
            out.append(round(value * tint) + rng.randrange(NOISE))
        if bits == 32:
            out.append(255)
    return bytes(out)


def entropy(bits: int) -> float:
    """Bytes that the noise takes."""
    return SIZE * SIZE * (1 if bits == 8 else 3) * math.log2(NOISE) / 8


def rows(data: bytes, row: int, multiple: int = 1) -> list[bytes]:
    return [data[i : i + row] + bytes(-row % multiple) for i in range(0, len(data), row)]


def bmp(bits: int, data: bytes, width: int = SIZE, height: int = SIZE) -> bytes:
    body = b"".join(rows(data, width * bits // 8, 4)[::-1])
    palette = bytes(itertools.chain(*((i, i, i, 0) for i in range(256)))) if bits == 8 else b""
    begin = 54 + len(palette)
    head = struct.pack("<2sIII", b"BM", begin + len(body), 0, begin)
    info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, bits, 0, len(body), 2835, 2835, 0, 0)
    return head + info + palette + body


def pnm(bits: int, data: bytes, width: int = SIZE, height: int = SIZE) -> bytes:
    magic = {8: "P5", 24: "P6"}[bits]
    return f"{magic}\n# A comment.\n{width} {height}\n255\n".encode() + data


def tga(bits: int, data: bytes, width: int = SIZE, height: int = SIZE) -> bytes:
    kind, flags = (3 if bits == 8 else 2), (8 if bits == 32 else 0)
    head = struct.pack("<BBBHHBHHHHBB", 4, 0, kind, 0, 0, 0, 0, 0, width, height, bits, flags)
    return head + b"name" + data


def tiff(
    bits: int,
    data: bytes,
    order: str = "<",
    width: int = SIZE,
    height: int = SIZE,
    *,
    sample: int = 8,
    apart: bool = False,
) -> bytes:
    """Return a TIFF file; if `apart`, the bits of the samples are an array after the directory."""
    channels = bits // sample
    entries = [(256, 3, width), (257, 3, height), (258, 3, sample), (259, 3, 1), (262, 3, 2)]
    entries += [(273, 4, 200), (277, 3, channels), (278, 3, height), (279, 4, len(data))]
    out = struct.pack(order + "2sHIH", b"II" if order == "<" else b"MM", 42, 8, len(entries))
    for tag, kind, value in entries:
        array = tag == 258 and apart
        short = struct.pack(order + "HH", value, 0) if kind == 3 and not array else None
        out += struct.pack(order + "HHI", tag, kind, channels if array else 1)
        out += short or struct.pack(order + "I", 160 if array else value)
    if apart:
        out = out.ljust(160, b"\0") + struct.pack(order + "H", sample) * channels
    return out.ljust(200, b"\0") + data


@pytest.mark.parametrize("experts", [1, 3, 4])
@pytest.mark.parametrize("bits", [8, 24, 32])
def test_images_cost_little_more_than_their_noise(bits: int, experts: int) -> None:
    data = pixels(bits)
    assert coded(bmp(bits, data), experts) < 1.35 * entropy(bits) + 600
    assert coded(data, experts) < coded(bmp(bits, data), experts) * 1.07  # without a header


@pytest.mark.parametrize("bits", [8, 24, 32])
@pytest.mark.parametrize("write", [bmp, tga, tiff, functools.partial(tiff, order=">")])
def test_every_format_costs_about_the_same(write: Callable[[int, bytes], bytes], bits: int) -> None:
    data = pixels(bits)
    plain = coded(tiff(32, data)) if bits == 32 else coded(pnm(bits, data))
    assert coded(write(bits, data)) < 1.005 * plain + 250


@pytest.mark.parametrize("order", ["<", ">"])
def test_samples_of_16_bits_are_not_taken_for_bytes(order: str) -> None:
    fine = random.Random(7)
    data = b"".join(
        struct.pack(order + "H", byte << 8 | fine.randrange(256)) for byte in pixels(24)
    )
    alone = coded(data)
    for apart in (False, True):
        assert coded(tiff(48, data, order, sample=16, apart=apart)) < 1.02 * alone + 200
    data = pixels(24)
    assert coded(tiff(24, data, order, apart=True)) < 1.005 * coded(pnm(24, data)) + 250


def test_rows_of_a_bitmap_may_be_padded() -> None:
    for width in (SIZE - 1, SIZE - 2, SIZE - 3):
        data = pixels(24, width=width)
        assert coded(bmp(24, data, width)) < 1.005 * coded(pnm(24, data, width)) + 200


def test_an_image_ends_where_its_header_says_and_another_may_follow() -> None:
    one, other = pnm(24, pixels(24)), bmp(8, pixels(8, seed=2, width=64), 64)
    words = text(12_000)
    parts = coded(one) + coded(other) + coded(words)
    assert coded(one + other + words) < 1.02 * parts
    assert coded(words + other + one) < 1.02 * parts


def test_an_image_without_a_header_ends_where_its_structure_does() -> None:
    data = pixels(24)
    words = text(12_000)
    # 100 bytes until the end of the image is noticed.
    assert coded(data + words) < 1.02 * (coded(data) + coded(words)) + 100


@pytest.mark.parametrize("experts", [1, 2, 4])
@pytest.mark.parametrize(
    "data", [text(10_000), records(10_000), noise(10_000)], ids=["text", "records", "noise"]
)
def test_a_header_before_other_data_costs_next_to_nothing(data: bytes, experts: int) -> None:
    wrong = pnm(24, b"", 300, 300)
    assert coded(wrong + data, experts) < 1.01 * coded(b"P7" + wrong[2:] + data, experts) + 100


@pytest.mark.parametrize(
    "head",
    [
        pnm(8, b"", 1 << 30, 1 << 30),
        pnm(24, b"", 0, 5),
        bmp(24, b"", 1 << 30, 5),
        bmp(32, b"", -1, -1),
        bmp(24, b"", 7, -(1 << 31)),
        tga(24, b"", 65535, 65535),
        tga(8, b"", 0, 0),
        tiff(24, b"", "<", 65535, 65535),
        tiff(8, b"", ">", 1, 1),
        b"II*\0\xff\xff\0\0" + b"\xff" * 3000,
        b"MM\0*\0\0\0\x08" + b"\xff" * 3000,
    ],
    ids=range(11),
)
@pytest.mark.parametrize("experts", [1, 4])
def test_hostile_headers_do_no_harm(head: bytes, experts: int) -> None:
    coded(head + noise(1500) + bytes(300), experts)


def test_rows_of_any_length_have_their_sums(tmp_path: Path) -> None:
    source = Path(__file__).with_name("image_rows.cpp")
    predictions = CORE / "model" / "experts" / "image_predictions.cpp"
    assert lines_of(source, tmp_path, predictions) == ["1176"]
