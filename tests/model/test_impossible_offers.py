"""An expert that reads what is not known yet does not compile, and the message says why."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from patience import PATIENCE
from programs import CORE, compiler

SOURCE = Path(__file__).with_name("impossible_offers.cpp")


def compile_with(macro: str) -> subprocess.CompletedProcess[str]:
    """Check the program's syntax and static assertions."""
    command = [compiler(), "-std=c++20", "-fsyntax-only", f"-I{CORE}", f"-D{macro}", str(SOURCE)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)


def test_possible_offers_compile() -> None:
    done = compile_with("POSSIBLE")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("macro", "message"),
    [
        ("UPDATE_STRUCTURE", "a parameter of update() is not known at the end of a byte"),
        ("UPDATE_NETWORK", "a parameter of update() is not known at the end of a byte"),
        ("CONTEXT_STATES", "a parameter of the context is not known at the end of a byte"),
        ("CONTEXT_MATCH", "a parameter of the context is not known at the end of a byte"),
        ("APM_STATES", "the context of an APM stage is computed before bit-history states"),
        ("APM_COMBINATION", "the context of an APM stage is computed before bit-history states"),
    ],
)
def test_impossible_offers_are_refused(macro: str, message: str) -> None:
    done = compile_with(macro)
    assert done.returncode != 0
    assert message in done.stderr
