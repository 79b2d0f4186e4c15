"""List the source files of the scalar build in docs/format.md: the definition of parameter sets.

    python tools/format/source_files.py          write the list into the page
    python tools/format/source_files.py --check  only report whether it is out of date

It asks a C++ compiler (c++, or $CXX) which files the predictor, the coder and the scalar kernels
include. Other kernels are left out: they compute the same.
"""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "format.md"
SOURCES = ROOT / "cpp" / "src"
HEADING = "## Source files\n"

_INTRODUCTION = """\
The normative description of the sets 1 to 9: all files of the scalar build, by folder of `cpp/src`.
`python tools/format/source_files.py` writes this list.

"""


def files() -> set[Path]:
    """Return the files that the scalar build compiles or includes, relative to `cpp/src`."""
    units = [
        path
        for path in sorted(SOURCES.rglob("*.cpp"))
        if path.parent.name != "targets" or path.stem == "scalar"
    ]
    compiler = os.environ.get("CXX", "c++")
    command = [compiler, "-std=c++20", "-MM", f"-I{SOURCES}", *map(str, units)]
    rules = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    words = rules.replace("\\\n", " ").split()
    return {Path(word).resolve().relative_to(SOURCES) for word in words if not word.endswith(":")}


def section() -> str:
    """Return the section of the page, with its heading."""
    folders = defaultdict(list)
    for path in sorted(files()):
        folders[path.parent.as_posix()].append(path.name)
    items = (
        f"- `{folder}`: " + ", ".join(f"`{name}`" for name in names)
        for folder, names in sorted(folders.items())
    )
    lines = (textwrap.fill(item, 100, subsequent_indent="  ") for item in items)
    return f"{HEADING}\n{_INTRODUCTION}" + "\n".join(lines) + "\n"


def main(arguments: list[str]) -> int:
    """Write or check the section; return the exit code."""
    if arguments not in ([], ["--check"]):
        sys.stderr.write(__doc__ or "")
        return 2
    page = PAGE.read_text("utf-8")
    new = page.partition(HEADING)[0] + section()
    if new == page:
        return 0
    if arguments:
        print(f"{PAGE.name} is out of date; write it: python tools/format/source_files.py")
        return 1
    PAGE.write_text(new, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
