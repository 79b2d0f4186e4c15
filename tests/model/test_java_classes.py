"""Java classes are read field by field, and predicted by what the constant pool's entries mean.

The classes are generated: fields, and methods that call, load and store, with line numbers.
"""

from __future__ import annotations

import random

import pytest
from data import noise, text
from payloads import coded


def u2(value: int) -> bytes:
    return value.to_bytes(2, "big")


def u4(value: int) -> bytes:
    return value.to_bytes(4, "big")


class Pool:
    """A constant pool whose entries are numbered in the order of their first use."""

    def __init__(self) -> None:
        self.entries: list[bytes] = []
        self.known: dict[tuple[object, ...], int] = {}

    def add(self, *what: object) -> int:
        if what in self.known:
            return self.known[what]
        self.entries.append(b"")
        index = self.known[what] = len(self.entries)
        tag, *rest = what
        assert isinstance(tag, int)
        entry = bytes([tag])
        for part in rest:
            if isinstance(part, str):
                entry += u2(len(part)) + part.encode()
            else:
                assert isinstance(part, tuple)
                entry += u2(self.add(*part))
        self.entries[index - 1] = entry
        return index


def java_class(rng: random.Random, number: int) -> bytes:
    """One class; its methods call those of a few others."""
    pool = Pool()
    others = ["java/lang/Object", "java/util/List", "java/io/File", "org/example/Base"]
    names = ["get", "size", "close", "apply", "value", "next"]
    kinds = {"()V": 0xB1, "()I": 0xAC, "(I)I": 0xAC, "()Ljava/lang/Object;": 0xB0}
    this = f"org/example/Part{number}"

    def attribute(name: str, content: bytes) -> bytes:
        return u2(pool.add(1, name)) + u4(len(content)) + content

    methods: list[bytes] = []
    for _ in range(rng.randrange(2, 6)):
        code = b""
        lines = []
        for line in range(rng.randrange(2, 7)):
            lines.append(u2(len(code)) + u2(20 * len(methods) + line + 10))
            owner, name = rng.choice(others), rng.choice(names)
            kind = rng.choice(list(kinds))
            method = (10, (7, (1, owner)), (12, (1, name), (1, kind)))
            field = (9, (7, (1, this)), (12, (1, f"field{rng.randrange(4)}"), (1, "I")))
            code += b"\x2a" + (b"\x1b" if kind == "(I)I" else b"")
            code += b"\xb6" + u2(pool.add(*method))
            code += {0xB1: b"", 0xAC: b"\x3c", 0xB0: b"\x57"}[kinds[kind]]
            if rng.randrange(2):
                code += b"\x2a\x1b\xb5" + u2(pool.add(*field))
        code += b"\xb1"
        table = attribute("LineNumberTable", u2(len(lines)) + b"".join(lines))
        body = u2(2) + u2(2) + u4(len(code)) + code + u2(0) + u2(1) + table
        named = u2(pool.add(1, rng.choice(names))) + u2(pool.add(1, "()V"))
        methods.append(u2(1) + named + u2(1) + attribute("Code", body))
    this_class = u2(pool.add(7, (1, this))) + u2(pool.add(7, (1, "java/lang/Object")))
    source = attribute("SourceFile", u2(pool.add(1, f"Part{number}.java")))
    rest = u2(33) + this_class + u2(0) + u2(0) + u2(len(methods)) + b"".join(methods)
    head = b"\xca\xfe\xba\xbe" + u4(52) + u2(len(pool.entries) + 1) + b"".join(pool.entries)
    return head + rest + u2(1) + source


def java_classes(count: int, seed: int) -> bytes:
    rng = random.Random(seed)
    return b"".join(java_class(rng, number) for number in range(count))


@pytest.mark.parametrize("experts", [1, 2, 3, 4])
def test_what_entries_mean_predicts_their_indices(experts: int) -> None:
    # Without this expert 4457, 3787, 3616, 3278 bytes.
    assert coded(java_classes(30, 1), experts) < 2300


def test_classes_within_other_data() -> None:
    parts = [text(4000), java_classes(10, 2), noise(2000), java_classes(10, 3)[:-30], text(3000)]
    assert coded(b"".join(parts), 2) < sum(coded(part, 2) for part in parts)


def test_hostile_classes() -> None:
    """Any bytes may stand in a class: counts, indices, lengths and opcodes that none has."""
    rng = random.Random(6)
    good = java_classes(8, 4)
    data = bytearray()
    for _ in range(40):
        part = bytearray(java_class(rng, 7))
        for _ in range(rng.randrange(1, 6)):
            part[rng.randrange(8, len(part))] = rng.choice((0, 1, 7, 255, rng.randrange(256)))
        data += part[: rng.randrange(100, len(part))] if rng.randrange(2) else part
    data += good[:9] + b"\xff\xff" + rng.randbytes(3000)
    for tag in range(256):
        data += b"\xca\xfe\xba\xbe" + u4(52) + u2(4) + bytes([tag]) + rng.randbytes(6)
    assert coded(bytes(data), 2) > 0
