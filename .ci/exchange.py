"""Archives made and opened on machines that must agree byte for byte (.ci/big_endian).

exchange.py contents FOLDER    writes what is to be compressed
exchange.py make FOLDER        writes archives of it, made in every way
exchange.py open FOLDER        opens all archives in every way, and compares
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

import formats
import kinds
from crafted import stored_frame

import weightless
from weightless.container.skippable import skippable_frame
from weightless.levels import NETWORK_ALONE, level_parameters

SIZE = 1200
GENERATORS = {
    **{kind: getattr(kinds, kind) for kind in ("prose", "csv", "json", "x86", "m68k", "cells")},
    **{kind: getattr(kinds, kind) for kind in ("page", "sound16", "image24", "noise", "records")},
    **{kind: getattr(formats, kind) for kind in ("fastq", "int32", "walk64", "halves", "brains")},
    "float64": kinds.float64,
    "nucleotides": kinds.nucleotides,
}


def ways(name: str, content: bytes, prior: bytes) -> Iterator[tuple[str, bytes]]:
    """Archives of some content, by what is special about them."""
    for level in range(1, 10) if name == "mixture" else (1, 8):
        yield f"level-{level}", weightless.compress(content, level)
    if name != "mixture":
        return
    small = level_parameters(1).replace(memory_bits=16, width=16, horizon=6, ngrams=3)
    yield "network", weightless.compress(content, parameters=NETWORK_ALONE)
    yield "listed", weightless.compress(content, parameters=small)
    yield "blocks", weightless.compress(content, level=1, block_size=300)
    yield "frames", weightless.compress(content, level=2, frame_size=700, threads=2)
    yield "primed", weightless.compress(content, level=1, frame_size=700, primed=True)
    yield "lines", weightless.compress(content, level=1, frame_size=500, frame_at=b"\n")
    yield "prior", weightless.compress(content, level=3, prior=weightless.Prior(prior))
    yield "joined", stored_frame(content[:50]) + skippable_frame(b"?") + stored_frame(content[50:])
    appended = io.BytesIO(weightless.compress(content[:900], level=1))
    appended.seek(0, io.SEEK_END)
    with weightless.open(appended, "ab") as file:
        file.write(content[900:])
    yield "appended", appended.getvalue()


def contents(folder: Path) -> None:
    made = {name: generate(SIZE) for name, generate in GENERATORS.items()}
    made["mixture"] = b"".join(content[:200] for content in made.values())
    made["empty"] = b""
    made["zeros"] = bytes(3000)
    for name, content in made.items():
        (folder / f"{name}.content").write_bytes(content)


def make(folder: Path) -> None:
    prior = (folder / "prose.content").read_bytes()
    for path in sorted(folder.glob("*.content")):
        for way, archive in ways(path.stem, path.read_bytes(), prior):
            (folder / f"{path.stem}.{way}.wl").write_bytes(archive)
            print(f"made {path.stem} {way}: {len(archive)}", flush=True)


def open_all(folder: Path) -> None:
    prior = weightless.Prior((folder / "prose.content").read_bytes())
    count = 0
    for path in sorted(folder.glob("*.wl")):
        name, way, _ = path.name.split(".")
        content = (folder / f"{name}.content").read_bytes()
        archive = path.read_bytes()
        known = prior if way == "prior" else None
        assert weightless.decompress(archive, prior=known, threads=2) == content, path
        if name == "mixture":
            read_in_parts(path, content, known)
        assert weightless.info(path).raw_size == len(content), path
        count += 1
    assert count > len(GENERATORS)
    print(f"opened {count} archives ({sys.byteorder}-endian)")


def read_in_parts(path: Path, content: bytes, prior: weightless.Prior | None) -> None:
    with weightless.open(path, prior=prior) as file:
        for position in (len(content) - 30, 100, 1500):
            file.seek(position)
            assert file.read(20) == content[position : position + 20], path
    if path.name == "mixture.primed.wl":
        return  # its frames depend on the first one
    archive = path.read_bytes()
    pieces = []
    decoder = weightless.Decompressor(prior=prior)
    for i in range(0, len(archive), 7):
        piece = archive[i : i + 7]
        while piece:
            if decoder.eof:
                decoder = weightless.Decompressor(prior=prior)
            pieces.append(decoder.decompress(piece))
            piece = decoder.unused_data
    assert b"".join(pieces) == content, path


if __name__ == "__main__":
    {"contents": contents, "make": make, "open": open_all}[sys.argv[1]](Path(sys.argv[2]))
