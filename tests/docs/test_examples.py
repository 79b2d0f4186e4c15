"""The examples run and print what they state."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from patience import PATIENCE

import weightless

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="module")
def tutorial() -> str:
    """Return the output of the tutorial."""
    done = subprocess.run(
        [sys.executable, "-W", "error", str(EXAMPLES / "tutorial.py")],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_encoder_and_decoder_evolve_in_step(tutorial: str) -> None:
    rows = [line.split("|") for line in tutorial.splitlines() if line.count("|") == 2][2:]
    assert len(rows) == 30
    weights = []
    for number, (left, sent, right) in enumerate(rows):
        line, here = left.split()
        there, restored = right.split()
        assert line == restored == f"{number:06b}"
        assert here == there
        assert len(sent.split()) == 7 + 1
        weights.append(here)
    assert len(set(weights)) == 30, "each line teaches something"
    # For the last lines hardly anything remains to be sent.
    assert all(int(rank) < 5 for _, sent, _ in rows[10:] for rank in sent.split()[:7])


def test_training_lowers_the_ranks(tutorial: str) -> None:
    before, after = tutorial.split("after training: ")
    first = float(before.rsplit("untrained: ", 1)[1].split()[0])
    then = float(after.split()[0])
    assert then < 0.7 * first
    assert before.count(" apple ") == after.count(" apple ") == 1


def test_notebook(tmp_path: Path) -> None:
    """Jupytext reads the text and writes it back unchanged."""
    jupytext = pytest.importorskip("jupytext", reason="reads notebooks kept as text")
    source = (EXAMPLES / "tutorial.py").read_text(encoding="utf-8")
    notebook = jupytext.reads(source, fmt="py:percent")
    kinds = [cell.cell_type for cell in notebook.cells]
    assert kinds.count("markdown") >= 8
    assert kinds.count("code") >= 8
    # Only its version, which it writes into the header, may differ.
    back = jupytext.writes(notebook, fmt="py:percent")
    assert back.partition("# %%")[2] == source.partition("# %%")[2]


def test_gallery(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", str(EXAMPLES / "gallery.py"), str(tmp_path / "pages")],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    index = (tmp_path / "pages/index.html").read_text("utf-8")
    pages = sorted(path.name for path in (tmp_path / "pages").glob("*.*.html"))
    assert len(pages) == len(done.stdout.splitlines()) == 6
    assert all(f'href="{page}"' in index for page in pages)


@pytest.mark.parametrize(
    ("tool", "module"), [("ray", "ray"), ("spark", "pyspark"), ("beam", "apache_beam")]
)
def test_frames_are_read_elsewhere(folder: Path, tool: str, module: str) -> None:
    """Run where the tool is installed: it is too large to be a requirement of the tests."""
    pytest.importorskip(module)
    pytest.importorskip("fsspec", minversion="2025.10")
    if tool == "spark" and shutil.which("java") is None:
        pytest.skip("no Java here")
    lines = b"".join(b"line %d of several\n" % number for number in range(3000))
    Path("x.wl").write_bytes(weightless.compress(lines, 1, frame_size=9000, frame_at=b"\n"))
    done = subprocess.run(
        [sys.executable, EXAMPLES / "frames_elsewhere.py", tool, f"wl::file://{folder}/x.wl"],
        env={**os.environ, "PYSPARK_PYTHON": sys.executable},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[-1] == "3000"
