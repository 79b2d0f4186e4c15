"""A second decoder of archives of parameter set 10, which shares nothing with the package.

It is written from docs/format.md and docs/format_network.md alone, in plain Python, so it takes
some milliseconds for each byte. It needs the module xxhash.

    python tests/support/network_reader.py archive.wl > content
    python tests/support/network_reader.py archive.wl prior > content
"""

from __future__ import annotations

import sys
from pathlib import Path

import plain_container
from plain_container import BadArchiveError
from plain_decoder import PlainDecoder
from plain_network.network import Network

#: The defaults of all parameters, and those of set 10 (docs/format.md, "Parameters").
DEFAULTS = [
    *(64, 1, 0, 20, 2, 5000, 64000, 8192, 39000, 8192, 8000, 64, 8),
    *(256, 10, 16, 80, 1, 0, 0, 22, 0, 22, 0, 32, 0, 3),
]
SET_10 = [32, 1, 0, 16, 2, 8000, 64000, 8192, 44000, *DEFAULTS[9:]]


class NetworkCodec:
    """`Codec` of `plain_container` for parameter set 10."""

    def __init__(self, number: int | None, values: list[int]) -> None:
        if number is None and len(values) <= len(DEFAULTS):
            known = values + DEFAULTS[len(values) :] == SET_10
        else:
            known = number == 10
        if not known:
            raise BadArchiveError("the parameters are not those of parameter set 10")
        self.network = Network()

    def absorb(self, data: bytes) -> None:
        for byte in data:
            self.network.after(byte, self.network.forward())

    def skip(self, data: bytes) -> None:
        """Nothing is learnt from stored blocks."""

    def decode(self, payload: bytes, size: int) -> bytes:
        decoder = PlainDecoder(payload)
        raw = bytearray()
        for _ in range(size):
            p = self.network.forward()
            raw.append(decode_byte(decoder, p))
            self.network.after(raw[-1], p)
            if decoder.read > len(payload) + 4:
                break
        if not decoder.at_end:
            raise BadArchiveError("payload")
        return bytes(raw)


def decode_byte(decoder: PlainDecoder, p: list[int]) -> int:
    low, size, total = 0, 256, 2**24
    for _ in range(8):
        size //= 2
        ones = sum(p[low + size : low + 2 * size])
        if decoder.decode(min(max((ones << 22) // total, 1), 2**22 - 1)):
            low += size
            total = ones
        else:
            total -= ones
    return low


def read(archive: bytes, prior: bytes = b"") -> bytes:
    return plain_container.read(archive, NetworkCodec, prior)


def main() -> None:
    try:
        archive, prior = ([Path(name).read_bytes() for name in sys.argv[1:]] + [b""])[:2]
        sys.stdout.buffer.write(read(archive, prior))
    except (OSError, BadArchiveError) as error:
        sys.exit(f"{sys.argv[0]}: {error}")


if __name__ == "__main__":
    main()
