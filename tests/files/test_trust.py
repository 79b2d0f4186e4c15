"""Interrupts, full disks, special files and forks lose no data."""

from __future__ import annotations

import concurrent.futures
import contextlib
import errno
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from at_work import interrupt, once_at_work, wait_for_temporary
from conftest import Run
from data import noise, text
from patience import PATIENCE
from run_outcome import names

import weightless
from weightless import _core
from weightless.container.block import parse_block_header
from weightless.container.header import parse_header
from weightless.files.convert import compress_file, decompress_file
from weightless.frames.archive_decoder import ArchiveDecoder
from weightless.frames.encoder import FrameEncoder

SMALL = weightless.Parameters(width=16)
posix = pytest.mark.skipif(os.name != "posix", reason="POSIX only")


def test_empty_file(run: Run, folder: Path) -> None:
    Path("empty").touch()
    assert run("-1", "empty").returncode == 0
    Path("empty").unlink()
    assert run("-t", "empty.wl").returncode == 0
    assert run("-d", "empty.wl").returncode == 0
    assert Path("empty").read_bytes() == b""


def test_megabytes_of_zeros(folder: Path) -> None:
    Path("zeros").write_bytes(bytes(2_000_000))
    parameters = weightless.Parameters(width=0, experts=1, memory_bits=16)
    result = weightless.compress("zeros", parameters=parameters)
    assert result.raw_size == 2_000_000
    # The archive consists of little more than block headers and checks.
    assert result.compressed_size < 3000
    weightless.decompress("zeros.wl", output="back")
    assert Path("back").read_bytes() == bytes(2_000_000)


@posix
@pytest.mark.parametrize("action", ["compress", "decompress"])
def test_ctrl_c_through_a_shell(command: str, folder: Path, action: str) -> None:
    if action == "compress":
        Path("a").write_bytes(noise(20_000_000))
        line = [command, "-9", "a"]
    else:
        # This takes minutes to process, but is created quickly.
        Path("a.wl").write_bytes(weightless.compress(noise(20_000), 6) * 999)
        line = [command, "-d", "a.wl"]
    before = names(folder)
    process = subprocess.Popen(
        ["/bin/sh", "-c", '"$@"; echo $?', "sh", *line],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    wait_for_temporary(folder)
    # Only the command gets the signal; the shell stays to report how it ended.
    children = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(process.pid)],
        capture_output=True,
        check=False,
    )
    if children.returncode:
        process.kill()
        pytest.skip("no ps that lists children")
    for child in children.stdout.split():
        os.kill(int(child), signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE)
    assert (out, err) == (b"130\n", b"")
    assert names(folder) == before


@posix
def test_interrupt_of_the_function(folder: Path) -> None:
    Path("a").write_bytes(noise(20_000_000))
    with once_at_work(interrupt), pytest.raises(KeyboardInterrupt):
        weightless.compress("a", 9)
    assert names(folder) == ["a"]
    # Calls after an interrupt are not affected by it.
    assert weightless.decompress(weightless.compress(b"abc", 1)) == b"abc"


def test_old_output_survives_a_failure(run: Run, folder: Path) -> None:
    Path("a").write_bytes(b"old and precious")
    archive = weightless.compress(text(3000), 1, block_size=1000)
    Path("a.wl").write_bytes(archive[:-20])
    assert run("-df", "--rm", "a.wl").returncode == 1
    assert Path("a").read_bytes() == b"old and precious"
    assert names(folder) == ["a", "a.wl"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
@pytest.mark.parametrize("options", ["-1c", "-dc", "-l"])
def test_full_standard_output(command: str, folder: Path, options: str) -> None:
    Path("a.wl").write_bytes(weightless.compress(text(3000), 1))
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [command, options, "--rm", "a.wl"],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
            timeout=PATIENCE,
        )
    assert done.stderr == b"weightless: standard output: no space left on device\n"
    assert done.returncode == 1
    assert names(folder) == ["a.wl"]


@posix
def test_fifo_is_read_when_asked(run: Run, folder: Path) -> None:
    os.mkfifo("pipe")
    content = text(3000)

    def write() -> None:
        Path("pipe").write_bytes(content)

    for options in (("-1c",), ("-1f", "--rm", "-oout")):
        thread = threading.Thread(target=write)
        thread.start()
        done = run(*options, "pipe")
        thread.join()
        assert done.returncode == 0, done.stderr
        archive = done.stdout or Path("out").read_bytes()
        assert weightless.decompress(archive) == content
    assert Path("pipe").exists()


@posix
def test_link_that_leads_nowhere(run: Run, folder: Path) -> None:
    Path("link").symlink_to("nowhere")
    for options in ("-1", "-1f", "-1c"):
        done = run(options, "link")
        assert (done.returncode, done.stdout) == (1, b"")
        assert done.stderr.count(b"\n") == 1
    # Nor is a link in the place of the output followed or replaced without -f.
    Path("a").write_bytes(b"x")
    Path("a.wl").symlink_to("elsewhere")
    assert run("-1", "a").returncode == 1
    assert Path("a.wl").is_symlink()
    assert not Path("elsewhere").exists()


def test_directory_in_the_way(run: Run, folder: Path) -> None:
    Path("a").write_bytes(b"x")
    Path("a.wl").mkdir()
    for options in ("-1", "-1f"):
        done = run(options, "a")
        assert (done.returncode, done.stderr) == (1, b"weightless: a.wl: is a directory\n")
    assert names(folder) == ["a"]


@posix
def test_names_that_a_terminal_would_obey(run: Run, folder: Path) -> None:
    name = "a\x1b[2J\nb"
    Path(name).write_bytes(b"x")
    done = run("-1", name)
    assert done.returncode == 0
    assert done.stderr.startswith(rb"a\x1b[2J\nb: ")
    assert done.stderr.count(b"\n") == 1
    assert b"\x1b" not in run("-l", name + ".wl").stdout


def test_many_small_files_at_once(run: Run, folder: Path) -> None:
    contents = {f"file {i}": text(100 + i, seed=i) for i in range(32)}
    for name, content in contents.items():
        Path(name).write_bytes(content)
    with concurrent.futures.ThreadPoolExecutor(32) as pool:
        results = list(pool.map(lambda name: weightless.compress(name, 1, threads=2), contents))
    assert [result.raw_size for result in results] == [len(c) for c in contents.values()]
    for name in contents:
        Path(name).unlink()
    archives = [f"{name}.wl" for name in contents]
    assert run("-d", "--rm", *archives).returncode == 0
    assert {name: Path(name).read_bytes() for name in names(folder)} == contents


def grows(path: str, total: int) -> FrameEncoder:
    """An encoder that appends to the file it is given, until it has `total` bytes."""

    def append(done: int) -> None:
        if Path(path).stat().st_size < total:
            with open(path, "ab") as stream:
                stream.write(b"more" * 500)

    return FrameEncoder(SMALL, block_size=4096, progress=append)


def test_file_that_grows_while_it_is_read(folder: Path) -> None:
    Path("log").write_bytes(text(200_000))
    result = compress_file(Path("log"), Path("log.wl"), grows("log", 300_000))
    content = weightless.decompress(Path("log.wl").read_bytes())
    assert len(content) == result.raw_size >= 200_000
    assert Path("log").read_bytes().startswith(content)


APPENDED = """
import sys, weightless
from weightless.cli import main

make = weightless.Parameters.codec

def codec(self, **how):
    with open("log", "ab") as stream:
        stream.write(b"the last line")
    return make(self, **how)

weightless.Parameters.codec = codec
sys.exit(main(["-1", "--rm", "log"]))
"""


def test_changed_file_is_not_removed(folder: Path) -> None:
    """Another program writes to the file after the command has examined it."""
    Path("log").write_bytes(text(6000))
    done = subprocess.run([sys.executable, "-c", APPENDED], capture_output=True, check=False)
    assert (done.returncode, done.stderr.decode().splitlines()[0]) == (
        1,
        "weightless: log: changed while it was being read; not removed",
    )
    assert Path("log").read_bytes().endswith(b"the last line")
    assert Path("log.wl").exists()


def test_sizes_beyond_32_bits(folder: Path) -> None:
    size = 5 << 29
    with open("sparse", "wb") as stream:
        stream.truncate(size)
    done: list[int] = []

    class EnoughError(Exception):
        pass

    def stop_in_the_second_block(position: int) -> None:
        done.append(position)
        if position > 4096:
            raise EnoughError

    with open("sparse", "rb") as stream:
        encoder = FrameEncoder(
            SMALL, content_size=size, block_size=4096, progress=stop_in_the_second_block
        )
        out = encoder.write(memoryview(stream.read(4097)))
        with pytest.raises(EnoughError):
            encoder.write(memoryview(stream.read(8192)))
    assert done[-1] > 4096
    header, start = parse_header(out)
    assert header.content_size == size
    block, _ = parse_block_header(out, start)
    assert (block.raw_size, block.last) == (4096, False)
    decoder = ArchiveDecoder()
    decoder.feed(out)
    assert decoder.next_block() == bytes(4096)
    with pytest.raises(weightless.TruncatedError):
        decoder.finish()
    # A claimed size does not allocate anything here either; it is only compared.
    with pytest.raises(weightless.OutputLimitError):
        weightless.decompress(out, max_output_size=100)


THREADED = weightless.Parameters(width=16, delay=1)


def in_child(work: object) -> int:
    """Call `work` in a forked process; return its exit code, or minus its signal."""
    assert callable(work)
    child = os.fork()
    if child == 0:
        code = 1
        try:
            signal.alarm(PATIENCE)  # A child that hangs makes the test fail.
            work()
            code = 0
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_fork_between_two_blocks() -> None:
    content = text(6000)
    first, second = content[:3000], content[3000:]
    codec = _core.Codec(THREADED.values)
    codec.set_threads(2)
    codec.encode(first)
    expected = codec.copy().encode(second)

    def go_on() -> None:
        assert codec.encode(second) == expected
        archive = weightless.compress(content, parameters=THREADED, threads=2)
        assert weightless.decompress(archive, threads=2) == content

    assert in_child(go_on) == 0
    # The parent's codec continues as if there had been no fork.
    assert codec.encode(second) == expected


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_fork_while_another_thread_works() -> None:
    content = noise(20_000)
    started, forked = threading.Event(), threading.Event()
    archives: list[bytes] = []

    def compress() -> None:
        while not forked.is_set():
            encoder = FrameEncoder(THREADED, threads=2, progress=lambda done: started.set())
            archives.append(encoder.write(memoryview(content)) + encoder.finish())

    thread = threading.Thread(target=compress)
    thread.start()
    assert started.wait(PATIENCE)

    def small() -> None:
        assert weightless.decompress(weightless.compress(b"abc", 1, threads=2)) == b"abc"

    code = in_child(small)
    forked.set()
    thread.join()
    assert code == 0
    assert weightless.decompress(archives[-1]) == content


@posix
@pytest.mark.parametrize("experts", [0, 1])
def test_no_more_threads_to_be_had(folder: Path, experts: int) -> None:
    parameters = weightless.Parameters(width=16, delay=1, experts=experts)
    code = (
        "import os, resource, weightless\n"
        # The first call imports modules that the other user cannot read.
        "weightless.compress(b'abc', 1, threads=2)\n"
        "os.setuid(65534) if os.geteuid() == 0 else None\n"
        "resource.setrlimit(resource.RLIMIT_NPROC, (1, 1))\n"
        f"parameters = weightless.Parameters(width=16, delay=1, experts={experts})\n"
        "print(weightless.compress(b'abc' * 99, parameters=parameters, threads=2).hex())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    if done.returncode and b"setrlimit" in done.stderr:
        pytest.skip("no limit on threads here")
    expected = weightless.compress(b"abc" * 99, parameters=parameters)
    assert done.stdout.decode().strip() == expected.hex(), done.stderr.decode()


def test_disk_full_while_decompressing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("a.wl").write_bytes(weightless.compress(text(3000), 1, block_size=1000))
    real = weightless.files.pump.write_all
    written = 0

    def write_all(sink: object, data: bytes) -> None:
        nonlocal written
        written += len(data)
        if written > 1500:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(sink, data)

    monkeypatch.setattr("weightless.files.pump.write_all", write_all)
    with pytest.raises(OSError, match="No space left"):
        decompress_file(Path("a.wl"), Path("a"), ArchiveDecoder())
    assert names(folder) == ["a.wl"]


KERNEL = """
import asyncio, code, signal, sys

async def serve():
    cells = code.InteractiveInterpreter()
    for line in sys.stdin:
        # As ipykernel does before each cell; asyncio has a handler of its own.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        cells.runsource(line.strip(), symbol="exec")
        print("end of cell", flush=True)

asyncio.run(serve())
"""


@posix
@pytest.mark.parametrize("threads", [1, 2])
def test_interrupt_in_a_notebook(folder: Path, threads: int) -> None:
    """Interrupting a cell leaves a working kernel, no file and no thread."""
    Path("a").write_bytes(noise(20_000_000))
    kernel = subprocess.Popen(
        [sys.executable, "-c", KERNEL],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[1] / "support")},
    )
    assert kernel.stdin is not None
    assert kernel.stdout is not None
    watchdog = threading.Timer(PATIENCE, kernel.kill)  # A kernel that hangs makes the test fail.
    watchdog.start()

    def start(cell: str) -> None:
        kernel.stdin.write(cell + "\n")
        kernel.stdin.flush()

    start("import threading, weightless; from at_work import once_at_work")
    assert kernel.stdout.readline() == "end of cell\n"
    cell = f"r = weightless.compress('a', 9, frame_size=5_000_000, threads={threads})"
    start(f"with once_at_work(lambda: print('at work', flush=True)): {cell}")
    assert kernel.stdout.readline() == "at work\n"  # enough for minutes of work
    kernel.send_signal(signal.SIGINT)
    assert kernel.stdout.readline() == "end of cell\n"
    assert names(folder) == ["a"]
    start("print('r' in globals(), threading.active_count())")
    assert kernel.stdout.readline() == "False 1\n"
    start("print(weightless.decompress(weightless.compress(b'abc', 1)))")
    assert kernel.stdout.readline() == "end of cell\n"
    assert kernel.stdout.readline() == "b'abc'\n"
    # Not read by communicate(), because readline() may have buffered it already.
    assert kernel.stdout.readline() == "end of cell\n"
    out, err = kernel.communicate()
    watchdog.cancel()
    assert (out, kernel.returncode) == ("", 0)
    assert err.rstrip().endswith("KeyboardInterrupt")


@posix
def test_function_reads_what_it_is_given(folder: Path) -> None:
    os.mkfifo("pipe")
    content = text(3000)
    thread = threading.Thread(target=Path("pipe").write_bytes, args=(content,))
    thread.start()
    assert weightless.compress("pipe", 1).raw_size == 3000
    thread.join()
    assert Path("pipe.wl").read_bytes() == weightless.compress(content, 1)
    Path("file").write_bytes(content)
    Path("link").symlink_to("file")
    result = weightless.compress("link", 1)
    assert (result.output, Path("link").is_symlink()) == (Path("link.wl"), True)
    assert not Path("link.wl").is_symlink()
    Path("link.wl").unlink()
    Path("link.wl").symlink_to("target")
    with pytest.raises(weightless.OutputExistsError):
        weightless.compress("link", 1)
    weightless.compress("link", 1, overwrite=True)  # the link itself is replaced
    assert Path("link.wl").read_bytes() == Path("pipe.wl").read_bytes()
    assert not os.path.lexists("target")
    name = "two words\tand a tab"
    Path(name).write_bytes(b"")
    assert weightless.compress(Path(name), 1).raw_size == 0
    assert weightless.decompress(name + ".wl", overwrite=True).raw_size == 0


@posix
@pytest.mark.skipif(sys.platform == "darwin", reason="the file system wants UTF-8")
def test_function_with_an_undecodable_name(folder: Path) -> None:
    name = os.fsdecode(b"caf\xe9")
    Path(name).write_bytes(b"abc")
    result = weightless.compress(name, 1)
    assert os.fsencode(result.output) == b"caf\xe9.wl"
    Path(name).unlink()
    assert weightless.decompress(result.output).output == Path(name)
    with weightless.open(name + ".wl") as file:
        assert file.read() == b"abc"


@posix
def test_function_in_a_read_only_folder(folder: Path) -> None:
    Path("d").mkdir()
    Path("d/a").write_bytes(b"abc")
    code = (
        "import os, weightless\n"
        "weightless.compress(b'abc', 1)\n"
        "os.setuid(65534) if os.geteuid() == 0 else None\n"
        "for call in (weightless.compress, lambda name: weightless.open(name + '.wl', 'w')):\n"
        "    try:\n"
        "        call('d/a')\n"
        "    except PermissionError as error:\n"
        "        print(error.filename)\n"
    )
    folder.chmod(0o755)
    Path("d").chmod(0o555)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, text=True)
    Path("d").chmod(0o755)
    assert (done.stdout, done.stderr) == ("d/a.wl\nd/a.wl\n", "")
    assert names(folder) == ["d/a"]


def test_many_files_open_at_once(folder: Path) -> None:
    contents = [text(300 + i, seed=i) for i in range(32)]
    with contextlib.ExitStack() as stack:
        files = [
            stack.enter_context(weightless.open(f"{i}.wl", "w", parameters=SMALL))
            for i in range(32)
        ]
        for position in range(0, 400, 50):
            for file, content in zip(files, contents, strict=True):
                file.write(content[position : position + 50])
    with concurrent.futures.ThreadPoolExecutor(32) as pool:
        back = list(pool.map(lambda i: weightless.open(f"{i}.wl").read(), range(32)))
    assert back == contents


@pytest.mark.skipif(not hasattr(os, "pread"), reason="no pread")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_forked_readers_of_one_open_file(folder: Path) -> None:
    """Like workers that load data: a file is opened before the fork and read by all after it."""
    content = text(64_000)
    Path("a.wl").write_bytes(weightless.compress(content, parameters=SMALL, frame_size=4000))
    with weightless.open("a.wl") as file:
        assert file.read(10) == content[:10]
        children = []
        for i in range(4):
            child = os.fork()
            if child == 0:
                code = 1
                try:
                    signal.alarm(PATIENCE)
                    for position in range(i * 999, 60_000, 9001):
                        file.seek(position)
                        assert file.read(200) == content[position : position + 200]
                    code = 0
                finally:
                    os._exit(code)
            children.append(child)
        assert file.read() == content[10:]
        codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    assert codes == [0, 0, 0, 0]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_fork_while_another_thread_reads_a_file(folder: Path) -> None:
    content = text(60_000)
    Path("a.wl").write_bytes(weightless.compress(content, parameters=SMALL, frame_size=4000))
    started = threading.Event()
    read: list[bytes] = []

    def work() -> None:
        with weightless.open("a.wl", threads=2) as file:
            read.append(file.read(100))
            started.set()
            read.append(file.read())

    thread = threading.Thread(target=work)
    thread.start()
    assert started.wait(PATIENCE)

    def read_it_too() -> None:
        with weightless.open("a.wl", threads=2) as file:
            assert file.read() == content

    assert in_child(read_it_too) == 0
    thread.join()
    assert b"".join(read) == content


def test_interrupt_while_the_output_is_made(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("a").write_bytes(b"abc")
    real = os.open
    left = [KeyboardInterrupt]

    def interrupted(path: str, flags: int, mode: int = 0o777) -> int:
        descriptor = real(path, flags, mode)
        if left:
            os.close(descriptor)
            raise left.pop()  # The file exists, but the caller does not know it.
        return descriptor

    monkeypatch.setattr(os, "open", interrupted)
    with pytest.raises(KeyboardInterrupt):
        weightless.compress("a", 1)
    assert names(folder) == ["a"]


@pytest.mark.parametrize("more", [1, 2])
def test_more_interrupts_while_the_first_is_dealt_with(
    folder: Path, monkeypatch: pytest.MonkeyPatch, more: int
) -> None:
    """A service manager may send two signals at once; a user may press Ctrl-C again."""
    Path("a").write_bytes(b"abc")
    real = Path.unlink
    left = [KeyboardInterrupt] * more

    def unlink(path: Path, missing_ok: bool = False) -> None:
        if left:
            raise left.pop()
        real(path, missing_ok)

    def interrupted(*_: object) -> None:
        monkeypatch.setattr(Path, "unlink", unlink)
        raise KeyboardInterrupt

    monkeypatch.setattr("weightless.files.convert.compress_stream", interrupted)
    with pytest.raises(KeyboardInterrupt):
        weightless.compress("a", 1)
    assert not left
    assert names(folder) == ["a"]


@pytest.mark.parametrize("overwrite", [False, True])
def test_output_that_cannot_get_its_name(
    folder: Path, monkeypatch: pytest.MonkeyPatch, overwrite: bool
) -> None:
    """In a folder with the sticky bit, say, or on a file system without links that fails."""
    Path("a").write_bytes(b"abc")
    before = ["a"]
    if overwrite:
        Path("a.wl").write_bytes(b"precious")
        before.append("a.wl")

    def refuse(source: object, target: object, **_: object) -> None:
        raise PermissionError(errno.EPERM, "no", str(source), None, str(target))

    for name in ("link", "rename", "replace"):
        monkeypatch.setattr(os, name, refuse)
    with pytest.raises(PermissionError) as refused:
        weightless.compress("a", 1, overwrite=overwrite)
    assert refused.value.filename == "a.wl"  # the temporary name would mean nothing to the user
    assert str(refused.value) == f"[Errno {errno.EPERM}] no: 'a.wl'"
    assert names(folder) == before
    assert not overwrite or Path("a.wl").read_bytes() == b"precious"
