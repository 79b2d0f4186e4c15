"""Writes the inputs that the fuzzers start from, in one folder for each: FOLDER/decode etc.

    python fuzz/seeds.py FOLDER

It needs the installed package. All content is generated (tests/support).
"""

from __future__ import annotations

import hashlib
import random
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "golden"))

import formats
import kinds
from crafted import stored_frame
from golden_kinds import KINDS as GOLDEN_KINDS

import weightless
from weightless import Parameters
from weightless.container.skippable import skippable_frame
from weightless.levels import PARAMETER_SETS

Seeds = Iterator[tuple[str, bytes]]

KINDS = {
    **{kind: getattr(kinds, kind) for kind in ("prose", "nucleotides", "x86", "m68k", "cells")},
    **{kind: getattr(kinds, kind) for kind in ("page", "sound16", "sound8", "image8", "image24")},
    **{kind: getattr(kinds, kind) for kind in ("noise", "csv", "json", "float32", "float64")},
    **{kind: getattr(kinds, kind) for kind in ("offsets", "records", "counters", "deflated")},
    **{kind: getattr(formats, kind) for kind in ("fastq", "sam", "pdb", "int64", "int32")},
    **{kind: getattr(formats, kind) for kind in ("walk64", "halves", "brains", "nested_json")},
}


def contents(size: int) -> Seeds:
    for name, generate in KINDS.items():
        yield name, generate(size)
    yield "zeros", bytes(size)


def shrunk(number: int) -> Parameters:
    """A parameter set as `shrunk` in fuzz/support/shrunk.hpp has it."""
    p = PARAMETER_SETS[number]
    return p.replace(
        width=min(p.width, 16),
        memory_bits=min(p.memory_bits, 16),
        ngram_bits=min(p.ngram_bits, 16),
        horizon=min(p.horizon, 4),
    )


def size_for(number: int, size: int) -> int:
    """Fewer bytes for the sets whose models take longer."""
    experts = PARAMETER_SETS[number].experts
    return size // (1, 1, 2, 3, 6)[experts]


def archives() -> Seeds:
    """Archives of small models, made in every way."""
    for number in PARAMETER_SETS:
        for name, content in contents(size_for(number, 40)):
            if number == 1 or name in ("prose", "zeros", "noise", "records"):
                archive = weightless.compress(content, parameters=shrunk(number))
                yield f"set-{number}-{name}", archive
    small = shrunk(1)
    text = kinds.prose(160)
    yield "level-1", weightless.compress(text, 1)
    yield "blocks", weightless.compress(text + kinds.noise(80), parameters=small, block_size=60)
    yield "frames", weightless.compress(text, parameters=small, frame_size=90)
    yield "primed", weightless.compress(text, parameters=small, frame_size=90, primed=True)
    prior = weightless.Prior(text)
    yield "prior", weightless.compress(text, parameters=small, prior=prior)
    yield "stored", stored_frame(text, 70)
    yield "claimed", stored_frame(text, 70, claim=len(text))
    yield "joined", stored_frame(text[:50]) + skippable_frame(b"data", 15) + stored_frame(text[:9])
    yield "empty", weightless.compress(b"")
    yield "skippable", b"".join(skippable_frame(bytes(kind), kind) for kind in range(16))
    yield "repeated", weightless.compress(text[:70] * 9, parameters=shrunk(4), block_size=200)


def payloads() -> Seeds:
    """Payloads for models that have seen other content."""
    for number in PARAMETER_SETS:
        for name, content in contents(size_for(number, 60) + 30):
            codec = shrunk(number).codec()
            half = len(content) // 2
            before = content[:half]
            codec.absorb(before)
            payload = codec.encode(content[half:])[:63]
            code = bytes([len(before) << 2]) + before + bytes([len(payload) << 2 | 2]) + payload
            options = 0xE0 if len(name) % 4 == 0 else 1
            yield (
                f"{number}-{name}",
                (bytes([number - 1, options]) + code + (len(content) - half).to_bytes(2, "little")),
            )


def round_trips() -> Seeds:
    plan = random.Random(5)
    for number in (1, 3, 4, 7, 8, 10):  # all recipes, with and without a network
        for name, content in contents(size_for(number, 400)):
            head = bytes([number - 1, 0, plan.randrange(256)]) + plan.randbytes(12)
            yield f"{number}-{name}", head + bytes([plan.choice((7, 100, 200))]) + content


def headers() -> Seeds:
    values = random.Random(6)
    for i in range(64):
        yield str(i), bytes([26 + i % 3]) + values.randbytes(60) + kinds.prose(100)


def encoders() -> Seeds:
    for i, (name, content) in enumerate(contents(500)):
        yield name, bytes([i % 16, 77, 0]) + content
    yield "long", bytes([0xF0, 0, 80, 200, 5]) + kinds.prose(300)
    yield "noise", bytes([0xF0, 0, 80, 80, 0]) + kinds.noise(4000)


def structures() -> Seeds:
    """Content that each expert speaks for: its start, and what ends soon, before other numbers."""
    for i, (name, generate) in enumerate(GOLDEN_KINDS.items()):
        content = generate()
        yield name, bytes([i]) + content[:1500]
        yield f"{name} coded", bytes([192 + i]) + content[:400]
        yield f"{name} ends", bytes([0]) + content[: 60 + 9 * i] + kinds.records(1000)


TARGETS = {
    "decode": archives,
    "container": archives,
    "pieces": archives,
    "payload": payloads,
    "round_trip": round_trips,
    "parameters": headers,
    "encoder": encoders,
    "structures": structures,
}


def main() -> None:
    """Write all seeds."""
    folder = Path(sys.argv[1])
    for target, seeds in TARGETS.items():
        (folder / target).mkdir(parents=True, exist_ok=True)
        for _, data in seeds():
            # As libFuzzer names what it finds.
            (folder / target / hashlib.sha1(data).hexdigest()).write_bytes(data)


if __name__ == "__main__":
    main()
