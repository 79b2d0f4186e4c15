"""Archives that were made once, for each parameter set and kind of data, decode for ever.

make.py in this folder makes those of new sets and kinds. One that exists is never made again.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import NamedTuple

import make
import network_reader
import plain_reader
import pytest
import xxhash
from golden_kinds import KINDS

import weightless
from weightless import _core
from weightless.levels import PARAMETER_SETS

FOLDER = Path(__file__).parent
FOLDERS = [*map(str, PARAMETER_SETS), "forms"]

#: The lines of archives.txt of release 1.0, and their SHA-256. A later release appends lines to the
#: file, and to these a count and a digest of its own.
RELEASES = {438: "ada8b2f5cd8f17d7c019ed6d6cef2cb9a6c05d8feaa6ff807af7fa60c84ed9a6"}


class Golden(NamedTuple):
    """A line of archives.txt."""

    name: str
    size: int
    sha256: str
    content_size: int
    content_xxh3: str
    prior: str

    @property
    def archive(self) -> bytes:
        return (FOLDER / self.name).read_bytes()

    def check(self, content: bytes) -> None:
        assert len(content) == self.content_size, self.name
        assert xxhash.xxh3_64_hexdigest(content) == self.content_xxh3, self.name


def lines() -> list[str]:
    return (FOLDER / make.LIST).read_text("utf-8").splitlines(keepends=True)


def golden(folder: str = "") -> list[Golden]:
    """All archives, or those of one folder."""
    rows = [line.rstrip("\n").split("\t") for line in lines()]
    found = [Golden(r[0], int(r[1]), r[2], int(r[3]), r[4], r[5]) for r in rows]
    return [item for item in found if not folder or item.name.startswith(f"{folder}/")]


def prior_of(item: Golden) -> weightless.Prior | None:
    if item.prior not in KINDS:
        return None
    number = int(item.name.partition("/")[0])
    return weightless.Prior(KINDS[item.prior](), parameters=PARAMETER_SETS[number])


def test_no_archive_is_changed() -> None:
    for item in golden():
        archive = item.archive
        assert len(archive) == item.size, item.name
        assert hashlib.sha256(archive).hexdigest() == item.sha256, item.name
    for count, digest in RELEASES.items():
        assert hashlib.sha256("".join(lines()[:count]).encode()).hexdigest() == digest
    assert len(lines()) == max(RELEASES)


def test_every_set_has_every_kind_and_form() -> None:
    listed = [item.name for item in golden()]
    assert len(listed) == len(set(listed))
    assert set(listed) == set(make.names())
    on_disk = {path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.wl")}
    assert {name for name in on_disk if not name.startswith("bad/")} == set(listed)
    assert len(KINDS) > 30
    # They are small enough to be kept, and to be decoded by emulators.
    assert sum(path.stat().st_size for path in FOLDER.rglob("*.wl")) < 1_000_000


def test_the_inputs_are_made_the_same_for_ever() -> None:
    for item in golden():
        folder, _, stem = item.name.removesuffix(".wl").partition("/")
        if stem in KINDS and folder != "forms":
            item.check(KINDS[stem]())


@pytest.mark.parametrize("folder", FOLDERS)
def test_archives_decode(folder: str) -> None:
    for item in golden(folder):
        item.check(weightless.decompress(item.archive, prior=prior_of(item)))


@pytest.mark.parametrize("folder", ["1", "10", "forms"])
def test_archives_decode_in_pieces_and_with_threads(folder: str) -> None:
    for item in golden(folder):
        archive, prior = item.archive, prior_of(item)
        item.check(weightless.decompress(archive, prior=prior, threads=2))
        content, rest = b"", archive
        while rest:
            pieces = weightless.Decompressor(prior=prior)
            if item.prior == "own":
                break  # a frame that needs another is not decoded alone
            while rest and not pieces.eof:
                content += pieces.decompress(rest[:100])
                rest = pieces.unused_data + rest[100:]
        if item.prior != "own":
            item.check(content)


def test_the_second_decoders_read_them() -> None:
    for item in golden("forms"):
        if item.name != "forms/large-block.wl":
            item.check(plain_reader.read(item.archive))
    for name in ("10/empty.wl", "10/byte.wl", "forms/listed.wl"):
        (item,) = (item for item in golden() if item.name == name)
        item.check(network_reader.read(item.archive))


@pytest.mark.slow
def test_the_decoder_of_the_network_alone_reads_all_of_them() -> None:
    for item in golden("10"):
        known = KINDS[item.prior]() if item.prior in KINDS else b""
        item.check(network_reader.read(item.archive, known))


#: What the model takes the inputs for, where it has a word for that.
STRUCTURES = {
    "Arrays": ("int32", "float64", "npy"),
    "Arm64Code": ("arm64",),
    "BilevelImage": ("bilevel",),
    "Image": ("image8", "image24", "image32"),
    "JavaClasses": ("java",),
    "M68kCode": ("m68k",),
    "Nucleotides": ("dna",),
    "ParquetPages": ("parquet",),
    "Reads": ("fastq", "sam"),
    "RiscvCode": ("riscv",),
    "Samples": ("wav8", "wav16", "wav24"),
    "Similarity": ("similar",),
    "Spreadsheet": ("sheet",),
    "Tables": ("csv", "json", "log", "sqlite", "tsv"),
    "WasmCode": ("wasm",),
    "X86Code": ("x86",),
}


def test_the_experts_speak_for_their_kinds() -> None:
    """Or an archive of the kind would not show that its expert is as it was."""
    for structure, kinds in STRUCTURES.items():
        for kind in kinds:
            explained = weightless.explain(KINDS[kind](), level=1, probes=0)
            shares = dict(zip(explained.kind_names, explained.kind_bytes, strict=True))
            assert shares.get(structure, 0) > explained.size / 5, (kind, shares)


@pytest.mark.parametrize("number", [1, 3, 7, 8])
def test_there_is_an_input_for_every_expert(number: int) -> None:
    trace = _core.Trace(segment=1, width=1, period=1, probe=0)
    codec = _core.Codec(list(PARAMETER_SETS[number].values))
    codec.observe(trace)
    codec.encode(b"anything")
    names = {name.partition("<")[0] for name in trace.arrays()["kind_names"]}
    assert names - {"Other", "Text"} == set(STRUCTURES)
