"""Measure what data of two kinds cost, joined, as a share of what they cost alone.

    python bench/joined_kinds.py [--size BYTES] [--experts 1,2,3,4] [--least RATIO]
                                 [--allowance BYTES]

Prints all ordered pairs of the generated kinds (tests/support/kinds.py) above the ratio, the worst
first, and how many there are; of these, how many cost more than the allowance above the ratio as
well. A structure's expert that speaks for the wrong data shows here.
"""

from __future__ import annotations

import argparse
import itertools
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "tests" / "support"))

from kinds import KINDS
from payloads import codec

MEMORY_BITS = {1: 22, 2: 25, 3: 25, 4: 25}  # those of levels 1, 3 and more


def coded(data: bytes, experts: int) -> int:
    """Return the payload's size for these experts, without a network."""
    return len(codec(experts, memory_bits=MEMORY_BITS[experts]).encode(data))


def main() -> None:
    """Measure as the arguments say."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=16_000)
    parser.add_argument("--experts", default="1,3,4")
    parser.add_argument("--least", type=float, default=1.02)
    parser.add_argument("--allowance", type=int, default=100)
    arguments = parser.parse_args()
    data = {name: make(arguments.size) for name, make in KINDS.items()}
    for experts in map(int, arguments.experts.split(",")):
        alone = {name: coded(part, experts) for name, part in data.items()}
        pairs = []
        for first, second in itertools.permutations(data, 2):
            cost = coded(data[first] + data[second], experts)
            pairs.append((cost / (alone[first] + alone[second]), cost, first, second))
        dear = [pair for pair in pairs if pair[0] > arguments.least]
        dearer = [p for p in dear if p[1] - p[1] / p[0] * arguments.least > arguments.allowance]
        print(f"{experts}  {len(pairs)} pairs, {len(dear)} dear, {len(dearer)} dearer")
        for ratio, cost, first, second in sorted(pairs, reverse=True):
            if ratio > arguments.least:
                print(f"{experts}  {ratio:6.3f} {cost:8} {first} + {second}")


if __name__ == "__main__":
    main()
