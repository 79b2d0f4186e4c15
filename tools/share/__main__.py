"""Generate share/ (manual page and shell completions) from the command's options.

    python tools/share          write the files
    python tools/share --check  only report the files that are out of date

Run it with the Python in which the package is installed.
"""

from __future__ import annotations

import sys
from pathlib import Path

import bash
import fish
import manual
import zsh
from options import read_options

SHARE = Path(__file__).resolve().parents[2] / "share"


def main(arguments: list[str]) -> int:
    """Write or check all files; return the exit code."""
    if arguments not in ([], ["--check"]):
        sys.stderr.write(__doc__ or "")
        return 2
    groups = read_options()
    readers = manual.reading_pages()
    texts = {
        "man/man1/weightless.1": manual.page(groups),
        **{f"man/man1/{name}.1": text for name, text in readers.items()},
        "bash-completion/completions/weightless": bash.completion(groups),
        **{f"bash-completion/completions/{name}": bash.reading(name) for name in readers},
        "zsh/site-functions/_weightless": zsh.completion(groups),
        "zsh/site-functions/_wlcat": zsh.reading(list(readers)),
        "fish/vendor_completions.d/weightless.fish": fish.completion(groups),
        **{f"fish/vendor_completions.d/{name}.fish": fish.reading(name) for name in readers},
    }
    stale = False
    for name, text in texts.items():
        path = SHARE / name
        if path.exists() and path.read_bytes() == text.encode():
            continue
        if arguments:
            stale = True
            print(f"share/{name} is out of date")
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
            print(f"share/{name} written")
    if stale:
        print("Install the package, then regenerate them: python tools/share")
    return int(stale)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
