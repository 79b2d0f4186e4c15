"""The arithmetic coder in exact arithmetic: integers as long as the whole stream.

There are no carries and no delayed bytes: `low` keeps all digits that were shifted out, so the
interval of a stream is exactly [low, low + range) / 2^(32 + 8 shifts).
"""

from __future__ import annotations

from collections.abc import Iterable

PROBABILITY_BITS = 22


class ExactCoder:
    """An interval, narrowed bit by bit as in `cpp/src/coder/binary_coder.hpp`."""

    def __init__(self) -> None:
        self.low = 0
        self.range = 2**32 - 1
        self.shifts = 0  # bytes that have left the 32 bits of `range`
        self.longest_carry = 0  # bytes that a carry changed, at most

    def encode(self, bit: int, p: int) -> None:
        bound = (self.range * p) >> PROBABILITY_BITS
        assert 0 < bound < self.range, "neither part of the interval is empty"
        if bit:
            self.range = bound
        else:
            before = self.low >> 32
            self.low += bound
            self.range -= bound
            changed = (self.low >> 32) ^ before
            self.longest_carry = max(self.longest_carry, (changed.bit_length() + 7) // 8)
        while self.range < 2**24:
            self.low <<= 8
            self.range <<= 8
            self.shifts += 1

    def encode_all(self, bits: Iterable[int], p: Iterable[int]) -> None:
        for bit, probability in zip(bits, p, strict=True):
            self.encode(int(bit), int(probability))

    def holds(self, stream: bytes) -> bool:
        """Return whether the stream, followed by zeros, is a value in the interval."""
        digits = self.shifts + 4
        value = int.from_bytes(stream.ljust(digits, b"\0"), "big")
        scale = 8 * max(0, len(stream) - digits)
        return self.low << scale <= value < (self.low + self.range) << scale

    def shortest(self) -> bytes:
        """Return the least of the shortest streams of at least `shifts` bytes in the interval."""
        for size in range(self.shifts, self.shifts + 5):
            unit = 8 * (self.shifts + 4 - size)
            value = -(-self.low >> unit)  # rounded up
            if value << unit < self.low + self.range:
                return value.to_bytes(size, "big")
        raise AssertionError("the whole of low is always in the interval")
