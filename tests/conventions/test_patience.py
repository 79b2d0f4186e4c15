"""No test depends on the speed of the machine, as far as the source shows."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from patience import PATIENCE

#: Seconds; a shorter limit on a hang could make a test fail on a busy machine.
ENOUGH = 120
#: Calls that measure time or interrupt after a delay, in code or in a program in a string.
CLOCKS = re.compile(r"\b(setitimer|perf_counter(_ns)?|process_time(_ns)?|time\.time)\b")
#: Calls whose first argument is the time for which they wait.
WAITS = {"wait", "join", "Timer", "alarm", "communicate", "dump_traceback_later", "result"}


def hasty(source: str) -> list[str]:
    """Lines that let some seconds pass and then expect something to have happened."""
    tree = ast.parse(source)
    in_loops = {
        id(node)
        for loop in ast.walk(tree)
        if isinstance(loop, ast.While)
        for node in ast.walk(loop)
    }
    lines = source.splitlines()
    found = [line.strip() for line in lines if CLOCKS.search(line)]
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        given = [word.value for word in node.keywords if word.arg == "timeout"]
        if name in WAITS:
            given += node.args[:1]
        short = any(isinstance(n, ast.Constant) and _seconds(n) < ENOUGH for n in given)
        # Within a loop it is what it looks for that ends it.
        if short or (name == "sleep" and id(node) not in in_loops):
            found.append(lines[node.lineno - 1].strip())
    return found


def _seconds(constant: ast.Constant) -> float:
    number = isinstance(constant.value, int | float) and not isinstance(constant.value, bool)
    return float(constant.value) if number else ENOUGH  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "line",
    [
        "signal.setitimer(signal.ITIMER_REAL, 0.15)",
        "time.sleep(0.1)",
        "process.communicate(timeout=30)",
        "subprocess.run(command, timeout=60)",
        "thread.join(5)",
        "assert event.wait(1.5)",
        "signal.alarm(30)",
        "threading.Timer(10, stop)",
        "assert time.perf_counter() - start < 1",
        'code = "import time; start = time.perf_counter()"',
    ],
)
def test_what_is_hasty(line: str) -> None:
    assert hasty(line) == [line]


@pytest.mark.parametrize(
    "line",
    [
        "while not happened(): time.sleep(0.01)",
        "process.communicate(timeout=PATIENCE)",
        "thread.join()",
        "os.path.join('a', 'b')",
        "event.wait(300)",
    ],
)
def test_what_is_not(line: str) -> None:
    assert hasty(line) == []


def test_no_test_is_hasty() -> None:
    assert PATIENCE >= ENOUGH
    sources = sorted(Path(__file__).parents[1].rglob("*.py"))
    assert len(sources) > 30
    found = {
        path.name: lines
        for path in sources
        if path != Path(__file__) and (lines := hasty(path.read_text("utf-8")))
    }
    assert found == {}


def test_pytest_says_where_a_test_hangs_after_the_same_time(pytestconfig: pytest.Config) -> None:
    assert float(pytestconfig.getini("faulthandler_timeout")) == PATIENCE
