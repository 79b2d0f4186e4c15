"""Each expert detects the kind of data that it models, gains on it, and on nothing else."""

from __future__ import annotations

import itertools
import math
import random
import struct
from collections.abc import Callable

import pytest
from data import text
from payloads import codec, coded


def code(size: int, seed: int, absolute: bool) -> bytes:
    """Return x86-like code whose calls have eight targets, or a random target each."""
    rng = random.Random(seed)
    places = [rng.randrange(1 << 20) for _ in range(8)]
    out = bytearray()
    while len(out) < size:
        for _ in range(rng.randrange(4)):
            out += rng.choice((b"\x8b\x45", b"\x89\x55", b"\x83\xc4")) + rng.choice(
                (b"\x08", b"\x0c", b"\xf8")
            )
        place = rng.choice(places)
        distance = place - len(out) - 5 if absolute else place - rng.randrange(size)
        out += b"\xe8" + (distance & 0xFFFFFFFF).to_bytes(4, "little")
    return bytes(out[:size])


def test_calls_to_the_same_place_look_alike() -> None:
    alike = code(12_000, 1, absolute=True)
    for experts in (1, 2, 3, 4):
        assert coded(alike, experts) < 0.6 * coded(code(12_000, 1, absolute=False), experts)


def functions(size: int, seed: int, joined: bool) -> bytes:
    """Return x86-like functions whose jumps all lead to the end if `joined`, or else anywhere."""
    rng = random.Random(seed)
    out = bytearray()
    while len(out) < size:
        blocks = []
        for _ in range(6):
            moves = b"".join(
                rng.choice((b"\x8b\xc1", b"\x03\xd6", b"\x8b\x4e\x08"))
                for _ in range(rng.randrange(6))
            )
            blocks.append(moves + b"\x85\xc0\x74\0")
        length = sum(map(len, blocks))
        done = 0
        for block in blocks:
            done += len(block)
            to_end = length - done
            out += block[:-1] + bytes([to_end if joined else rng.randrange(to_end + 1)])
        out += b"\x5e\xe8" + ((64 - len(out) - 6) & 0xFFFFFFFF).to_bytes(4, "little") + b"\xc3"
    return bytes(out[:size])


def test_jumps_to_the_same_place_look_alike() -> None:
    assert coded(functions(16_000, 9, True)) < 0.82 * coded(functions(16_000, 9, False))


def functions_68k(size: int, seed: int = 14) -> bytes:
    """Return 68000-like functions: stack frames, loads, and branches to the function's end."""
    rng = random.Random(seed)
    out = bytearray()
    while len(out) < size:
        body = bytearray()
        for _ in range(rng.randrange(4, 9)):
            register = rng.randrange(8)
            offset = rng.randrange(0, 64, 2)
            body += bytes([0x30 + 2 * (register % 4), 0x2E, 0, offset])  # a load to a data register
            for _ in range(rng.randrange(3)):
                body += bytes([0x52 + 2 * (register % 4), 0x6E, 0xFF, rng.randrange(128, 256, 2)])
            body += bytes([0x4A, 0x40 + register % 4, 0x67, 0])  # a test and a branch
            body += bytes([0x3F, register % 4, 0x4E, 0xAD, 2, rng.randrange(0, 256, 8)])
        for i in range(len(body) - 1):
            if body[i - 1 : i + 2] == bytes([0x40 + body[i - 1] % 4, 0x67, 0]):
                body[i + 1] = len(body) - i - 2
        out += b"\x4e\x56\xff\xf0\x48\xe7\0\x20" + body + b"\x4c\xdf\4\0\x4e\x5e\x4e\x75"
    return bytes(out[:size])


def test_words_of_68k_code_are_followed() -> None:
    # It takes 1957 bytes without this expert.
    assert coded(functions_68k(12_000)) < 1890


def page(rows: int, seed: int = 6) -> bytes:
    """Return a bilevel page of slanted strokes, 512 pixels wide."""
    rng = random.Random(seed)
    out = bytearray()
    edges = [rng.uniform(0, 500) for _ in range(24)]
    slopes = [rng.uniform(-0.8, 0.8) for _ in range(24)]
    for _ in range(rows):
        pixels = 0
        for i, slope in enumerate(slopes):
            edges[i] = (edges[i] + slope) % 500
            pixels |= 0b1111111 << int(edges[i])
        out += pixels.to_bytes(64, "big")
    return bytes(out)


def test_pixels_above_predict_a_page() -> None:
    # In each of 300 rows, each of 24 strokes moves by one pixel or stays. With contexts of bytes
    # alone it takes 1773 bytes.
    assert coded(page(300)) < 1250


def sheet(rows: int, seed: int = 7) -> bytes:
    """Return cells of 30 columns; a column determines their type and length, and some are empty."""
    rng = random.Random(seed)
    out = bytearray(b"\x09\0\x04\0\x02\0\x10\0")
    columns = [rng.choice((2, 3, 5)) for _ in range(30)]
    for row in range(rows):
        for column, kind in enumerate(columns):
            if rng.random() < 0.1:
                continue
            value = rng.choice((b"\x07\0", b"\x2a\0")) + {2: b"", 3: bytes(6), 5: b"\1"}[kind]
            body = row.to_bytes(2, "little") + bytes([column, 0, 0, 0, 0]) + value
            out += bytes([kind, 0, len(body), 0]) + body
    return bytes(out)


def test_cells_above_predict_a_sheet() -> None:
    # It takes 815 bytes without this expert.
    assert coded(sheet(60)) < 700


def strand(letters: int, seed: int = 8) -> bytes:
    """Return lines of random nucleotides, followed by their reverse complement."""
    rng = random.Random(seed)
    first = "".join(rng.choices("ACGT", k=letters // 2))
    both = first + first[::-1].translate(str.maketrans("ACGT", "TGCA"))
    return "".join(both[i : i + 60] + "\n" for i in range(0, len(both), 60)).encode()


def test_the_other_strand_is_known() -> None:
    # At two bits per letter each half takes 2000 bytes; the second one can be predicted.
    assert coded(strand(16_000)) < 2400


def genes(letters: int, seed: int = 15) -> bytes:
    """Return genes made of 24 frequent codons, on both strands and in any reading frame."""
    rng = random.Random(seed)
    codons = ["".join(rng.choices("ACGT", k=3)) for _ in range(24)]
    out = ""
    while len(out) < letters:
        gene = "".join(rng.choices(codons, k=300))
        if rng.random() < 0.5:
            gene = gene[::-1].translate(str.maketrans("ACGT", "TGCA"))
        out += gene + "".join(rng.choices("ACGT", k=rng.randrange(20)))
    return out[:letters].encode()


def test_codons_are_read_in_their_frame() -> None:
    # It takes 3708 bytes if reading frames are not modelled.
    assert coded(genes(16_000)) < 3500


def tone(n: int, seed: int = 11) -> list[int]:
    """Return the sum of two sines and of noise with an entropy of about 4.6 bits per sample."""
    rng = random.Random(seed)
    return [
        int(9000 * math.sin(0.031 * i) + 4000 * math.sin(0.173 * i) + rng.gauss(0, 6))
        for i in range(n)
    ]


@pytest.mark.parametrize(
    ("layout", "bits"),
    [("<h", 7.4), (">h", 7.7), ("<i", 7.6), ("24", 7.3), ("stereo", 7.0)],
)
def test_samples_are_predicted(layout: str, bits: float) -> None:
    # It takes 10.6 to 12.2 bits per sample without this expert.
    values = tone(6000)
    if layout == "24":
        data = b"".join((v & 0xFFFFFF).to_bytes(3, "little") for v in values)
    elif layout == "stereo":
        data = b"".join(struct.pack("<hh", v, v // 2) for v in values[:3000])
    else:
        data = struct.pack(f"{layout[0]}6000{layout[1]}", *values)
    # A header of odd length precedes the samples.
    assert coded(b"RIFF!" + data) < bits * 6000 / 8


def picture(rows: int, channels: int, seed: int = 12) -> bytes:
    """Return a smooth picture, 200 pixels wide, with noise that its channels share in part."""
    rng = random.Random(seed)
    out = bytearray()
    for row in range(rows):
        for column in range(200):
            shade = 128 + 60 * math.sin(0.05 * row) * math.cos(0.04 * column) + rng.gauss(0, 1)
            out += bytes(int(shade + 9 * c + rng.gauss(0, 2)) for c in range(channels))
    return bytes(out)


@pytest.mark.parametrize(("channels", "bits"), [(1, 3.8), (3, 3.67)])
def test_pixels_are_predicted(channels: int, bits: float) -> None:
    # It takes 3.94 and 3.75 bits per byte without this expert.
    data = picture(120, channels)
    assert coded(data) < bits * len(data) / 8


def test_what_is_not_smooth_is_no_sample() -> None:
    # Tables and noise cost as much as without the expert.
    table = b"".join(struct.pack("<HIH", i % 7, i * 3, 20_000 * (i % 3)) for i in range(2000))
    assert coded(table) < 0.05 * len(table)
    noise = random.Random(13).randbytes(9000)
    assert coded(noise) < 1.012 * len(noise)


def test_text_and_blocks_around_code() -> None:
    # Experts become active and inactive within blocks, and one block is stored.
    data = [
        text(1500),
        code(5000, 2, True),
        code(3000, 3, True),
        page(90),
        sheet(30),
        struct.pack("<2000h", *tone(2000)),
        text(700),
        b"!" + functions_68k(5000),
        b"\xe8" * 700,
    ]
    encoder, decoder = codec(2), codec(2)
    for i, part in enumerate(data):
        if i == 2:
            encoder.absorb(part)
            decoder.absorb(part)
        else:
            assert decoder.decode(encoder.encode(part), len(part)) == part


def test_hostile_code() -> None:
    # Many prefixes, truncated operands, opcodes of every map.
    rng = random.Random(4)
    out = bytearray(code(4000, 5, True))
    for _ in range(300):
        out += bytes(
            rng.choice((0x0F, 0x38, 0x66, 0x48, 0xC4, 0xC5, 0x62, 0xE8, 0x9A, 0xB8))
            for _ in range(rng.randrange(20))
        )
        out += rng.randbytes(rng.randrange(6)) + b"\xe8" + rng.randbytes(3) + b"\0"
    assert coded(bytes(out)) > 0


@pytest.mark.parametrize("experts", [1, 2, 3, 4])
@pytest.mark.parametrize("make", [lambda: code(8000, 4, absolute=True), lambda: strand(8000)])
def test_a_copy_goes_on_alone(experts: int, make: Callable[[], bytes]) -> None:
    """Inactive contexts refer to the copy, not to the original, when they become active again."""
    head, tail = make()[:6000], make()[6000:]
    whole = codec(experts)
    first = whole.encode(head)
    expected = whole.encode(tail)
    original = codec(experts)
    assert original.encode(head) == first
    twin = original.copy()
    del original
    assert twin.encode(tail) == expected


@pytest.mark.parametrize("experts", [1, 3, 4])
@pytest.mark.parametrize(
    "make",
    [
        lambda: text(10_000),
        lambda: struct.pack("<5000h", *tone(5000)),  # reads coding costs, in windows of 1024
        lambda: page(300)[:10_000],
        lambda: code(6000, 4, absolute=True) + strand(4000),
    ],
)
@pytest.mark.parametrize("width", [0, 16])
def test_threads_change_nothing(experts: int, make: Callable[[], bytes], width: int) -> None:
    """Payloads do not depend on how far the context models run ahead of mixing."""
    data = make()
    assert len(data) > 9001
    cuts = [0, 1, 200, 455, 711, 9000, 9001, len(data)]
    one, two, stored = (codec(experts, width=width) for _ in range(3))
    two.set_threads(2)
    stored.set_threads(2)
    for begin, end in itertools.pairwise(cuts):
        assert two.encode(data[begin:end]) == one.encode(data[begin:end])
        stored.absorb(data[begin:end])
    tail = data[:2000]
    twin = two.copy()
    expected = one.encode(tail)
    assert two.encode(tail) == expected
    assert stored.encode(tail) == expected
    assert twin.decode(expected, len(tail)) == tail


def test_threads_see_the_same_costs() -> None:
    """Samples are detected by coding costs, which must not depend on how far mixing has come."""
    rng = random.Random(21)
    # The noise grows until treating it as samples no longer saves anything.
    loud = [2 ** (9 + i // 4096) for i in range(7 * 4096)]
    data = struct.pack(f"<{len(loud)}h", *(round(rng.triangular(-a, a)) for a in loud))
    one, two = codec(4), codec(4)
    two.set_threads(2)
    assert two.encode(data) == one.encode(data)


@pytest.mark.parametrize("threads", [1, 2])
def test_who_counts_may_break_off(threads: int) -> None:
    """An exception raised by a progress callback propagates out of the call."""
    done: list[int] = []

    def stop(size: int) -> None:
        done.append(size)
        if size >= 8192:
            raise TimeoutError

    encoder = codec(4, width=16)
    encoder.set_threads(threads)
    for work in (encoder.encode, encoder.absorb):
        done.clear()
        with pytest.raises(TimeoutError):
            work(text(40_000), stop)
        assert done == [2048, 4096, 6144, 8192]


def wrapped(words: int, width: int, seed: int = 8) -> bytes:
    """Return random words in lines wrapped at a width, or broken at random if it is 0."""
    rng = random.Random(seed)
    known = ["".join(rng.choices("etaoinshrdlu", k=rng.randrange(1, 9))) for _ in range(40)]
    lines = [known[0]]
    for _ in range(words):
        word = rng.choice(known)
        full = len(lines[-1]) + len(word) > width if width else rng.random() < 1 / 12
        if full:
            lines.append(word)
        else:
            lines[-1] += f" {word}"
    return "\n".join(lines).encode()


def pairs_of_words(size: int, seed: int) -> bytes:
    """Return words of which each is mostly followed by one of its own, with random punctuation."""
    rng = random.Random(seed)
    words = ["".join(rng.choices("etaoinshrdlu", k=rng.randint(2, 7))) for _ in range(400)]
    follower = {word: rng.choice(words) for word in words}
    word = words[0]
    out = ""
    while len(out) < size:
        word = follower[word] if rng.random() < 0.7 else rng.choice(words)
        out += word + rng.choice((" ", ", ", "\n", "; ", " (", ") ", ' "', '" ', " - ", ": "))
    return out.encode()[:size]


def test_words_are_expected_whatever_stands_between() -> None:
    data = pairs_of_words(12_000, 1)
    # The ratio is 0.93; without contexts of expected bytes it is 0.99.
    assert coded(data, 4) < 0.95 * coded(data, 3)


def test_ends_of_wrapped_lines_are_foreseen() -> None:
    data = wrapped(5000, 60)
    ends = data.count(b"\n")
    saved = coded(data, 3) - coded(data, 4)
    assert saved > ends * 0.2
    assert coded(wrapped(5000, 0), 4) < 1.02 * coded(wrapped(5000, 0), 3)


def test_tables_after_text_are_still_tables() -> None:
    """Contexts of records become active again when the data are no longer text."""
    table = b"".join(struct.pack("<IHH", i * 7, i % 5, 2000 - i) for i in range(2000))
    story = wrapped(2000, 60)
    costs = [coded(story + table, experts) - coded(story, experts) for experts in (3, 4)]
    assert costs[1] < 1.04 * costs[0]
