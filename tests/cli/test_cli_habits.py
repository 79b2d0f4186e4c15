"""Command lines that users of zstd are used to, with the exact output."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest
from conftest import Run
from data import text
from run_outcome import names, outcome

import weightless

DATA = text(1500)
SIZE = len(weightless.compress(DATA, 1))
PERCENT = f"{100 * SIZE / 1500:.2f}%"
posix = pytest.mark.skipif(os.name != "posix", reason="POSIX only")


def line(name: str, output: str | None = None) -> str:
    return f"{name}: {PERCENT} (1500 => {SIZE} bytes, {output or name + '.wl'})\n"


def write(*paths: str) -> None:
    for path in paths:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_bytes(DATA)


def test_options_and_files_in_any_order(run: Run, folder: Path) -> None:
    write("a", "b", "c")
    assert outcome(run("a", "-1", "b", "--output-dir", "out", "c", "-k")) == (
        0,
        "",
        "".join(line(name, f"{Path('out', name)}.wl") for name in "abc"),
    )
    assert outcome(run("out/a.wl", "-d", "-oback")) == (
        0,
        "",
        f"{Path('out/a.wl')}: 1500 bytes, back\n",
    )


def test_names_that_look_like_options(run: Run, folder: Path) -> None:
    write("-d", "--", "a")
    assert outcome(run("a", "-1", "--", "-d", "--")) == (0, "", line("a") + line("-d") + line("--"))
    assert names(folder) == ["--", "--.wl", "-d", "-d.wl", "a", "a.wl"]
    assert outcome(run("-1f", "./-d")) == (0, "", line("-d"))


def test_name_that_is_empty(run: Run, folder: Path) -> None:
    assert outcome(run("-1", "")) == (1, "", "weightless: : no such file or directory\n")


def test_standard_input_among_files(run: Run, folder: Path) -> None:
    write("a", "b")
    done = run("-1c", "a", "-", "b", stdin=b"between")
    assert (done.returncode, done.stderr) == (0, b"")
    assert weightless.decompress(done.stdout) == DATA + b"between" + DATA
    assert names(folder) == ["a", "b"]


@pytest.mark.parametrize("options", ["-dc", "-t", "-l", "-b1"])
def test_rm_removes_nothing_when_nothing_takes_its_place(
    run: Run, folder: Path, options: str
) -> None:
    Path("a.wl").write_bytes(weightless.compress(DATA, 1))
    assert run(options, "--rm", "a.wl").returncode == 0
    assert names(folder) == ["a.wl"]


@posix
def test_modes(run: Run, folder: Path) -> None:
    before = os.umask(0o027)
    try:
        write("a")
        Path("a").chmod(0o4751)
        assert outcome(run("-1", "a")) == (0, "", line("a"))
        assert run("-1oin.wl", stdin=DATA).returncode == 0
        assert run("-d", "-oin", stdin=Path("in.wl").read_bytes()).returncode == 0
        assert run("-d", "-oa.out", "a.wl").returncode == 0
        assert run("-1", "--output-dir", "new", "a").returncode == 0
    finally:
        os.umask(before)
    modes = {str(path): oct(stat.S_IMODE(path.stat().st_mode)) for path in Path().rglob("*")}
    assert modes == {
        "a": "0o4751",
        "a.wl": "0o751",  # without the set-user-id bit
        "a.out": "0o751",
        "in.wl": "0o640",  # standard input has no mode, so it is that of any new file
        "in": "0o640",
        "new": "0o750",
        "new/a.wl": "0o751",
    }


def test_recursive(run: Run, folder: Path) -> None:
    write("in/b", "in/a/c", "in/z.wl", "other")
    inner = [str(Path("in", name)) for name in ("b", "a/c")]
    assert outcome(run("-1", "-r", "other", "in")) == (
        0,
        "",
        "".join(map(line, ("other", *inner))),
    )
    Path("in/z.wl").unlink()
    archives = [f"{name}.wl" for name in inner]
    assert outcome(run("-tr", "in")) == (
        0,
        "",
        "".join(f"{name}: 1500 bytes, sound\n" for name in archives),
    )
    listed = json.loads(run("-lr", "--json", "in").stdout)
    assert [record["filename"] for record in listed] == archives
    assert outcome(run("-drf", "--rm", "in")) == (
        0,
        "",
        "".join(f"{name}.wl: 1500 bytes, {name}\n" for name in inner),
    )
    assert names(folder) == ["in/a/c", "in/b", "other", "other.wl"]


def test_output_folders(run: Run, folder: Path) -> None:
    write("in/same", "in/deep/same")
    first, second = str(Path("in/same")), str(Path("in/deep/same"))
    for option in ("--output-dir", "--output-dir-flat"):
        assert outcome(run("-1rf", option, "flat", "in")) == (
            1,
            "",
            line(first, str(Path("flat/same.wl")))
            + f"weightless: {Path('flat/same.wl')}: another input has the same output\n",
        )
    assert outcome(run("-1r", "--output-dir-mirror", "out", "in")) == (
        0,
        "",
        line(first, str(Path("out/in/same.wl"))) + line(second, str(Path("out/in/deep/same.wl"))),
    )
    # An absolute name goes below the folder as well; a name with .. cannot leave it.
    absolute = Path("in/same").resolve()
    assert run("-1", "--output-dir-mirror", "abs", str(absolute)).returncode == 0
    below = Path("abs", absolute.relative_to(absolute.anchor))
    assert below.with_name("same.wl").exists()
    outside = str(Path("in/../in/same"))
    assert outcome(run("-1", "--output-dir-mirror", "out/a", outside, first)) == (
        1,
        "",
        f"weightless: {outside}: --output-dir-mirror does not accept paths with ..\n"
        + line(first, str(Path("out/a/in/same.wl"))),
    )


def test_list_goes_on_after_an_error(run: Run, folder: Path) -> None:
    Path("good.wl").write_bytes(weightless.compress(DATA, 1))
    Path("bad.wl").write_bytes(DATA)
    code, out, err = outcome(run("-l", "-", "bad.wl", "missing", "good.wl"))
    assert (code, err) == (
        1,
        "weightless: standard input: not a weightless archive: it is empty (at byte 0 of the "
        "archive)\n"
        "weightless: bad.wl: not a weightless archive (at byte 0 of the archive)\n"
        "weightless: missing: no such file or directory\n",
    )
    assert [row.split()[-1] for row in out.splitlines()] == ["Filename", "good.wl"]


def test_names_beyond_the_character_set(run: Run, folder: Path) -> None:
    try:
        Path("näme.wl").write_bytes(weightless.compress(DATA, 1))
    except UnicodeEncodeError:
        pytest.skip("no such names here")
    done = run("-l", "näme.wl", env={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "1"})
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.splitlines()[-1].endswith(rb"n\xe4me.wl")
