"""The installed command: its outputs, messages and exit statuses."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from at_work import wait_for_temporary
from conftest import Run
from data import counters, noise, text
from patience import PATIENCE
from run_outcome import names, outcome

import weightless

DATA = text(3000)
posix = pytest.mark.skipif(os.name != "posix", reason="POSIX only")


def test_file_and_back(run: Run, folder: Path) -> None:
    Path("a.txt").write_bytes(DATA)
    archive = weightless.compress(DATA)
    percent = 100 * len(archive) / 3000
    assert outcome(run("a.txt")) == (
        0,
        "",
        f"a.txt: {percent:.2f}% (3000 => {len(archive)} bytes, a.txt.wl)\n",
    )
    assert Path("a.txt.wl").read_bytes() == archive
    Path("a.txt").unlink()
    assert outcome(run("-d", "a.txt.wl")) == (0, "", "a.txt.wl: 3000 bytes, a.txt\n")
    assert Path("a.txt").read_bytes() == DATA
    assert names(folder) == ["a.txt", "a.txt.wl"]


def test_to_standard_output(run: Run, folder: Path) -> None:
    Path("a").write_bytes(DATA)
    done = run("-1c", "a")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == weightless.compress(DATA, 1)
    Path("a.wl").write_bytes(done.stdout)
    done = run("-dc", "a.wl")
    assert (done.returncode, done.stdout, done.stderr) == (0, DATA, b"")
    assert run("-d", "-o", "-", "a.wl").stdout == DATA


@pytest.mark.parametrize("arguments", [("-1",), ("-1", "-"), ("-1c",), ("-1c", "-")])
def test_filter(run: Run, arguments: tuple[str, ...]) -> None:
    done = run(*arguments, stdin=DATA)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == weightless.compress(DATA, 1)
    done = run("-d", *arguments[1:], stdin=done.stdout)
    assert (done.returncode, done.stdout, done.stderr) == (0, DATA, b"")


def test_concatenated_archives(run: Run, folder: Path) -> None:
    Path("both.wl").write_bytes(weightless.compress(b"one ", 1) + weightless.compress(b"two", 2))
    assert run("-dc", "both.wl").stdout == b"one two"
    Path("a").write_bytes(b"one ")
    Path("b").write_bytes(b"two")
    assert weightless.decompress(run("-1c", "a", "b").stdout) == b"one two"


def test_bundled_letters(run: Run, folder: Path) -> None:
    Path("a").write_bytes(DATA)
    assert run("-1T0kf", "a").returncode == 0
    assert Path("a.wl").read_bytes() == weightless.compress(DATA, 1)
    assert outcome(run("-9T0M64Mdkf", "a.wl")) == (0, "", "a.wl: 3000 bytes, a\n")
    assert run("-1fob.wl", "a").returncode == 0
    assert Path("b.wl").exists()


def test_levels_and_environment(run: Run, folder: Path) -> None:
    done = run("-c", stdin=DATA, env={"WEIGHTLESS_LEVEL": "2"})
    assert done.stdout == weightless.compress(DATA, 2)
    assert run("-1c", stdin=DATA, env={"WEIGHTLESS_LEVEL": "2"}).stdout == weightless.compress(
        DATA, 1
    )
    # An invalid value does not stop the command.
    bad = {"WEIGHTLESS_LEVEL": "ten", "WEIGHTLESS_THREADS": "-2"}
    done = run("-c", stdin=b"x", env=bad)
    assert (done.returncode, done.stdout) == (0, weightless.compress(b"x"))
    assert done.stderr.decode() == (
        "weightless: WEIGHTLESS_LEVEL is 'ten', not a number from 1 to 9: using 6\n"
        "weightless: WEIGHTLESS_THREADS is '-2', not a number from 0 to 1048576: using 1\n"
    )
    assert run("-cq", stdin=b"x", env=bad).stderr == b""
    assert run("-1cT2", stdin=b"x", env=bad).stderr == b""
    assert run("-c", stdin=b"x", env={"WEIGHTLESS_LEVEL": "0"}).stderr.count(b"\n") == 1


def test_test(run: Run, folder: Path) -> None:
    archive = bytearray(weightless.compress(DATA, 1))
    Path("a.wl").write_bytes(archive)
    assert outcome(run("-t", "a.wl")) == (0, "", "a.wl: 3000 bytes, sound\n")
    archive[500] ^= 1
    Path("a.wl").write_bytes(archive)
    assert outcome(run("-t", "--rm", "a.wl")) == (
        1,
        "",
        "weightless: a.wl: a block is damaged (at byte 6 of the archive)\n",
    )
    assert names(folder) == ["a.wl"]


def test_list(run: Run, folder: Path) -> None:
    small = weightless.Parameters(width=16)
    one = weightless.compress(counters(), parameters=small)
    two = weightless.compress(counters(), parameters=small, block_size=100)
    # Only headers are read, not payloads.
    hollow = bytearray(two)
    hollow[-20] ^= 255
    Path("one.wl").write_bytes(one)
    Path("two.wl").write_bytes(hollow)
    memory = f"{small.memory / 1024:.1f} KiB"
    ratio = 210 / len(one)
    both = len(one) + len(two)
    half, total = 210 / len(two), 420 / both
    assert outcome(run("-l", "one.wl", "two.wl")) == (
        0,
        "Frames  Blocks    Level  Compressed  Uncompressed   Ratio    Memory  Filename\n"
        f"     1       1 research {len(one):>9} B         210 B {ratio:7.3f} {memory:>9}  one.wl\n"
        f"     1       3 research {len(two):>9} B         210 B {half:7.3f} {memory:>9}  two.wl\n"
        f"     2       4 research {both:>9} B         420 B {total:7.3f} {memory:>9}  2 files\n",
        "",
    )
    done = run("-l", "--json", "one.wl")
    (record,) = json.loads(done.stdout)
    assert record["filename"] == "one.wl"
    assert record["compressed_size"] == len(one)
    assert record["uncompressed_size"] == 210
    (frame,) = record["frames"]
    assert frame["parameters"]["width"] == 16
    assert frame["parameter_set"] is None
    Path("bad.wl").write_bytes(b"not an archive")
    assert outcome(run("-l", "bad.wl")) == (
        1,
        "",
        "weightless: bad.wl: not a weightless archive (at byte 0 of the archive)\n",
    )


def test_list_seeks_over_payloads(run: Run, folder: Path) -> None:
    # A skippable frame of 2.5 GB is sparse: reading it would take long; sizes exceed 32 bits.
    from weightless.container.checks import header_check
    from weightless.container.varint import encode_varint

    size = 5 << 29
    header = b"\xd7\n\x0e\xff" + encode_varint(size)
    archive = weightless.compress(b"x", 1)
    with Path("big.wl").open("wb") as stream:
        stream.write(archive + header + bytes([header_check(header)]))
        stream.seek(size, os.SEEK_CUR)
        stream.write(archive)
    done = run("-l", "--json", "big.wl")
    (record,) = json.loads(done.stdout)
    assert record["compressed_size"] == Path("big.wl").stat().st_size > 1 << 31
    assert [frame["skippable"] for frame in record["frames"]] == [False, True, False]


def test_refuses_to_overwrite(run: Run, folder: Path) -> None:
    Path("a").write_bytes(DATA)
    Path("a.wl").write_bytes(b"mine")
    assert outcome(run("-1", "a")) == (1, "", "weightless: a.wl: file exists\n")
    assert Path("a.wl").read_bytes() == b"mine"
    assert run("-1f", "a").returncode == 0
    assert run("-d", "a.wl").returncode == 1
    assert run("-df", "a.wl").returncode == 0
    assert names(folder) == ["a", "a.wl"]


def test_source_is_kept_unless_asked(run: Run, folder: Path) -> None:
    Path("a").write_bytes(DATA)
    run("-1", "a")
    assert Path("a").exists()
    assert run("-1f", "--rm", "a").returncode == 0
    assert names(folder) == ["a.wl"]
    assert run("-t", "--rm", "a.wl").returncode == 0
    assert run("-dc", "--rm", "a.wl").stdout == DATA
    assert names(folder) == ["a.wl"]
    assert run("-d", "--rm", "a.wl").returncode == 0
    assert names(folder) == ["a"]


@posix
def test_mode_and_time_are_kept(run: Run, folder: Path) -> None:
    source = Path("a")
    source.write_bytes(DATA)
    source.chmod(0o640)
    os.utime(source, ns=(10**18, 1_234_567_890_123_456_789))
    run("-1", "a")
    for path in (Path("a.wl"), Path("b")):
        if path.name == "b":
            assert run("-d", "-o", "b", "a.wl").returncode == 0
        status = path.stat()
        assert stat.S_IMODE(status.st_mode) == 0o640
        assert status.st_mtime_ns == 1_234_567_890_123_456_789


def test_output_options(run: Run, folder: Path) -> None:
    Path("a").write_bytes(DATA)
    Path("in/deep").mkdir(parents=True)
    Path("in/x").write_bytes(b"x")
    Path("in/deep/y").write_bytes(b"y")
    Path("out").mkdir()
    assert run("-1", "-o", "named", "a").returncode == 0
    assert run("-1", "--output-dir", "out", "a", "in/x").returncode == 0
    assert run("-1", "-r", "in").returncode == 0
    assert names(folder) == [
        "a",
        "in/deep/y",
        "in/deep/y.wl",
        "in/x",
        "in/x.wl",
        "named",
        "out/a.wl",
        "out/x.wl",
    ]
    # When the command is repeated, it leaves archives alone.
    assert run("-1rf", "in").returncode == 0
    assert "in/x.wl.wl" not in names(folder)
    assert run("-drf", "in").returncode == 0
    assert Path("in/deep/y").read_bytes() == b"y"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("-o", "x", "a", "b"), "-o accepts one input only; use --output-dir or -c for several"),
        (
            ("-o", "x", "--output-dir", "y", "a"),
            "-o, --output-dir and --output-dir-mirror are mutually exclusive",
        ),
        (("--json", "a"), "--json requires -l, -b or --explain"),
        (("-19", "a"), "argument --level: '19' is not a level from 1 to 9"),
        (("-0", "a"), "unknown option -0"),
        (("-b10", "a"), "argument -b: '10' is not a level from 1 to 9"),
        (("-bd", "a"), "-b cannot be combined with -d, -t, -l or --explain"),
        (("-e3", "a"), "-e requires -b"),
        (("-b4e3", "a"), "the level of -e is below that of -b"),
        (("-Tx", "a"), "argument -T/--threads: expected one argument"),
        (("--threads=x", "a"), "argument -T/--threads: 'x' is not a number of threads"),
        (
            ("--block-size", "2M", "a"),
            "argument --block-size: 2M is not in [1, 1048576]",
        ),
        (("--nonsense",), "unknown option --nonsense"),
    ],
)
def test_wrong_usage(run: Run, arguments: tuple[str, ...], message: str) -> None:
    assert outcome(run(*arguments)) == (
        2,
        "",
        f"usage: weightless [OPTION]... [FILE]...\nweightless: error: {message}\n"
        "Try 'weightless --help' for the list of options.\n",
    )


def test_goes_on_after_an_error(run: Run, folder: Path) -> None:
    Path("a").write_bytes(b"aaaa")
    Path("dir").mkdir()
    Path("z").write_bytes(b"zzzz")
    done = outcome(run("-1", "a", "missing", "dir", "z"))
    size = Path("a.wl").stat().st_size
    assert 8 < size < 20
    assert done == (
        1,
        "",
        f"a: {size / 4:.2%} (4 => {size} bytes, a.wl)\n"
        "weightless: missing: no such file or directory\n"
        "weightless: dir: is a directory (use -r to process its files)\n"
        f"z: {size / 4:.2%} (4 => {size} bytes, z.wl)\n",
    )


def test_quiet_and_verbose(run: Run, folder: Path) -> None:
    Path("a").write_bytes(DATA)
    assert outcome(run("-1q", "a")) == (0, "", "")
    assert outcome(run("-1q", "a")) == (1, "", "weightless: a.wl: file exists\n")
    assert outcome(run("-1qq", "a")) == (1, "", "")
    assert "bits per byte" in run("-1fv", "a").stderr.decode()


def test_bad_archives(run: Run, folder: Path) -> None:
    archive = weightless.compress(DATA, 1)
    later = archive[:3] + b"\x50" + archive[4:]
    for content, message in (
        (b"", "not a weightless archive: it is empty (at byte 0 of the archive)"),
        (b"hello", "not a weightless archive (at byte 0 of the archive)"),
        (later, "format version 5 is not supported by this version (at byte 0 of the archive)"),
        (archive[:-1], "the archive is truncated (at byte 6 of the archive)"),
        (archive + b"x", "the data that follows a frame's end is not a frame"),
    ):
        Path("a.wl").write_bytes(content)
        for arguments in (("-d",), ("-t",)):
            done = run(*arguments, "a.wl")
            assert (done.returncode, done.stdout) == (1, b"")
            assert done.stderr.decode().startswith(f"weightless: a.wl: {message}")
            assert done.stderr.count(b"\n") == 1
        # The same words from -l, which states where the frame begins rather than the block.
        done = run("-l", "a.wl")
        assert (done.returncode, done.stdout) == (1, b"")
        assert done.stderr.decode().startswith(f"weightless: a.wl: {message.split(' (at')[0]}")
        assert names(folder) == ["a.wl"]


def test_limits(run: Run, folder: Path) -> None:
    Path("a.wl").write_bytes(weightless.compress(DATA, 1))
    done = run("-dM1K", "a.wl")
    assert done.returncode == 1
    assert (
        b"the limit is 1.00 KiB; raise it with memory_limit (-M on the command line)" in done.stderr
    )
    assert run("-dM0", "a.wl").returncode == 0
    done = run("-dc", "--max-output-size=2K", "a.wl")
    assert (done.returncode, done.stdout) == (1, b"")
    assert (
        b"larger than the limit of 2.00 KiB; raise it with max_output_size (--max-output-size "
        in done.stderr
    )


def test_salvage(run: Run, folder: Path) -> None:
    archive = bytearray(weightless.compress(DATA, 1, block_size=1000))
    archive[-30] ^= 1
    Path("a.wl").write_bytes(archive)
    assert run("-d", "a.wl").returncode == 1
    assert names(folder) == ["a.wl"]
    code, out, err = outcome(run("-d", "--rm", "--salvage", "a.wl"))
    assert (code, out) == (1, "")
    assert "weightless: a.wl: a block is damaged (at byte" in err
    assert "weightless: a: 2000 bytes salvaged; the rest is missing\n" in err
    assert Path("a").read_bytes() == DATA[:2000]
    assert Path("a.wl").exists()
    assert run("-dc", "--salvage", "a.wl").stdout == DATA[:2000]


def test_names(run: Run, folder: Path) -> None:
    Path("with space").write_bytes(b"x")
    assert run("-1", "with space").returncode == 0
    Path("noending").write_bytes(weightless.compress(b"x", 1))
    assert outcome(run("-d", "noending")) == (
        1,
        "",
        "weightless: noending: unknown suffix (.wl expected); "
        "specify the output (-o on the command line)\n",
    )
    Path("t.twl").write_bytes(weightless.compress(b"tar", 1))
    assert run("-d", "t.twl").returncode == 0
    assert Path("t.tar").read_bytes() == b"tar"
    Path("-dash").write_bytes(b"x")
    assert run("-1", "--", "-dash").returncode == 0
    assert Path("-dash.wl").exists()


@posix
@pytest.mark.skipif(sys.platform == "darwin", reason="the file system wants UTF-8")
def test_undecodable_name(run: Run, folder: Path) -> None:
    name = b"caf\xe9"
    with open(name, "wb") as stream:
        stream.write(b"x")
    done = run("-1", name)
    assert (done.returncode, done.stderr.count(b"\n")) == (0, 1)
    assert os.path.exists(name + b".wl")


@posix
def test_links_and_special_files(run: Run, folder: Path) -> None:
    Path("a").write_bytes(b"x")
    Path("link").symlink_to("a")
    assert outcome(run("-1", "link")) == (
        1,
        "",
        "weightless: link: is a symbolic link (use -f to follow it)\n",
    )
    assert run("-1f", "link").returncode == 0
    assert weightless.decompress(Path("link.wl").read_bytes()) == b"x"
    os.mkfifo("pipe")
    assert outcome(run("-1", "pipe")) == (
        1,
        "",
        "weightless: pipe: is not a regular file (use -c or -o to read it)\n",
    )
    assert run("-c1", "/dev/null").stdout == weightless.compress(b"", 1)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_disk_full(run: Run, folder: Path) -> None:
    Path("a").write_bytes(DATA)
    assert outcome(run("-1", "-fo", "/dev/full", "a")) == (
        1,
        "",
        "weightless: /dev/full: no space left on device\n",
    )


@posix
def test_file_size_limit_leaves_nothing(command: str, folder: Path) -> None:
    Path("a").write_bytes(noise(200_000))
    done = subprocess.run(
        ["/bin/sh", "-c", f"ulimit -f 64; exec '{command}' -1 --block-size 20000 a"],
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr == b"weightless: a.wl: file too large\n"
    assert names(folder) == ["a"]


def unprivileged() -> list[str] | None:
    """A command prefix that drops root's right to read any file; empty without root."""
    if os.geteuid() != 0:
        return []
    prefix = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
    try:
        subprocess.run([*prefix, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return prefix


@posix
def test_unreadable_and_read_only(command: str, folder: Path) -> None:
    prefix = unprivileged()
    if prefix is None:
        pytest.skip("root may read anything, and setpriv does not work here")
    Path("a").write_bytes(b"x")
    Path("a").chmod(0)
    Path("d").mkdir()
    Path("d/b").write_bytes(b"x")
    Path("d").chmod(0o500)
    done = subprocess.run(
        [*prefix, command, "-1", "a", "d/b"], capture_output=True, check=False, timeout=PATIENCE
    )
    Path("d").chmod(0o700)
    assert outcome(done) == (
        1,
        "",
        "weightless: a: permission denied\nweightless: d/b.wl: permission denied\n",
    )


@posix
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted(command: str, folder: Path, number: int) -> None:
    Path("big").write_bytes(noise(20_000_000))
    process = subprocess.Popen([command, "-9", "big"], stderr=subprocess.PIPE)
    temporary = wait_for_temporary(folder)
    assert stat.S_IMODE(temporary.stat().st_mode) == 0o600
    process.send_signal(number)
    _, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, err) == (-number, b"")
    assert names(folder) == ["big"]


@posix
def test_reader_goes_away(command: str, folder: Path) -> None:
    Path("a.wl").write_bytes(weightless.compress(bytes(1_000_000), 1))
    done = subprocess.run(
        ["/bin/sh", "-c", f"'{command}' -dc a.wl | head -c 10 | wc -c"],
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (done.stdout.strip(), done.stderr) == (b"10", b"")


def test_version_and_help(run: Run) -> None:
    assert outcome(run("--version")) == (0, f"weightless {weightless.__version__}\n", "")
    done = run("--help")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode().endswith(
        "\nexit status (incomplete outputs are removed):\n"
        "  0      success\n"
        "  1      at least one file failed; all others were processed\n"
        "  2      invalid usage; nothing was done\n"
        "  128+N  terminated by signal N, as shells report it (130 for Ctrl-C)\n"
    )


def test_module_is_the_command_too(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "weightless", "-1"], input=DATA, capture_output=True, check=True
    )
    assert done.stdout == weightless.compress(DATA, 1)


def test_imports_stay_light() -> None:
    code = (
        "import sys, weightless.cli\n"
        "assert weightless.cli.main(['--version']) == 0\n"
        "heavy = ('numpy', 'tqdm', 'xxhash', 'json', 'asyncio')\n"
        "print([module for module in heavy if module in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout.splitlines()[-1] == b"[]"
