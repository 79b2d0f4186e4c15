"""The arithmetic coder: its overhead, and its output against exact integer arithmetic."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from exact_coder import PROBABILITY_BITS, ExactCoder
from hypothesis import given, settings
from hypothesis import strategies as st
from plain_decoder import PlainDecoder

from weightless import _core

ONE = 1 << PROBABILITY_BITS
LEAST, MOST = 1, ONE - 1
Bits = npt.NDArray[np.uint8]
Probabilities = npt.NDArray[np.uint32]


def encode(bits: Bits, p: Probabilities) -> bytes:
    encoder = _core.BitEncoder()
    encoder.encode(bits, p)
    return encoder.finish()


def arrays(pairs: list[tuple[int, int]]) -> tuple[Bits, Probabilities]:
    bits = np.array([bit for bit, _ in pairs], np.uint8)
    return bits, np.array([p for _, p in pairs], np.uint32)


def check(bits: Bits, p: Probabilities) -> tuple[bytes, ExactCoder]:
    """Return the stream, after comparing it with exact arithmetic and decoding it."""
    stream = encode(bits, p)
    exact = ExactCoder()
    exact.encode_all(bits.tolist(), p.tolist())
    assert exact.holds(stream)
    assert stream == exact.shortest()
    decoder = _core.BitDecoder(stream)
    np.testing.assert_array_equal(decoder.decode(p), bits)
    assert decoder.at_end
    assert not decoder.overrun
    return stream, exact


def test_probabilities_have_the_documented_bits() -> None:
    assert _core.PROBABILITY_BITS == PROBABILITY_BITS


MEGABYTE = 8 << 20  # bits


@pytest.mark.parametrize("skew", [0.5, 0.3, 0.05, 1e-2, 1e-3, 2**-16, "mixed"])
def test_cost_is_the_ideal_one(skew: float | str) -> None:
    """The overhead is within 0.01 % for a megabyte of bits with the predicted distribution."""
    rng = np.random.default_rng(1)
    if isinstance(skew, str):
        logit = rng.uniform(-12, 12, MEGABYTE)
        p = np.clip(ONE / (1 + np.exp(-logit)), LEAST, MOST).astype(np.uint32)
    else:
        p = np.full(MEGABYTE, round(skew * ONE), np.uint32)
    bits = (rng.random(MEGABYTE) < p / ONE).astype(np.uint8)
    ideal = -np.log2(np.where(bits == 1, p, ONE - p) / ONE).sum()
    stream = encode(bits, p)
    # A stream consists of whole bytes, and one more may be needed to determine the interval.
    assert 8 * len(stream) < 1.0001 * ideal + 16
    assert 8 * len(stream) > ideal - 1
    decoder = _core.BitDecoder(stream)
    np.testing.assert_array_equal(decoder.decode(p), bits)
    assert decoder.at_end


@pytest.mark.parametrize("p", [LEAST, MOST])
@pytest.mark.parametrize("bit", [0, 1])
def test_extreme_probabilities(p: int, bit: int) -> None:
    count = 3000
    stream, _ = check(np.full(count, bit, np.uint8), np.full(count, p, np.uint32))
    likely = (p == MOST) == (bit == 1)
    if likely:
        assert len(stream) <= 1
    else:
        # Each takes 22 bits, except for the effect of rounding the bound down.
        assert len(stream) == pytest.approx(count * PROBABILITY_BITS / 8, rel=0.02)


def test_extremes_by_turns() -> None:
    rng = np.random.default_rng(2)
    p = rng.choice(np.array([LEAST, LEAST + 1, ONE // 2, MOST - 1, MOST], np.uint32), 4000)
    bits = rng.integers(0, 2, 4000).astype(np.uint8)
    check(bits, p)


def towards(point: int, run: int, rng: np.random.Generator) -> list[tuple[int, int]]:
    """Return bits that keep the value point / 2^8 in the interval until `run` bytes are 0xff.

    Then the part above the value is chosen, so that a carry passes through all of these bytes.
    """
    exact = ExactCoder()
    pairs: list[tuple[int, int]] = []
    while True:
        p = int(rng.integers(ONE // 8, ONE - ONE // 8))
        bound = (exact.range * p) >> PROBABILITY_BITS
        below = (point << (8 * exact.shifts + 24)) < exact.low + bound
        over = below and exact.shifts > run
        pairs.append((0 if over else int(below), p))
        exact.encode(*pairs[-1])
        if over:
            return pairs


@pytest.mark.parametrize("run", [1, 2, 3, 4, 5, 8, 60, 700])
@pytest.mark.parametrize("point", [0x01, 0x80, 0xFF])
def test_carry(run: int, point: int) -> None:
    rng = np.random.default_rng([run, point])
    pairs = towards(point, run, rng)
    exact = check(*arrays(pairs))[1]
    assert exact.longest_carry >= run
    # The stream can continue after the carry.
    more = [(int(rng.integers(2)), int(rng.integers(LEAST, ONE))) for _ in range(200)]
    stream, exact = check(*arrays(pairs + more))
    assert stream[1:run] == bytes(run - 1)
    assert stream[0] == point


def test_carry_at_the_end() -> None:
    """finish() rounds up to a value that requires a carry through all bytes."""
    for run in (1, 2, 5, 60):
        pairs = towards(0x80, run, np.random.default_rng(run))[:-1]
        stream, exact = check(*arrays(pairs))
        assert stream.rstrip(b"\0") == b"\x80"
        assert (exact.low >> (8 * exact.shifts + 24)) == 0x7F
    # If all bits are 1, the value is 0.
    stream, _ = check(*arrays([(1, ONE // 2)] * 100))
    assert not stream.strip(b"\0")


def test_nothing_at_all() -> None:
    assert encode(*arrays([])) == b""
    decoder = _core.BitDecoder(b"")
    assert decoder.at_end
    assert not decoder.overrun


probabilities = st.one_of(
    st.integers(LEAST, MOST),
    st.sampled_from([LEAST, LEAST + 1, 3, ONE // 2, MOST - 2, MOST - 1, MOST]),
    st.builds(lambda shift: ONE >> shift, st.integers(1, PROBABILITY_BITS)),
    st.builds(lambda shift: ONE - (ONE >> shift), st.integers(1, PROBABILITY_BITS)),
)
bit_lists = st.lists(st.tuples(st.integers(0, 1), probabilities), max_size=400)


@settings(max_examples=150, deadline=None)
@given(bit_lists)
def test_any_bits_at_any_probabilities(pairs: list[tuple[int, int]]) -> None:
    check(*arrays(pairs))


@settings(max_examples=60, deadline=None)
@given(bit_lists, st.lists(st.integers(1, 50), max_size=20))
def test_pieces_make_no_difference(pairs: list[tuple[int, int]], cuts: list[int]) -> None:
    bits, p = arrays(pairs)
    stream = encode(bits, p)
    encoder, decoder = _core.BitEncoder(), _core.BitDecoder(stream)
    places = np.cumsum(cuts)
    for some_bits, some_p in zip(np.split(bits, places), np.split(p, places), strict=True):
        encoder.encode(some_bits, some_p)
        np.testing.assert_array_equal(decoder.decode(some_p), some_bits)
    assert encoder.finish() == stream
    assert decoder.at_end


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200), st.lists(probabilities, min_size=1, max_size=400))
def test_any_bytes_decode_to_something(data: bytes, p: list[int]) -> None:
    """Every stream can be read, and a valid one decodes to the original bits."""
    decoder = _core.BitDecoder(data)
    bits = decoder.decode(np.array(p, np.uint32))
    exact = ExactCoder()
    exact.encode_all(bits.tolist(), p)
    inside = data[:4] < b"\xff\xff\xff\xff"  # whether the value is in the first interval
    if inside:
        assert exact.holds(data[: exact.shifts + 4])
    assert decoder.overrun == (exact.shifts > len(data))
    assert decoder.at_end == (exact.shifts <= len(data) <= exact.shifts + 4)


@settings(max_examples=60, deadline=None)
@given(bit_lists)
def test_truncated(pairs: list[tuple[int, int]]) -> None:
    """A truncated stream is detected, by its length or by different bits."""
    bits, p = arrays(pairs)
    stream = encode(bits, p)
    for size in range(len(stream)):
        decoder = _core.BitDecoder(stream[:size])
        found = decoder.decode(p)
        assert decoder.overrun or (found != bits).any()


def compare_with_specification(data: bytes, p: list[int]) -> list[int]:
    """Return the bits, after comparing the decoder with docs/format.md bit by bit."""
    decoder, plain = _core.BitDecoder(data), PlainDecoder(data)
    bits = []
    for probability in p:
        bits.append(int(decoder.decode(np.array([probability], np.uint32))[0]))
        assert bits[-1] == plain.decode(probability)
        assert decoder.at_end == plain.at_end
        assert decoder.overrun == (plain.read > len(data) + 4)
    return bits


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=100), st.lists(probabilities, min_size=1, max_size=400))
def test_any_bytes_decode_as_specified(data: bytes, p: list[int]) -> None:
    compare_with_specification(data, p)


def test_streams_decode_as_specified() -> None:
    rng = np.random.default_rng(3)
    p = rng.integers(LEAST, ONE, 5000).astype(np.uint32)
    bits = (rng.random(5000) * ONE < p).astype(np.uint8)
    assert compare_with_specification(encode(bits, p), p.tolist()) == bits.tolist()


def test_edges_are_as_specified() -> None:
    for p in (LEAST, ONE // 3, ONE // 2, MOST):
        bound = (2**32 - 1) * p // ONE
        for code in (bound - 1, bound, bound + 1):  # on both sides of the bound
            assert compare_with_specification(code.to_bytes(4, "big"), [p]) == [int(code < bound)]
    # The range becomes exactly 2^24, and no byte is read.
    compare_with_specification(b"\xff\xff\xff\xfe\xff", [ONE - 2**14])


def test_overrun_shows_when_it_happens() -> None:
    """An overrun is reported as soon as more is read than any stream of that size requires."""
    half = np.full(8, ONE // 2, np.uint32)
    for size in (0, 1, 2, 5, 100):
        decoder = _core.BitDecoder(b"\x55" * size)
        exact = ExactCoder()
        while exact.shifts <= size:
            assert not decoder.overrun
            exact.encode_all(decoder.decode(half[:1]).tolist(), half[:1].tolist())
        assert decoder.overrun
        assert not decoder.at_end


def test_bytes_behind_the_end() -> None:
    bits, p = arrays([(1, ONE // 3), (0, ONE // 3)] * 300)
    stream, exact = check(bits, p)
    for extra in range(1, 8):
        decoder = _core.BitDecoder(stream + bytes(extra))
        np.testing.assert_array_equal(decoder.decode(p), bits)
        # The decoder reads four bytes ahead and cannot notice up to as many extra bytes.
        assert decoder.at_end == (len(stream) + extra <= exact.shifts + 4)
        assert not decoder.overrun


def test_wrong_arguments() -> None:
    encoder = _core.BitEncoder()
    for p in (0, ONE, 2**32 - 1):
        with pytest.raises(ValueError, match="probabilities must be in"):
            encoder.encode(*arrays([(1, p)]))
        with pytest.raises(ValueError, match="probabilities must be in"):
            _core.BitDecoder(b"abc").decode(np.array([p], np.uint32))
    with pytest.raises(ValueError, match="bits must be 0 or 1"):
        encoder.encode(*arrays([(2, 5)]))
    with pytest.raises(ValueError, match="the same size"):
        encoder.encode(np.zeros(3, np.uint8), np.full(2, 5, np.uint32))
    assert encoder.finish() == b""
    with pytest.raises(ValueError, match="finished"):
        encoder.encode(*arrays([(1, 5)]))
