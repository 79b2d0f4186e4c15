"""File names: those of archives, contents and incomplete files, and unusual ones."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path
from unittest import mock

import pytest
from conftest import Run
from hypothesis import example, given, settings
from hypothesis import strategies as st
from patience import PATIENCE
from run_outcome import outcome

import weightless
from weightless.cli import job, main, worker
from weightless.files.names import archive_name, content_name, is_archive_name
from weightless.files.temporary import is_temporary_name

pytestmark = pytest.mark.skipif(os.name != "posix", reason="POSIX only")
SMALL = weightless.Parameters(width=16, experts=0, horizon=2)

PARTS = st.sampled_from(
    [b".", b"..", b"wl", b".wl", b".twl", b".tar", b"-", b"--", b" ", b"\n", b"\t", b"\xff",
     b"\xe9", "é".encode(), "\u202e".encode(), b"a", b"TWL", b".WL", b"x" * 80, b"x" * 252,
     b"*", b"\\", b"'"]
)  # fmt: skip
NAMES = st.one_of(
    st.lists(PARTS, min_size=1, max_size=4).map(b"".join),
    st.binary(min_size=1, max_size=12),
).filter(
    lambda name: not set(name) & {0, ord("/")} and len(name) <= 255 and name not in (b".", b"..")
)


@given(NAMES)
@example(b".wl")
@example(b"..wl")
@example(b"...wl")
@example(b".twl")
@example(b"..twl")
@example(b"wl")
def test_names_map_there_and_back(name: bytes) -> None:
    for folder in ("", "/", "..", "some/folder", "/.wl"):
        path = Path(folder, os.fsdecode(name))
        archive = archive_name(path)
        assert os.fsencode(archive.name) == name + b".wl"
        assert archive.parent == path.parent
        assert is_archive_name(archive.name)
        assert content_name(archive) == path
        if is_archive_name(path.name):
            content = content_name(path)
            assert content.parent == path.parent
            assert content.name not in ("", ".", "..")
        else:
            with pytest.raises(weightless.UnsuitableFileError):
                content_name(path)


@pytest.mark.parametrize("name", [".", "..", "/", "", "a/..", "../.."])
def test_folders_have_no_archive(folder: Path, name: str) -> None:
    with pytest.raises(weightless.UnsuitableFileError, match="directory"):
        archive_name(Path(name))
    with pytest.raises(OSError, match=r".") as caught:
        weightless.compress(name, parameters=SMALL)
    assert not isinstance(caught.value, ValueError)


def make(names: set[bytes]) -> dict[bytes, bytes]:
    """Create files with these names in the current folder; each contains its own name."""
    for name in names:
        with open(b"./" + name, "wb") as file:
            file.write(name)
    return {name: name for name in names}


def contents() -> dict[bytes, bytes]:
    return {name: Path(os.fsdecode(b"./" + name)).read_bytes() for name in os.listdir(b".")}


@settings(max_examples=40, deadline=None)
@given(st.sets(NAMES, max_size=6))
@example({b"-", b".wl", b"..wl", b".twl", b"x.twl", b"a"})
@example({b"wl", b"wl.wl"})
@example({b"x" * 253, b"a", b"x" * 252})
def test_recursive_there_and_back(
    tmp_path_factory: pytest.TempPathFactory, names: set[bytes]
) -> None:
    folder = tmp_path_factory.mktemp("names")
    here = Path.cwd()
    os.chdir(folder)
    try:
        before = make(names)
        with mock.patch.object(job, "level_parameters", return_value=SMALL):
            code = main(["-1", "-r", "-qq", "--rm", "."])
        archives = {name for name in names if is_archive_name(os.fsdecode(name))}
        long = {name for name in names - archives if len(name) > 252}
        taken = {name for name in names - archives if name + b".wl" in names}
        packed = names - archives - long - taken
        # Each file is processed or left unchanged, and the exit status tells whether all were.
        assert code == int(bool(long | taken))
        assert set(os.listdir(b".")) == archives | long | taken | {name + b".wl" for name in packed}
        for name in packed:
            assert (
                weightless.decompress(Path(os.fsdecode(b"./" + name + b".wl")).read_bytes()) == name
            )
        code = main(["-d", "-r", "-qq", "--rm", "."])
        # A file that is named like an archive but is none stays, and causes an error.
        assert code == int(bool(archives))
        assert contents() == before
    finally:
        os.chdir(here)


def test_odd_names_end_no_run(run: Run, folder: Path) -> None:
    make({b"z", b"a"})
    archive = weightless.compress(b"of archive", 1)
    for name in (".wl", "..wl", "...wl", "-.wl", "x.twl", ".twl", "..twl"):
        Path(name).write_bytes(archive)
    code, out, err = outcome(run("-d", "-r", "."))
    assert (code, out) == (0, "")
    # "...wl" would be the archive of ".."; it is an ordinary file, like ".wl", "..wl" and ".twl".
    assert sorted(err.splitlines()) == [
        "-.wl: 10 bytes, -",
        "..twl: 10 bytes, ..tar",
        "x.twl: 10 bytes, x.tar",
    ]
    assert outcome(run("-d", "-q", ".wl", "..wl", "z.wl", "x.twl")) == (
        1,
        "",
        "".join(
            f"weightless: {name}: {message}\n"
            for name, message in (
                (
                    ".wl",
                    "unknown suffix (.wl expected); specify the output (-o on the command line)",
                ),
                (
                    "..wl",
                    "unknown suffix (.wl expected); specify the output (-o on the command line)",
                ),
                ("z.wl", "no such file or directory"),
                ("x.tar", "file exists"),
            )
        ),
    )
    # Compression leaves archives alone, whatever their suffix.
    Path("-.wl").unlink()
    code, out, err = outcome(run("-1", "-rq", "."))
    assert (code, err) == (0, "")
    plain = [".wl", "..wl", "...wl", ".twl", "-", "..tar", "x.tar", "z", "a"]
    assert sorted(os.listdir()) == sorted(
        [*plain, *(f"{name}.wl" for name in plain), "x.twl", "..twl"]
    )


@pytest.mark.parametrize("option", ["-1q", "-dq"])
def test_name_too_long_is_found_before_the_work(
    folder: Path, option: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    from weightless.frames import archive_encoder

    def work(*_: object, **__: object) -> None:
        raise AssertionError("worked for nothing")

    name = "x" * 254
    Path(name).write_bytes(b"abc")
    with monkeypatch.context() as patch:
        patch.setattr(archive_encoder, "FrameEncoder", work)
        assert main(["-1q", name]) == 1
    assert capfd.readouterr().err == f"weightless: {name}.wl: file name too long\n"
    assert os.listdir() == [name]


def test_file_called_dash_is_no_stream(run: Run, folder: Path) -> None:
    make({b"-"})
    assert outcome(run("-1r", ".", stdin=b"other")) == (
        0,
        "",
        "-: 1200.00% (1 => 12 bytes, -.wl)\n",
    )
    assert weightless.decompress(Path("-.wl").read_bytes()) == b"-"
    Path("-").unlink()
    assert run("-dr", ".").returncode == 0
    assert Path("-").read_bytes() == b"-"


def test_outputs_are_no_inputs_of_the_same_run(run: Run, folder: Path) -> None:
    inner = weightless.compress(b"content", 1)
    Path("a.wl.wl").write_bytes(weightless.compress(inner, 1))
    assert outcome(run("-dr", "--output-dir", "z", ".")) == (
        0,
        "",
        f"a.wl.wl: {len(inner)} bytes, z/a.wl\n",
    )
    assert os.listdir("z") == ["a.wl"]


def wait_for_temporary(process: subprocess.Popen[bytes]) -> str:
    deadline = time.monotonic() + PATIENCE
    while True:
        for name in os.listdir():
            if name.startswith(".weightless-"):
                return name
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.mark.parametrize("option", ["-9", "-d"])
def test_what_a_killed_run_leaves_is_no_input(
    command: str, run: Run, folder: Path, option: str
) -> None:
    name = "f" if option == "-9" else "f.wl"
    data = os.urandom(3_000_000)
    if option == "-9":
        Path(name).write_bytes(data)
    else:
        os.mkfifo(name)  # Reading it never ends.
    with subprocess.Popen([command, option, "-f", name]) as process:
        writer = None
        try:
            if option == "-d":
                writer = os.open(name, os.O_WRONLY)
                os.write(writer, weightless.compress(b"abc", parameters=SMALL)[:-3])
            left = wait_for_temporary(process)
            process.send_signal(signal.SIGKILL)
            process.wait(PATIENCE)
        finally:
            process.kill()
            if writer is not None:
                os.close(writer)
    assert os.path.exists(left)
    assert is_temporary_name(left)
    os.unlink(name)
    Path("good").write_bytes(b"content")
    for options in (
        ("-1", "-rq", "--rm"),
        ("-d", "-rq", "--rm"),
        ("-b1r",),
        ("-t", "-r"),
        ("-l", "-r"),
    ):
        done = run(*options, ".")
        assert b"weightless-" not in done.stdout + done.stderr
        assert left in os.listdir()
    assert sorted(os.listdir()) == sorted([left, "good"])
    # A file that is named explicitly is compressed.
    assert run("-1q", left).returncode == 0
    assert Path(left + ".wl").exists()


@pytest.mark.parametrize(
    ("name", "temporary"),
    [
        (".weightless-0123456789abcdef.tmp", True),
        (".weightless-0123456789abcdef.tmp.wl", False),
        (".weightless-notes.tmp", False),
        (".weightless-0123456789ABCDEF.tmp", False),
        (".weightless-0123456789abcdef.tmp\n", False),
        ("weightless-0123456789abcdef.tmp", False),
    ],
)
def test_temporary_names(name: str, temporary: bool) -> None:
    assert is_temporary_name(name) == temporary


def test_fault_in_one_file_keeps_the_others_from_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    make({b"a", b"b", b"c"})
    real = worker.compress_file

    def faulty(path: Path, *arguments: object, **options: object) -> object:
        if path.name == "b":
            raise ZeroDivisionError("by\nzero")
        return real(path, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(worker, "compress_file", faulty)
    with contextlib.suppress(SystemExit):
        assert main(["-1q", "a", "b", "c"]) == 1
    assert capfd.readouterr().err == "weightless: b: by zero\n"
    assert sorted(os.listdir()) == ["a", "a.wl", "b", "c", "c.wl"]
    assert main(["-1v", "b"]) == 1
    assert "Traceback" in capfd.readouterr().err


def test_files_that_cannot_be_looked_at(run: Run, folder: Path) -> None:
    """Names that are too long stand for unreadable folders too, which do not exist for root."""
    make({b"a"})
    long = "d" * 250
    deepest = os.open(".", os.O_RDONLY)
    path = "deep"
    os.mkdir("deep")
    step = "deep"
    for _ in range(17):
        below = os.open(step, os.O_RDONLY, dir_fd=deepest)
        os.close(deepest)
        deepest = below
        os.close(os.open("f" * 240, os.O_CREAT | os.O_WRONLY, dir_fd=deepest))
        os.mkdir(long, dir_fd=deepest)
        step = long
    os.close(deepest)
    too_long = "x" * 5000
    code, _, err = outcome(run("-1q", "-r", too_long, "y" * 300, "deep", "a"))
    assert code == 1
    assert "Traceback" not in err
    messages = err.splitlines()
    assert messages[0].startswith("weightless: xxx")
    assert messages[1].startswith("weightless: yyy")
    # Files with names too long for the system and folders that cannot be listed are reported.
    path = "/".join(["deep"] + [long] * 16)
    assert [message.partition(": ")[2] for message in messages[2:]] == [
        f"{path}/{'f' * 240}: file name too long",
        f"{path}/{long}: file name too long",
    ]
    assert Path("a.wl").exists()
    assert len(os.listdir("deep")) == 3
