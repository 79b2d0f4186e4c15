"""Components of context mixing: stretch and squash, bit histories and their table, the mixer."""

from __future__ import annotations

import functools
import hashlib
import os
import random
import subprocess
import sys

import data
import numpy as np
import pytest
from data import records, text
from payloads import coded

import weightless
from weightless import _core

ONE = 1 << 22  # a probability of 1, Q22
LIMIT = 12 << 12  # the limit of the stretched domain, Q12


def test_squash_is_the_logistic_function() -> None:
    x = np.arange(-LIMIT - 5000, LIMIT + 5000, dtype=np.int32)
    p = _core.squash(x).astype(np.int64)
    assert (np.diff(p) >= 0).all()
    assert p.min() >= 1
    assert p.max() <= ONE - 1
    held = np.clip(x, -LIMIT, LIMIT - 1)
    # Linear interpolation between points 1/64 apart: its error, and a unit of rounding.
    error = np.abs(p - ONE / (1 + np.exp(-held / 4096)))
    assert error.max() < ONE * 0.0963 / 8 / 64**2 + 1.5
    assert _core.squash(np.zeros(1, np.int32)) == ONE // 2
    # Both bits' probabilities add up to 1, except for the last unit.
    assert np.abs(p + p[::-1] - ONE).max() <= 1 + np.abs(np.diff(p)).max()
    assert np.abs(_core.squash(-x) + p - ONE).max() <= 1
    extremes = np.array([-(2**31), 2**31 - 1], np.int32)
    np.testing.assert_array_equal(_core.squash(extremes), [p.min(), p.max()])


def test_stretch_is_its_inverse() -> None:
    p = np.arange(1, ONE, dtype=np.uint32)
    x = _core.stretch(p).astype(np.int64)
    assert (np.diff(x) >= 0).all()
    assert np.abs(x).max() <= 12 << 10
    # Symmetric: no bit value is favoured.
    assert np.abs(x[:-1] + x[:-1][::-1]).max() <= 1
    real = np.clip(np.log(p / (ONE - p)), -12, 12)
    # The table has steps of 16 units near 0 and 1 and of 1024 elsewhere: the error is at most half
    # a step times the slope, plus a unit of Q10.
    q = np.minimum(p, ONE - p)
    step = np.where(q < 1 << 16, 8, 512)
    bound = np.minimum(step / np.maximum(q - step, 1), 12) * 1.05 + 4 / 1024
    assert (np.abs(x / 1024 - real) < bound).all()
    back = np.arange(-(8 << 10), (8 << 10) + 1, dtype=np.int32)
    again = _core.stretch(_core.squash(4 * back))
    assert np.abs(again - back).max() < 60
    for wrong in (0, ONE, 2**32 - 1):
        with pytest.raises(ValueError, match="probabilities"):
            _core.stretch(np.array([wrong], np.uint32))


HISTORIES = _core.bit_histories().tolist()


def test_bit_histories_fit_a_byte() -> None:
    assert 200 < len(HISTORIES) <= 256
    assert HISTORIES[0][:2] == [0, 0]
    seen = {0}
    new = [0]
    while new:
        for successor in HISTORIES[new.pop()][2:]:
            # A state that is missing from the table would lead back to "nothing seen".
            assert 0 < successor < len(HISTORIES)
            if successor not in seen:
                seen.add(successor)
                new.append(successor)
    # A state that cannot be reached would be useless, and a sign of a wrong rule.
    assert len(seen) > 0.85 * len(HISTORIES)


def test_greater_states_have_seen_more() -> None:
    totals = [n0 + n1 for n0, n1, *_ in HISTORIES]
    assert totals == sorted(totals)


def test_a_bit_moves_a_history_its_way() -> None:
    def mirrored(state: tuple[int, int]) -> tuple[int, int]:
        return state[1], state[0]

    moves: dict[tuple[tuple[int, int], int], set[tuple[int, int]]] = {}
    for n0, n1, *successors in HISTORIES:
        for bit, successor in enumerate(successors):
            after = HISTORIES[successor][:2]
            moves.setdefault(((n0, n1), bit), set()).add((after[0], after[1]))
            seen, other = (n1, n0) if bit else (n0, n1)
            seen_after, other_after = (after[1], after[0]) if bit else after
            # The other bit's count never rises, and the ratio moves towards the bit that was seen.
            assert other_after <= other
            assert seen_after * max(other, 1) >= seen * other_after
            assert (seen_after, other_after) != (0, 0)
            assert seen_after <= seen + 1
            if other == 0 and seen < 40:
                assert (seen_after, other_after) == (seen + 1, 0)
    # Zeros and ones are treated alike.
    for (counts, bit), after in moves.items():
        assert moves[mirrored(counts), 1 - bit] == {mirrored(state) for state in after}


def test_histories_forget() -> None:
    """However often one bit has occurred, a few dozen of the other reverse the prediction."""
    for first in (0, 1):
        state = 0
        for _ in range(1000):
            state = HISTORIES[state][2 + first]
        assert HISTORIES[state][first] >= 36
        assert HISTORIES[state][1 - first] == 0
        for _ in range(10):
            state = HISTORIES[state][2 + 1 - first]
        assert HISTORIES[state][1 - first] > HISTORIES[state][first]


def test_what_inputs_have_in_common_goes() -> None:
    rng = np.random.default_rng(5)
    for common in (0, 1, -1, 1000, -5001, 12288, -12288):
        x = rng.integers(-12288, 12289, 112).astype(np.int16)
        x[1::2] *= rng.integers(0, 2, 56, dtype=np.int16)  # not all states are deterministic
        states = (rng.integers(0, 3, 56) * 700).astype(np.uint16)
        towards_zero = [int(common / 2), int(common / 4)]
        expected = x.astype(np.int64)
        expected[0::2] -= np.where(states != 0, towards_zero[0], 0)
        expected[1::2] -= np.where(x[1::2] != 0, towards_zero[1], 0)
        centred = _core.centre_inputs(x, states, common)
        np.testing.assert_array_equal(centred, np.clip(expected, -16383, 16383))
    mean, rest = _core.centre_mean(np.array([5, -12288, 7, -12288], np.int16))
    assert mean == -6141
    np.testing.assert_array_equal(rest, [6146, -6147, 6148, -6147])
    mean, rest = _core.centre_mean(np.array([12288, -12288, -12288, -12288], np.int16))
    assert mean == -6144
    np.testing.assert_array_equal(rest, [16383, -6144, -6144, -6144])


def bits_of(p: float, count: int) -> list[int]:
    return (np.random.default_rng(9).random(count) < p).astype(int).tolist()


def test_the_final_mixer_starts_as_the_mean() -> None:
    for sets in ([1], [4, 4, 4, 4, 4, 4]):
        for mean in (1, 5, 1000, ONE // 3, ONE // 2, ONE - 1000, ONE - 1):
            mixer = _core.FinalMixer(sets, 200, 20, 400)
            p = mixer.mix(mean, [12288, -12288, 3], [0] * len(sets))
            x = _core.stretch(np.array([mean, p], np.uint32)).astype(int)
            assert abs(x[1] - x[0]) <= 8
            assert 1 <= p < ONE


def test_the_final_mixer_learns_who_is_right() -> None:
    """Of a mean and two APM predictions, one is informative and one is noise."""
    knows = int(_core.stretch(np.array([ONE // 10 * 9], np.uint32))[0])
    noise = np.random.default_rng(4).integers(-4000, 4000, 4000).tolist()
    mixer = _core.FinalMixer([1, 2, 1], 200, 20, 400)
    cost_of_mean, cost = 0.0, 0.0
    for i, (one, other) in enumerate(zip(bits_of(0.9, 4000), noise, strict=True)):
        # In context 1 the roles are reversed.
        flipped = i % 2
        bit = one ^ flipped
        sign = 1 - 2 * flipped
        p = mixer.mix(ONE // 2, [sign * knows, other], [0, flipped, 0])
        mixer.update(bit)
        if i >= 2000:
            cost_of_mean += 1
            cost -= np.log2((p if bit else ONE - p) / ONE)
    # 0.469 bits is the entropy of the bits.
    assert cost < 0.5 * cost_of_mean


# With an adaptation limit of 255 they took 47,125 and 47,116 bytes, the latter before there were
# direct probabilities of low orders, which cost 4 bytes here; their entropy is 46,870.
@pytest.mark.parametrize(("experts", "most"), [(1, 47_105), (2, 47_112)])
def test_apm_stages_go_on_learning(experts: int, most: int) -> None:
    rng = random.Random(1)
    noise = bytes(sum((rng.random() < 0.1) << k for k in range(8)) for _ in range(100_000))
    assert coded(noise, experts) <= most


def test_steps_are_shorter_where_inputs_are_large() -> None:
    rng = np.random.default_rng(3)
    for scale in (0, 1, 30, 300, 1000, 2000, 5000, 12288, 16383):
        for n in (16, 128, 240):
            x = rng.integers(-scale, scale + 1, n).astype(np.int16)
            mean = np.mean((x / 1024.0) ** 2)
            exact = 16 * ((1 + 1 / 16) / (mean + 1 / 16)) ** 0.25
            # Rounded to sixteenths, from a mean with a resolution of a quarter of an octave.
            assert abs(_core.step_size(x) - exact) < 1 + 0.06 * exact
    with pytest.raises(ValueError, match="inputs"):
        _core.step_size(np.zeros(0, np.int16))


def test_no_probability_leaves_its_bounds() -> None:
    mixer = _core.FinalMixer([1], 4000, 4000, 400)
    for bit in (0, 1):
        for _ in range(3000):
            p = mixer.mix(ONE - 1 if bit else 1, [12288 - 24576 * bit] * 14, [0])
            assert 1 <= p < ONE
            mixer.update(bit)


def node(table: _core.HistoryTable, slot: int, k: int) -> int:
    return int(table.bytes[slot + k])


def test_history_table_keeps_what_it_was_given() -> None:
    table = _core.HistoryTable(20)
    table.grow(1 << 32)
    assert table.bytes.size == 1 << 20
    assert not table.bytes.any()
    rng = np.random.default_rng(3)
    hashes = np.unique(rng.integers(0, 2**32, 2000))
    mistaken = 0
    for i, key in enumerate(hashes.tolist()):
        slot = table.find(key)
        # All nodes of a nibble are in one cache line.
        assert (slot + 1) // 64 == (slot + 15) // 64
        mistaken += table.bytes[slot + 1 : slot + 16].any()
        table.bytes[slot + 1 : slot + 16] = i % 251 + 1
    assert mistaken < 5  # these have equal checks in one line
    kept = 0
    for i, key in enumerate(hashes.tolist()):
        slot = table.find(key)
        kept += (table.bytes[slot + 1 : slot + 16] == i % 251 + 1).all()
    # There are 16,384 lines; hardly ever do more contexts share one than it has slots.
    assert kept > 0.97 * len(hashes)


@pytest.mark.parametrize("bits", [16, 22, 26])
def test_history_table_gives_up_the_least_experienced(bits: int) -> None:
    table = _core.HistoryTable(bits)
    table.grow(1 << 32)
    line = 0xFEDCBA98 >> (32 - (bits - 6)) << (32 - (bits - 6))  # the upper bits select the line
    keys = iter(range(line + 1, line + 256))
    slots = {}
    while True:
        key = next(keys)
        slot = table.find(key)
        assert slot // 64 == line >> (32 - (bits - 6))
        if slot in slots.values():
            break
        slots[key] = slot
        # The states of the roots decrease, so the last slot has the fewest observations. They
        # count when the slot is found again.
        table.bytes[slot + 1] = 200 - 20 * len(slots)
        assert table.find(key) == slot
    assert len(slots) in (3, 4, 7)
    last = list(slots)[-1]
    assert slot == slots[last]
    assert node(table, slot, 1) == 0
    for key, place in slots.items():
        if key != last:
            assert table.find(key) == place
            assert node(table, place, 1) > 150


def test_history_table_gives_up_what_was_not_seen_for_long() -> None:
    """A context seen a hundred times makes room, one that goes on to be seen does not."""
    table = _core.HistoryTable(16)
    table.grow(1 << 32)
    old, current = 1, 2  # contexts of one line; the next ones are all new
    for key in (old, current):
        table.bytes[table.find(key) + 1] = 200
        table.find(key)
    for i in range(400):
        table.find(3 + i)
        slot = table.find(current)
        assert node(table, slot, 1) == 200
    assert node(table, table.find(old), 1) == 0


def test_history_table_lets_new_contexts_stay_for_a_while() -> None:
    """Of contexts that were seen once, the oldest makes room, not the latest."""
    table = _core.HistoryTable(16)
    table.grow(1 << 32)
    table.bytes[table.find(1) + 1] = 200
    table.find(1)
    for key in range(2, 50):
        table.bytes[table.find(key) + 1] = 1
    for key in (48, 49):
        assert node(table, table.find(key), 1) == 1


def test_history_table_keeps_what_it_was_given_when_it_grows() -> None:
    table = _core.HistoryTable(22)
    rng = np.random.default_rng(4)
    hashes = np.unique(rng.integers(0, 2**32, 1200)).tolist()
    for i, key in enumerate(hashes):
        slot = table.find(key)
        assert slot < 1 << 16
        table.bytes[slot + 1 : slot + 16] = i % 251 + 1
    used = []
    for position in (3, 4, 63, 255, 1 << 32):  # 2^14 bytes of table for each byte
        table.grow(position)
        kept, last = 0, 0
        for i, key in enumerate(hashes):
            slot = table.find(key)
            last = max(last, slot)
            kept += (table.bytes[slot + 1 : slot + 16] == i % 251 + 1).all()
        assert kept > 0.87 * len(hashes)
        used.append(last.bit_length())
    assert used == [16, 17, 20, 22, 22]


MIXED = [
    {"width": 0, "experts": 1, "memory_bits": 16},
    {"width": 0, "experts": 2, "memory_bits": 18},
    {"width": 0, "experts": 3, "memory_bits": 22},
    {"width": 0, "experts": 4, "memory_bits": 20},
    {"width": 32, "experts": 3, "memory_bits": 20},
    {"width": 16, "experts": 1, "memory_bits": 20, "delay": 1},
]
DATA = text(6000) + records(6000) + bytes(500) + bytes(range(256))


@pytest.mark.parametrize("fields", MIXED, ids=str)
def test_blocks_are_only_cuts(fields: dict[str, int]) -> None:
    """The model's state depends neither on block boundaries nor on whether blocks are stored."""
    parameters = weightless.Parameters(**fields)
    whole, cut, stored = (parameters.codec() for _ in range(3))
    whole.encode(DATA)
    for begin in range(0, len(DATA), 1777):
        cut.encode(DATA[begin : begin + 1777])
    stored.absorb(DATA)
    tail = text(3000, seed=7)
    expected = whole.copy().encode(tail)
    assert cut.encode(tail) == expected
    assert stored.encode(tail) == expected
    assert whole.copy().decode(expected, len(tail)) == tail
    # A new codec does not depend on what others have coded.
    assert parameters.codec().encode(tail) != expected
    assert parameters.codec().encode(tail) == parameters.codec().encode(tail)


PROGRAM = f"""
import hashlib, sys
sys.path[:0] = {[os.path.dirname(__file__), os.path.dirname(data.__file__)]!r}
from test_mixing import DATA, MIXED
import weightless
from weightless import _core
print(_core.target())
for fields in MIXED:
    archive = weightless.compress(DATA, parameters=weightless.Parameters(**fields))
    print(hashlib.sha256(archive).hexdigest())
"""


@functools.cache
def digests_here() -> list[str]:
    """Return the digests in this process, which uses the best instruction set."""
    archives = (
        weightless.compress(DATA, parameters=weightless.Parameters(**fields)) for fields in MIXED
    )
    return [hashlib.sha256(archive).hexdigest() for archive in archives]


@pytest.mark.parametrize("target", _core.targets())
def test_archives_do_not_depend_on_the_target(target: str) -> None:
    environment = os.environ | {"WEIGHTLESS_TARGET": target}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environment, check=True, capture_output=True, text=True
    )
    used, *digests = done.stdout.split()
    assert used == target
    assert digests == digests_here()
    archive = weightless.compress(DATA, parameters=weightless.Parameters(**MIXED[-1]), threads=2)
    assert hashlib.sha256(archive).hexdigest() == digests[-1]


def test_no_such_target() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "weightless", "-1c", "-", __file__, __file__],
        input=b"abc",
        env=os.environ | {"WEIGHTLESS_TARGET": "z80"},
        check=False,
        capture_output=True,
    )
    assert done.returncode == 2
    assert done.stderr.count(b"\n") == 1  # not one for each file
    assert b"WEIGHTLESS_TARGET=z80 is not available here" in done.stderr


def test_more_experts_do_no_harm() -> None:
    for make in (text, records):
        sizes = [
            len(weightless.Parameters(**fields).codec().encode(make(20_000)))
            for fields in MIXED[:4]
        ]
        assert max(sizes) < 20_000 / 2
        assert max(sizes[2:]) < 1.03 * sizes[0]
