"""The name of the distribution; no instruction installs another project's package."""

from __future__ import annotations

import importlib.metadata
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import weightless

ROOT = Path(__file__).parents[2]
NAME = "weightless-compression"
INSTALL = re.compile(r"""\bpip3?["']?\s+(?:install|download|wheel)\b([^`&;|\n]*)""")
OTHERS = re.compile(
    r"\b(?:pipx|uv|uvx|conda|mamba|poetry|pdm|easy_install)\s+(?:install|add|run|tool|pip)\b"
)


def fetched(text: str) -> list[str]:
    """Return what lines that call pip, or a similar tool, would install by name from an index."""
    found = [match.group() for match in OTHERS.finditer(text)]
    for match in INSTALL.finditer(text):
        words = re.sub(r"\$\([^)]*\)", "$", match[1]).split()
        operands = [
            word for word, before in zip(words, ["", *words], strict=False) if before != "-r"
        ]
        # A folder or a variable of a script is not a name.
        found += [word for word in operands if not re.match(r"""["'\\]*[-.$/]""", word)]
    return found


def our_files() -> Iterator[Path]:
    """Yield all files of the tree except those that a build or an environment created."""
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [
            name
            for name in folders
            if name in (".ci", ".github")
            or (not name.startswith((".", "__")) and name not in ("build", "dist"))
        ]
        yield from (Path(folder, name) for name in files if Path(folder, name) != Path(__file__))


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("pip install weightless", ["weightless"]),
        ('run `pip install "weightless[fsspec]"` first', ['"weightless[fsspec]"']),
        ("python -m pip install -U weightless-compression", ["weightless-compression"]),
        ("pip3 download numpy && pip install .", ["numpy"]),
        ('"$x/pip" install -q here', ["here"]),
        ("uv pip install .", ["uv pip"]),
        ("pipx run weightless", ["pipx run"]),
        ("pip install '.[test]'", []),
        ("pip install --no-build-isolation .", []),
        ('pip install -r .ci/requirements.txt "$(grep ^build== x)" "$wheel"', []),
    ],
)
def test_what_a_line_would_fetch(line: str, found: list[str]) -> None:
    assert fetched(line) == found


def test_nobody_is_told_to_install_another_project() -> None:
    """Our own name is on no package index yet, so anybody might register it."""
    lines = told = 0
    for path in our_files():
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        assert fetched(text) == [], path
        # With extras, the module's name would select the other project.
        assert not re.search(r"(?<![\w.-])weightless\[\w", text), path
        lines += len(INSTALL.findall(text))
        told += NAME in text
    assert lines > 6
    assert told > 2


def test_distribution() -> None:
    distribution = importlib.metadata.distribution(NAME)
    assert distribution.version == weightless.__version__
    points = {(point.group, point.name) for point in distribution.entry_points}
    assert points == {
        ("console_scripts", "weightless"),
        *(("console_scripts", name) for name in ("wlcat", "wlless", "wlgrep")),
        ("fsspec.specs", "wl"),
        ("numcodecs.codecs", "weightless"),
        ("zarr.codecs", "weightless"),
    }
    extras = set(distribution.metadata.get_all("Provides-Extra") or [])
    assert {"fsspec", "numcodecs", "zarr", "test"} <= extras
    # Requirements on the package's own extras use its own name.
    own = [line for line in distribution.requires or [] if line.startswith("weightless")]
    assert [line.partition("[")[0] for line in own] == [NAME]


def test_readme_says_both_names() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert f"`{NAME}`" in readme
    assert "import weightless" in readme
