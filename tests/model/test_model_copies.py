"""A copy of a model, and one whose tables grow, code as a model that has always been alone."""

from __future__ import annotations

import copy
import random

import pytest
from data import noise
from golden_kinds import KINDS
from parquet import header, varint

import weightless
from weightless import _core

REST = 300
#: Tables of bit histories double after 1,024 bytes, and several times more.
GROWING = {"width": 0, "memory_bits": 16, "growth_bits": 4, "growth_share": 6}


def cuts(data: bytes, count: int = 5) -> list[int]:
    rng = random.Random(len(data))
    return sorted(rng.randrange(len(data) - REST) for _ in range(count))


def after(parameters: weightless.Parameters, before: bytes) -> _core.Codec:
    codec = parameters.codec()
    codec.absorb(before)
    return codec


def page_of_indices() -> bytes:
    """A page of a Parquet file whose dictionary is full of what stands before its indices."""
    context = b"\x15\x06\x15\x06\0\0\x08\xa1\x1f"
    entries = b"".join(context + bytes([65 + i]) for i in range(20))
    entries += noise(1024 - len(entries))
    body = bytes([8]) + varint(2000 << 1 | 1) + noise(16_000, seed=2)
    return b"PAR1" + header(2, 1024, 256, 0) + entries + header(0, len(body), 16_000, 8) + body


CONTENTS = {name: make() for name, make in KINDS.items()}
CONTENTS = {name: data for name, data in CONTENTS.items() if len(data) > 2 * REST}
CONTENTS["indices"] = page_of_indices()


@pytest.mark.parametrize("experts", [1, 2, 3, 4])
@pytest.mark.parametrize("kind", CONTENTS)
def test_copies_learn_apart(kind: str, experts: int) -> None:
    """Copies of a model that learn at the same time code what follows as a new one does."""
    data = CONTENTS[kind]
    parameters = weightless.Parameters(experts=experts, **GROWING)
    model = parameters.codec()
    done = 0
    for cut in cuts(data):
        model.absorb(data[done:cut])
        done = cut
        rest = data[cut : cut + REST]
        expected = after(parameters, data[:cut]).encode(rest)
        snapshot = copy.copy(model).freeze()
        returning = snapshot.codec()
        for _ in range(2):
            assert snapshot.codec().encode(rest) == expected
            assert returning.encode(rest) == expected
            returning.revert()
        assert copy.copy(model).encode(rest) == expected


@pytest.mark.parametrize("experts", [1, 2, 3, 4])
@pytest.mark.parametrize("kind", CONTENTS)
def test_tables_grow_within_any_kind_of_data(kind: str, experts: int) -> None:
    parameters = weightless.Parameters(experts=experts, **GROWING)
    data = CONTENTS[kind]
    for start in (0, 150, 400):  # so that tables grow in other places
        part = data[start:]
        archive = weightless.compress(part, parameters=parameters)
        assert weightless.decompress(archive) == part
