"""Round trips of any bytes with any level, parameters and division into frames."""

from __future__ import annotations

import io
import random

import pytest
from data import SAMPLES, noise, records, text
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import any_parameters

import weightless


@pytest.mark.parametrize("name", SAMPLES)
def test_samples(name: str) -> None:
    data = SAMPLES[name]
    archive = weightless.compress(data, 1)
    assert weightless.decompress(archive) == data
    assert weightless.compress(data, 1) == archive


@pytest.mark.parametrize("level", range(1, 10))
def test_levels(level: int) -> None:
    data = text(2500)
    archive = weightless.compress(data, level)
    assert len(archive) < len(data)
    assert weightless.decompress(archive) == data


#: Experts whose tables are quickly allocated.
TINY = weightless.Parameters(width=0, experts=1, memory_bits=16)

chunks = st.one_of(
    st.binary(max_size=300),
    st.text(max_size=100).map(str.encode),
    st.builds(lambda piece, n: piece * n, st.binary(max_size=12), st.integers(0, 60)),
    st.builds(bytes, st.integers(0, 600)),
    st.builds(text, st.integers(0, 400), st.integers(0, 99)),
    st.builds(records, st.integers(0, 400), st.integers(0, 99)),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(chunks, max_size=6), st.sampled_from([1, 2, 7, 100, 1 << 18]), st.integers(0, 999))
def test_any_bytes_in_any_pieces(pieces: list[bytes], block_size: int, seed: int) -> None:
    data = b"".join(pieces)[: 400 * block_size]
    rng = random.Random(seed)
    compressor = weightless.Compressor(parameters=TINY, block_size=block_size)
    archive = bytearray()
    rest = data
    while rest:
        cut = rng.randint(1, len(rest))
        archive += compressor.compress(rest[:cut])
        rest = rest[cut:]
    archive += compressor.flush()
    assert bytes(archive) == weightless.compress(data, parameters=TINY, block_size=block_size)

    decompressor = weightless.Decompressor()
    out = bytearray()
    stream = io.BytesIO(archive)
    while not decompressor.eof:
        piece = stream.read(rng.randint(1, 50)) if decompressor.needs_input else b""
        out += decompressor.decompress(piece, rng.randint(-1, 200))
    assert bytes(out) == data
    assert decompressor.unused_data + stream.read() == b""


@settings(max_examples=60, deadline=None)
# Larger values of the parameters given here would only make the test slower.
@given(
    any_parameters(width=32, horizon=32, memory_bits=17, ngram_bits=17),
    st.lists(chunks, min_size=1, max_size=4),
)
def test_any_parameters(fields: dict[str, int], pieces: list[bytes]) -> None:
    """However absurd the step sizes: nothing overflows that encoder and decoder share."""
    parameters = weightless.Parameters(**fields)
    data = b"".join(pieces) + text(300)
    archive = weightless.compress(data, parameters=parameters, block_size=200)
    assert weightless.decompress(archive) == data
    assert weightless.decompress(archive, threads=2) == data
    assert len(archive) <= len(data) + len(data) / 1000 + 64 + 8 * (len(data) // 200)


def test_parameters_of_ones_own() -> None:
    parameters = weightless.Parameters(width=16, layers=2, horizon=8, gates=1)
    data = text(3000)
    archive = weightless.compress(data, parameters=parameters)
    assert weightless.decompress(archive) == data


@pytest.mark.parametrize("block_size", [100, 4096, 1 << 18])
def test_incompressible_bound(block_size: int) -> None:
    for size in (0, 1, 31, 100, 101, 20_000):
        data = noise(size)
        archive = weightless.compress(data, 1, block_size=max(block_size, 4096))
        assert len(archive) <= size + size / 1000 + 64
        assert weightless.decompress(archive) == data


def test_model_goes_on_after_stored_blocks() -> None:
    data = noise(4096) + text(4096) + noise(4096, 9) + text(4096)
    archive = weightless.compress(data, 1, block_size=4096)
    assert weightless.decompress(archive) == data
    assert len(archive) < len(data) - 4096


def test_larger_than_a_block() -> None:
    data = (text(50_000) * 7)[: (1 << 18) + 5000]
    archive = weightless.compress(data, 1)
    assert weightless.decompress(archive) == data


def test_zeros() -> None:
    data = bytes(700_000)
    archive = weightless.compress(data, 1)
    assert len(archive) < 1500
    assert weightless.decompress(archive) == data


def test_tiny_overhead() -> None:
    # Magic and version, set id, header check; lengths; block check.
    assert len(weightless.compress(b"", 1)) == 11
    assert len(weightless.compress(b"x", 1)) == 12


def test_buffers_of_any_kind() -> None:
    import array

    whole = text(300)
    for offset in range(9):
        archive = weightless.compress(whole[offset:], 1)
        assert weightless.compress(memoryview(whole)[offset:], 1) == archive
        moved = memoryview(bytes(offset) + archive)[offset:]
        assert weightless.decompress(moved) == whole[offset:]
    numbers = array.array("i", range(500))
    archive = weightless.compress(numbers, 1)
    assert archive == weightless.compress(numbers.tobytes(), 1)
    assert weightless.decompress(memoryview(bytearray(archive))) == numbers.tobytes()
    with pytest.raises(TypeError):
        weightless.compress(12, 1)  # type: ignore[call-overload]
    with pytest.raises(BufferError):
        weightless.compress(memoryview(b"abcdef")[::2], 1)
