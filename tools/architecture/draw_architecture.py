"""Draw docs/architecture.svg from the sources' includes and imports.

python tools/architecture/draw_architecture.py          write the picture
python tools/architecture/draw_architecture.py --check  only report whether it is out of date
"""

from __future__ import annotations

import sys
from pathlib import Path

from drawing import draw
from graph import read_graph

ROOT = Path(__file__).resolve().parents[2]
PICTURE = ROOT / "docs/architecture.svg"
COMMAND = "tools/architecture/draw_architecture.py"


def main(arguments: list[str]) -> int:
    """Write or check the picture; return the exit code."""
    if arguments not in ([], ["--check"]):
        sys.stderr.write(__doc__ or "")
        return 2
    picture = draw(read_graph(ROOT)).encode()
    if PICTURE.exists() and PICTURE.read_bytes() == picture:
        return 0
    if arguments:
        print(f"docs/architecture.svg is out of date; draw it again: python {COMMAND}")
        return 1
    PICTURE.write_bytes(picture)
    print("docs/architecture.svg written")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
