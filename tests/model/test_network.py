"""The network on its own: it is bit-exact on every target, and its training does not diverge.

Mixers would hide the network's faults by lowering its weight, so all tests here run without
experts.
"""

from __future__ import annotations

import math
import random
from collections import Counter

import numpy as np
import pytest

from weightless import _core

DEFAULTS = {name: default for name, default, _, _ in _core.FIELDS}
ONE = 1 << 24


def values(**changes):
    """Parameters of a network alone, in the order of FIELDS."""
    fields = DEFAULTS | ({"experts": 0} if "experts" in DEFAULTS else {}) | changes
    assert set(fields) == set(DEFAULTS)
    return list(fields.values())


def text(n, seed=1):
    """Return text-like data from a seed: words with Zipf-distributed frequencies, punctuation."""
    rng = random.Random(seed)
    letters = "etaoinshrdlu"
    words = ["".join(rng.choices(letters, k=rng.randint(1, 9))) for _ in range(400)]
    weights = [1 / (i + 1) for i in range(len(words))]
    out = []
    size = 0
    while size < n:
        sentence = " ".join(rng.choices(words, weights, k=rng.randint(3, 14))).capitalize() + ". "
        out.append(sentence)
        size += len(sentence)
    return "".join(out).encode()[:n]


def records(n, seed=2):
    """Return rows of 16 bytes: a counter, 16-bit numbers that change slowly, flags."""
    rng = random.Random(seed)
    out = bytearray()
    level = 1000
    i = 0
    while len(out) < n:
        level += rng.randint(-9, 9)
        out += i.to_bytes(4, "little") + (level & 0xFFFF).to_bytes(2, "big")
        out += bytes([0, 0, rng.choice((0, 1, 4)), 255, 255, 255]) + b"abc\n"
        i += 1
    return bytes(out[:n])


def bits_per_byte(data, **changes):
    return 8 * len(_core.Codec(values(**changes)).encode(data)) / len(data)


def order0(data):
    """Return the order-0 entropy of the data in bits per byte."""
    return -sum(c / len(data) * math.log2(c / len(data)) for c in Counter(data).values())


CONFIGURATIONS = [
    {"width": 16},
    {"width": 32, "gates": 1},
    {"width": 48, "layers": 2, "horizon": 10},
    {"width": 32, "layers": 3, "gates": 1, "optimizer": 1},
    {"width": 64, "optimizer": 0, "step_recurrent": 20000, "step_output": 60000},
    {"width": 80, "horizon": 64, "decay_time": 0},
    {"width": 32, "ngrams": 6, "ngram_bits": 16, "ngram_words": 2},
]


@pytest.mark.parametrize("changes", CONFIGURATIONS)
def test_targets_agree(changes):
    data = text(1200) + records(400) + bytes(range(256))
    networks = [_core.Network(values(**changes), name) for name in _core.targets()]
    for i, byte in enumerate(data):
        first = networks[0].predict()
        if i % 50 == 0:
            assert int(first.sum()) == ONE
            assert first.min() >= 4
        for other in networks[1:]:
            np.testing.assert_array_equal(first, other.predict())
        for network in networks:
            network.update(byte)
    tensors = [network.tensors() for network in networks]
    for name, expected in tensors[0].items():
        for other in tensors[1:]:
            np.testing.assert_array_equal(expected, other[name])


@pytest.mark.parametrize("changes", CONFIGURATIONS)
def test_blocks_round_trip(changes):
    data = text(3000) + records(1000)
    encoder = _core.Codec(values(**changes))
    decoder = _core.Codec(values(**changes))
    for block in (data[:1], data[1:1777], b"", data[1777:]):
        payload = encoder.encode(block)
        snapshot = decoder.copy()
        assert decoder.decode(payload, len(block)) == block
        assert snapshot.decode(payload, len(block)) == block
    # A new object starts in the initial state, whatever others have coded.
    assert _core.Codec(values(**changes)).encode(data) == _core.Codec(values(**changes)).encode(
        data
    )


def test_update_without_predict():
    """Calling predict() does not change the state."""
    asked = _core.Network(values(width=32))
    silent = _core.Network(values(width=32))
    for byte in text(300):
        asked.predict()
        asked.predict()
        asked.update(byte)
        silent.update(byte)
    np.testing.assert_array_equal(asked.predict(), silent.predict())


@pytest.mark.parametrize("byte", [0, 65, 255])
@pytest.mark.parametrize(
    "changes", [{}, {"gates": 1}, {"layers": 2}, {"optimizer": 1}, {"ngrams": 6, "ngram_words": 2}]
)
def test_one_byte_repeated(byte, changes):
    """A remaining gradient of one unit, once normalised, must not make the network diverge."""
    codec = _core.Codec(values(width=32, **changes))
    costs = [len(codec.encode(bytes([byte]) * 20000)) for _ in range(3)]
    assert costs[0] < 250
    assert costs[1] < 60
    assert costs[2] < 60


@pytest.mark.parametrize("ngrams", [0, 8])
@pytest.mark.parametrize("period", [2, 3, 7, 26, 64])
def test_periodic(period, ngrams):
    """Strictly periodic input does not diverge; it needs a lower bound on the divisor."""
    cycle = random.Random(period).sample(range(256), period)
    codec = _core.Codec(values(width=32, ngrams=ngrams))
    data = bytes(cycle) * (20000 // period)
    costs = [8 * len(codec.encode(data)) / len(data) for _ in range(4)]
    assert costs[0] < 1.5
    assert max(costs[1:]) < 0.05


def test_noise_costs_little():
    data = random.Random(3).randbytes(60000)
    assert bits_per_byte(data, width=32) < 8.25


@pytest.mark.parametrize("ngrams", [0, 6])
def test_change_of_data(ngrams):
    """The network still learns a kind of data after long stretches of others."""
    codec = _core.Codec(values(width=32, ngrams=ngrams))
    codec.encode(bytes(40000))
    codec.encode(random.Random(4).randbytes(20000))
    codec.encode(text(20000))
    after = 8 * len(codec.encode(text(20000, seed=1))) / 20000
    assert after < order0(text(20000)) - 0.5


@pytest.mark.parametrize(
    "changes",
    [
        {"width": 16},
        {"width": 16, "layers": 2},
        {"width": 64},
        {"width": 64, "layers": 2, "gates": 1},
        {"width": 128},
        {"width": 32, "ngrams": 8, "ngram_bits": 16, "ngram_words": 2},
    ],
)
def test_training_does_not_diverge(changes):
    for make in (text, records):
        data = make(40000)
        codec = _core.Codec(values(**changes))
        for begin in range(0, len(data), 20000):
            block = data[begin : begin + 20000]
            assert 8 * len(codec.encode(block)) / len(block) < order0(block)


@pytest.mark.parametrize("changes", [{}, {"gates": 1}, {"layers": 2}])
def test_nothing_sits_at_its_clamp(changes):
    # With full gates, constant input ends at |c| = 16, as it does in real numbers: a forget gate
    # of exactly 1 accumulates. q(c) is constant from 2 on; other input lowers c again.
    network = _core.Network(values(width=32, **changes))
    for byte in bytes(6000) + records(6000) + text(12000):
        network.update(byte)
    for name, tensor in network.tensors().items():
        limit = 8 * 2**26 if name.endswith("recurrent") else 16 * 2**26
        assert abs(tensor.astype(np.int64)).max() < 0.9 * limit, name
    for name, state in network.state().items():
        if name.endswith(".c") and "gates" in changes:
            assert abs(state.astype(np.int64)).max() < 0.9 * (16 << 24)


def test_initial_weights():
    network = _core.Network(values(width=16, seed=7))
    tensors = network.tensors()
    assert not tensors["output.weight"].any()
    bound = DEFAULTS["init_bound"] << 18
    recurrent = tensors["layer0.recurrent"]
    assert recurrent.shape == (16, 48)
    assert abs(recurrent).max() <= bound
    assert abs(recurrent).max() > 0.9 * bound
    np.testing.assert_array_equal(tensors["layer0.bias"][:16], DEFAULTS["forget_bias"] << 22)
    # The first draw of SplitMix64(7), computed here.
    z = (7 + 0x9E3779B97F4A7C15) % 2**64
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) % 2**64
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) % 2**64
    z ^= z >> 31
    assert recurrent[0, 0] == (((z >> 32) * (2 * bound + 1)) >> 32) - bound
    other = _core.Network(values(width=16, seed=8)).tensors()["layer0.recurrent"]
    assert (other != recurrent).any()
    assert network.predict().tolist() == [ONE // 256] * 256


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"width": 1040}, "width"),
        ({"width": 40}, "multiple of 16"),
        ({"layers": 4}, "layers"),
        ({"horizon": 7}, "even"),
        ({"horizon": 130}, "horizon"),
        ({"optimizer": 3}, "optimizer"),
        ({"clip": 0}, "clip"),
        ({"seed": -1}, "seed"),
        ({"ngrams": 1}, "ngrams"),
        ({"ngrams": 9}, "ngrams"),
        ({"ngram_bits": 31}, "ngram_bits"),
        ({"ngram_words": 3}, "ngram_words"),
    ],
)
def test_parameters_out_of_range(changes, message):
    for make in (_core.Network, _core.Codec):
        with pytest.raises(ValueError, match=message):
            make(values(**changes))
    with pytest.raises(ValueError, match="parameters"):
        _core.Codec([1, 2])


def test_memory_is_stated():
    small = _core.Network(values(width=16)).memory
    large = _core.Network(values(width=256)).memory
    assert 100_000 < small < 1_000_000
    assert 4_000_000 < large < 12_000_000


def test_ngrams_remember():
    """Repeated data costs less at once; less is saved if contexts displace each other."""
    data = random.Random(5).randbytes(3000)
    costs = {}
    for bits in (16, 22):
        codec = _core.Codec(values(width=16, ngrams=6, ngram_bits=bits))
        codec.encode(data)
        costs[bits] = len(codec.encode(data))
    assert costs[22] < 0.6 * len(data)
    assert costs[22] < 0.9 * costs[16]
    assert costs[16] < 0.95 * len(data)


@pytest.mark.parametrize(
    "changes",
    [
        {"width": 32},
        {"width": 48, "layers": 2, "gates": 1},
        {"width": 16, "ngrams": 5, "ngram_words": 1},
    ],
)
def test_threads_change_nothing(changes):
    """Training in parallel with prediction, on a second thread, gives the same bytes."""
    data = text(5000) + records(3000)
    payloads = []
    for threads in (1, 2, 8):
        codec = _core.Codec(values(delay=1, **changes))
        codec.set_threads(threads)
        payloads.append(codec.encode(data))
        # A copy made during the training of a segment continues in the same way.
        twin = codec.copy()
        payloads[-1] += codec.encode(data[:1001])
        assert payloads[-1].endswith(twin.encode(data[:1001]))
    assert payloads[0] == payloads[1] == payloads[2]
    assert payloads[0] != _core.Codec(values(**changes)).encode(data)


def test_delay_costs_little():
    """With delayed updates the network still learns."""
    data = text(30000)
    on_time = bits_per_byte(data, width=32)
    late = bits_per_byte(data, width=32, delay=1)
    assert on_time < late < 1.1 * on_time
