"""The network alone takes bytes as docs/format_network.md says."""

from __future__ import annotations

import numpy as np

from weightless import NETWORK_ALONE, _core

TEXT = b"".join(b"%d squared is %d\n" % (i, i * i) for i in range(100))


def state(codec: _core.Codec) -> bytes:
    """Return what the codec makes of further bytes, which depends on all of its state."""
    return codec.copy().encode(TEXT[::-1])


def test_segments_extend_over_the_ends_of_blocks() -> None:
    whole, pieces = NETWORK_ALONE.codec(), NETWORK_ALONE.codec()
    whole.encode(TEXT[:507])
    for begin in range(0, 507, 13):
        pieces.encode(TEXT[begin : begin + 13])
    assert state(whole) == state(pieces)
    whole.encode(b"")
    assert state(whole) == state(pieces)


def test_bytes_of_plain_blocks_count_as_coded_ones() -> None:
    coded, plain = NETWORK_ALONE.codec(), NETWORK_ALONE.codec()
    coded.encode(TEXT[:333])
    plain.absorb(TEXT[:100])
    plain.encode(TEXT[100:333])
    assert state(coded) == state(plain)


def test_stored_blocks_have_no_effect() -> None:
    codec = NETWORK_ALONE.codec()
    codec.encode(TEXT[:333])
    before = state(codec)
    codec.skip(TEXT)
    assert state(codec) == before
    codec.absorb(b"x")
    assert state(codec) != before


def test_training_keeps_the_state_of_the_units() -> None:
    network = _core.Network(list(NETWORK_ALONE.values))
    for byte in TEXT[:15]:
        network.update(byte)
    network.predict()
    before = network.state()
    weights = network.tensors()
    network.update(TEXT[15])
    after = network.state()
    for name, values in before.items():
        assert np.array_equal(values, after[name]), name
    # The first segment trains the output layer alone, whose weights are 0 before.
    changed = {
        name for name, w in network.tensors().items() if not np.array_equal(w, weights[name])
    }
    assert changed == {"output.weight", "output.bias"}
