"""The command's options for outputs, threads and benchmarks, one by one."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from conftest import Run
from data import records, text
from run_outcome import names, outcome

import weightless
from weightless import _core
from weightless.cli.arguments import expand_bundles, parse_size

DATA = text(1500)
posix = pytest.mark.skipif(os.name != "posix", reason="POSIX only")


@pytest.mark.parametrize(
    ("bundle", "options"),
    [
        ("-dkf", ["-d", "-k", "-f"]),
        ("-9T0", ["-9", "-T0"]),
        ("-T0dM64MiBv", ["-T0", "-d", "-M64MiB", "-v"]),
        ("-M2Gk", ["-M2G", "-k"]),
        ("-cofile", ["-c", "-ofile"]),
        ("-b", ["-b0"]),
        ("-b1e3", ["-b1", "-e3"]),
        ("-bk3", ["-b0", "-k", "-3"]),
        ("-19", ["--level=19"]),
        ("--rm", ["--rm"]),
        ("-", ["-"]),
        ("a-1", ["a-1"]),
    ],
)
def test_bundles(bundle: str, options: list[str]) -> None:
    assert expand_bundles([bundle]) == options
    assert expand_bundles(["-k", bundle, "--", bundle]) == ["-k", *options, "--", bundle]


def test_sizes() -> None:
    wanted = {"7": 7, "64K": 65536, "1MB": 1 << 20, "1MiB": 1 << 20, "2G": 1 << 31, "0": 0}
    assert {text: parse_size(text) for text in wanted} == wanted
    for wrong in ("", "K", "1.5M", "-1", "1T", "1KK", "1 M"):
        with pytest.raises(ValueError, match="is not a size such as 4096, 64K or 2G"):
            parse_size(wrong)


def test_standard_input_to_a_named_file(run: Run, folder: Path) -> None:
    for arguments in (("-1", "-o", "a.wl"), ("-1f", "-oa.wl", "-")):
        assert outcome(run(*arguments, stdin=DATA)) == (0, "", "")
        assert weightless.decompress(Path("a.wl").read_bytes()) == DATA
    assert run("-1", "-oa.wl", stdin=b"other").returncode == 1
    assert outcome(run("-d", "-o", "b", stdin=Path("a.wl").read_bytes())) == (0, "", "")
    assert Path("b").read_bytes() == DATA
    assert outcome(run("-d", "-o", "c", stdin=b"what is this")) == (
        1,
        "",
        "weightless: standard input: not a weightless archive (at byte 0 of the archive)\n",
    )
    assert names(folder) == ["a.wl", "b"]


def test_output_is_the_input(run: Run, folder: Path) -> None:
    Path("a").write_bytes(DATA)
    Path("b").hardlink_to("a")
    for output in ("a", "./a", "b"):
        assert outcome(run("-1f", "--rm", "-o", output, "a")) == (
            1,
            "",
            "weightless: a: input and output are the same file\n",
        )
    assert Path("a").read_bytes() == DATA


def test_two_inputs_one_output(run: Run, folder: Path) -> None:
    for name in ("x", "y"):
        Path(name).mkdir()
        Path(name, "same").write_bytes(name.encode())
    assert outcome(run("-1fq", "--rm", "--output-dir", "out/deep", "x/same", "y/same")) == (
        1,
        "",
        f"weightless: {Path('out/deep/same.wl')}: another input has the same output\n",
    )
    assert names(folder) == ["out/deep/same.wl", "y/same"]
    assert weightless.decompress(Path("out/deep/same.wl").read_bytes()) == b"x"


@posix
def test_input_stays_when_its_output_cannot_be_read_again(run: Run, folder: Path) -> None:
    Path("a").write_bytes(DATA)
    assert run("-1", "--rm", "-fo", "/dev/null", "a").returncode == 0
    assert names(folder) == ["a"]


def test_rm_with_keep(run: Run, folder: Path) -> None:
    Path("a").write_bytes(b"x")
    assert run("-1k", "--rm", "a").returncode == 0
    assert names(folder) == ["a", "a.wl"]


def test_sync(run: Run, folder: Path) -> None:
    Path("a").write_bytes(b"x")
    assert run("-1", "--sync", "a").returncode == 0
    assert weightless.decompress(Path("a.wl").read_bytes()) == b"x"


@pytest.mark.parametrize("threads", [0, 1, 2, 1000])
def test_threads_change_nothing(run: Run, folder: Path, threads: int) -> None:
    expected = weightless.compress(DATA, 1)
    assert weightless.compress(DATA, 1, threads=threads) == expected
    assert weightless.decompress(expected, threads=threads) == DATA
    assert run(f"-1cT{threads}", stdin=DATA).stdout == expected
    assert run("-1c", stdin=DATA, env={"WEIGHTLESS_THREADS": str(threads)}).stdout == expected
    assert run("-d", f"--threads={threads}", stdin=expected).stdout == DATA


MIXED = text(500) + records(500)


@pytest.fixture(scope="module")
def archives_of_best_target() -> list[bytes]:
    """Return the archives that the best instruction set writes at each level."""
    return [weightless.compress(MIXED, level) for level in range(1, 10)]


@pytest.mark.parametrize("target", _core.targets())
def test_targets_change_nothing(
    run: Run, folder: Path, target: str, archives_of_best_target: list[bytes]
) -> None:
    """Each instruction set writes the same archive at each level as the best one, and reads it."""
    environment = {"WEIGHTLESS_TARGET": target}
    for level, archive in enumerate(archives_of_best_target, 1):
        done = run(f"-{level}", stdin=MIXED, env=environment)
        assert done.returncode == 0, done.stderr
        assert done.stdout == archive
    Path("all.wl").write_bytes(b"".join(archives_of_best_target))
    assert run("-dc", "all.wl", env=environment).stdout == MIXED * 9


def test_threads_reach_the_codec() -> None:
    parameters = weightless.Parameters(width=16, delay=1)
    asked: list[int] = []

    class Spy:
        def __init__(self, codec: _core.Codec) -> None:
            self.codec = codec

        def set_threads(self, threads: int) -> None:
            asked.append(threads)
            self.codec.set_threads(threads)

        def __getattr__(self, name: str) -> object:
            return getattr(self.codec, name)

    real = weightless.Parameters.codec

    def codec(self: weightless.Parameters, **how: bool) -> Spy:
        return Spy(real(self, **how))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(weightless.Parameters, "codec", codec)
        archive = weightless.compress(DATA, parameters=parameters, threads=2)
        assert weightless.decompress(archive, threads=3) == DATA
        assert weightless.compress(DATA, parameters=parameters, threads=0) == archive
    assert asked[:2] == [2, 3]
    assert 1 <= asked[2] <= (os.cpu_count() or 1)


def test_benchmark(run: Run, folder: Path) -> None:
    Path("a").write_bytes(DATA)
    Path("empty").write_bytes(b"")
    code, out, err = outcome(run("-b1e2", "a", "missing", "empty"))
    assert (code, err) == (1, "weightless: missing: no such file or directory\n")
    head, *rows = out.splitlines()
    columns = "Level Uncompressed Compressed Ratio Bits/byte Compression Decompr. Memory Filename"
    assert " ".join(head.split()) == columns
    sizes = {level: len(weightless.compress(DATA, level)) for level in (1, 2)}
    speed = r"[\d.]+ (?:[KMG]i)?B/s"
    for level, line in zip((1, 2), rows[:2], strict=True):
        size = sizes[level]
        assert re.fullmatch(
            rf" +{level} +1500 +{size} +{1500 / size:.3f} +{8 * size / 1500:.4f}"
            rf" +{speed} +{speed} +[\d.]+ [KMG]iB  a",
            line,
        ), line
    assert [line.split()[:3] for line in rows[2:]] == [
        [str(level), "0", str(len(weightless.compress(b"", level)))] for level in (1, 2)
    ]
    assert names(folder) == ["a", "empty"]


@pytest.mark.parametrize(
    ("options", "level"),
    [(["-b"], 2), (["-b0"], 2), (["-b0", "-1"], 1), (["-1b"], 1), (["-b1", "-3"], 1)],
)
def test_benchmark_without_a_level(run: Run, folder: Path, options: list[str], level: int) -> None:
    done = run(*options, "--json", "-", stdin=b"x", env={"WEIGHTLESS_LEVEL": "2"})
    assert [record["level"] for record in json.loads(done.stdout)] == [level]
    assert "without a level, or with 0" in " ".join(run("--help").stdout.decode().split())


DECODING = [["-M1K"], ["--cost-limit=1"], ["--max-output-size=1"], ["--salvage"]]
ENCODING = [["-9"], ["--level=3"], ["--block-size=1"], ["--frame-size=1"]]


def test_options_of_the_other_direction_have_no_effect(run: Run, folder: Path) -> None:
    """As with zstd and xz; --help says so."""
    archive = weightless.compress(DATA, 1)
    for options in DECODING:
        done = run("-1c", *options, stdin=DATA)
        assert (done.returncode, done.stdout, done.stderr) == (0, archive, b"")
    for options in ENCODING:
        done = run("-dc", *options, stdin=archive)
        assert (done.returncode, done.stdout, done.stderr) == (0, DATA, b"")
    text = " ".join(run("--help").stdout.decode().split())
    assert "Options that concern only compression have no effect on decoding" in text


def test_benchmark_json_and_levels(run: Run, folder: Path) -> None:
    (record,) = json.loads(run("-2b", "--json", stdin=DATA).stdout)
    assert record["level"] == 2
    assert record["filename"] == "-"
    assert record["uncompressed_size"] == 1500
    assert record["compressed_size"] == len(weightless.compress(DATA, 2))
    assert record["compression_speed"] > 0
    assert record["memory"] == weightless.level_parameters(2).memory_for(1500)
    done = run("-b", "--json", "-", stdin=b"x", env={"WEIGHTLESS_LEVEL": "3"})
    assert [record["level"] for record in json.loads(done.stdout)] == [3]


def test_statistics(run: Run, folder: Path) -> None:
    Path("a").write_bytes(DATA)
    Path("b").write_bytes(DATA)
    size = len(weightless.compress(DATA, 1))
    number = r"\d+\.\d+"
    statistics = (
        rf": ratio {1500 / size:.3f}, {8 * size / 1500:.3f} bits per byte, {number} s, "
        rf"{number} (?:[KMG]i)?B/s \(1500 <=> {size} bytes\)"
    )
    lines = run("-1v", "a", "b").stderr.decode().splitlines()
    assert re.fullmatch("a" + statistics, lines[1]), lines
    assert re.fullmatch("b" + statistics, lines[3]), lines
    assert lines[4].startswith("2 files: 2.93 KiB of content, ")
    # The time is measured for a stream and for a test, too.
    for options in (("-tv",), ("-dcvv",)):
        said = run(*options, "a.wl").stderr.decode()
        found = re.search(r", ([\d.]+) s, ([\d.]+) (?:[KMG]i)?B/s", said)
        assert found
        # One of them is 0.0 on a very slow or very fast machine, but not both.
        assert float(found[1]) + float(found[2]) > 0
