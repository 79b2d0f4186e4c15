"""Every piece of shell and Python in the documents runs: here, or where the table says.

A new piece is run here, without anyone having to name it.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from data import text
from patience import PATIENCE

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    path.relative_to(ROOT).as_posix() for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]
)
#: A document, a part of the piece's text, and what runs it.
ELSEWHERE = {
    ("README.md", "pip install . && weightless README.md"): "test_readme.py",
    ("README.md", "weightless -9 data.csv"): "test_readme.py",
    ("README.md", 'weightless.compress("data.csv", overwrite=True)'): "test_readme.py",
    ("README.md", "tar -I weightless"): "test_readme.py",
    ("README.md", "shutil.make_archive"): "test_readme.py",
    ("README.md", "pandas.read_csv(file).equals"): "test_readme.py",
    ("README.md", 'output="lines.csv.wl"'): "test_readme.py",
    ("README.md", '.venv/bin/pip install ".[test]"'): ".ci/run",
    ("CONTRIBUTING.md", '.venv/bin/pip install ".[test]"'): ".ci/run",
    ("docs/python.md", ""): "test_docs.py",
    ("docs/fuzzing.md", "fuzz/build"): ".ci/fuzz",
    ("docs/webassembly.md", "tools/webassembly/build.py"): ".ci/webassembly",
}
#: The programs in these take minutes, and data of one's own; tests/bench runs them on tiny inputs.
#: Here it is tested that they exist and have the options shown.
MEASURING = {
    ("CONTRIBUTING.md", "bench/compare.py"),
    ("docs/benchmarks.md", ""),
}
#: What the text around a piece says, as code.
BEFORE = {
    "README.md": "import weightless\nrecords = [b'{\"a\": 1}', b'{\"a\": 2}']",
    "docs/cluster.md": """
import dask.bag
urls = [f"s3://bucket/x-{i}.csv" for i in range(2)]
bag_or_dataframe = dask.bag.from_sequence(["a", "b"], npartitions=2)
url = "wl::s3://bucket/x.csv.wl"
""",
}


def pieces() -> Iterator[tuple[str, str, str]]:
    """Yield document, language and text of each."""
    for document in DOCUMENTS:
        content = (ROOT / document).read_text("utf-8")
        for piece in re.finditer(r"^```(\w+)\n(.*?)^```$", content, re.MULTILINE | re.DOTALL):
            if piece[1] in ("sh", "python"):
                yield document, piece[1], piece[2]


def listed(table: object, document: str, piece: str) -> bool:
    """Return whether a table has the piece."""
    assert isinstance(table, (dict, set))
    return any(document == where and part in piece for where, part in table)


HERE = [
    piece
    for piece in pieces()
    if not listed(ELSEWHERE, piece[0], piece[2]) and not listed(MEASURING, piece[0], piece[2])
]


def test_documents_are_found() -> None:
    found = list(pieces())
    for where, part in [*ELSEWHERE, *MEASURING]:
        assert any(document == where and part in piece for document, _, piece in found), part
    assert {document for document, _, _ in HERE} >= {"README.md", "docs/cluster.md"}
    for name in set(ELSEWHERE.values()):
        assert (ROOT / "tests/docs" / name).exists() or (ROOT / name).exists()


@pytest.fixture
def world(folder: Path, monkeypatch: pytest.MonkeyPatch, command: str) -> Path:
    """A folder with the files that the documents name, and the command in PATH."""
    monkeypatch.setenv("PATH", f"{Path(command).parent}{os.pathsep}{os.environ['PATH']}")
    rows = "number,word\n" + "".join(f"{i},{w}\n" for i, w in enumerate(text(900).split()))
    for name in ("data.csv", "typical.json", "old.tar", "new.tar"):
        Path(name).write_text(rows + name, encoding="utf-8")
    Path("records").mkdir()
    Path("records/1.json").write_text('{"a": 1}')
    Path("bucket").mkdir()
    for name in ("x", "x-0", "x-1"):
        Path(f"bucket/{name}.csv").write_text(rows, encoding="utf-8")
    for name in ("bucket/x.csv", "bucket/x-0.csv", "bucket/x-1.csv"):
        subprocess.run(
            [command, "-q1", "--frame-size", "2K", "--frame-at", "LINE", name], check=True
        )
    Path("x.json").write_text('{"a": 1}\n' * 3)
    subprocess.run([command, "-q1", "-o", "bucket/x.json.wl", "x.json"], check=True)
    return folder


@pytest.mark.parametrize("document", sorted({document for document, _, _ in HERE}))
def test_pieces(document: str, world: Path) -> None:
    languages: dict[str, list[str]] = {"sh": [], "python": []}
    for where, language, piece in HERE:
        if where == document:
            # A folder stands for the bucket.
            languages[language].append(piece.replace("s3://bucket", f"file://{world}/bucket"))
    runs = []
    if languages["sh"] and shutil.which("bash"):
        runs.append(["bash", "-euc", "\n".join(languages["sh"])])
    if languages["python"]:
        before = BEFORE.get(document, "").replace("s3://bucket", f"file://{world}/bucket")
        program = "\n".join([before, *languages["python"]])
        for module in re.findall(r"^(?:import|from) (\w+)", program, flags=re.MULTILINE):
            if importlib.util.find_spec(module) is None:
                pytest.skip(f"no {module} here")
        runs.append([sys.executable, "-c", program])
    if not runs:
        pytest.skip("no bash here")
    for arguments in runs:
        done = subprocess.run(arguments, capture_output=True, check=False, timeout=PATIENCE)
        assert done.returncode == 0, done.stderr.decode()


def programs() -> list[tuple[str, set[str]]]:
    """Return the programs that measure, and the options with which documents show them."""
    found: dict[str, set[str]] = {}
    for document, language, piece in pieces():
        if language == "sh" and listed(MEASURING, document, piece):
            for line in piece.replace("\\\n", "").splitlines():
                words = line.partition("#")[0].split()
                if words[:1] == ["python"]:
                    options = {word for word in words if word.startswith("--")}
                    found.setdefault(words[1], set()).update(options)
    return sorted(found.items())


@pytest.mark.parametrize(("program", "options"), programs())
def test_programs_that_measure(program: str, options: set[str]) -> None:
    done = subprocess.run(
        [sys.executable, ROOT / program, "--help"],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    assert options <= set(re.findall(r"--[\w-]+", done.stdout))


def test_reference_has_all_public_names() -> None:
    import weightless

    pages = "".join(path.read_text("utf-8") for path in (ROOT / "docs/api").glob("*.rst"))
    names = re.findall(r"^\.\. auto(?:function|class|exception|data):: (\w+)$", pages, re.MULTILINE)
    assert sorted(names) == sorted(weightless.__all__)
