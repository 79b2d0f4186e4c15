"""The package knows which commit, compiler and instruction sets it was built of and with."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from patience import PATIENCE

import weightless
from weightless import _core

SCRIPT = Path(__file__).parents[2] / "cmake/commit.cmake"
COMMIT = re.compile(r"[0-9a-f]{40}(-dirty)?|unknown")

Run = Callable[..., "subprocess.CompletedProcess[bytes]"]


def test_provenance() -> None:
    made = weightless.provenance()
    assert made.version == weightless.__version__
    assert COMMIT.fullmatch(made.commit)
    assert re.fullmatch(r"\w+ \d+(\.\d+)+", made.compiler)
    assert len(made.platform.split()) == 2
    # This machine can execute some of the compiled targets, in the same order.
    assert made.targets[0] == "scalar"
    assert len(set(made.targets)) == len(made.targets)
    assert [name for name in made.targets if name in _core.targets()] == _core.targets()
    assert made.target == _core.target()


@pytest.mark.parametrize("arguments", [("--version", "-v"), ("-vV",), ("-Vvv",)])
def test_command_shows_it(run: Run, arguments: tuple[str, ...]) -> None:
    made = weightless.provenance()
    done = run(*arguments)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode().splitlines() == [
        f"weightless {made.version}",
        f"commit:   {made.commit}",
        f"compiler: {made.compiler} for {made.platform}",
        f"targets:  {', '.join(made.targets)}",
        f"in use:   {made.target}",
    ]


def test_target_in_use(run: Run) -> None:
    done = run("-vV", env={"WEIGHTLESS_TARGET": "scalar"})
    assert done.stdout.splitlines()[-1] == b"in use:   scalar"
    done = run("-vV", env={"WEIGHTLESS_TARGET": "abacus"})
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"WEIGHTLESS_TARGET=abacus is not available here" in done.stderr
    assert run("-V", env={"WEIGHTLESS_TARGET": "abacus"}).returncode == 0


def commit_of(folder: Path) -> str:
    """Return what CMake finds as the commit of a folder of sources."""
    cmake = shutil.which("cmake")
    if cmake is None:
        pytest.skip("no CMake here")
    done = subprocess.run(
        [cmake, f"-DSOURCE={folder}", "-P", SCRIPT],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.strip()


def git(folder: Path, *arguments: str) -> str:
    """Run git with a name of its own, whatever the machine's settings."""
    who = ("-c", "user.name=Nobody", "-c", "user.email=nobody@example.org")
    return subprocess.check_output(
        ["git", *who, "-c", "commit.gpgsign=false", *arguments], cwd=folder, text=True
    ).strip()


@pytest.mark.skipif(shutil.which("git") is None, reason="no git here")
def test_commit_of_a_checkout(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    assert commit_of(tmp_path) == "unknown", "there is no commit yet"
    (tmp_path / "source").write_text("1")
    git(tmp_path, "add", "source")
    git(tmp_path, "commit", "-q", "-m", "First")
    git(tmp_path, "tag", "-a", "-m", "A tag is not shown", "v1")
    head = git(tmp_path, "rev-parse", "HEAD")
    (tmp_path / "COMMIT").write_text("0" * 40)
    assert commit_of(tmp_path) == head, "git knows better than a file that was left"
    (tmp_path / "source").write_text("2")
    assert commit_of(tmp_path) == f"{head}-dirty"
    # A copy of sources within another project's checkout is not of its commit.
    (tmp_path / "copy").mkdir()
    assert commit_of(tmp_path / "copy") == "unknown"


def test_commit_of_a_source_distribution(tmp_path: Path) -> None:
    assert commit_of(tmp_path) == "unknown"
    file = tmp_path / "COMMIT"
    for commit in ("0123456789abcdef" * 2 + "01234567", "f" * 40 + "-dirty", "unknown"):
        file.write_text(f"{commit}\n")
        assert commit_of(tmp_path) == commit
    for wrong in ("", '"); int main() {', "f" * 39, "f" * 41, "F" * 40, "f" * 40 + "-dirty;1"):
        file.write_text(f"{wrong}\n")
        assert commit_of(tmp_path) == "unknown"
