"""WebAssembly modules are read instruction by instruction.

The modules are generated: functions that load, compute, store and call.
"""

from __future__ import annotations

import random

import pytest
from data import noise, text
from payloads import coded


def leb(value: int) -> bytes:
    out = bytearray()
    while value >= 128:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes(out) + bytes([value])


def section(number: int, content: bytes) -> bytes:
    return bytes([number]) + leb(len(content)) + content


def function(rng: random.Random) -> bytes:
    """A body whose operands depend on the operation and on what came before."""
    code = bytearray(b"\x01\x04\x7f")  # four more locals
    for _ in range(rng.randrange(3, 12)):
        local = rng.randrange(6)
        choice = rng.randrange(4)
        if choice == 0:  # local.get, i32.load, local.set
            code += b"\x20" + leb(local) + b"\x28\x02" + leb(4 * rng.randrange(200))
            code += b"\x21" + leb((local + 1) % 6)
        elif choice == 1:  # local.get, i32.const, i32.add, local.tee, drop
            code += b"\x20" + leb(local) + b"\x41" + leb(rng.choice((1, 4, 48)))
            code += b"\x6a\x22" + leb(local) + b"\x1a"
        elif choice == 2:  # local.get, i32.eqz, br_if in a block
            code += b"\x02\x40\x20" + leb(local) + b"\x45\x0d\x00\x0b"
        else:  # local.get, local.get, call
            code += b"\x20" + leb(local) + b"\x20" + leb(5 - local) + b"\x10"
            code += leb(130 + 3 * local)
    code += b"\x0b"
    return leb(len(code)) + bytes(code)


def module(functions: int, seed: int) -> bytes:
    rng = random.Random(seed)
    types = leb(2) + b"\x60\x02\x7f\x7f\x00" + b"\x60\x01\x7f\x01\x7f"
    bodies = b"".join(function(rng) for _ in range(functions))
    parts = [
        section(1, types),
        section(3, leb(functions) + bytes(rng.randrange(2) for _ in range(functions))),
        section(10, leb(functions) + bodies),
        section(11, b"\x01\x00\x41\x80\x08\x0b" + leb(400) + text(400)),
    ]
    return b"\x00asm\x01\x00\x00\x00" + b"".join(parts)


@pytest.mark.parametrize(("experts", "size"), [(1, 1780), (2, 1690), (3, 1680), (4, 1615)])
def test_operands_follow_operations(experts: int, size: int) -> None:
    # Without this expert 1927, 1799, 1763, 1672 bytes.
    assert coded(module(160, 1), experts) < size


def test_modules_within_other_data() -> None:
    parts = [text(4000), module(60, 2), noise(2000), module(60, 3)[:-700], text(3000)]
    assert coded(b"".join(parts), 2) < sum(coded(part, 2) for part in parts)


def test_hostile_modules() -> None:
    """Any bytes may follow the magic number, and stand in a module."""
    rng = random.Random(8)
    data = bytearray()
    for _ in range(30):
        part = bytearray(module(8, rng.randrange(1000)))
        for _ in range(rng.randrange(6)):
            part[rng.randrange(8, len(part))] = rng.randrange(256)
        data += part[: rng.randrange(60, len(part))] if rng.randrange(2) else part
    for opcode in range(256):
        body = b"\x00" + bytes([opcode]) + rng.randbytes(12)
        data += b"\x00asm\x01\x00\x00\x00" + section(10, b"\x01" + leb(len(body)) + body)
    assert coded(bytes(data), 2) > 0
