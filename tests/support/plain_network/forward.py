"""One step of the network, and the probabilities of the next byte ("Forward pass")."""

from __future__ import annotations

from dataclasses import dataclass

from plain_network.integers import dot, rounded, within
from plain_network.sizes import VALUES, H, M
from plain_network.weights import Weights


@dataclass
class Unit:
    """What one unit did in a step."""

    f: int
    o: int
    g: int
    sf: int
    so: int
    sg: int


@dataclass
class Step:
    """What training needs to know of a step."""

    x: int
    h: list[int]
    c: list[int]
    new_h: list[int]
    new_c: list[int]
    units: list[Unit]


def q(u: int) -> int:
    return (u * (65536 - abs(u))) >> 15


def step(weights: Weights, x: int, h: list[int], c: list[int]) -> Step:
    bias, row = weights.B.rows[0], weights.I.rows[x]
    z = [rounded(bias[m] + row[m], 10) + (dot(weights.U1[m], h) >> 6) for m in range(M)]
    units, new_h, new_c = [], [], []
    for i in range(H):
        uf = within(z[i] >> 3, 32768)
        uo = within(z[H + i] >> 3, 32768)
        ug = within(z[2 * H + i] >> 2, 32768)
        f, o, g = 32768 + q(uf), 32768 + q(uo), q(ug)
        new_c.append(512 * g + rounded(f * (c[i] - 512 * g), 16))
        new_h.append(rounded(o * new_c[i], 29))
        units.append(Unit(f, o, g, 32768 - abs(uf), 32768 - abs(uo), 32768 - abs(ug)))
    return Step(x, h, c, new_h, new_c, units)


def logits(weights: Weights, h: list[int]) -> list[int]:
    bias = weights.A.rows[0]
    return [rounded(bias[y], 11) + (dot(weights.V1[y], h) >> 6) for y in range(VALUES)]


def softmax(a: list[int]) -> list[int]:
    top = max(a)
    w = []
    for logit in a:
        d = top - logit
        r = d % 32768
        e = 32768 - ((r * (22657 - ((r * (7555 - ((r * 1282) >> 15))) >> 15))) >> 15)
        w.append((256 * e) >> min(d >> 15, 31))
    factor = ((2**24 - 1024) << 31) // sum(w)
    p = [4 + ((weight * factor) >> 31) for weight in w]
    p[a.index(top)] += 2**24 - sum(p)
    return p
