"""Every kernel on every target of this machine, against the scalar one and exact integers."""

from __future__ import annotations

import numpy as np
import pytest

from weightless import _core

SCALAR = _core.Kernels("scalar")
TARGETS = [name for name in _core.targets() if name != "scalar"] or ["scalar"]
PANEL = 32
FOLD = 64


@pytest.fixture(params=TARGETS)
def target(request):
    return _core.Kernels(request.param)


def equal(a, b):
    a = a if isinstance(a, tuple) else (a,)
    b = b if isinstance(b, tuple) else (b,)
    assert len(a) == len(b)
    for x, y in zip(a, b, strict=True):
        np.testing.assert_array_equal(x, y)


def draws(rng, shape, limit, dtype):
    """Yield random, sparse and extreme arrays within +-limit."""
    yield rng.integers(-limit, limit + 1, shape).astype(dtype)
    yield (rng.integers(-limit, limit + 1, shape) >> rng.integers(0, 31, shape)).astype(dtype)
    yield np.where(rng.random(shape) < 0.5, limit, -limit).astype(dtype)
    yield np.full(shape, limit, dtype)
    yield np.full(shape, -limit, dtype)
    yield np.zeros(shape, dtype)


def unpanel(weights, inputs, outputs):
    """Return the matrix, (inputs, outputs), that panels contain."""
    w = weights.reshape(outputs // PANEL, inputs // 2, PANEL, 2)
    return w.transpose(1, 3, 0, 2).reshape(inputs, outputs)


def wrap(values):
    return (values & 0xFFFFFFFF).astype(np.uint32).view(np.int32)


@pytest.mark.parametrize(
    ("inputs", "outputs"), [(2, 32), (16, 64), (64, 192), (96, 288), (130, 96), (512, 256)]
)
def test_products(target, inputs, outputs):
    rng = np.random.default_rng(inputs)
    for weights in draws(rng, inputs * outputs, (1 << 14) - 1, np.int16):
        for x in draws(rng, (3, inputs), 1 << 11, np.int16):
            y = rng.integers(-(1 << 31), 1 << 31, (3, outputs)).astype(np.int32)
            matrix = unpanel(weights, inputs, outputs).astype(np.int64)
            expected = y.astype(np.int64)
            for begin in range(0, inputs, FOLD):
                block = x[:, begin : begin + FOLD].astype(np.int64) @ matrix[begin : begin + FOLD]
                assert abs(block).max() < 1 << 31, "a block's sum fits in int32"
                expected += block >> 6
            expected = wrap(expected)
            equal(target.matmul(weights, x, y), expected)
            equal(SCALAR.matmul(weights, x, y), expected)
            equal(target.matvec(weights, x[0], y[0]), expected[0])


@pytest.mark.parametrize("steps", [2, 20, 32, 128])
def test_outer(target, steps):
    rng = np.random.default_rng(steps)
    for d in draws(rng, (steps // 2, 96, 2), (1 << 15) - 1, np.int16):
        for x in draws(rng, (4, steps), 1 << 11, np.int16):
            rows = d.transpose(0, 2, 1).reshape(steps, 96).astype(np.int64)
            expected = wrap(x.astype(np.int64) @ rows)
            equal(target.outer(d, x), expected)
            equal(SCALAR.outer(d, x), expected)


LIMIT = (1 << 30) - (1 << 16)


def rules():
    for optimizer in (0, 1, 2):
        for rate in (0, 1, 8, 15):
            for floor, clip, step, shift, exponent in (
                (28, 1 << 16, 5000, 6, 0),
                (0, 4096, 32767, 1, 11),
                (48, 1, 0, 3, -24),
                (28, 1 << 16, 16384, 20, 0),
            ):
                yield [optimizer, rate, floor, clip, step, shift, LIMIT, exponent]


@pytest.mark.parametrize("rows", [1, 4])
def test_update_is_the_same_everywhere(target, rows):
    rng = np.random.default_rng(5)
    n = 64
    for rule in rules():
        for gradient in draws(rng, (rows, n), (1 << 31) - 1, np.int32):
            exponents = rng.integers(0, 19, n).astype(np.int32)
            master = rng.integers(-LIMIT, LIMIT + 1, (rows, n)).astype(np.int32)
            # Any word that update() writes: a normalised mantissa and an exponent, or a new word.
            moment = rng.integers(1 << 31, 1 << 32, n).astype(np.uint32)
            moment[::5] = 0
            args = (rule, gradient, exponents, master, moment)
            equal(target.update(*args), SCALAR.update(*args))


@pytest.mark.parametrize("rows", [1, 4])
@pytest.mark.parametrize("optimizer", [1, 2])
def test_update_at_rate_0_forgets_the_moment(target, rows, optimizer):
    """The moment becomes equal to the square, whatever it was before (v = s)."""
    rng = np.random.default_rng(8)
    n = 64
    for gradient in draws(rng, (rows, n), (1 << 31) - 1, np.int32):
        exponents = rng.integers(0, 19, n).astype(np.int32)
        master = rng.integers(-LIMIT, LIMIT + 1, (rows, n)).astype(np.int32)
        for floor in (0, 48):
            rule = [optimizer, 0, floor, 1 << 16, 32767, 1, LIMIT, -24]
            expected = target.update(rule, gradient, exponents, master, np.zeros(n, np.uint32))
            for exponent in (0, 1, 31, 63):
                moment = np.full(n, (1 << 32) - 64 + exponent, np.uint32)
                equal(target.update(rule, gradient, exponents, master, moment), expected)


@pytest.mark.parametrize("rows", [1, 4])
def test_update_moves_as_stated(rows):
    """The result is that of real arithmetic (docs/network.md, rms), within rounding."""
    rng = np.random.default_rng(6)
    n, rate, step, clip, epsilon = 512, 3, 5000, 4.0, 2.0**-10
    exponents = rng.integers(0, 15, n).astype(np.int32)
    master = np.zeros((rows, n), np.int32)
    moment = np.zeros(n, np.uint32)
    v = np.zeros(n)
    w = np.zeros((rows, n))
    for j in range(30):
        size = rng.integers(4, 30, n) - rng.integers(0, 3, (rows, n))
        gradient = rng.integers(-(1 << size), 1 << size).astype(np.int32)
        r = min(rate, (j + 1).bit_length() - 1)
        rule = [2, r, 48 - 20, int(clip * 4096), step, 6, LIMIT, 0]
        master, moment = SCALAR.update(rule, gradient, exponents, master, moment)
        g = gradient * 2.0 ** (exponents - 35.0)
        v += 2.0**-r * ((g * g).mean(axis=0) - v)
        u = np.clip(g / np.sqrt(np.maximum(v, epsilon**2)), -clip, clip)
        w -= step / 2**20 * u
        # The parabola that approximates the root: 0.4 %; 15 bits for the gradients of a column.
        bound = (j + 1) * step / 2**20 * (0.004 * clip + 2**-11)
        assert abs(master / 2**26 - w).max() < bound
        stored = (moment >> np.uint32(6)) * 2.0**-26 * 2.0 ** ((moment & np.uint32(63)) - 47.0)
        np.testing.assert_allclose(stored, v, rtol=0.001, atol=2.0**-46)
    assert abs(w).max() > 0.05


@pytest.mark.parametrize(("inputs", "outputs"), [(16, 64), (48, 160), (64, 192)])
def test_pack(target, inputs, outputs):
    rng = np.random.default_rng(7)
    for master in draws(rng, (inputs, outputs), LIMIT, np.int32):
        forward, backward = target.pack(master, 16, 18)
        equal((forward, backward), SCALAR.pack(master, 16, 18))
        wide = master.astype(np.int64)
        equal(unpanel(forward, inputs, outputs), (wide + (1 << 15)) >> 16)
        padded = (inputs + PANEL - 1) // PANEL * PANEL
        transposed = unpanel(backward, outputs, padded)
        equal(transposed[:, :inputs], ((wide + (1 << 17)) >> 18).T)
        assert not transposed[:, inputs:].any()


def test_softmax(target):
    rng = np.random.default_rng(8)
    for limit in (1, 1000, 1 << 15, 1 << 20, (1 << 31) - 1):
        for logits in draws(rng, 256, limit, np.int32):
            p, best = target.softmax(logits)
            equal((p, best), SCALAR.softmax(logits))
            assert int(p.sum()) == 1 << 24
            assert p.min() >= 4
            assert best == int(np.argmax(logits))
            exact = np.exp2((logits.astype(float) - logits.max()) / 2**15)
            exact /= exact.sum()
            # The cubic approximation: 2e-4 relative; the lower bound; rounding.
            assert (abs(p / 2**24 - exact) < 3e-4 * exact + 300 * 2.0**-24).all()


def test_narrowing(target):
    rng = np.random.default_rng(9)
    for v in draws(rng, 192, 1 << 30, np.int32):
        assert target.max_abs(v) == abs(v.astype(np.int64)).max()
        for shift in (0, 1, 17, 30):
            narrowed = target.narrow(v, shift, 8191)
            equal(narrowed, SCALAR.narrow(v, shift, 8191))
            half = (1 << shift) >> 1
            equal(narrowed, np.clip((v.astype(np.int64) + half) >> shift, -8191, 8191))
        for shift in (0, 5, 20):
            for y in draws(rng, 192, (1 << 31) - 1, np.int32):
                widened = target.widen_add(y, shift, v)
                equal(widened, SCALAR.widen_add(y, shift, v))
                exact = v + ((y.astype(np.int64) * (1 << shift) + 4) >> 3)
                equal(widened, np.clip(exact, -(1 << 30), 1 << 30))


@pytest.mark.parametrize("bits", [13, 14, 15])
def test_narrow_columns(target, bits):
    rng = np.random.default_rng(bits)
    for v in draws(rng, (20, 96), 1 << 30, np.int32):
        exponents, d = target.narrow_columns(v, bits)
        equal((exponents, d), SCALAR.narrow_columns(v, bits))
        rows = d.transpose(0, 2, 1).reshape(20, 96).astype(np.int64)
        assert abs(rows).max() < 1 << bits
        assert (abs((rows << exponents) - v.astype(np.int64)) <= (1 << exponents)).all()
        # No column loses more bits than necessary.
        top = abs(v.astype(np.int64)).max(axis=0)
        assert ((exponents == 0) | (top >> (exponents + bits - 1) != 0)).all()


def q(z):
    u = np.clip(z / 2, -1, 1)
    return u * (2 - abs(u))


@pytest.mark.parametrize("full", [False, True])
def test_cells(target, full):
    rng = np.random.default_rng(10)
    width = 48
    blocks = 4 if full else 3
    c_limit = (16 << 24) if full else (1 << 24)
    for z_limit in (1 << 12, 1 << 18, (1 << 31) - 1):
        for z in draws(rng, blocks * width, z_limit, np.int32):
            for c in draws(rng, width, c_limit, np.int32):
                forward = target.cell_forward(full, z, c)
                equal(forward, SCALAR.cell_forward(full, z, c))
                after, gates, slopes, squashed, h = forward
                assert abs(h.astype(int)).max() <= 1 << 11
                assert abs(after.astype(np.int64)).max() <= c_limit
                real = z / 2**16
                s = (1 + q(real / 2)) / 2
                if full:
                    i, f, o, g = np.split(np.r_[s[: 3 * width], q(real[3 * width :])], 4)
                    exact = np.clip(f * c / 2**24 + i * g, -16, 16)
                    out = o * q(exact)
                else:
                    f, o, g = np.split(np.r_[s[: 2 * width], q(real[2 * width :])], 3)
                    exact = f * c / 2**24 + (1 - f) * g
                    out = o * exact
                scale = 16 if full else 1
                assert abs(after / 2**24 - exact).max() < 2**-13 * scale
                assert abs(h / 2**11 - out).max() < 2**-11
                for dh in draws(rng, width, 1 << 30, np.int32):
                    dc = rng.integers(-(1 << 30), 1 << 30, width).astype(np.int32)
                    args = (full, dh, c, after, gates, slopes, squashed, dc)
                    equal(target.cell_backward(*args), SCALAR.cell_backward(*args))


MIX_LIMIT = 7 << 28


@pytest.mark.parametrize("n", [16, 48, 80, 256])
@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 6, 7, 8, 9, 23])
def test_mix_predict(target, count, n):
    rng = np.random.default_rng(n)
    rows = [*draws(rng, n, MIX_LIMIT, np.int32), *draws(rng, (9, n), 1 << 26, np.int32)]
    weights = np.vstack(rows)[rng.permutation(60)[:count]]
    for x in draws(rng, n, (1 << 15) - 1, np.int16):
        for inputs in (x, np.where(x == (1 << 15) - 1, -(1 << 15), x).astype(np.int16), x >> 6):
            exact = ((weights.astype(np.int64) >> 16) * inputs).sum(axis=1)
            held = np.clip((wrap(exact).astype(np.int64) + 512) >> 10, -(12 << 12), 12 << 12)
            out = np.zeros((count + 7) // 8 * 8, np.int16)
            out[:count] = (held + 2) >> 2
            expected = _core.squash(held.astype(np.int32)), out
            equal(target.mix_predict(weights, inputs), expected)
            equal(SCALAR.mix_predict(weights, inputs), expected)


@pytest.mark.parametrize("bit", [0, 1])
@pytest.mark.parametrize("count", [1, 2, 3, 8, 23])
def test_mix_errors(target, count, bit):
    rng = np.random.default_rng(count)
    top = (1 << 22) - 1
    rates = rng.integers(0, 340, 1024 + 1008).astype(np.int32)
    for p in (rng.integers(0, top + 1, count), np.resize([0, top], count)):
        counts = rng.integers(0, 1 << rng.integers(1, 17, 99), 99)
        at = rng.permutation(99)[:count]
        counts[at[0]] = 65535
        seen = counts[at]
        rate = rates[np.where(seen < 1024, seen, 1024 + (seen - 1024) // 64)].astype(np.int64)
        error = ((top if bit else 0) - p) * (rate * 23 // 16)
        most = (1 << 17) - 1
        after = counts.copy()
        after[at] = np.minimum(seen + 1, 65535)
        expected = np.clip((error + 4096) >> 13, -most, most).astype(np.int32), after
        args = (p.astype(np.uint32), bit, counts.astype(np.uint16), at.astype(np.uint32), rates, 23)
        equal(target.mix_errors(*args), expected)
        equal(SCALAR.mix_errors(*args), expected)


@pytest.mark.parametrize("n", [16, 48, 80, 256])
def test_mix_train(target, n):
    rng = np.random.default_rng(n)
    most = (1 << 17) - 1
    errors = np.array([0, 1, -1, 4096, -99_999, most, -most], np.int32)
    for row in draws(rng, n, MIX_LIMIT, np.int32):
        weights = np.stack([row] * len(errors))
        for x in draws(rng, n, (1 << 14) - 1, np.int16):
            moved = weights + ((x.astype(np.int64) * errors[:, None] + 8) >> 4)
            expected = np.clip(moved, -MIX_LIMIT, MIX_LIMIT)
            equal(target.mix_train(weights, x, errors), expected)
            equal(SCALAR.mix_train(weights, x, errors), expected)


@pytest.mark.parametrize("bit", [0, 1])
@pytest.mark.parametrize("n", [1, 6, 8, 37, 64])
def test_history_update(target, n, bit):
    rng = np.random.default_rng(n)
    top = (1 << 22) - 1
    steep = rng.integers(0, 1 << rng.integers(1, 23, 1024), 1024)
    for p in (rng.integers(0, top + 1, 1024), steep, top - steep, np.resize([0, top], 1024)):
        count = np.minimum(rng.integers(0, 1 << rng.integers(1, 11, 1024), 1024), 999)
        cells = np.stack([p << 10 | count, rng.integers(0, 1 << 32, 1024)], axis=1)
        at = rng.permutation(1024)[:n]
        runs = rng.integers(0, 1 << 32, 8).astype(np.uint32)
        gap = top - p[at] if bit else p[at]
        step = gap * (131072 // (2 * count[at] + 3)) >> 16
        p = p[at] + (step if bit else -step)
        x = _core.stretch(np.maximum(p, 1).astype(np.uint32)).astype(np.int64) & 0xFFFF
        run = runs[at % 256 // 32] >> (at % 32).astype(np.uint32) & 1
        expected = cells.copy()
        expected[at, 0] = p << 10 | np.minimum(count[at] + 1, 999)
        expected[at, 1] = x | (x * run) << 16
        args = cells.astype(np.uint32), at.astype(np.uint32), bit, 999, runs
        equal(target.history_update(*args), expected.astype(np.uint32))
        equal(SCALAR.history_update(*args), expected.astype(np.uint32))


@pytest.mark.parametrize(("n", "distances"), [(0, 3), (512, 1), (512, 77), (1024, 600)])
def test_similarity(target, n, distances):
    rng = np.random.default_rng(n + distances)
    size = n + distances
    noise = rng.integers(0, 256, size)
    opposite = np.arange(size) % 2 * rng.integers(126, 131, size)
    for x in (noise, noise // 32, opposite, np.zeros(size)):
        for most in (0, 65_000):
            x = x.astype(np.int64)
            means = rng.integers(0, most + 1, distances)
            expected = means - means // 4
            for d in range(1, distances + 1):
                up = (x[distances:] - x[distances - d : size - d]) % 256
                expected[d - 1] += np.minimum(np.minimum(up, -up % 256), 15).sum()
            assert expected.max() < 1 << 16
            args = x.astype(np.uint8), n, means.astype(np.uint16)
            equal(target.similarity(*args), expected.astype(np.uint16))
            equal(SCALAR.similarity(*args), expected.astype(np.uint16))


def off_the_line(array):
    """Return a copy that begins one element after the start of a cache line."""
    items = 64 // array.itemsize
    room = np.empty(array.size + 2 * items + 1, array.dtype)
    begin = -(room.ctypes.data // array.itemsize) % items + 1
    moved = room[begin : begin + array.size].reshape(array.shape)
    moved[...] = array
    assert moved.ctypes.data % 64 == array.itemsize
    return moved


def test_alignment_changes_nothing(target):
    rng = np.random.default_rng(11)

    def draw(shape, limit, dtype=np.int32):
        return rng.integers(-limit, limit + 1, shape).astype(dtype)

    width = 48
    big = 1 << 30
    z, c = draw(3 * width, 1 << 18), draw(width, 1 << 24)
    after, gates, slopes, squashed, _ = SCALAR.cell_forward(False, z, c)
    rule = [2, 3, 28, 1 << 16, 5000, 6, LIMIT, 0]
    moment = rng.integers(1 << 31, 1 << 32, 64).astype(np.uint32)
    weights = draw(64 * 96, 1 << 14, np.int16)
    calls = {
        "matvec": (weights, draw(64, 1 << 11, np.int16), draw(96, big)),
        "matmul": (weights, draw((5, 64), 1 << 11, np.int16), draw((5, 96), big)),
        "outer": (draw((10, 96, 2), 1 << 14, np.int16), draw((4, 20), 1 << 11, np.int16)),
        "update": (rule, draw((4, 64), big), draw(64, 9) + 9, draw((4, 64), LIMIT), moment),
        "pack": (draw((48, 96), LIMIT), 16, 18),
        "softmax": (draw(256, 1 << 18),),
        "max_abs": (draw(192, big),),
        "narrow": (draw(192, big), 17, 8191),
        "narrow_columns": (draw((20, 96), big), 13),
        "widen_add": (draw(192, big), 5, draw(192, big)),
        "cell_forward": (False, z, c),
        "cell_backward": (False, draw(width, big), c, after, gates, slopes, squashed,
                          draw(width, big)),
        "mix_predict": (draw((3, 80), MIX_LIMIT), draw(80, 1 << 13, np.int16)),
        "mix_train": (draw((3, 80), MIX_LIMIT), draw(80, 1 << 13, np.int16), draw(3, 99_999)),
        "mix_errors": (
            rng.integers(0, 1 << 22, 21).astype(np.uint32), 1,
            rng.integers(0, 1 << 16, 99).astype(np.uint16),
            rng.permutation(99)[:21].astype(np.uint32),
            rng.integers(0, 340, 2032).astype(np.int32), 23,
        ),
        "history_update": (
            rng.integers(0, 1 << 32, (99, 2)).astype(np.uint32),
            rng.permutation(99)[:21].astype(np.uint32), 1, 1023,
            rng.integers(0, 1 << 32, 8).astype(np.uint32),
        ),
        "similarity": (
            rng.integers(0, 256, 512 + 99).astype(np.uint8), 512,
            rng.integers(0, 30_000, 99).astype(np.uint16),
        ),
    }  # fmt: skip
    public = {name for name in dir(target) if not name.startswith("_")}
    assert set(calls) == public, "every kernel"
    for name, args in calls.items():
        moved = [off_the_line(a) if isinstance(a, np.ndarray) else a for a in args]
        equal(getattr(target, name)(*moved), getattr(SCALAR, name)(*args))


def test_no_such_target():
    with pytest.raises(ValueError, match="is not available here"):
        _core.Kernels("z80")
