"""How gradients change weights ("Update")."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import or_

from plain_network.backward import Gradients
from plain_network.integers import bits, clamp, dot, rounded, within
from plain_network.weights import Tensor, Weights


def step_size(rate: int, n: int) -> tuple[int, int, int]:
    """Return `step`, `shift` and `most` after n segments."""
    decay = 16384 + (192 * 256 * 8000) // (8000 + n)
    step = rounded(rate * decay, 16)
    shift = 6
    while step >= 2**15 and shift > 1:
        step >>= 1
        shift -= 1
    while step < 2**14:
        step <<= 1
        shift += 1
    return step, shift, (65536 * step) >> shift


def update_group(
    grad: Sequence[int], moment: int, size: tuple[int, int, int], r: int, x: int
) -> tuple[list[int], int]:
    """Return what is subtracted from the weights of a group, and its new moment."""
    step, shift, most = size
    every = reduce(or_, map(abs, grad))
    zeros = 32 - bits(every) if every else 31
    short = [(value << (zeros - 1)) >> 16 for value in grad]
    square = (4 // len(grad) * dot(short, short)) % 2**32

    es = clamp(41 - 2 * zeros + 2 * x, 0, 63) if square else 0
    em = moment % 64 if r else 0
    en = es - r
    e = max(en, em)
    m = (moment - moment % 64) // 2
    m = (m - (m >> r)) >> min(e - em, 31)
    m += (square >> 1) >> min(e - en, 31)
    e += 1
    if m < 2**30:
        m <<= 2
        e -= 2
    if m < 2**31:
        m <<= 1
        e -= 1
    if m < 2**31:
        m <<= 1
        e -= 1
    if e < 0:
        m = 2**31
    e = clamp(e, 0, 63)
    moment = m - m % 64 + e

    if e < 28:
        m, e = 2**31, 28
    v = m >> 17
    root = 36601 - ((v * (33853 - ((v * 13688) >> 15))) >> 15)
    if e % 2 == 0:
        root = (root * 23170) >> 14
    k = (e - 46) >> 1
    down = clamp(zeros + 5 + k - x + shift, 0, 31)
    factor = (root * step) >> 15
    half = (1 << down) >> 1
    return [within((value * factor + half) >> down, most) for value in short], moment


def update_rows(
    tensor: Tensor,
    first: int,
    grads: Sequence[Sequence[int]],
    size: tuple[int, int, int],
    age: int,
    scales: Sequence[int],
) -> None:
    """Update the rows from `first` on that share moments, by their gradients."""
    r = min(8, bits(age + 1) - 1)
    rows = tensor.rows[first : first + tensor.group]
    moments = tensor.moments[first // tensor.group]
    for j, grad in enumerate(zip(*grads, strict=True)):
        moves, moments[j] = update_group(grad, moments[j], size, r, scales[j])
        for row, move in zip(rows, moves, strict=True):
            row[j] = within(row[j] - move, tensor.limit)


def update(weights: Weights, gradients: Gradients, n: int, seen: list[int]) -> None:
    """Update all weights; n segments have been trained on before."""
    z_scales = [e - gradients.scale for e in gradients.z_exponents]
    error_scales = [e - gradients.scale for e in gradients.error_exponents]
    for tensor, grads, scales in (
        (weights.U, gradients.U, z_scales),
        (weights.B, gradients.B, [x + 11 for x in z_scales]),
        (weights.V, gradients.V, error_scales),
        (weights.A, gradients.A, [x + 11 for x in error_scales]),
    ):
        size = step_size(tensor.rate, n)
        for first in range(0, len(tensor.rows), tensor.group):
            update_rows(tensor, first, grads[first : first + tensor.group], size, n, scales)
    size = step_size(weights.I.rate, n)
    for b, row in gradients.I.items():
        update_rows(weights.I, b, [row], size, seen[b], [x + 11 for x in z_scales])
        seen[b] += 1
    weights.copy()
