"""The tables of bit histories grow with much content, the same for whoever codes it."""

from __future__ import annotations

from random import Random
from string import ascii_lowercase

import pytest
from data import text

import weightless
from weightless import _core

SMALL = weightless.Parameters(width=0, experts=1, memory_bits=16)
GROWING = SMALL.replace(growth_bits=4)
DATA = text(150_000)


def coded(parameters: weightless.Parameters, data: bytes = DATA) -> bytes:
    """Return the archive of data, which was restored and compared."""
    archive = weightless.compress(data, parameters=parameters)
    assert weightless.decompress(archive) == data
    return archive


def test_larger_tables_predict_better() -> None:
    assert len(coded(GROWING)) < 0.97 * len(coded(SMALL))
    # Up to 2^16 / 8 bytes the tables are the same.
    few = DATA[:8191]
    assert GROWING.codec().encode(few) == SMALL.codec().encode(few)


def test_the_memory_is_a_number_of_bytes_for_each_byte_of_content() -> None:
    def grown(content: int) -> int:
        return GROWING.memory_for(content) - SMALL.memory_for(content)

    assert [grown(n) for n in (0, 1)] == [0, 0x70000]  # sizes are rounded up to 2^16 - 1
    assert grown(1 << 16) == grown(1 << 30) == 0xF0000
    values = list(GROWING.values)
    base = _core.Codec.memory_for(values, 8191)
    assert _core.Codec.memory_for(values, 8192) - base == 1 << 16
    more = list(GROWING.replace(growth_share=5).values)
    assert _core.Codec.memory_for(more, 2048) - _core.Codec.memory_for(more, 2047) == 1 << 16
    assert weightless.Parameters(experts=1, memory_bits=30, growth_bits=8).memory_for(1 << 40) < (
        weightless.Parameters(experts=1, memory_bits=30).memory_for(1 << 40) + (1 << 31)
    )


def test_what_was_seen_is_found_only_where_it_will_be_looked_for() -> None:
    """The table doubles without loss: a slot stays in one line of two, and the other has room."""
    random = Random(1)
    words = ["".join(random.choices(ascii_lowercase, k=random.randint(3, 9))) for _ in range(4000)]
    data = " ".join(random.choices(words, k=60_000))[:300_000].encode()
    large = weightless.Parameters(width=0, experts=2, memory_bits=24)
    growing = large.replace(memory_bits=22, growth_bits=2, growth_share=8)
    # 1.005; with every slot in both lines 1.011.
    assert len(coded(growing, data)) < 1.007 * len(coded(large, data))


def test_a_codec_in_pieces_and_one_at_once_agree() -> None:
    whole = GROWING.codec()
    pieces = GROWING.codec()
    blocks = [DATA[i : i + 7_000] for i in range(0, 70_000, 7_000)]
    archive = [pieces.encode(block) for block in blocks]
    decoder = GROWING.codec()
    assert [decoder.decode(a, len(b)) for a, b in zip(archive, blocks, strict=True)] == blocks
    whole.encode(b"".join(blocks))
    assert whole.encode(b"again") == pieces.encode(b"again")


@pytest.mark.parametrize("size", [3_000, 40_000])
def test_a_model_goes_back_to_a_smaller_table(size: int) -> None:
    prior = weightless.Prior(DATA[:size], parameters=GROWING)
    records = [
        DATA[50_000:110_000],
        DATA[110_000:110_500],
        DATA[60_000:61_000],
        DATA[20_000:90_000],
    ]
    first = [prior.compress(record) for record in records]
    assert [prior.decompress(archive) for archive in reversed(first)] == records[::-1]
    assert [prior.compress(record) for record in reversed(records)] == first[::-1]
