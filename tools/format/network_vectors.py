"""Generate the test vectors of docs/format_network.md.

    python tools/format/network_vectors.py          write them into the page
    python tools/format/network_vectors.py --check  only report whether they are out of date

Run it with the Python in which the package is installed. Every value comes from the extension,
except S and P, which follow from the network's distributions by the text.
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from weightless import _core
from weightless.levels import NETWORK_ALONE

if TYPE_CHECKING:
    import numpy.typing as npt

PAGE = Path(__file__).resolve().parents[2] / "docs" / "format_network.md"
HEADING = "## Test vectors\n"

_HORIZON = NETWORK_ALONE.horizon
#: The page's names of the tensors.
_TENSORS = {
    "U": "layer0.recurrent",
    "I": "layer0.input",
    "B": "layer0.bias",
    "V": "output.weight",
    "A": "output.bias",
}
#: After how many bytes the state is shown.
_STATES = (0, 1, 2, 15, 16, 17, 32, 64, 256, 512, 640, 768, 769, 1024)
#: The segments whose gradients are shown.
_SEGMENTS = (0, 1, 2, 31, 47, 63)
#: The bytes whose bits are shown.
_BYTES = (0, 1, 16, 100, 700, 1000)

_LIMIT_U = (1 << 29) - (1 << 15)
_LIMIT = (1 << 30) - (1 << 16)


class _Group(NamedTuple):
    """Weights that share a moment, and what their update depends on; names are the page's."""

    limit: int
    step: int
    shift: int
    r: int
    x: int
    grad: tuple[int, ...]
    w: tuple[int, ...]
    moment: int

    def updated(self) -> tuple[list[int], int]:
        """Return the new weights and the new moment."""
        lanes = 32  # all with the same values
        columns = [
            np.repeat(np.array(values, np.int32)[:, None], lanes, axis=1)
            for values in (self.grad, self.w)
        ]
        weights, moments = _core.Kernels("scalar").update(
            [2, self.r, 28, 1 << 16, self.step, self.shift, self.limit, 0],
            columns[0],
            np.full(lanes, self.x, np.int32),
            columns[1],
            np.full(lanes, self.moment, np.uint32),
        )
        return [int(w) for w in weights[:, 0]], int(moments[0])


#: Without and with an earlier moment, squares that become 0, both limits, and extreme exponents.
_GROUPS = (
    _Group(_LIMIT, 16384, 7, 0, 10, (0,), (0,), 0),
    _Group(_LIMIT, 16384, 7, 0, 10, (70000,), (0,), 0),
    _Group(_LIMIT, 16384, 7, 0, 10, (-65535,), (5,), 0),
    _Group(_LIMIT, 32000, 5, 3, 4, (-65535,), (-1000,), 0x9ABCDE1E),
    _Group(_LIMIT, 32000, 5, 8, 12, (3,), (_LIMIT - 100,), 0xFFFFFFD0),
    _Group(_LIMIT, 32000, 5, 8, -14, (2,), (0,), 0x80000003),
    _Group(_LIMIT, 16000, 7, 2, 21, (-(1 << 30),), (_LIMIT - 5,), 0x8000001C),
    _Group(_LIMIT_U, 16000, 7, 0, -3, (1 << 20, -(1 << 18), 7, 0), (0, 1, -2, 3), 0),
    _Group(_LIMIT_U, 16000, 7, 8, 0, (-65535,) * 4, (9,) * 4, 0xABCDEF25),
    _Group(_LIMIT, 22000, 5, 5, 5, (900000, -12345678, 4, -1), (1 << 28, 0, -7, 77), 0xC0FFEE2B),
)
_GROUP_HEADINGS = (
    *("R", "limit", "step", "shift", "r", "X", "grad", "w", "moment"),
    *("new w", "new moment"),
)


def _splitmix(state: int) -> Iterator[int]:
    mask = (1 << 64) - 1
    while True:
        state = (state + 0x9E3779B97F4A7C15) & mask
        v = state
        v = ((v ^ (v >> 30)) * 0xBF58476D1CE4E5B9) & mask
        v = ((v ^ (v >> 27)) * 0x94D049BB133111EB) & mask
        yield v ^ (v >> 31)


def sample() -> bytes:
    """Return the bytes that the vectors are about; the page defines them."""
    squares = b"".join(b"%d\n" % (i * i) for i in range(200))[:512]
    draws = _splitmix(2)
    return squares + bytes(256) + bytes(next(draws) >> 56 for _ in range(256))


def _digest(values: npt.ArrayLike) -> str:
    return f"`{zlib.crc32(np.asarray(values).astype('<i4').tobytes()):08x}`"


def _row(cells: Iterable[object]) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |\n"


def _table(headings: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    names = list(headings)
    return _row(names) + _row("--:" for _ in names) + "".join(map(_row, rows))


def _numbers(values: Iterable[object]) -> str:
    return ", ".join(str(value) for value in values)


def _bits(p: npt.NDArray[np.uint32], byte: int) -> list[int]:
    """Return P of each bit of a byte, as the page's section "Bits" says."""
    low, size, total = 0, 256, 1 << 24
    out = []
    for i in range(7, -1, -1):
        size //= 2
        ones = int(p[low + size : low + 2 * size].sum())
        out.append(min(max((ones << 22) // total, 1), (1 << 22) - 1))
        if byte >> i & 1:
            low, total = low + size, ones
        else:
            total -= ones
    return out


def _walk(data: bytes) -> tuple[list[list[object]], list[list[object]], list[list[object]]]:
    """Return the rows of the tables of states, of gradients and of bits."""
    network = _core.Network(list(NETWORK_ALONE.values))
    network.record_gradients()
    states: list[list[object]] = []
    gradients: list[list[object]] = []
    bits: list[list[object]] = []
    largest = 0
    for n in range(len(data) + 1):
        p = network.predict()
        if n in _STATES:
            state, tensors = network.state(), network.tensors()
            rows = [p, state["layer0.h"], state["layer0.c"]]
            rows += [tensors[name] for name in _TENSORS.values()]
            states.append([n, *map(_digest, rows)])
        if n == len(data):
            break
        byte = data[n]
        if n in _BYTES:
            bits.append([n, byte, _numbers(_bits(p, byte))])
        error = p.astype(np.int64)
        error[byte] -= 1 << 24
        largest = max(largest, int(np.abs(error).max()))
        network.update(byte)
        segment, position = divmod(n, _HORIZON)
        if position == _HORIZON - 1:
            scale = max(0, 25 - largest.bit_length())
            largest = 0
            if segment in _SEGMENTS:
                found = network.gradients()
                exponents = (35 - found[_TENSORS[name]][1] + scale for name in "UV")
                mantissas = (found[name][0] for name in _TENSORS.values())
                gradients.append(
                    [segment, scale, *map(_digest, exponents), *map(_digest, mantissas)]
                )
    return states, gradients, bits


def _groups() -> Iterator[list[object]]:
    for group in _GROUPS:
        weights, moment = group.updated()
        yield [
            *(len(group.w), "2^29 - 2^15" if group.limit == _LIMIT_U else "2^30 - 2^16"),
            *(group.step, group.shift, group.r, group.x),
            *(_numbers(group.grad), _numbers(group.w), f"`{group.moment:08x}`"),
            *(_numbers(weights), f"`{moment:08x}`"),
        ]


def vectors() -> str:
    """Return the page's section of test vectors."""
    data = sample()
    states, gradients, bits = _walk(data)
    tensors = _core.Network(list(NETWORK_ALONE.values)).tensors()
    first = [
        (name, row, _numbers(tensors[_TENSORS[name]][row][:4]))
        for name, row in (("U", 0), ("U", 31), ("I", 0), ("I", 255))
    ]
    codec = _core.Codec(list(NETWORK_ALONE.values))
    payload = codec.encode(data[:64])
    rest = codec.encode(data[64:])
    return f"""{HEADING}
`python tools/format/network_vectors.py` writes this section.

**The sample** has 1024 bytes: the first 512 bytes of the squares of 0, 1, 2, 3, … in decimal
digits, each followed by the byte `0a` (so it begins `30 0a 31 0a 34 0a 39 0a 31 36 0a`), then 256
bytes `00`, then 256 bytes that are next() >> 56 of a SplitMix64 with the initial state 2. Its
CRC-32 is `{zlib.crc32(data):08x}`.

A *digest* is the CRC-32 (that of zlib, PNG and gzip) of numbers of 32 bits, little-endian, in two's
complement, tables row by row.

**Initial weights**: the first four numbers of rows.

{_table(("tensor", "row", "first four"), first)}
**States** after some bytes of the sample have been taken and the forward pass for the next one has
been done: digests of its p, of h and c after it, and of the tensors.

{_table(("bytes", "p", "h", "c", *_TENSORS), states)}
**Gradients** of some segments of the sample, counted from 0: S, and digests of the exponents Ez and
Ee and of the gradients. The rows of gI for absent bytes are 0.

{_table(("segment", "S", "Ez", "Ee", *(f"g{name}" for name in _TENSORS)), gradients)}
**Bits**: P of the eight bits of some bytes of the sample.

{_table(("position", "byte", "P of the eight bits"), bits)}
**Groups**: the update of one group of weights, with the given values in place of those that the
tensor, n and age give.

{_table(_GROUP_HEADINGS, _groups())}
**Payloads.** A frame whose first block has the first 64 bytes of the sample as its content has this
payload in that block:

    {payload[:32].hex(" ")}
    {payload[32:].hex(" ")}

If the next block has the other 960 bytes, its payload has {len(rest)} bytes, whose CRC-32 is
`{zlib.crc32(rest):08x}`.
"""


def main(arguments: list[str]) -> int:
    """Write or check the section; return the exit code."""
    if arguments not in ([], ["--check"]):
        sys.stderr.write(__doc__ or "")
        return 2
    page = PAGE.read_text("utf-8")
    new = page.partition(HEADING)[0] + vectors()
    if new == page:
        return 0
    if arguments:
        print(
            "The test vectors are out of date; write them: python tools/format/network_vectors.py"
        )
        return 1
    PAGE.write_text(new, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
