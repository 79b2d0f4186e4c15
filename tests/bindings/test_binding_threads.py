"""The extension's locks: no call waits for another while it holds the GIL, or for itself.

Each case runs in a new interpreter that has not imported numpy: a method that creates an array
while it holds its lock would import numpy then. The watchdog only turns a hang into a failure;
no result depends on time.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

WATCHDOG = """
import faulthandler
faulthandler.dump_traceback_later(120, exit=True)
"""

START = """
import sys, threading
from weightless import Parameters, Predictor, _core

assert "numpy" not in sys.modules
parameters = Parameters(width=16, experts=1, memory_bits=16, horizon=2)
values = list(parameters.values)
"""

THREADS = """
import copy

started = [threading.Event() for _ in range(3)]

class Wait:
    # Whoever imports numpy does so when the others are on their way into their calls.
    def find_spec(self, name, path=None, target=None):
        if name == "numpy":
            for event in started:
                event.wait()
        return None

sys.meta_path.insert(0, Wait())
shared = {make}
errors = []

def call(event, method):
    event.set()
    try:
        method(shared)
    except BaseException as error:
        errors.append(error)

threads = [
    threading.Thread(target=call, args=(event, method))
    for event, method in zip(started, [{first}, {second}, {second}])
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert not errors, errors
"""

PREDICTOR = {
    "predict": "lambda p: p.predict()",
    "update": "lambda p: [p.update(65) for _ in range(4)]",
    "train": "lambda p: p.train(b'some bytes')",
    "weights": "lambda p: p.weights",
    "copy": "lambda p: p.copy()",
    "deepcopy": "copy.deepcopy",
}
NETWORK = {
    "predict": "lambda n: n.predict()",
    "update": "lambda n: [n.update(65) for _ in range(4)]",
    "tensors": "lambda n: n.tensors()",
    "set_tensor": "lambda n: n.set_tensor('output.bias', [0] * 256)",
    "record_gradients": "lambda n: [n.record_gradients(), n.update(1), n.update(2)]",
    "gradients": "lambda n: n.gradients()",
    "state": "lambda n: n.state()",
    "set_state": "lambda n: n.set_state('layer0.h', [0] * 16)",
    "copy": "lambda n: n.copy()",
    "memory": "lambda n: n.memory",
}
CODEC = {
    "encode": "lambda c: c.encode(b'x' * 9000)",
    "encode with progress": "lambda c: c.encode(b'x' * 9000, lambda done: __import__('numpy'))",
    "absorb": "lambda c: c.absorb(b'x' * 9000)",
    "skip": "lambda c: c.skip(b'x' * 9000)",
    "find_any": "lambda c: c.find_any(b'x' * 9000)",
    "decode": "lambda c: c.decode(_core.Codec(values).encode(b''), 0)",
    "set_threads": "lambda c: c.set_threads(2)",
    "reset": "lambda c: c.reset()",
    "copy": "lambda c: c.copy()",
    "memory": "lambda c: c.memory",
    "freeze": "lambda c: c.copy().freeze()",
    "revert": "lambda c: c.revert()",
    "observe": "lambda c: c.observe(None)",
    "trained": "lambda c: c.trained()",
    "likeliest": "lambda c: c.likeliest(3)",
    "cost": "lambda c: c.cost(b'x' * 900)",
    "continuation": "lambda c: c.continuation(3)",
    "network_alone": "lambda c: c.network_alone()",
}
MAKERS = {
    "Predictor": ("Predictor(parameters=parameters)", PREDICTOR, "predict"),
    "Network": ("_core.Network(values)", NETWORK, "predict"),
    "Codec": ("_core.Codec(values).freeze().codec()", CODEC, "encode with progress"),
}
CASES = [(kind, method) for kind, (_, methods, _) in MAKERS.items() for method in methods]


def run(program: str) -> None:
    result = subprocess.run(
        [sys.executable, "-c", WATCHDOG + START + program],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize(("kind", "method"), CASES, ids=[" ".join(case) for case in CASES])
def test_calls_from_several_threads_end(kind: str, method: str) -> None:
    make, methods, first = MAKERS[kind]
    run(THREADS.format(make=make, first=methods[first], second=methods[method]))


def test_every_method_is_among_the_cases() -> None:
    from weightless import Predictor, _core

    for kind, type_ in (("Network", _core.Network), ("Codec", _core.Codec)):
        names = {name for name in dir(type_) if not name.startswith("_")} - {"memory_for"}
        assert names <= set(MAKERS[kind][1]), kind
    names = {name for name in dir(Predictor) if not name.startswith("_")} - {"parameters"}
    assert names <= set(PREDICTOR)


def test_a_call_within_a_call_is_refused() -> None:
    """As in io.BufferedReader, a reentrant call raises RuntimeError instead of a deadlock."""
    run("""
data = bytes(range(256)) * 40
expected = _core.Codec(values).encode(data)
codec = _core.Codec(values)
calls = {
    "encode": lambda: codec.encode(b"x"),
    "decode": lambda: codec.decode(b"x", 1),
    "absorb": lambda: codec.absorb(b"x"),
    "skip": lambda: codec.skip(b"x"),
    "find_any": lambda: codec.find_any(b"x"),
    "set_threads": lambda: codec.set_threads(2),
    "copy": lambda: codec.copy(),
    "reset": lambda: codec.reset(),
}
refused = []

def progress(done):
    for name, call in calls.items():
        try:
            call()
        except RuntimeError as error:
            assert "reentrant" in str(error), error
            refused.append(name)
    assert codec.memory > 0

assert codec.encode(data, progress) == expected  # and the call goes on as if nothing had been
assert set(refused) == set(calls)
another = _core.Codec(values)
assert _core.Codec(values).decode(expected, len(data), lambda done: another.copy()) == data
""")


def test_a_call_from_a_signal_handler_is_refused() -> None:
    run("""
import signal

codec = _core.Codec(values)
signal.signal(signal.SIGINT, lambda *_: codec.encode(b"x"))
try:
    codec.encode(bytes(9000), lambda done: signal.raise_signal(signal.SIGINT))
except RuntimeError as error:
    assert "reentrant" in str(error)
else:
    raise AssertionError("no error")
codec.memory
""")


def test_compressors_refuse_calls_within_calls() -> None:
    run("""
import weightless

data = bytes(range(256)) * 40
expected = weightless.compress(data, parameters=parameters)
refused = []

def progress(done):
    for call in (lambda: compressor.compress(b"x"), compressor.flush):
        try:
            call()
        except RuntimeError as error:
            assert "reentrant" in str(error), error
            refused.append(call)

compressor = weightless.Compressor(parameters=parameters, progress=progress)
archive = compressor.compress(data) + compressor.flush()
assert refused
assert weightless.decompress(archive) == data
""")


def test_decompressors_refuse_calls_from_signal_handlers() -> None:
    run("""
import signal
import weightless

data = bytes(range(256)) * 40
archive = weightless.compress(data, parameters=parameters)
decompressor = weightless.Decompressor()
refused = []

def handler(*_):
    try:
        decompressor.decompress(b"")
    except RuntimeError as error:
        refused.append(str(error))

class Raising:
    # Its end comes while the decompressor holds its lock: an object in the codec's place.
    def decode(self, payload, raw_size, progress=None):
        signal.raise_signal(signal.SIGINT)
        return real(payload, raw_size, progress)

    def __getattr__(self, name):
        return getattr(codec, name)

signal.signal(signal.SIGINT, handler)
codec = parameters.codec()
real = codec.decode
made = weightless.Parameters.codec
weightless.Parameters.codec = lambda self, **given: Raising()
assert decompressor.decompress(archive) == data
assert any("reentrant" in text for text in refused), refused
""")
