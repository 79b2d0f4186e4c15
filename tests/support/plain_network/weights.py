"""The weights, their moments and their working copies ("State")."""

from __future__ import annotations

from dataclasses import dataclass, field

from plain_network.integers import SplitMix64, columns, rounded
from plain_network.sizes import VALUES, H, M

Table = list[list[int]]


@dataclass
class Tensor:
    """Weights that are updated by one rule; `group` rows share the moments in one row."""

    rows: Table
    group: int
    rate: int
    limit: int
    moments: Table = field(init=False)

    def __post_init__(self) -> None:
        self.moments = [[0] * len(self.rows[0]) for _ in range(len(self.rows) // self.group)]


def zeros(rows: int, width: int) -> Table:
    return [[0] * width for _ in range(rows)]


class Weights:
    def __init__(self) -> None:
        random = SplitMix64(1)

        def weight() -> int:
            return (((random.next() >> 32) * 41943041) >> 32) - 20971520

        wide = 2**30 - 2**16
        self.U = Tensor([[weight() for _ in range(M)] for _ in range(H)], 4, 8000, 2**29 - 2**15)
        self.I = Tensor([[weight() for _ in range(M)] for _ in range(VALUES)], 1, 64000, wide)
        self.B = Tensor([[2**26] * H + [0] * (M - H)], 1, 8192, wide)
        self.V = Tensor(zeros(H, VALUES), 4, 44000, wide)
        self.A = Tensor(zeros(1, VALUES), 1, 8192, wide)
        self.copy()

    def copy(self) -> None:
        """Compute the working copies; those for the forward pass are kept by columns."""
        self.U1 = columns([[rounded(w, 15) for w in row] for row in self.U.rows])
        self.U2 = [[rounded(w, 17) for w in row] for row in self.U.rows]
        self.V1 = columns([[rounded(w, 16) for w in row] for row in self.V.rows])
        self.V2 = [[rounded(w, 18) for w in row] for row in self.V.rows]
