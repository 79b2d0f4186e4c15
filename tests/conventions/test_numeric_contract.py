"""The sources use integers only, on which identical archives depend."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

SOURCES = sorted((Path(__file__).parents[2] / "cpp" / "src").rglob("*.?pp"))

FORBIDDEN = {
    "floating point": r"\b(?:float|double|_Float\d+|__float128|__fp16|__bf16)\b",
    "a floating-point literal": r"(?<![\w.])(?:\d+\.\d*|\.\d+)(?:e[+-]?\d+)?|\b\d+e[+-]?\d+\b",
    "libm": r"<(?:cmath|math\.h|complex|numbers|numeric_limits|cfenv|fenv\.h)>",
    "a library's random numbers": r"<random>|\bs?rand\s*\(|\brandom_device\b",
    "a clock": r"<(?:chrono|ctime|time\.h)>",
    "an order by address or by hash": r"<unordered_(?:map|set)>|\bstd::hash\b",
    "a dialect that reorders": r"#pragma\s+(?:GCC\s+optimize|STDC|omp)|fast-math",
}


def code(source: str) -> str:
    """The source without comments and without the contents of string literals."""
    tokens = r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"'

    def blank(match: re.Match[str]) -> str:
        token = match[0]
        if token.startswith('"') and "#include" not in source[max(0, match.start() - 12) :][:12]:
            return '""'
        return token if token.startswith('"') else " "

    return re.sub(tokens, blank, source, flags=re.DOTALL)


def findings(source: str) -> list[str]:
    return [
        f"{what}: {match[0]!r}"
        for what, pattern in FORBIDDEN.items()
        for match in re.finditer(pattern, code(source))
    ]


def test_the_search_finds_what_it_looks_for() -> None:
    for bad in (
        "double x;",
        "constexpr float k{};",
        "auto x = 1.5;",
        "auto x = .5f;",
        "auto x = 1e3;",
        "#include <cmath>",
        "#include <random>",
        "int i = rand();",
        "#include <chrono>",
        "std::unordered_map<int, int> m;\n#include <unordered_map>",
    ):
        assert findings(bad), bad
    for good in (
        "// a double float of 1.5",
        "/* 1e3\n double */ int i;",
        'f("double 1.5");',
        "x.d[1]; 0x1e3; 2654435761u; 1'000'000; a.b; kSum<4>(); v...;",
        '#include "fixed/random.hpp"',
    ):
        assert not findings(good), good


def test_there_are_sources() -> None:
    assert len(SOURCES) > 30


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_integers_only(path: Path) -> None:
    assert findings(path.read_text(encoding="utf-8")) == []
