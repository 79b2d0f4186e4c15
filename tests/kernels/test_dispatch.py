"""On each CPU, the targets are those that it can execute: no more, and no fewer."""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys

import pytest
from patience import PATIENCE

from weightless import _core

QEMU = shutil.which("qemu-x86_64")


@pytest.mark.skipif(
    platform.machine() != "x86_64" or QEMU is None, reason="no emulator of x86-64 CPUs here"
)
@pytest.mark.parametrize(
    ("cpu", "targets"),
    [
        ("Conroe", []),
        ("Westmere", ["sse4"]),
        ("SandyBridge", ["sse4"]),  # AVX, but not AVX2
        ("Haswell", ["sse4", "avx2"]),
        ("Haswell,-bmi2", ["sse4"]),
        ("Haswell,-xsave", ["sse4"]),  # a system that does not save these registers
    ],
)
def test_targets_of_emulated_cpus(cpu: str, targets: list[str]) -> None:
    program = "from weightless import _core; print(*_core.targets())"
    done = subprocess.run(
        [str(QEMU), "-cpu", cpu, sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    assert [name for name in done.stdout.split() if name not in ("scalar", "generic")] == targets


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks Linux")
def test_targets_of_this_cpu() -> None:
    with open("/proc/cpuinfo", encoding="ascii") as lines:
        flags = next((set(line.split()) for line in lines if line.startswith("flags")), set())
    if not flags:
        pytest.skip("this CPU has no flags")
    needed = {
        "sse4": {"sse4_1"},
        "avx2": {"avx2", "bmi2"},
        "avx512": {"avx512f", "avx512bw", "avx512vl", "avx512dq", "avx512cd"},
    }
    found = [name for name in _core.targets() if name in needed]
    assert found == [name for name, those in needed.items() if those <= flags]
