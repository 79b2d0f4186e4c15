"""Fixtures: a folder to work in, and the installed command."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import sysconfig
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from patience import PATIENCE

Run = Callable[..., "subprocess.CompletedProcess[bytes]"]

# How long an example takes to make or to try says something of the machine only.
settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")

# A shell makes what it starts in the background ignore Ctrl-C, and nohup makes it ignore the end
# of the terminal; all that is started from there inherits it.
if hasattr(signal, "SIGHUP"):
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def command() -> str:
    """The installed command of this environment."""
    name = "weightless.exe" if sys.platform == "win32" else "weightless"
    path = Path(sysconfig.get_path("scripts"), name)
    assert path.exists(), "install the package first: pip install '.[test]'"
    return str(path)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that is the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(command: str, folder: Path) -> Run:
    """Run the command in the folder; bytes out, never a terminal."""

    def run_command(
        *arguments: str | bytes, stdin: bytes = b"", env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("WEIGHTLESS_L")}
        return subprocess.run(
            [command, *arguments],
            input=stdin,
            capture_output=True,
            cwd=folder,
            env=environment | (env or {}),
            timeout=PATIENCE,
            check=False,
        )

    return run_command


@pytest.fixture
def no_thread_left() -> Iterator[None]:
    """Every thread that the test started has ended."""
    before = set(threading.enumerate())
    yield
    assert set(threading.enumerate()) <= before
