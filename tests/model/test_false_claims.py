"""What one expert takes for its own is not left to it where another one predicts it better."""

from __future__ import annotations

import math
import random
import struct
from collections.abc import Callable
from functools import cache

import pytest
from formats import FORMATS
from kinds import KINDS
from parquet import column, header, varint
from payloads import codec, coded
from test_java_classes import java_classes
from test_machine_code import arm64, riscv
from test_parquet import prices
from test_wasm_code import module


def walk(columns: int, step: int, rows: int, seed: int = 81) -> bytes:
    """Integers of 32 bits in columns, each of which moves by at most `step` from row to row."""
    rng = random.Random(seed)
    row = [0] * columns
    out = bytearray()
    for _ in range(rows):
        row = [x + rng.randint(-step, step) for x in row]
        out += struct.pack(f"<{columns}i", *row)
    return bytes(out)


def objects() -> bytes:
    """Records of three coordinates, a number and a kind."""
    rng = random.Random(82)
    place = [0] * 3
    out = bytearray()
    for i in range(1500):
        place = [x + rng.randint(-50, 50) for x in place]
        out += struct.pack("<5i", *place, i, rng.randrange(4))
    return bytes(out)


def coordinates() -> bytes:
    return walk(3, 30, 2500)


def series() -> bytes:
    """Small integers, which were taken for records of a spreadsheet without any content."""
    return walk(1, 30, 6000, seed=84)


@pytest.mark.parametrize(
    ("make", "most_by_1", "most"),
    [
        (objects, 5000, 4540),  # 7285 while samples of the wrong stride spoke for them
        (coordinates, 6000, 5820),  # 7791, 5968
        (series, 4850, 4700),  # 5361, 5012
    ],
)
def test_numbers_are_left_to_the_expert_that_predicts_them_best(
    make: Callable[[], bytes], most_by_1: int, most: int
) -> None:
    """Experts 1, and 2 and 4."""
    data = make()
    assert coded(data, 1, 20) < most_by_1
    assert coded(data, 2, 20) < most
    assert coded(data, 4, 20) < most


def test_bytes_that_do_not_change_cost_next_to_nothing() -> None:
    """Wide records of which few bytes change: histograms are exact where a byte is."""
    rng = random.Random(83)
    row = rng.randbytes(1500)
    out = bytearray()
    for _ in range(40):
        row = bytes((x + rng.randint(-3, 3)) & 255 if rng.random() < 0.2 else x for x in row)
        out += row
    assert coded(bytes(out), 1, 20) < 10_450  # 10706 if a value lies across two of their nodes


def wide() -> bytes:
    """Records of 600 bytes, most of which hardly change."""
    rng = random.Random(85)
    row = rng.randbytes(600)
    out = bytearray()
    for _ in range(14):
        row = bytes((x + rng.randint(-2, 2)) & 255 for x in row)
        out += row
    return bytes(out)


def safetensors() -> bytes:
    head = b'{"w":{"dtype":"BF16","shape":[9000],"data_offsets":[0,18000]}}'
    return struct.pack("<Q", len(head)) + head


NPY: bytes = b"\x93NUMPY\x01\0\x76\0" + b"{'descr': '<f8', 'shape': (3000,), }".ljust(117) + b"\n"


def full_dictionary() -> bytes:
    """A page of indices of as many values as a byte has, so that all bytes are valid."""
    values = struct.pack("<256d", *range(256))
    pages = b"PAR1" + header(2, len(values), 256, 0) + values + header(0, 1 << 30, 10**8, 8)
    return pages + b"\2\0\0\0\3\1\x08" + varint((1 << 26) << 1 | 1)


def java_lines() -> bytes:
    """A class with a table of line numbers that does not end where it should."""
    name = b"LineNumberTable"
    pool = b"\1" + struct.pack(">H", len(name)) + name + b"\1\0\3()V"
    members = b"\0\x21" + bytes(9) + b"\1" + b"\0\1\0\1\0\2\0\1\0\1"
    return b"\xca\xfe\xba\xbe\0\0\0\x34\0\3" + pool + members + struct.pack(">I", 500_000)


# What makes a structure's expert speak: its header, or the beginning of such data.
CLAIMS: dict[str, Callable[[], bytes]] = {
    "samples of 16 bits": lambda: KINDS["sound16"](3000),
    "samples of 8 bits": lambda: KINDS["sound8"](3000),
    "an image by its header": lambda: b"P6\n200 200\n255\n",
    "an image of 8 bits": lambda: KINDS["image8"](8000),
    "an image of 24 bits": lambda: KINDS["image24"](9000),
    "a bilevel image": lambda: KINDS["page"](3000),
    "x86": lambda: KINDS["x86"](3000),
    "68000": lambda: KINDS["m68k"](3000),
    "arm64": lambda: arm64(3000, 1, absolute=False),
    "riscv": lambda: riscv(3000, 1, absolute=False),
    "java": lambda: java_classes(3, 1)[:-20],
    "wasm": lambda: module(60, 1)[:2500],
    "spreadsheet": lambda: KINDS["cells"](3000),
    "nucleotides": lambda: KINDS["nucleotides"](3000),
    "csv": lambda: KINDS["csv"](3000),
    "json": lambda: KINDS["json"](3000),
    "sqlite": lambda: b"SQLite format 3\0\x10\0\1\1\0\x40\x20\x20" + bytes(76),
    "fastq": lambda: FORMATS["fastq"](3000),
    "sam": lambda: FORMATS["sam"](3000),
    "parquet": lambda: b"PAR1" + column(prices(2000))[:3000],
    "parquet with a full dictionary": full_dictionary,
    "java lines": java_lines,
    "integers": lambda: KINDS["counters"](4000),
    "floats": lambda: KINDS["float32"](4000),
    "similar rows": wide,
    "npy": lambda: NPY,
    "safetensors": safetensors,
}

# Exceptions: what follows is first taken for more of the same, or read with the eyes of samples.
MOST = {
    ("samples of 16 bits", "prose"): 1.9,
    ("floats", "prose"): 1.9,
    ("an image of 8 bits", "prose"): 1.3,
    ("an image of 24 bits", "prose"): 1.3,
    ("an image of 8 bits", "records"): 1.5,
    ("samples of 8 bits", "records"): 1.2,
}


def payload(data: bytes) -> int:
    return len(codec(1, 22).encode(data))


@cache
def after(name: str) -> tuple[bytes, int]:
    data = KINDS[name](20_000)
    return data, payload(data)


@pytest.mark.parametrize("claim", list(CLAIMS))
def test_a_false_claim_costs_at_most_a_hundredth_of_its_data(claim: str) -> None:
    """Compared with the parts alone; in hundredths of the bytes that follow the claim."""
    head = CLAIMS[claim]()
    alone = payload(head)
    for name in ("prose", "json", "x86", "noise", "records"):
        data, cost = after(name)
        excess = payload(head + data) - alone - cost
        assert excess <= MOST.get((claim, name), 1.0) * len(data) / 100, name


def channels(size: int) -> bytes:
    """16 interleaved channels of 16 bits."""
    rng = random.Random(17)
    return b"".join(
        struct.pack("<h", int(5000 * math.sin(i // 16 * 0.01 * (i % 16 + 1)) + rng.gauss(0, 20)))
        for i in range(size // 2)
    )


# Headers of images that go on for ever.
IMAGES = {
    "BMP of 24 bits": b"BM"
    + struct.pack("<IIIIiiHHIIiiII", 1 << 31, 0, 54, 40, 10_000, 60_000, 1, 24, 0, 0, 0, 0, 0, 0),
    "BMP of 8 bits": b"BM"
    + struct.pack("<IIIIiiHHIIiiII", 1 << 31, 0, 54, 40, 4, 1 << 20, 1, 8, 0, 0, 0, 0, 0, 0),
    "PGM": b"P5 200 1000000 255\n",
    "PPM": b"P6 10666 65536 255\n",
    "TGA": b"\0\0\2" + bytes(9) + struct.pack("<HH", 1000, 60_000) + b"\x20\x20",
}


@pytest.mark.parametrize("head", list(IMAGES))
def test_numbers_behind_the_header_of_an_image_are_seen(head: str) -> None:
    """2,900 to 4,900 bytes more while nothing else was asked what it would take."""
    for data, most in ((KINDS["sound16"](12_000), 450), (channels(12_000), 650)):
        assert payload(IMAGES[head] + data) < payload(data) + most


def test_numbers_behind_the_header_of_an_image_come_back() -> None:
    data = IMAGES["PPM"] + KINDS["sound16"](4000) + KINDS["image24"](4000)
    coded(data, 1, 20)
    coded(data, 4, 20)


def test_an_image_is_read_in_its_own_width() -> None:
    """673 bytes more while a header's width was never compared with others."""
    data = KINDS["image24"](30_000)
    assert payload(IMAGES["PGM"] + data) < payload(data) + 250


def test_numbers_after_an_image_of_two_channels_are_seen() -> None:
    rng = random.Random(3)
    image = bytearray()
    for i in range(10_000):
        shade = 110 + 60 * math.sin(i // 200 / 20) * math.cos(i % 200 / 15) + rng.gauss(0, 2)
        image += bytes((int(shade), int(shade + 12 + rng.gauss(0, 1))))
    data = channels(16_000)
    assert payload(bytes(image) + data) < payload(bytes(image)) + payload(data) + 1000


def tensor(bits: int) -> bytes:
    """Normally distributed numbers, the upper half of single precision."""
    rng = random.Random(bits)
    return b"".join(struct.pack("<f", rng.gauss(0, 0.02))[2:] for _ in range(1500))


def npy() -> bytes:
    rng = random.Random(87)
    head = b"{'descr': [('a', '<i4'), ('b', '<f8'), ('c', '<i2')], 'shape': (100,), }"
    head = b"\x93NUMPY\x01\0" + struct.pack("<H", 117) + head.ljust(116) + b"\n"
    level = 0.0
    out = bytearray(head)
    for i in range(100):
        level += rng.gauss(0, 1)
        out += struct.pack("<idh", i, level, rng.randrange(99))
    return bytes(out)


def tensors() -> bytes:
    first, second = tensor(1), tensor(2) + struct.pack("<100f", *map(float, range(100)))
    middle, end = len(first), len(first) + len(second)
    head = (
        f'{{"w.0":{{"dtype":"BF16","shape":[1500],"data_offsets":[0,{middle}]}},'
        f'"w.1":{{"dtype":"F32","shape":[850],"data_offsets":[{middle},{end}]}}}}'
    ).encode()
    return struct.pack("<Q", len(head)) + head + first + second


@pytest.mark.parametrize(("make", "mark"), [(npy, b"NUMPY"), (tensors, b"BF16")])
def test_a_header_tells_the_width_of_numbers(make: Callable[[], bytes], mark: bytes) -> None:
    """With the header spoilt the width is found after 2,048 bytes, or not at all."""
    data = make()
    spoilt = data.replace(mark, mark.swapcase())
    for experts, share in ((1, 0.98), (3, 0.995)):
        assert coded(data, experts, 20) < share * coded(spoilt, experts, 20)


@pytest.mark.parametrize("length", [0, 1, 117, 65535])
@pytest.mark.parametrize("kind", [b"'<f99999999'", b"'<U70000'", b"'<'", b"'|V0'", b"<f8"])
def test_odd_headers_come_back(kind: bytes, length: int) -> None:
    odd = b"\x93NUMPY\x01\0" + struct.pack("<H", length) + b"{" + kind * 3 + b"}\n"
    odd += b"\x93NUMPY\x02\0" + struct.pack("<I", 1 << 31) + b"\x93NUMPY\x93NUMPY\x03" + odd
    json = (
        b'{"a":{"dtype":"F0","data_offsets":[9,5]},"b":{"dtype":"I64","data_offsets":[99999999999'
    )
    coded(odd + random.Random(88).randbytes(300), 1)
    coded(struct.pack("<Q", length) + json + odd, 1)
    coded(struct.pack("<Q", 1 << 63) + json + odd, 1)
