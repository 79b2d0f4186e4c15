"""The gradients of a segment ("Training")."""

from __future__ import annotations

from dataclasses import dataclass

from plain_network.forward import Step
from plain_network.integers import bits, columns, dot, gradient, largest, rounded, within
from plain_network.sizes import VALUES, H, M, T
from plain_network.weights import Table, Weights


def times(weights: Table, values: list[int]) -> tuple[list[int], int]:
    """Return the product with the values rounded to 13 bits and a sign, and their shift.

    Each block of 64 products is divided by 64 on its own.
    """
    s = max(0, bits(largest(values)) - 13)
    v = [within(rounded(value, s), 8191) for value in values]
    blocks = [(slice(i, i + 64), v[i : i + 64]) for i in range(0, len(v), 64)]
    return [sum([dot(row[part], block) >> 6 for part, block in blocks]) for row in weights], s


def back_through_output(weights: Weights, error: list[int]) -> list[int]:
    sums, s = times(weights.V2, error)
    return [gradient(rounded(total << (s + 1), 3)) for total in sums]


def back_through_time(weights: Weights, steps: list[Step], dh: Table) -> Table:
    dz = [[0] * M for _ in range(T)]
    dc, later = [0] * H, [0] * H
    for t in reversed(range(T)):
        step = steps[t]
        for i, unit in enumerate(step.units):
            d = gradient(dh[t][i] + later[i])
            do = gradient(rounded(d * step.new_c[i], 24))
            e = gradient(dc[i] + rounded(d * unit.o, 16))
            df = gradient(rounded(e * (step.c[i] - 512 * unit.g), 24))
            dg = gradient(rounded(e * (65536 - unit.f), 16))
            dz[t][i] = gradient(rounded(df * unit.sf, 17))
            dz[t][H + i] = gradient(rounded(do * unit.so, 17))
            dz[t][2 * H + i] = gradient(rounded(dg * unit.sg, 15))
            dc[i] = gradient(rounded(e * unit.f, 16))
        if t > 0:
            sums, s = times(weights.U2, dz[t])
            later = [gradient(rounded(total << s, 3)) for total in sums]
    return dz


def rounded_columns(table: Table) -> tuple[list[int], Table]:
    """The exponent of each column, and the columns rounded to 15 bits and a sign."""
    exponents, out = [], []
    for column in columns(table):
        e = max(0, bits(largest(column)) - 15)
        exponents.append(e)
        out.append([within(rounded(v, e), 32767) for v in column])
    return exponents, out


@dataclass
class Gradients:
    """U and V by row and column, I by previous byte, B and A as a single row each."""

    U: Table
    I: dict[int, list[int]]  # noqa: E741
    B: Table
    V: Table
    A: Table
    scale: int
    z_exponents: list[int]
    error_exponents: list[int]


def gradients(weights: Weights, steps: list[Step], error: Table) -> Gradients:
    scale = max(0, 25 - bits(max(map(largest, error))))
    error = [[e << scale for e in row] for row in error]
    dh = [back_through_output(weights, row) for row in error]
    dz = back_through_time(weights, steps, dh)
    ez, z_columns = rounded_columns(dz)
    ee, e_columns = rounded_columns(error)
    before = columns([step.h for step in steps])
    after = columns([step.new_h for step in steps])
    by_input = {
        b: [sum(column[t] for t in range(T) if steps[t].x == b) for column in z_columns]
        for b in {step.x for step in steps}
    }
    return Gradients(
        U=[[dot(column, before[k]) for column in z_columns] for k in range(H)],
        I=by_input,
        B=[[sum(column) for column in z_columns]],
        V=[[dot(e_columns[y], after[k]) for y in range(VALUES)] for k in range(H)],
        A=[[sum(column) for column in e_columns]],
        scale=scale,
        z_exponents=ez,
        error_exponents=ee,
    )
