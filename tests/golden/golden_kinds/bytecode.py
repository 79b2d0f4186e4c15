"""Classes of Java and a module of WebAssembly."""

from __future__ import annotations

from golden_kinds.numbers import Numbers
from golden_kinds.texts import prose

__all__ = ["java_classes", "wasm_module"]

_Entry = tuple["int | str | _Entry", ...]


def _u2(value: int) -> bytes:
    return value.to_bytes(2, "big")


def _u4(value: int) -> bytes:
    return value.to_bytes(4, "big")


class _Pool:
    """A constant pool: entries in the order of their first use."""

    def __init__(self) -> None:
        self.entries: list[bytes] = []
        self._known: dict[_Entry, int] = {}

    def add(self, entry: _Entry) -> int:
        """Return the index of an entry: its tag, and texts or other entries."""
        if entry in self._known:
            return self._known[entry]
        self.entries.append(b"")
        index = self._known[entry] = len(self.entries)
        out = b""
        for part in entry:
            if isinstance(part, int):
                out += bytes([part])
            elif isinstance(part, str):
                out += _u2(len(part)) + part.encode()
            else:
                out += _u2(self.add(part))
        self.entries[index - 1] = out
        return index

    def text(self, text: str) -> bytes:
        return _u2(self.add((1, text)))

    def attribute(self, name: str, content: bytes) -> bytes:
        return self.text(name) + _u4(len(content)) + content


def _java_class(numbers: Numbers, number: int) -> bytes:
    pool = _Pool()
    others = ("java/lang/Object", "java/util/List", "java/io/File", "org/example/Base")
    names = ("get", "size", "close", "apply", "value", "next")
    kinds = (("()V", 0xB1), ("()I", 0xAC), ("(I)I", 0xAC), ("()Ljava/lang/Object;", 0xB0))
    this: _Entry = (7, (1, f"org/example/Part{number}"))
    methods: list[bytes] = []
    for _ in range(2 + numbers.below(4)):
        code = b""
        lines = []
        for line in range(2 + numbers.below(5)):
            lines.append(_u2(len(code)) + _u2(20 * len(methods) + line + 10))
            kind, result = numbers.choice(kinds)
            named: _Entry = (12, (1, numbers.choice(names)), (1, kind))
            code += b"\x2a" + (b"\x1b" if kind == "(I)I" else b"")
            code += b"\xb6" + _u2(pool.add((10, (7, (1, numbers.choice(others))), named)))
            code += {0xB1: b"", 0xAC: b"\x3c", 0xB0: b"\x57"}[result]
            if numbers.below(2):
                field: _Entry = (12, (1, f"field{numbers.below(4)}"), (1, "I"))
                code += b"\x2a\x1b\xb5" + _u2(pool.add((9, this, field)))
        code += b"\xb1"
        table = pool.attribute("LineNumberTable", _u2(len(lines)) + b"".join(lines))
        body = _u2(2) + _u2(2) + _u4(len(code)) + code + _u2(0) + _u2(1) + table
        name = pool.text(numbers.choice(names)) + pool.text("()V")
        methods.append(_u2(1) + name + _u2(1) + pool.attribute("Code", body))
    rest = _u2(33) + _u2(pool.add(this)) + _u2(pool.add((7, (1, "java/lang/Object"))))
    rest += _u2(0) + _u2(0) + _u2(len(methods)) + b"".join(methods)
    rest += _u2(1) + pool.attribute("SourceFile", pool.text(f"Part{number}.java"))
    head = b"\xca\xfe\xba\xbe" + _u4(52) + _u2(len(pool.entries) + 1)
    return head + b"".join(pool.entries) + rest


def java_classes(count: int, seed: int = 41) -> bytes:
    """Return classes one after another."""
    numbers = Numbers(seed)
    return b"".join(_java_class(numbers, number) for number in range(count))


def _leb(value: int) -> bytes:
    out = bytearray()
    while value >= 128:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def _section(number: int, content: bytes) -> bytes:
    return bytes([number]) + _leb(len(content)) + content


def _function(numbers: Numbers) -> bytes:
    code = bytearray(b"\x01\x04\x7f")  # four more locals
    for _ in range(3 + numbers.below(9)):
        local = numbers.below(6)
        form = numbers.below(4)
        if form == 0:  # local.get, i32.load, local.set
            code += b"\x20" + _leb(local) + b"\x28\x02" + _leb(4 * numbers.below(200))
            code += b"\x21" + _leb((local + 1) % 6)
        elif form == 1:  # local.get, i32.const, i32.add, local.tee, drop
            code += b"\x20" + _leb(local) + b"\x41" + _leb(numbers.choice((1, 4, 48)))
            code += b"\x6a\x22" + _leb(local) + b"\x1a"
        elif form == 2:  # local.get, i32.eqz, br_if in a block
            code += b"\x02\x40\x20" + _leb(local) + b"\x45\x0d\x00\x0b"
        else:  # local.get, local.get, call
            code += b"\x20" + _leb(local) + b"\x20" + _leb(5 - local) + b"\x10"
            code += _leb(130 + 3 * local)
    code += b"\x0b"
    return _leb(len(code)) + bytes(code)


def wasm_module(functions: int, seed: int = 42) -> bytes:
    """Return a module with types, functions, code and data."""
    numbers = Numbers(seed)
    bodies = b"".join(_function(numbers) for _ in range(functions))
    kinds = bytes(numbers.below(2) for _ in range(functions))
    return (
        b"\x00asm\x01\x00\x00\x00"
        + _section(1, b"\x02\x60\x02\x7f\x7f\x00\x60\x01\x7f\x01\x7f")
        + _section(3, _leb(functions) + kinds)
        + _section(10, _leb(functions) + bodies)
        + _section(11, b"\x01\x00\x41\x80\x08\x0b" + _leb(400) + prose(400, seed))
    )
