"""Reads the file `magic` that update-mime-database compiles, and matches data with its rules.

Source: the specification "Shared MIME-info Database" of freedesktop.org, "The magic files".
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field


@dataclass
class Rule:
    """A condition on bytes; one of its `children`, if there are any, must hold as well."""

    offset: int
    value: bytes
    mask: bytes
    span: int
    children: list[Rule] = field(default_factory=list)

    def matches(self, data: bytes) -> bool:
        return any(
            len(piece := data[at : at + len(self.value)]) == len(self.value)
            and all((a ^ b) & m == 0 for a, b, m in zip(piece, self.value, self.mask, strict=True))
            for at in range(self.offset, self.offset + self.span)
        ) and (not self.children or any(child.matches(data) for child in self.children))


def read_rules(database: bytes) -> dict[str, list[Rule]]:
    """Return the rules of each type; words in the byte order of this machine are left out."""
    header = b"MIME-Magic\0\n"
    assert database.startswith(header)
    at = len(header)
    rules: dict[str, list[Rule]] = {}
    levels: list[list[Rule]] = []
    while at < len(database):
        if section := re.compile(rb"\[\d+:([^\]]+)\]\n").match(database, at):
            levels = [rules.setdefault(section[1].decode(), [])]
            at = section.end()
            continue
        line = re.compile(rb"(\d*)>(\d+)=").match(database, at)
        assert line
        size = int.from_bytes(database[line.end() : line.end() + 2], "big")
        at = line.end() + 2
        value = database[at : at + size]
        at += size
        mask = b"\xff" * size
        if database[at : at + 1] == b"&":
            mask = database[at + 1 : at + 1 + size]
            at += 1 + size
        end = re.compile(rb"(~\d+)?(?:\+(\d+))?\n").match(database, at)
        assert end
        at = end.end()
        depth = int(line[1] or 0)
        rule = Rule(int(line[2]), value, mask, int(end[2] or 1))
        levels[depth].append(rule)
        levels[depth + 1 :] = [rule.children]
    return rules


def types_of(data: bytes, rules: dict[str, list[Rule]]) -> set[str]:
    """Return the types one of whose rules matches."""
    return {name for name, tests in rules.items() if any(rule.matches(data) for rule in tests)}
