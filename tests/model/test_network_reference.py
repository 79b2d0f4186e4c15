"""The integer network against the same network in floating point.

Tolerances are derived from the formats stated at the head of
`cpp/src/model/network/network.hpp`. Whole tensors are compared: the norm of the difference,
relative to the reference's norm.

- Forward: working weights are rounded to Q11 (recurrent) and Q10 (output), h to Q11. An
  error of at most half a unit has a standard deviation of 2^-11 / sqrt(12) = 1.4e-4, or
  5e-4 relative to weights and activations of about 0.3. A logit is a sum of LH products,
  each with an error of about 2^-10 / sqrt(12) * 0.3 + 2^-11 / sqrt(12) * |w|: 1e-3 in all,
  up to four times that for the largest of thousands. Tolerances: 3e-3 (root mean square)
  and 1.2e-2 (maximum).
- Backward: the output layer's gradient is a product of p and h and as accurate as these;
  tolerance: 3e-3. Further back, weights have two bits fewer (errors of 5.6e-4, 2e-3 of a
  weight of 0.3), gradient vectors have 13 bits, and slopes have the errors of the forward
  pass. All these add up over layers and over the time steps of the recurrence, so that 2e-3
  to 6e-3 is expected; tolerance: 1.2e-2. A wrong term in a formula shows as 0.05 or more.
- Update: the factor of the step is Q12, truncated; step and weight are rounded (15 bits,
  2^-26). The second moment's square root is approximated by a quadratic with an error below
  2^-8; tolerance: 2^-6.
- Training is chaotic at step sizes that learn fast: runs in float and double end up to 0.7 %
  apart with full gates, so code lengths are summed over several seeds before comparing.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from reference.generated import text_like
from reference.initial import initial_weights, shapes
from reference.optimiser import RMS, SHIFT, Optimiser

from weightless import _core

HERE = Path(__file__).parent
UNIT = 2.0**-26  # the unit of weights
FloatArray = npt.NDArray[np.float64]


def parameters(**fields: int) -> dict[str, int]:
    """Return all fields, those not given at their defaults."""
    values = {name: default for name, default, _, _ in _core.FIELDS}
    assert set(fields) <= set(values)
    return {**values, **fields}


def network(fields: dict[str, int]) -> _core.Network:
    """Return an integer network that keeps its gradients."""
    net = _core.Network(list(fields.values()))
    net.record_gradients()
    return net


def gradients(net: _core.Network) -> dict[str, FloatArray]:
    """Return the last segment's gradients as real numbers."""
    return {
        name: np.asarray(np.ldexp(mantissa, -exponent), dtype=np.float64)
        for name, (mantissa, exponent) in net.gradients().items()
    }


def distance(value: FloatArray, expected: FloatArray) -> float:
    """Return the norm of the difference relative to `expected`'s."""
    return float(np.linalg.norm(value - expected) / np.linalg.norm(expected))


def test_initial_weights_are_the_documented_ones() -> None:
    for gates in (0, 1):
        fields = parameters(width=16, layers=2, gates=gates, init_bound=77, seed=5)
        tensors = network(fields).tensors()
        expected = initial_weights(fields)
        assert list(tensors) == list(shapes(fields))
        for name, array in expected.items():
            np.testing.assert_array_equal(tensors[name], array / UNIT, err_msg=name)


SHAPES = [
    # gates, layers, width, horizon, ngrams (and words where that is odd)
    (0, 1, 16, 2, 0),
    (0, 1, 32, 20, 0),
    (0, 1, 80, 32, 3),
    (0, 2, 48, 16, 0),
    (0, 3, 16, 50, 8),
    (1, 1, 16, 20, 0),
    (1, 1, 64, 12, 0),
    (1, 2, 32, 32, 2),
    (1, 3, 48, 8, 0),
    (0, 1, 128, 64, 0),
]


@pytest.fixture
def torch_lstm() -> Iterator[type]:
    """Return the torch reference, on one thread; skip where torch is missing."""
    torch = pytest.importorskip("torch", reason="the reference for gradients needs torch")
    from reference.torch_lstm import TorchLstm

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield TorchLstm
    torch.set_num_threads(threads)


def randomise(
    net: _core.Network, reference: object, fields: dict[str, int], rng: np.random.Generator
) -> None:
    """Set both to the same random weights and states, which are far from the initial ones."""
    import torch

    width = fields["width"]
    weights = {}
    for name, shape in shapes(fields).items():
        fan = shape[0] if len(shape) == 2 and not name.endswith(".input") else 4
        scale = 3.0 if name == "output.weight" else 1.0
        real = np.clip(rng.normal(0, scale / np.sqrt(fan), shape), -7, 7)
        held = np.round(real / UNIT).astype(np.int32)
        net.set_tensor(name, held)
        weights[name] = held * UNIT
    reference.weights = weights  # type: ignore[attr-defined]
    bound = 0.95 if fields["gates"] == 0 else 3.0
    for layer in range(fields["layers"]):
        cell = np.round(rng.uniform(-bound, bound, width) * 2**24).astype(np.int32)
        hidden = np.round(rng.uniform(-0.9, 0.9, width) * 2**11).astype(np.int16)
        net.set_state(f"layer{layer}.c", cell)
        net.set_state(f"layer{layer}.h", hidden)
        reference.cell[layer] = torch.tensor(cell * 2.0**-24)  # type: ignore[attr-defined]
        reference.hidden[layer] = torch.tensor(hidden * 2.0**-11)  # type: ignore[attr-defined]


@pytest.mark.parametrize(("gates", "layers", "width", "horizon", "ngrams"), SHAPES)
def test_one_segment_agrees_with_torch(
    torch_lstm: type, gates: int, layers: int, width: int, horizon: int, ngrams: int
) -> None:
    fields = parameters(
        gates=gates,
        layers=layers,
        width=width,
        horizon=horizon,
        ngrams=ngrams,
        ngram_words=2 * (ngrams % 2),
    )
    rng = np.random.default_rng([gates, layers, width, horizon])
    net, reference = network(fields), torch_lstm(fields)
    randomise(net, reference, fields, rng)
    data = rng.choice([32, 97, 101, 105, 110, 116, 200, 255], horizon).tolist()

    bits = []
    for byte in data:
        p = net.predict()
        assert p.dtype == np.uint32
        assert p.sum() == 2**24
        bits.append(-np.log2(p / 2**24))
        net.update(byte)
    expected_bits, expected, inputs = reference.segment(data)

    # Below 2^-18 the distribution's unit, 2^-24, becomes noticeable.
    errors = np.abs(np.array(bits) - expected_bits)[expected_bits < 18]
    assert errors.max() < 1.2e-2
    assert np.sqrt(np.mean(errors**2)) < 3e-3
    for layer in range(layers):
        hidden = net.state()[f"layer{layer}.h"] * 2.0**-11
        cell = net.state()[f"layer{layer}.c"] * 2.0**-24
        assert np.abs(hidden - reference.hidden[layer].numpy()).max() < 4e-3
        assert np.abs(cell - reference.cell[layer].numpy()).max() < 8e-3

    found = gradients(net)
    assert list(found) == list(expected)
    report = {name: distance(found[name], expected[name]) for name in expected}
    too_far = {
        name: error
        for name, error in report.items()
        if not error < (3e-3 if name.startswith("output") else 1.2e-2)
    }
    assert not too_far
    absent = sorted(set(range(256)) - set(inputs))
    for layer in range(layers):
        assert not found[f"layer{layer}.input"][absent].any()


@pytest.mark.parametrize("optimizer", [0, 1, 2], ids=["sgd", "shift", "rms"])
@pytest.mark.parametrize("gates", [0, 1], ids=["coupled", "full"])
def test_updates_follow_the_documented_rule(optimizer: int, gates: int) -> None:
    """Every weight changes as docs/network.md specifies for the computed gradient."""
    fields = parameters(
        width=32,
        layers=2,
        gates=gates,
        horizon=8,
        optimizer=optimizer,
        moment_shift=2,
        clip=24,
        decay_time=5,
        decay_floor=64,
        step_recurrent=3000,
        step_input=9001,
        step_bias=20000,
        step_output=70000,
        step_output_bias=1234,
        epsilon=9,
    )
    net = network(fields)
    rules = {name: Optimiser(name, shape, fields) for name, shape in shapes(fields).items()}
    data = list(text_like(8 * 12, seed=3))
    relative = 2**-6 if optimizer == RMS else 2**-10
    previous = 0
    for segment in range(12):
        before = {
            name: np.asarray(array * UNIT, dtype=np.float64)
            for name, array in net.tensors().items()
        }
        targets = data[8 * segment : 8 * segment + 8]
        for byte in targets:
            net.update(byte)
        rows = [previous, *targets[:-1]]
        previous = targets[-1]
        after = {name: array * UNIT for name, array in net.tensors().items()}
        found = gradients(net)
        for name, rule in rules.items():
            expected = rule.updated(before[name], found[name], rows, segment)
            moved, wanted = after[name] - before[name], expected - before[name]
            slack = 2 * UNIT + rule.scheduled_step(segment) * 2**-12 + np.abs(wanted) * relative
            close = np.abs(moved - wanted) <= slack
            if optimizer == SHIFT:
                # A root at the boundary between two powers of two may be rounded to either side.
                assert np.mean(~close) < 0.01, (name, segment)
                ratio = moved[~close] / wanted[~close]
                close[~close] = (ratio > 0.49) & (ratio < 2.02)
            assert close.all(), (name, segment)


CURVES: list[dict[str, int]] = [
    {"width": 32, "horizon": 16},
    {"width": 32, "gates": 1},
    {"width": 16, "layers": 2, "optimizer": 1},
    {"width": 64},
    {"width": 32, "ngrams": 6, "ngram_words": 2, "step_output": 25000},
    {"width": 16, "ngram_words": 1},
    {"width": 32, "layers": 2, "gates": 1, "decay_time": 500},
    {"width": 32, "delay": 1, "step_output": 20000},
    {"width": 48, "optimizer": 0, "step_recurrent": 30000, "step_input": 60000,
     "step_bias": 30000, "step_output": 60000, "step_output_bias": 30000, "clip": 256},
]  # fmt: skip


@pytest.fixture(scope="session")
def float_lstm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Compile the floating-point network; skip where there is no compiler."""
    compiler = os.environ.get("CXX") or shutil.which("c++") or shutil.which("clang++")
    if compiler is None:
        pytest.skip("the floating-point reference needs a C++ compiler")
    program = tmp_path_factory.mktemp("reference") / "float_lstm"
    source = HERE / "reference" / "float_lstm.cpp"
    include = HERE.parents[1] / "cpp" / "src"
    command = [*compiler.split(), "-std=c++20", "-O3", f"-I{include}", "-o", str(program)]
    subprocess.run([*command, str(source)], check=True)
    return program


def options(fields: dict[str, int]) -> list[str]:
    """Return the fields as arguments of float_lstm."""
    return [word for name, value in fields.items() for word in (f"--{name}", str(value))]


def float_curve(program: Path, path: Path, fields: dict[str, int], every: int) -> FloatArray:
    """Return the cumulative code length in bytes at each multiple of `every`."""
    command = [str(program), str(path), *options(fields), "--every", str(every)]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return np.array([float(line.split()[1]) for line in text.splitlines()[:-1]])


def integer_curve(data: bytes, fields: dict[str, int], every: int) -> FloatArray:
    """Return the integer network's cumulative code length likewise."""
    net = _core.Network(list(fields.values()))
    probabilities = np.empty(len(data))
    for i, byte in enumerate(data):
        probabilities[i] = net.predict()[byte]
        net.update(byte)
    bits = np.cumsum(24 - np.log2(probabilities))
    return bits[every - 1 :: every] / 8


@pytest.mark.parametrize("gates", [0, 1], ids=["coupled", "full"])
@pytest.mark.parametrize("layers", [1, 3])
def test_float_program_has_the_right_gradients(float_lstm: Path, gates: int, layers: int) -> None:
    fields = parameters(width=16, gates=gates, layers=layers, horizon=12)
    result = subprocess.run([str(float_lstm), "--check", *options(fields)], check=False)
    assert result.returncode == 0


@pytest.mark.parametrize("fields", [c for c in CURVES if "delay" not in c], ids=str)
def test_float_program_equals_torch(
    torch_lstm: type, float_lstm: Path, tmp_path: Path, fields: dict[str, int]
) -> None:
    fields = parameters(**fields)
    data = text_like(1500)
    path = tmp_path / "text"
    path.write_bytes(data)
    curve = float_curve(float_lstm, path, fields, 100)
    expected = np.cumsum(torch_lstm(fields).code_lengths(data))[99::100] / 8
    np.testing.assert_allclose(curve, expected, rtol=1e-6)


def check_curves(found: FloatArray, expected: FloatArray) -> None:
    """The total cost is within 1 % of the reference's, and each part's is close to it."""
    assert found[-1] == pytest.approx(expected[-1], rel=0.01)
    pieces, expected_pieces = np.diff(found, prepend=0), np.diff(expected, prepend=0)
    np.testing.assert_allclose(pieces, expected_pieces, rtol=0.03)


@pytest.mark.parametrize("fields", CURVES, ids=str)
def test_training_stays_with_float(
    float_lstm: Path, tmp_path: Path, fields: dict[str, int]
) -> None:
    data = text_like(60_000)
    path = tmp_path / "text"
    path.write_bytes(data)
    found, expected = np.zeros(6), np.zeros(6)
    for seed in (1, 2, 3):
        one = parameters(**fields, seed=seed)
        expected += float_curve(float_lstm, path, one, 10_000)
        found += integer_curve(data, one, 10_000)
    assert expected[-1] < 3 * 0.35 * len(data)  # it learns; order 0 would take 0.5
    check_curves(found, expected)


def test_training_stays_with_torch(torch_lstm: type) -> None:
    fields = parameters(width=32, horizon=20)
    data = text_like(25_000, seed=2)
    expected = np.cumsum(torch_lstm(fields).code_lengths(data))[4999::5000] / 8
    check_curves(integer_curve(data, fields, 5000), expected)
