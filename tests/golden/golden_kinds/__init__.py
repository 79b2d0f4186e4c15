"""The contents of the golden archives: one input for each kind of data that an expert speaks for.

They are made of integers alone, by a recurrence that is written here, so that they are the same
bytes for ever: no float, no module `random`, no library.
"""

from __future__ import annotations

from collections.abc import Callable

from golden_kinds import (
    arrays,
    biology,
    bytecode,
    databases,
    machine_code,
    media,
    plain,
    tables,
    texts,
)

__all__ = ["KINDS"]

#: A function for each kind, by its name.
KINDS: dict[str, Callable[[], bytes]] = {
    # No kind at all.
    "empty": lambda: b"",
    "byte": lambda: b"w",
    "zeros": lambda: bytes(20_000),
    "noise": lambda: plain.noise(4200),
    "periodic": lambda: plain.periodic(6000),
    "copies": lambda: plain.copies(5000),
    "mixed": lambda: plain.mixed(8000),
    # Text.
    "prose": lambda: texts.prose(5000),
    "markup": lambda: texts.markup(3500),
    "log": lambda: texts.log(4000),
    "csv": lambda: tables.csv(4500),
    "tsv": lambda: tables.fixed_columns(3500),
    "json": lambda: tables.json(4000),
    # Machine code.
    "x86": lambda: machine_code.x86(6000),
    "arm64": lambda: machine_code.arm64(6000),
    "riscv": lambda: machine_code.riscv(6000),
    "m68k": lambda: machine_code.m68k(5000),
    "java": lambda: bytecode.java_classes(7),
    "wasm": lambda: bytecode.wasm_module(110),
    # Numbers.
    "float32": lambda: arrays.float32(5000),
    "float64": lambda: arrays.float64(6000),
    "int32": lambda: arrays.int32(4800),
    "int64": lambda: arrays.int64(4800),
    "npy": lambda: arrays.npy(4000),
    "records": lambda: arrays.records(4000),
    "similar": lambda: arrays.similar(6000),
    # Sound and images.
    "wav16": lambda: media.wav(16, 2, 1500),
    "wav8": lambda: media.wav(8, 1, 4000),
    "wav24": lambda: media.wav(24, 1, 1600),
    "image8": lambda: media.pgm(80, 64),
    "image24": lambda: media.bmp(24, 50, 40),
    "image32": lambda: media.tga(40, 36),
    "bilevel": lambda: media.pbm(320, 200),
    # Files of tables.
    "sqlite": lambda: databases.sqlite(6),
    "parquet": lambda: databases.parquet(1400),
    "sheet": lambda: databases.sheet(5000),
    # Biology.
    "dna": lambda: biology.dna(7000),
    "fastq": lambda: biology.fastq(7000),
    "sam": lambda: biology.sam(6000),
}
