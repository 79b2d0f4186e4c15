"""Make the golden archives that are missing, and the lists of all.

    python tests/golden/make.py           archives of new parameter sets or kinds
    python tests/golden/make.py --list    only say what is missing

An archive that exists is never changed: it was made once, by the release that introduced its
parameter set, and must decode for ever. The file archives.txt has a line for each: its name and
size, its SHA-256, size and XXH3-64 of its content, and the kind whose input is its prior ("own" if
its frames are primed; "-": none). The bad archives are those of bad.py, and bad.txt has the error
that is due for each.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

import xxhash
from bad import BAD
from forms import FORMS, Form, forms_of
from golden_kinds import KINDS

import weightless
from weightless.levels import PARAMETER_SETS

FOLDER = Path(__file__).resolve().parent
LIST = "archives.txt"
BAD_LIST = "bad.txt"


def names() -> list[str]:
    """Return the names of all golden archives."""
    sets = [
        f"{number}/{name}.wl"
        for number in PARAMETER_SETS
        for name in (*KINDS, "frames", "primed", "prior", "blocks")
    ]
    return [*sets, *(f"forms/{name}.wl" for name in FORMS)]


def make(name: str) -> Form:
    """Return the archive of that name."""
    folder, _, stem = name.removesuffix(".wl").partition("/")
    if folder == "forms":
        return FORMS[stem]()
    number = int(folder)
    if stem in KINDS:
        content = KINDS[stem]()
        return Form(weightless.compress(content, parameters=PARAMETER_SETS[number]), content)
    return forms_of(number)[stem]


def line(name: str, form: Form) -> str:
    """Return the line of the list for an archive."""
    digest = hashlib.sha256(form.archive).hexdigest()
    content = xxhash.xxh3_64_hexdigest(form.content)
    fields = (name, len(form.archive), digest, len(form.content), content, form.prior)
    return "\t".join(map(str, fields)) + "\n"


def missing() -> Iterator[str]:
    """Yield the names of the archives that have not been made."""
    return (name for name in names() if not (FOLDER / name).exists())


def main(arguments: list[str]) -> int:
    """Make what is missing; return the exit code."""
    if arguments not in ([], ["--list"]):
        sys.stderr.write(__doc__ or "")
        return 2
    new = list(missing())
    print(f"{len(new)} archives are missing", *new, sep="\n  ")
    if arguments:
        return 0
    with (FOLDER / LIST).open("a", encoding="utf-8", newline="\n") as archives:
        for name in new:
            form = make(name)
            if form.prior == "-":
                assert weightless.decompress(form.archive) == form.content
            (FOLDER / name).parent.mkdir(exist_ok=True)
            (FOLDER / name).write_bytes(form.archive)
            archives.write(line(name, form))
    (FOLDER / "bad").mkdir(exist_ok=True)
    rows = []
    for name, case in BAD.items():
        path = FOLDER / "bad" / f"{name}.wl"
        if not path.exists():
            path.write_bytes(case.archive)
        rows.append("\t".join((f"{name}.wl", case.error, case.message, case.reason)) + "\n")
    (FOLDER / BAD_LIST).write_text("".join(rows), encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
