"""Objects of the extension that are not constructed, copied or pickled: usable or refused."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys

import numpy as np
import pytest

from weightless import Parameters, Predictor, _core

VALUES = list(Parameters(width=16, experts=1, memory_bits=16, horizon=2).values)
CLASSES = {
    "BitDecoder": (b"",),
    "BitEncoder": (),
    "ByteView": (b"some bytes",),
    "Codec": (VALUES,),
    "FinalMixer": ([4], 400, 20, 100),
    "HistoryTable": (16,),
    "Kernels": ("scalar",),
    "Network": (VALUES,),
}


def classes() -> set[str]:
    return {
        name
        for name, value in vars(_core).items()
        if isinstance(value, type) and not issubclass(value, BaseException)
    }


def test_every_class_is_among_the_cases() -> None:
    # Only Codec.freeze makes a Snapshot: tests/model/test_revert.py. A Trace takes keywords alone.
    assert classes() == {*CLASSES, "Snapshot", "Trace"}


def test_a_trace_without_a_constructor_is_refused() -> None:
    hollow = _core.Trace.__new__(_core.Trace)
    for use in (
        lambda: hollow.arrays(),
        lambda: hollow.position,
        lambda: _core.Codec(VALUES).observe(hollow),
        lambda: copy.copy(hollow),
        lambda: pickle.dumps(hollow),
    ):
        with pytest.raises(TypeError):
            use()
    with pytest.raises(TypeError):
        pickle.dumps(_core.Trace(segment=1, width=1, period=1, probe=0))


# Valid arguments of the method, so that the object itself is what is refused.
METHODS = """
import numpy as np
from weightless import _core

def a(shape, kind=np.int32):
    return np.zeros(shape, kind)

short, word = np.int16, np.uint32
arguments = {
    "absorb": (b"x",),
    "continuation": (1,),
    "cost": (b"x",),
    "likeliest": (1,),
    "find_any": (b"x",),
    "skip": (b"x",),
    "observe": (None,),
    "cell_backward": (False, a(16), a(16), a(16), a(48), a(48), a(32), a(16)),
    "cell_forward": (False, a(48), a(16)),
    "BitDecoder.decode": (a(4, word),),
    "Codec.decode": (b"x", 1),
    "BitEncoder.encode": (a(4, np.uint8), a(4, word) + 1),
    "Codec.encode": (b"x",),
    "find": (7,),
    "grow": (7,),
    "history_update": (a((4, 2), word), a(1, word), 1, 255, a(8, word)),
    "matmul": (a((16, 32), short), a((2, 16), short), a((2, 32))),
    "matvec": (a((16, 32), short), a(16, short), a(32)),
    "max_abs": (a(8),),
    "mix": (1 << 21, [0], [0]),
    "mix_errors": (a(1, word), 1, a(4, np.uint16), a(1, word), a(2032), 16),
    "mix_predict": (a((1, 16)), a(16, short)),
    "mix_train": (a((1, 16)), a(16, short), a(1)),
    "narrow": (a(8), 1, 8),
    "narrow_columns": (a((2, 8)), 8),
    "outer": (a((1, 32, 2), short), a((4, 2), short)),
    "pack": (a((16, 32)), 16, 18),
    "set_state": ("layer0.h", a(16, short)),
    "set_tensor": ("output.bias", a(256)),
    "set_threads": (2,),
    "similarity": (a(520, np.uint8), 512, a(8, np.uint16)),
    "softmax": (a(256),),
    "FinalMixer.update": (1,),
    "Kernels.update": ([2, 1, 28, 1 << 16, 5000, 6, 1 << 29, 0], a((1, 32)), a(32), a((1, 32)),
                       a(32, word)),
    "Network.update": (7,),
    "widen_add": (a(8), 3, a(8)),
}
"""
ATTACK = """
def attack(kind, thing):
    tried = 0
    for name in dir(type(thing)):
        if name.startswith("_") or name == "memory_for":  # which needs no object
            continue
        given = arguments.get(f"{kind}.{name}", arguments.get(name, ()))
        try:
            method = getattr(thing, name)
            method(*given)
        except TypeError as error:
            assert "constructor" in str(error), (name, error)
            tried += 1
        else:
            raise AssertionError(f"{kind}.{name} took it")
    for operation in (copy.copy, copy.deepcopy, pickle.dumps, lambda x: pickle.dumps(x, 0)):
        try:
            operation(thing)
        except TypeError:
            continue
        raise AssertionError(f"{kind} was copied")
    try:
        memoryview(thing)
    except (TypeError, BufferError):
        tried += 1
    assert tried > 0
"""


@pytest.mark.parametrize("kind", sorted(CLASSES))
def test_without_a_constructor_every_method_is_refused(kind: str) -> None:
    program = f"""
{METHODS}
import copy, pickle
{ATTACK}
kind = _core.{kind}
attack("{kind}", kind.__new__(kind))
class Derived(kind):
    pass
attack("{kind}", Derived.__new__(Derived))
failed = kind.__new__(kind)
for wrong in ((), (None,) * 9, ([-1],), ("no such target",), (99,), ([0], 1, 1, 0)):
    if "{kind}" == "BitEncoder" and wrong == ():
        continue
    try:
        failed.__init__(*wrong)
    except (TypeError, ValueError):
        pass
attack("{kind}", failed)
failed.__init__(*{CLASSES[kind]!r})  # and from here on it is as any other
failed.__init__(*{CLASSES[kind]!r})
"""
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, (result.returncode, result.stderr)


@pytest.mark.parametrize("kind", sorted(CLASSES))
def test_none_is_pickled(kind: str) -> None:
    thing = getattr(_core, kind)(*CLASSES[kind])
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(TypeError, match=f"cannot pickle '{kind}' object"):
            pickle.dumps(thing, protocol)


@pytest.mark.parametrize("operation", [copy.copy, copy.deepcopy, lambda x: x.copy()])
def test_codecs_and_networks_are_copied_with_their_state(operation) -> None:
    codec = _core.Codec(VALUES)
    codec.absorb(b"some bytes " * 20)
    twin = operation(codec)
    payload = codec.encode(b"some more bytes")
    assert twin.decode(payload, 15) == b"some more bytes"

    network = _core.Network(VALUES)
    for byte in b"some bytes " * 20:
        network.update(byte)
    twin = operation(network)
    np.testing.assert_array_equal(network.predict(), twin.predict())
    network.update(1)
    assert (network.predict() != twin.predict()).any()


@pytest.mark.parametrize("operation", [copy.copy, copy.deepcopy, lambda x: x.copy()])
def test_predictors_are_copied_with_their_state(operation) -> None:
    predictor = Predictor(parameters=Parameters(width=16, experts=0, horizon=2))
    predictor.train(b"some bytes")
    twin = operation(predictor)
    assert type(twin) is Predictor
    assert twin.parameters == predictor.parameters
    np.testing.assert_array_equal(twin.predict(), predictor.predict())
    predictor.update(7)
    assert (twin.predict() != predictor.predict()).any()


def test_a_copied_predictor_keeps_its_class_and_attributes() -> None:
    class Named(Predictor):
        name = ""

    predictor = Named(parameters=Parameters(width=16, experts=0, horizon=2))
    predictor.name = "mine"
    for twin in (copy.copy(predictor), copy.deepcopy(predictor), predictor.copy()):
        assert type(twin) is Named
        assert twin.name == "mine"


def test_a_predictor_is_not_pickled() -> None:
    predictor = Predictor(parameters=Parameters(width=16, experts=0, horizon=2))
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(TypeError, match="cannot pickle 'Predictor' object"):
            pickle.dumps(predictor, protocol)


def test_a_predictor_without_its_constructor_says_so() -> None:
    predictor = Predictor.__new__(Predictor)
    for call in (
        predictor.predict,
        predictor.copy,
        lambda: predictor.update(1),
        lambda: predictor.weights,
        lambda: predictor.train(b"x"),
        lambda: predictor.parameters,
        lambda: copy.deepcopy(predictor),
    ):
        with pytest.raises(AttributeError):
            call()


@pytest.mark.parametrize(
    ("name", "value", "limit"),
    [("layer0.h", 1 << 11, 1 << 11), ("layer0.c", 1 << 24, 1 << 24)],
)
def test_states_stay_within_what_the_arithmetic_allows(name: str, value: int, limit: int) -> None:
    network = _core.Network(VALUES)
    for sign in (-1, 1):
        network.set_state(name, np.full(16, sign * value))
        assert (network.state()[name] == sign * value).all()
        for wrong in (limit + 1, 1 << 31, 1 << 40):
            with pytest.raises(ValueError, match=rf"within \+-{limit}, got"):
                network.set_state(name, np.full(16, sign * wrong))
        assert (network.state()[name] == sign * value).all()
    network.update(1)


def test_a_final_mixer_takes_no_context_that_it_has_not() -> None:
    for wrong in (([], 1, 1, 1), ([0], 1, 1, 1), ([4], 1, 1, 0), ([4], -1, 1, 1)):
        with pytest.raises(ValueError, match=r"in 0\.\.2|sizes must have"):
            _core.FinalMixer(*wrong)
    mixer = _core.FinalMixer([4, 2], 400, 20, 100)
    with pytest.raises(ValueError, match="mix must be called before"):
        mixer.update(1)
    for contexts in ([], [0], [0, 2], [4, 0], [-1, 0], [0, 0, 0]):
        with pytest.raises(ValueError, match="one entry in range for each weight set"):
            mixer.mix(1 << 21, [], contexts)
    with pytest.raises(ValueError, match="others must be at most"):
        mixer.mix(1 << 21, [1 << 30], [0, 0])
    mixer.mix(1 << 21, [], [3, 1])
    mixer.update(1)
