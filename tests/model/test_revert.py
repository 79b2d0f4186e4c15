"""A codec that returns to a snapshot is as good as a new one in that state."""

from __future__ import annotations

import pickle
import random

import pytest
from data import noise, text
from hypothesis import given, settings
from hypothesis import strategies as st
from kinds import KINDS
from strategies import any_parameters

import weightless
from weightless import _core

SIZE = 400


def parameters(experts: int, **fields: int) -> weightless.Parameters:
    fields = {"width": 0, "experts": experts, "memory_bits": 18, "ngram_bits": 16, **fields}
    return weightless.Parameters(**fields)


NETWORK = {"width": 16, "horizon": 4, "ngrams": 4, "ngram_words": 2}
#: One set of parameters for every recipe, with and without a network, with its training at once
#: or delayed.
SETS = [parameters(experts) for experts in (1, 2, 3, 4)] + [
    parameters(0, **NETWORK),
    parameters(2, **NETWORK),
    parameters(4, delay=1, **NETWORK),
    parameters(0, layers=2, gates=1, delay=1, **NETWORK),
]


def primed(chosen: weightless.Parameters, prior: bytes) -> _core.Snapshot:
    codec = chosen.codec()
    codec.absorb(prior)
    return codec.freeze()


@pytest.mark.parametrize("chosen", SETS, ids=repr)
def test_what_was_coded_in_between_leaves_no_trace(chosen: weightless.Parameters) -> None:
    """Whatever kind of data came before, all of a long block is predicted as by a new codec."""
    rng = random.Random(1)
    snapshot = primed(chosen, text(999) + KINDS["x86"](999))
    probe = b"".join(make(150) for make in KINDS.values())
    expected = snapshot.codec().encode(probe)
    codec = snapshot.codec()
    for name, make in KINDS.items():
        codec.encode(make(rng.choice((1, 30, SIZE))))
        codec.revert()
        assert codec.encode(probe) == expected, name
        codec.revert()


@settings(max_examples=15, deadline=None)
@given(
    any_parameters(width=32, layers=2, memory_bits=18, ngram_bits=17, horizon=8),
    st.lists(st.tuples(st.sampled_from(sorted(KINDS)), st.integers(0, 900)), max_size=3),
    st.integers(0, 2_000),
)
def test_any_parameters(fields: dict[str, int], between: list[tuple[str, int]], size: int) -> None:
    chosen = weightless.Parameters(**fields)
    snapshot = primed(chosen, KINDS["prose"](size))
    probe = text(700, 5) + noise(50) + KINDS["m68k"](300)
    expected = snapshot.codec().encode(probe)
    codec = snapshot.codec()
    for name, length in between:
        codec.encode(KINDS[name](length))
        codec.revert()
        assert codec.decode(expected, len(probe)) == probe
        codec.revert()
    assert codec.encode(probe) == expected


@pytest.mark.parametrize("chosen", SETS[:5], ids=repr)
def test_more_than_is_noted(chosen: weightless.Parameters) -> None:
    """When much has been coded, the whole tables are copied; later little is noted again."""
    snapshot = primed(chosen, text(2_000))
    probe = text(500, 7)
    expected = snapshot.codec().encode(probe)
    codec = snapshot.codec()
    codec.revert()
    for size in (16_000, 10, 16_000):
        codec.encode(noise(size // 2, size) + text(size // 2, size))
        codec.revert()
        assert codec.encode(probe) == expected
        codec.revert()


def test_a_state_in_the_middle_of_everything() -> None:
    """The snapshot need not be at the end of anything that the model does at intervals."""
    chosen = parameters(2, **NETWORK)
    content = KINDS["prose"](600)
    for size in range(1, 40, 3):
        snapshot = primed(chosen, content[:size])
        expected = snapshot.codec().encode(content[size:])
        codec = snapshot.codec()
        for _ in range(3):
            assert codec.encode(content[size:]) == expected
            codec.revert()


def test_after_a_failure() -> None:
    snapshot = primed(SETS[5], text(2_000))
    probe = text(300, 9)
    expected = snapshot.codec().encode(probe)
    codec = snapshot.codec()
    with pytest.raises(_core.CorruptPayload):
        codec.decode(expected[:40], 300)
    codec.revert()
    assert codec.encode(probe) == expected

    def stop(done: int) -> None:
        raise KeyboardInterrupt

    for threads in (1, 2):
        codec.set_threads(threads)
        with pytest.raises(KeyboardInterrupt):
            codec.encode(text(20_000, 3), stop)
        codec.revert()
        assert codec.encode(probe) == expected
        codec.revert()


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("chosen", [SETS[1], SETS[6]], ids=repr)
def test_threads_note_what_they_write(chosen: weightless.Parameters, threads: int) -> None:
    snapshot = primed(chosen, text(2_000))
    probe = text(2_000, 9)
    expected = snapshot.codec().encode(probe)
    codec = snapshot.codec()
    codec.set_threads(threads)
    for name in ("prose", "x86"):
        codec.encode(KINDS[name](5_000))
        codec.revert()
        assert codec.encode(probe) == expected
        codec.revert()


def test_several_codecs_share_a_snapshot() -> None:
    snapshot = primed(SETS[0], text(2_000))
    first, second = snapshot.codec(), snapshot.codec()
    copy = first.copy()
    expected = first.encode(text(900, 4))
    second.encode(noise(900))
    second.revert()
    assert second.encode(text(900, 4)) == copy.encode(text(900, 4)) == expected
    copy.revert()
    assert copy.encode(text(900, 4)) == expected


def test_without_a_snapshot_or_a_state() -> None:
    codec = SETS[0].codec()
    with pytest.raises(RuntimeError, match="snapshot"):
        codec.revert()
    snapshot = codec.freeze()
    for call in (codec.freeze, codec.revert, codec.copy, codec.reset, lambda: codec.encode(b"x")):
        with pytest.raises(RuntimeError):
            call()
    reset = snapshot.codec()
    reset.reset()
    with pytest.raises(RuntimeError, match="snapshot"):
        reset.revert()
    assert reset.encode(b"abc") == SETS[0].codec().encode(b"abc")
    with pytest.raises(TypeError):
        _core.Snapshot()
    with pytest.raises(TypeError):
        _core.Snapshot.__new__(_core.Snapshot).codec()
    with pytest.raises(TypeError, match="cannot pickle 'Snapshot' object"):
        pickle.dumps(snapshot)
