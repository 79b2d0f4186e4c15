"""The outcome of a run of the command."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path


def outcome(done: subprocess.CompletedProcess[bytes]) -> tuple[int, str, str]:
    """The exit code, standard output and standard error of a run."""
    out, err = (text.decode().replace(os.linesep, "\n") for text in (done.stdout, done.stderr))
    return done.returncode, out, err


def names(folder: Path) -> list[str]:
    """All files below a folder."""
    return sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    )
