"""Descriptors in any state: non-blocking ones, and outputs that are open or special files."""

from __future__ import annotations

import errno
import io
import os
import select
import socket
import stat
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Run
from data import noise, text
from hypothesis import given, settings
from hypothesis import strategies as st
from patience import PATIENCE
from run_outcome import names

import weightless
from weightless.files import descriptors
from weightless.files.descriptors import WaitingFile, descriptor_of
from weightless.files.pump import compress_stream, decompress_stream, read_all, read_some, write_all
from weightless.frames.archive_decoder import ArchiveDecoder
from weightless.frames.archive_encoder import ArchiveEncoder

fcntl = pytest.importorskip("fcntl")
termios = pytest.importorskip("termios")
tty = pytest.importorskip("tty")

SMALL = weightless.Parameters(width=16, experts=0, horizon=2)
DATA = noise(100_000)
ARCHIVE = weightless.compress(DATA, parameters=SMALL, block_size=20_000)


def waiting_bytes(descriptor: int) -> int:
    """Return how many bytes can be read."""
    return int.from_bytes(fcntl.ioctl(descriptor, termios.FIONREAD, bytes(4)), "little")


def wait_for(happened: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    """Wait for an event, or the end of the process that should have caused it."""
    deadline = time.monotonic() + PATIENCE
    while not happened() and process.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.001)


def small_pipe() -> tuple[int, int]:
    source, sink = os.pipe()
    if hasattr(fcntl, "F_SETPIPE_SZ"):
        fcntl.fcntl(sink, fcntl.F_SETPIPE_SZ, 4096)
    return source, sink


def small_sockets() -> tuple[int, int]:
    one, other = socket.socketpair()
    other.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    return one.detach(), other.detach()


def terminal() -> tuple[int, int]:
    leader, follower = os.openpty()
    tty.setraw(follower)
    return leader, follower


CHANNELS = {"pipe": small_pipe, "socket": small_sockets, "pty": terminal}


def read_to_end(descriptor: int) -> bytes:
    pieces = []
    while True:
        try:
            piece = os.read(descriptor, 3000)
        except OSError:  # Linux: the other end of the terminal is closed
            piece = b""
        if not piece:
            os.close(descriptor)
            return b"".join(pieces)
        pieces.append(piece)


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("options", ["-1c", "-dc", "-tv"])
def test_standard_output_and_error_do_not_block(
    command: str, folder: Path, channel: str, options: str
) -> None:
    many = [f"{i} with a long name {'x' * 150}" for i in range(60)]
    if options == "-tv":  # messages alone fill the pipe
        for name in many:
            Path(name).write_bytes(weightless.compress(b"x", parameters=SMALL))
        files, expected = many, b"".join(f"{name}: 1 bytes, sound\n".encode() for name in many)
    else:
        Path("a").write_bytes(ARCHIVE if options == "-dc" else DATA)
        files, expected = ["a"], DATA
    source, sink = CHANNELS[channel]()
    os.set_blocking(sink, False)
    with subprocess.Popen(
        [command, options, *(["-f"] if options == "-1c" else []), *files],
        stdin=subprocess.DEVNULL,
        stdout=sink if options != "-tv" else subprocess.DEVNULL,
        stderr=sink if options == "-tv" else subprocess.PIPE,
    ) as process:
        try:
            # It is not read from until it is full. A full terminal can be written to again once
            # the kernel has processed some of it, which wakes no process: it is never seen full.
            wait_for(
                lambda: (
                    not select.select([], [sink], [], 0)[1]
                    or (channel == "pty" and waiting_bytes(source) > 0)
                ),
                process,
            )
            os.close(sink)
            out = read_to_end(source)
            _, err = process.communicate(timeout=PATIENCE)
        finally:
            process.kill()
    assert (process.returncode, err) == (0, None if options == "-tv" else b"")
    if options == "-1c":
        out = weightless.decompress(out)
    if options == "-tv":  # without the lines of details
        out = b"".join(line for line in out.splitlines(keepends=True) if b"sound" in line)
    assert out == expected


@pytest.mark.parametrize("channel", ["pipe", "socket"])
@pytest.mark.parametrize(
    "options", [("-1",), ("-d",), ("-1oout",), ("-dfoout",), ("-t",), ("-b1",)]
)
def test_standard_input_does_not_block(
    command: str, folder: Path, channel: str, options: tuple[str, ...]
) -> None:
    compresses = options[0] in ("-1", "-1oout", "-b1")
    content = DATA[:9000] if compresses else ARCHIVE
    sink, source = CHANNELS[channel]()
    if channel == "pipe":
        sink, source = source, sink
    os.set_blocking(source, False)
    with subprocess.Popen(
        [command, *options, "-"], stdin=source, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        try:
            result: list[tuple[bytes, bytes]] = []
            reader = threading.Thread(target=lambda: result.append(process.communicate()))
            reader.start()
            # Each byte is written only after the previous one has been read.
            for i in range(30):
                os.write(sink, content[i : i + 1])
                wait_for(lambda: not waiting_bytes(source), process)
            os.close(source)
            try:
                with open(sink, "wb") as rest:
                    rest.write(content[30:])
            except OSError:
                assert process.wait() != 0
            reader.join(PATIENCE)
        finally:
            process.kill()
    out, err = result[0]
    assert process.returncode == 0, err
    if "out" in options[0]:
        out = Path("out").read_bytes()
    if options[0] == "-t":
        assert (out, err) == (b"", b"")
    elif options[0] == "-b1":
        assert f" {len(content)} ".encode() in out
    elif compresses:
        assert weightless.decompress(out) == content
    else:
        assert out == DATA


class Stuttering(io.RawIOBase):
    """A raw stream that processes a configured number of bytes per call, or returns None.

    Its descriptor, if it has one, is always ready.
    """

    def __init__(self, data: bytes, steps: list[int | None], descriptor: int | None) -> None:
        self.data = bytearray(data)
        self._steps = iter(steps)
        self._descriptor = descriptor

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        if self._descriptor is None:
            raise io.UnsupportedOperation("fileno")
        return self._descriptor

    def readinto(self, buffer: memoryview) -> int | None:  # type: ignore[override]
        step = next(self._steps, 1 << 20)
        if step is None:
            return None
        piece = self.data[: min(step, len(memoryview(buffer).cast("B")))]
        memoryview(buffer).cast("B")[: len(piece)] = piece
        del self.data[: len(piece)]
        return len(piece)

    def write(self, data: memoryview) -> int | None:  # type: ignore[override]
        step = next(self._steps, 1 << 20)
        if step is None:
            return None
        self.data += data[:step]
        return min(step, len(data))


STEPS = st.lists(st.one_of(st.none(), st.integers(1, 700)), max_size=30)


@settings(deadline=None, max_examples=40)
@given(STEPS, STEPS)
def test_streams_that_stutter_lose_nothing(
    reading: list[int | None], writing: list[int | None]
) -> None:
    data = text(3000)
    with open(os.devnull, "r+b", buffering=0) as ready:
        number = ready.fileno()
        sink = Stuttering(b"", writing, number)
        encoder = ArchiveEncoder(SMALL, block_size=500)
        sizes = compress_stream(Stuttering(data, reading, number), sink, encoder)  # type: ignore[arg-type]
        archive = bytes(sink.data)
        assert archive == weightless.compress(data, parameters=SMALL, block_size=500)
        assert sizes == (len(data), len(archive))
        sink = Stuttering(b"", writing, number)
        done = decompress_stream(Stuttering(archive, reading, number), sink, ArchiveDecoder())  # type: ignore[arg-type]
        assert (bytes(sink.data), done) == (data, (len(data), len(archive), None))
        assert read_all(Stuttering(data, reading, number)) == data  # type: ignore[arg-type]


def test_streams_that_cannot_be_waited_for_say_so() -> None:
    encoder = ArchiveEncoder(SMALL)
    for steps in ([None], [5, None]):
        source, sink = (Stuttering(b"0123456789", steps, None) for _ in range(2))
        with pytest.raises(BlockingIOError):
            read_all(source)  # type: ignore[arg-type]
        with pytest.raises(BlockingIOError):
            write_all(sink, b"0123456789")  # type: ignore[arg-type]
    with pytest.raises(BlockingIOError):
        compress_stream(Stuttering(b"abc", [None], None), io.BytesIO(), encoder)  # type: ignore[arg-type]
    with pytest.raises(BlockingIOError):
        decompress_stream(Stuttering(ARCHIVE, [50, None], None), None, ArchiveDecoder())  # type: ignore[arg-type]
    with pytest.raises(OSError, match="accepts no data") as caught:
        write_all(Stuttering(b"", [3, 0], None), b"abcdef")  # type: ignore[arg-type]
    assert caught.value.errno == errno.EIO


def test_buffered_streams_that_do_not_block() -> None:
    source, sink = small_pipe()
    os.set_blocking(sink, False)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(read_to_end(source)))
    with open(sink, "wb", buffering=100) as buffered:
        write_all(buffered, b"x" * 4096)  # full
        reader.start()
        write_all(buffered, DATA)
        os.set_blocking(sink, True)
    reader.join(PATIENCE)
    assert got == [b"x" * 4096 + DATA]


def test_file_that_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    # One more piece is written whenever, and only when, there is nothing to read.
    source, sink = os.pipe()
    os.set_blocking(source, False)
    pieces = iter([b"one", b"two", b"three", b"four", b"five"])
    real = descriptors.wait_until_ready

    def feed(stream: object, *, writing: bool = False) -> None:
        piece = next(pieces, None)
        os.close(sink) if piece is None else os.write(sink, piece)
        real(stream, writing=writing)

    monkeypatch.setattr(descriptors, "wait_until_ready", feed)
    with WaitingFile(source, "rb") as file:
        assert file.read(2) == b"on"
        assert file.read(100) == b"e"
        assert read_some(file, 100) == b"two"
        buffer = bytearray(10)
        assert file.readinto(buffer) == 5
        assert buffer == b"three" + bytes(5)
        assert file.read() == b"fourfive"
        assert file.read() == file.read(1) == b""


def in_shell(command: str, line: str) -> subprocess.CompletedProcess[bytes]:
    """Run a line of a shell in which `weightless` is the command."""
    return subprocess.run(
        ["/bin/bash", "-c", f'weightless() {{ "{command}" "$@"; }}; {line}'],
        capture_output=True,
        check=False,
        timeout=PATIENCE,
    )


STANDS_FOR_OUTPUT = [
    "/dev/stdout",
    "/dev/fd/1",
    "/proc/self/fd/1",
    "/proc/thread-self/fd/1",
    "link",
]


@pytest.mark.parametrize("name", STANDS_FOR_OUTPUT)
@pytest.mark.parametrize("options", ["-1q", "-1qf --rm --sync"])
@pytest.mark.parametrize("source", ["a", "- <a"])
def test_output_that_is_open_is_written_to(
    command: str, folder: Path, name: str, options: str, source: str
) -> None:
    Path("link").symlink_to("second")
    Path("second").symlink_to("/dev/stdout")
    if name != "link" and not os.path.exists(name):
        pytest.skip("not on this system")
    Path("a").write_bytes(DATA[:2000])
    Path("out").touch()
    os.link("out", "other name")
    done = in_shell(
        command,
        f"{{ printf before; weightless {options} -o {name} {source}; printf '|%d' $?; }} > out",
    )
    assert (done.returncode, done.stderr) == (0, b"")
    written = Path("out").read_bytes()
    archive = weightless.compress(DATA[:2000], 1)
    assert written == b"before" + archive + b"|0"
    assert Path("other name").read_bytes() == written  # the file itself was not replaced
    assert names(folder) == ["a", "link", "other name", "out", "second"]
    assert Path("link").is_symlink()


@pytest.mark.parametrize("redirection", [">> out", "3>> out", "1<> out"])
def test_appending_and_other_descriptors(command: str, folder: Path, redirection: str) -> None:
    Path("a").write_bytes(DATA[:2000])
    archive = weightless.compress(DATA[:2000], 1)
    Path("out").write_bytes(b"-" * len(archive) + b"end" if "<>" in redirection else b"begin")
    number = redirection[0] if redirection[0].isdigit() else "1"
    done = in_shell(command, f"weightless -1qf -o /dev/fd/{number} a {redirection}")
    assert (done.returncode, done.stderr) == (0, b"")
    expected = archive + b"end" if "<>" in redirection else b"begin" + archive
    assert Path("out").read_bytes() == expected


def test_descriptor_that_is_closed(command: str, folder: Path) -> None:
    Path("a").write_bytes(b"abc")
    done = in_shell(command, "weightless -1qf -o /dev/fd/77 a")
    assert (done.returncode, done.stderr) == (
        1,
        b"weightless: /dev/fd/77: bad file descriptor\n",
    )


@pytest.mark.parametrize("function", ["compress", "decompress"])
def test_functions_write_to_what_is_open(folder: Path, function: str) -> None:
    Path("a").write_bytes(DATA[:2000] if function == "compress" else ARCHIVE)
    expected = weightless.compress(DATA[:2000], 1) if function == "compress" else DATA
    with open("out", "wb", buffering=0) as out:
        out.write(b"before")
        name = f"/dev/fd/{out.fileno()}"
        if function == "compress":
            weightless.compress("a", 1, output=name)
        else:
            weightless.decompress("a", output=name, overwrite=True)
        out.write(b"behind")
    assert Path("out").read_bytes() == b"before" + expected + b"behind"
    os.mkfifo("pipe")
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(Path("pipe").read_bytes()))
    reader.start()
    if function == "compress":
        weightless.compress("a", 1, output="pipe", overwrite=True)
    else:
        weightless.decompress("a", output="pipe")
    reader.join(PATIENCE)
    assert got == [expected]
    assert stat.S_ISFIFO(os.stat("pipe").st_mode)
    with pytest.raises(OSError, match="descriptor") as caught:
        weightless.compress("a", 1, output="/dev/fd/999")
    assert caught.value.filename == "/dev/fd/999"


def test_devices_and_links_to_them_stay(run: Run, folder: Path) -> None:
    Path("a").write_bytes(DATA[:2000])
    Path("null").symlink_to("/dev/null")
    Path("full").symlink_to("/dev/full")
    before = os.stat("/dev/null")
    for name in ("/dev/null", "null"):
        for options in (("-1",), ("-1f", "--rm"), ("-1f", "--sync")):
            assert run(*options, "-o", name, "a").returncode == 0
    if os.path.exists("/dev/full"):
        assert run("-1f", "--rm", "-o", "full", "a").returncode == 1
    assert names(folder) == ["a"]
    assert Path("null").is_symlink()
    after = os.stat("/dev/null")
    assert (after.st_mode, after.st_rdev) == (before.st_mode, before.st_rdev)


def test_links_and_names_of_files_are_replaced_themselves(run: Run, folder: Path) -> None:
    # As with zstd, gzip and xz, the target of the link stays unchanged.
    for options, name in ((("-1f",), "a.wl"), (("-1f", "-o", "named"), "named")):
        Path("a").write_bytes(DATA[:2000])
        Path("target").write_bytes(b"precious")
        Path(name).symlink_to("target")
        assert run(*options, "a").returncode == 0
        assert not Path(name).is_symlink()
        assert Path("target").read_bytes() == b"precious"
        Path(name).unlink()
        os.link("target", name)
        assert run(*options, "a").returncode == 0
        assert Path("target").read_bytes() == b"precious"
        assert weightless.decompress(Path(name).read_bytes()) == DATA[:2000]
        Path(name).unlink()


def test_special_files_in_the_place_of_the_output(run: Run, folder: Path) -> None:
    # Nobody reads from the FIFO: writing to it would block for ever.
    Path("a").write_bytes(b"abc")
    Path("b").write_bytes(b"abc")
    os.mkfifo("a.wl")
    for options in ("-1q", "-1qf"):
        done = run(options, "a", "b")
        assert (done.returncode, done.stderr.count(b"\n")) == (1, 1)
        assert done.stderr.startswith(b"weightless: a.wl: exists and is not a regular file")
        assert weightless.decompress(Path("b.wl").read_bytes()) == b"abc"
        Path("b.wl").unlink()
    with pytest.raises(weightless.UnsuitableFileError):
        weightless.compress("a", 1, overwrite=True)
    os.mkfifo("c")
    Path("c.wl").write_bytes(ARCHIVE)
    with pytest.raises(weightless.UnsuitableFileError):
        weightless.decompress("c.wl", overwrite=True)


@pytest.mark.parametrize("name", ["/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"])
def test_input_that_is_open(command: str, folder: Path, name: str) -> None:
    Path("a").write_bytes(b"skipped" + DATA[:2000])
    expected = weightless.compress(DATA[:2000], 1)
    skip = "python3 -c 'import os; os.read(0, 7)'"
    # Only links that this test has created are removed.
    Path("in").symlink_to(name)
    done = in_shell(command, f"{{ {skip}; weightless -1 --rm -fo out in; }} < a")
    assert done.returncode == 0, done.stderr
    assert Path("out").read_bytes() == expected
    done = in_shell(command, "weightless -1f --rm in < a")
    assert done.returncode == 1
    assert b"is an open descriptor" in done.stderr
    assert sorted(os.listdir()) == ["a", "in", "out"]
    done = in_shell(command, f"weightless -1c {name} < a | weightless -d")
    assert (done.returncode, done.stdout) == (0, Path("a").read_bytes())
    # A process substitution of the shell, which has such a name.
    done = in_shell(command, "weightless -1c <(cat a) | weightless -d")
    assert (done.returncode, done.stdout) == (0, Path("a").read_bytes())


def test_file_is_not_appended_to_itself(command: str, folder: Path) -> None:
    Path("a").write_bytes(DATA[:5000])
    Path("link").symlink_to("a")
    for line in (
        "weightless -1c a >> a",
        "weightless -1 < a >> a",
        "weightless -1f -o /dev/stdout a >> a",
        "weightless -1fo /dev/fd/3 < a 3>> a",
        "weightless -1cf link >> a",
    ):
        done = in_shell(command, line)
        assert (done.returncode, done.stdout) == (1, b"")
        assert b"input and output are the same file" in done.stderr
        assert Path("a").read_bytes() == DATA[:5000]


def test_only_files_are_removed(command: str, run: Run, folder: Path) -> None:
    Path("a").write_bytes(b"abc")
    Path("link").symlink_to("a")
    os.mkfifo("pipe")
    writer = threading.Thread(target=Path("pipe").write_bytes, args=(b"abc",))
    writer.start()
    assert run("-1qf", "--rm", "pipe").returncode == 0
    writer.join(PATIENCE)
    assert stat.S_ISFIFO(os.lstat("pipe").st_mode)
    # As with zstd, a link gives the input its name, and the archive replaces a link.
    assert run("-1qf", "--rm", "link").returncode == 0
    assert names(folder) == ["a", "link.wl", "pipe.wl"]
    # An output that is an open descriptor may be a pipe, say, so the input is kept.
    assert in_shell(command, "weightless -1qf --rm -o /dev/stdout a > out").returncode == 0
    assert in_shell(command, "weightless -1q --rm -c a > out").returncode == 0
    assert Path("a").exists()


def test_input_that_was_replaced_meanwhile_is_not_removed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from weightless import cli
    from weightless.cli import worker

    Path("a").write_bytes(b"old")
    status = os.stat("a")
    real = worker.compress_file

    def replace(*arguments: object, **options: object) -> object:
        result = real(*arguments, **options)  # type: ignore[arg-type]
        Path("new").write_bytes(b"new")
        os.utime("new", ns=(status.st_atime_ns, status.st_mtime_ns))
        os.replace("new", "a")
        return result

    monkeypatch.setattr(worker, "compress_file", replace)
    assert cli.main(["-1q", "--rm", "a"]) == 1
    assert Path("a").read_bytes() == b"new"


def test_what_stands_for_a_descriptor(folder: Path) -> None:
    with open("file", "wb") as file:
        number = file.fileno()
        for name in (f"/dev/fd/{number}", f"/proc/self/fd/{number}", f"/dev/../dev/fd/{number}"):
            if os.path.exists(name):
                assert descriptor_of(Path(name)) == number
        if os.path.exists("/proc/self/task"):
            thread = threading.get_native_id()
            assert descriptor_of(Path(f"/proc/self/task/{thread}/fd/{number}")) == number
            assert descriptor_of(Path(f"/proc/{os.getpid()}/fd/{number}")) == number
            # The descriptors of another process are different ones.
            assert descriptor_of(Path(f"/proc/{os.getppid()}/fd/{number}")) is None
    Path("relative").symlink_to("../" * 20 + "dev/stderr")
    assert descriptor_of(Path("relative")) == 2
    Path("loop").symlink_to("loop")
    Path("fd").mkdir()
    for name in ("file", "loop", "missing", "fd/1", "1", "/dev/null", "/dev/fd", "/dev/fd/x", "/"):
        assert descriptor_of(Path(name)) is None
    assert descriptor_of(Path("/dev/fd/" + "9" * 400)) is None
