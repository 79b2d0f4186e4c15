"""The programs that are compared: weightless's levels, known peers, and given commands.

A command is a list of words, run without a shell in a folder of its own. In it, `{in}` and
`{out}` stand for file names; a command without `{in}` reads standard input, and one without
`{out}` writes standard output.
"""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["WEIGHTLESS", "Program", "found_peers", "parse_peer", "weightless_levels"]

WEIGHTLESS = "weightless"


@dataclass(frozen=True)
class Program:
    """A compressor at one setting."""

    name: str  # as shown in tables
    family: str  # a plot joins programs of one family by a line
    compress: tuple[str, ...]
    decompress: tuple[str, ...]
    suffix: str = ""  # the file name suffix that its archives must have


def _peer(
    family: str, setting: str, compress: str, decompress: str, suffix: str = "", mode: str = ""
) -> Program:
    name = " ".join(word for word in (family, mode, setting) if word)
    words = tuple(compress.format(setting=setting, **_FILES).split())
    return Program(name, family, words, tuple(decompress.format(**_FILES).split()), suffix)


_FILES = {"i": "{in}", "o": "{out}"}

#: Each runs on one thread, so that speeds are those of one core. When a program compresses,
#: `{in}` is a file named `content` (measure.py); zpaq needs that name to extract it.
_PEERS = (
    *(
        _peer("zstd", setting, "zstd {setting} --single-thread -q -c {i}", "zstd -d -q -c {i}")
        for setting in ("-3", "-19", "--ultra -22")
    ),
    _peer("bzip2", "-9", "bzip2 {setting} -c {i}", "bzip2 -d -c"),
    _peer("xz", "-9e", "xz {setting} -T1 -c {i}", "xz -d -T1 -c"),
    _peer("brotli", "-q 11 -w 24", "brotli {setting} -c {i}", "brotli -d -c"),
    _peer(
        "7z",
        "o=16 mem=1g",
        "7z a -bd -y -t7z -m0=PPMd:o=16:mem=1g -mmt=1 {o} {i}",
        "7z e -bd -y -so {i}",
        ".7z",
        mode="PPMd",
    ),
    *(
        _peer(
            "zpaq",
            setting,
            "zpaq add {o} {i} {setting} -t1",
            "zpaq extract {i} content -to {o} -t1 -force",
            ".zpaq",
        )
        for setting in ("-m3", "-m4", "-m5")
    ),
    _peer("bsc", "-b25 -e2", "bsc e {i} {o} {setting} -T", "bsc d {i} {o} -T"),
    _peer("lpaq1", "9", "lpaq1 {setting} {i} {o}", "lpaq1 d {i} {o}"),
)


def found_peers(families: Iterable[str] | None = None) -> list[Program]:
    """Return the known peers that are installed; if given, only those of the named families."""
    wanted = None if families is None else set(families)
    known = {program.family for program in _PEERS}
    if wanted is not None and wanted - known:
        raise ValueError(f"unknown peer: {', '.join(sorted(wanted - known))}")
    return [
        program
        for program in _PEERS
        if (wanted is None or program.family in wanted) and shutil.which(program.compress[0])
    ]


def parse_peer(text: str) -> Program:
    """Parse NAME=COMPRESS COMMAND|DECOMPRESS COMMAND.

    Raises
    ------
    ValueError
        If the text does not have that form.
    """
    name, equals, commands = text.partition("=")
    compress, bar, decompress = commands.partition("|")
    if not (equals and bar and name.strip() and compress.strip() and decompress.strip()):
        raise ValueError(f"{text!r} is not of the form NAME=COMPRESS COMMAND|DECOMPRESS COMMAND")
    name = name.strip()
    words = (tuple(shlex.split(compress)), tuple(shlex.split(decompress)))
    return Program(name, name.split()[0], *words)


def weightless_levels(levels: Iterable[int]) -> list[Program]:
    """Return the weightless of this Python at the given levels, on one thread."""
    command = (sys.executable, "-m", "weightless", "-q", "-f", "-T1")
    return [
        Program(
            f"{WEIGHTLESS} -{level}",
            WEIGHTLESS,
            (*command, f"-{level}", "-o", "{out}", "{in}"),
            (*command, "-d", "-M0", "-o", "{out}", "{in}"),
        )
        for level in levels
    ]
