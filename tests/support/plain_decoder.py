"""A decoder of the arithmetic code, written from docs/format.md ("Payloads") alone."""

from __future__ import annotations


class PlainDecoder:
    def __init__(self, payload: bytes) -> None:
        self.payload = payload
        self.read = 0
        self.range = 2**32 - 1
        self.code = 0
        for _ in range(4):
            self.code = self.code * 256 + self.next_byte()

    def next_byte(self) -> int:
        byte = self.payload[self.read] if self.read < len(self.payload) else 0
        self.read += 1
        return byte

    def decode(self, p: int) -> int:
        bound = self.range * p // 2**22
        if self.code < bound:
            bit = 1
            self.range = bound
        else:
            bit = 0
            self.code -= bound
            self.range -= bound
        while self.range < 2**24:
            self.range *= 256
            self.code = (self.code * 256 + self.next_byte()) % 2**32
        return bit

    @property
    def at_end(self) -> bool:
        return len(self.payload) <= self.read <= len(self.payload) + 4
