"""Work that goes on: runs that were killed anywhere, and what the next run makes of it."""

from __future__ import annotations

import concurrent.futures
import errno
import io
import os
import random
import signal
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from data import noise, text
from killed import killed_after_bytes, killed_at_step, temporaries
from run_outcome import names

import weightless
from weightless import _core
from weightless.container.scan import scan_archive
from weightless.container.skippable import skippable_frame
from weightless.files import atomic, output_file, pump, temporary
from weightless.files.atomic import atomic_output

fcntl = pytest.importorskip("fcntl")
resource = pytest.importorskip("resource")

pytestmark = [
    pytest.mark.skipif(os.name != "posix", reason="kills a forked process"),
    pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning"),
]

SMALL = weightless.Parameters(width=16, experts=0, horizon=2)
FRAME = 200
BLOCK = 90
CONTENT = text(12 * FRAME + 70)  # 12 whole frames, and a shorter one
SETTINGS = {"parameters": SMALL, "frame_size": FRAME, "block_size": BLOCK}
ARCHIVE = weightless.compress(CONTENT, **SETTINGS)  # type: ignore[call-overload]

WAYS = ["compress", "decompress"]


FRAMES = scan_archive(io.BytesIO(ARCHIVE)).frames
#: Where the whole frames end in the archive.
ENDS = [frame.offset + frame.size for frame in FRAMES if frame.raw_size == FRAME]


class Way:
    """Compression or decompression of a file."""

    def __init__(self, way: str) -> None:
        self.source = Path("a" if way == "compress" else "a.wl")
        self.output = Path("a.wl" if way == "compress" else "a")
        self.content = CONTENT if way == "compress" else ARCHIVE
        self.result = ARCHIVE if way == "compress" else CONTENT
        self.compresses = way == "compress"
        self.source.write_bytes(self.content)
        os.utime(self.source, ns=(10**18, 10**18))
        self.source.chmod(0o640)

    def run(
        self,
        *,
        resume: bool = True,
        overwrite: bool = False,
        threads: int = 1,
        **more: object,
    ) -> weightless.Result:
        if self.compresses:
            more = SETTINGS | more
            return weightless.compress(
                str(self.source), resume=resume, overwrite=overwrite, threads=threads, **more
            )  # type: ignore[call-overload, no-any-return]
        return weightless.decompress(
            str(self.source), resume=resume, overwrite=overwrite, threads=threads, **more
        )  # type: ignore[call-overload, no-any-return]

    def kept(self) -> int:
        """The bytes of content that can be kept of the temporary file."""
        (left,) = temporaries(Path())
        data = left.read_bytes()
        assert self.result.startswith(data)
        if self.compresses:
            return FRAME * sum(end <= len(data) for end in ENDS)
        return len(data) // FRAME * FRAME if len(data) < len(CONTENT) else len(CONTENT)

    def check(self) -> None:
        """The output is as if nothing had happened, and nothing else is left."""
        assert self.output.read_bytes() == self.result
        status = self.output.stat()
        assert status.st_mtime_ns == 10**18
        assert status.st_mode & 0o777 == 0o640
        assert names(Path()) == ["a", "a.wl"]

    def kill(self, frames: int, **more: object) -> Path:
        """Kill a run within the frame after so many; return the temporary file."""
        at = ENDS[frames - 1] + 20 if self.compresses else frames * FRAME + 20
        assert killed_after_bytes(at, lambda: self.run(resume=False, **more))
        (left,) = temporaries(Path())
        return left


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let files be read a few bytes at a time, so that archives are written in many pieces."""
    monkeypatch.setattr(pump, "CHUNK_SIZE", 150)


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, folder: Path) -> Way:
    """Compression, then decompression."""
    return Way(request.param)


@pytest.fixture
def coded(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """A list that receives the number of bytes of content in each block that is coded."""
    sizes: list[int] = []

    class Counting:
        def __init__(self, codec: _core.Codec) -> None:
            self.codec = codec

        def encode(self, raw: memoryview, *more: object) -> bytes:
            sizes.append(len(raw))
            return self.codec.encode(raw, *more)  # type: ignore[arg-type]

        def decode(self, payload: bytes, size: int, *more: object) -> bytes:
            sizes.append(size)
            return self.codec.decode(payload, size, *more)  # type: ignore[arg-type]

        def __getattr__(self, name: str) -> object:
            return getattr(self.codec, name)

    make = weightless.Parameters.codec
    monkeypatch.setattr(
        weightless.Parameters, "codec", lambda self, **how: Counting(make(self, **how))
    )
    return sizes  # type: ignore[return-value]


@pytest.mark.parametrize("seed", range(60))
def test_killed_at_random(way: Way, coded: list[int], seed: int) -> None:
    random_ = random.Random(seed)
    kept = 0
    for number in range(random_.randint(1, 3)):
        resume = number > 0 or random_.random() < 0.5
        threads = random_.randint(1, 2)
        # At least one byte, and less than all that is still to be written.
        rest = len(way.result) - (len(way.result) * kept // len(CONTENT))
        at = random_.randrange(1, max(2, rest - 200))
        options = {"resume": resume, "threads": threads}
        assert killed_after_bytes(at, partial(way.run, **options))
        assert not way.output.exists()
        before, kept = kept, way.kept()
        assert kept >= before
    assert coded == []
    result = way.run(threads=random_.randint(1, 2))
    way.check()
    assert (result.resumed, result.outdated) == (kept, False)
    assert (result.raw_size, result.compressed_size) == (len(CONTENT), len(ARCHIVE))
    # No frame was done again; one block was, to see whether it would still be the same.
    assert sum(coded) == len(CONTENT) - kept + (BLOCK if way.compresses and kept else 0)


def test_a_whole_frame_is_not_enough_for_less(way: Way) -> None:
    """Of the frame that a kill interrupts nothing is kept, and of the frames before it all is."""
    for frames in (1, 2, 11):
        way.kill(frames)
        assert way.run().resumed == frames * FRAME
        way.check()
        way.output.unlink()


@pytest.mark.parametrize("resume", [False, True])
@pytest.mark.parametrize("overwrite", [False, True])
def test_killed_at_every_step(way: Way, overwrite: bool, resume: bool) -> None:
    """At whatever call of the system a run ends, the next run is not led astray."""
    steps = 0
    settings = {"overwrite": overwrite} | ({"frame_size": 1000} if way.compresses else {})
    if way.compresses:
        way.result = weightless.compress(CONTENT, **SETTINGS | {"frame_size": 1000})  # type: ignore[call-overload]
    while killed_at_step(steps, lambda: way.run(resume=resume, **settings)):
        steps += 1
        old = way.output.exists()
        if old:  # the name comes last, so the output is whole
            assert way.output.read_bytes() == way.result
        if old and not overwrite and not resume:
            with pytest.raises(weightless.OutputExistsError):
                way.run(resume=resume, **settings)
        else:
            assert not way.run(resume=resume, **settings).outdated
        way.check()
        way.output.unlink()
    way.check()
    assert steps > 15


def test_next_run_without_resume_removes_what_is_left(way: Way, coded: list[int]) -> None:
    way.kill(5)
    result = way.run(resume=False)
    way.check()
    assert (result.resumed, sum(coded)) == (0, len(CONTENT))


@pytest.mark.parametrize("overwrite", [False, True])
def test_whole_output_is_kept(way: Way, coded: list[int], overwrite: bool) -> None:
    """A run over many files is repeated with resume; those that are done are not done again."""
    way.run(resume=False)
    identity = way.output.stat().st_ino
    coded.clear()
    result = way.run(overwrite=overwrite)
    way.check()
    assert way.output.stat().st_ino == identity
    assert sum(coded) == (BLOCK if way.compresses else 0)
    assert (result.resumed, result.raw_size, result.compressed_size) == (
        len(CONTENT),
        len(CONTENT),
        len(ARCHIVE),
    )


@pytest.mark.parametrize("size", [0, 1, BLOCK, BLOCK + 1, FRAME - 1, FRAME, FRAME + 1, 3 * FRAME])
def test_whole_output_of_any_size(folder: Path, size: int) -> None:
    content = CONTENT[:size]
    Path("a").write_bytes(content)
    weightless.compress("a", **SETTINGS)  # type: ignore[call-overload]
    result = weightless.compress("a", resume=True, **SETTINGS)  # type: ignore[call-overload]
    assert result.resumed == size
    assert weightless.decompress("a.wl", resume=True).resumed == size


@pytest.mark.parametrize("overwrite", [False, True])
def test_output_that_is_not_whole_is_none(way: Way, overwrite: bool) -> None:
    """Any other output is an existing file, as without resume."""
    good = way.result
    others = [good[:-1], good + b"x", b"", good[: len(good) // 2], b"x" + good, good + good]
    changed = [bytearray(good) for _ in range(30)]
    for number, data in enumerate(changed):
        data[len(data) * number // 30] ^= 1
    for data in (*others, *changed):
        way.output.write_bytes(data)
        if overwrite:
            way.kill(5, overwrite=True)
            assert way.output.read_bytes() == data
            assert way.run(overwrite=True).resumed == 5 * FRAME
            way.check()
        else:
            with pytest.raises(weightless.OutputExistsError):
                way.run()
            assert way.output.read_bytes() == data


@pytest.mark.parametrize("other", [{"frame_size": 500}, {"block_size": 91}, {"level": 1}])
def test_output_of_other_options_is_none(folder: Path, other: dict[str, object]) -> None:
    way = Way("compress")
    options = SETTINGS | other
    if "level" in other:
        del options["parameters"]
    weightless.compress("a", **options)  # type: ignore[call-overload]
    with pytest.raises(weightless.OutputExistsError):
        way.run()


def test_what_another_output_has_left_stays(way: Way) -> None:
    left = way.kill(5)
    Path("b").write_bytes(b"other")
    weightless.compress("b", **SETTINGS)  # type: ignore[call-overload]
    assert temporaries(Path()) == [left]
    assert way.run().resumed == 5 * FRAME


def test_source_that_changed(folder: Path) -> None:
    """Every part of the archive is of the present source, wherever it has changed."""
    way = Way("compress")
    for position in range(0, len(CONTENT), 173):
        way.kill(9)
        changed = bytearray(CONTENT)
        changed[position] ^= 1
        way.source.write_bytes(changed)
        result = way.run()
        assert way.output.read_bytes() == weightless.compress(bytes(changed), **SETTINGS)  # type: ignore[call-overload]
        kept = min(9, position // FRAME) * FRAME
        assert (result.resumed, result.outdated) == (kept, kept < 9 * FRAME)
        way.source.write_bytes(CONTENT)
        way.output.unlink()


def test_archive_that_changed(folder: Path) -> None:
    """Damage that an archive has suffered in the meantime is found as by a run from the start."""
    way = Way("decompress")
    for position in range(0, FRAMES[-1].offset, 151):
        way.kill(9)
        changed = bytearray(ARCHIVE)
        changed[position] ^= 1
        way.source.write_bytes(changed)
        with pytest.raises(weightless.DataError) as expected:
            weightless.decompress(bytes(changed))
        with pytest.raises(weightless.DataError) as found:
            way.run()
        assert str(found.value) == str(expected.value)
        assert found.value.delivered == expected.value.delivered
        way.source.write_bytes(ARCHIVE)
        os.utime(way.source, ns=(10**18, 10**18))
        assert expected.value.delivered is not None
        assert way.run().resumed == expected.value.delivered // FRAME * FRAME
        way.check()
        way.output.unlink()


@pytest.mark.parametrize("size", [0, 1, 3 * FRAME, 3 * FRAME + 1, 10 * FRAME, 3000])
def test_source_that_shrank_or_grew(folder: Path, size: int) -> None:
    way = Way("compress")
    way.kill(6)
    changed = (CONTENT + bytes(3000))[:size]
    way.source.write_bytes(changed)
    result = way.run()
    assert way.output.read_bytes() == weightless.compress(changed, **SETTINGS)  # type: ignore[call-overload]
    assert result.resumed == min(6, size // FRAME) * FRAME
    assert result.outdated == (size < 6 * FRAME)
    assert names(Path()) == ["a", "a.wl"]


@pytest.mark.parametrize(
    "other",
    [
        {"parameters": weightless.Parameters(width=32, experts=0, horizon=2)},
        {"frame_size": FRAME - 1},
        {"frame_size": 2 * FRAME},
        {"block_size": 91},
        {"block_size": 100},  # as many blocks as there were
        {"block_size": FRAME},
    ],
)
def test_other_options(folder: Path, other: dict[str, object]) -> None:
    """Options that were forgotten cost nothing of what has been done."""
    way = Way("compress")
    left = way.kill(6)
    before = left.read_bytes()
    with pytest.raises(weightless.UnsuitableFileError, match="other options") as error:
        way.run(**other)
    assert error.value.filename == "a.wl"
    assert left.read_bytes() == before
    assert way.run().resumed == 6 * FRAME
    way.check()
    way.output.unlink()
    way.kill(6)
    way.run(resume=False, **other)
    assert way.output.read_bytes() == weightless.compress(CONTENT, **SETTINGS | other)  # type: ignore[call-overload]
    assert names(Path()) == ["a", "a.wl"]


@pytest.mark.parametrize("block_size", [BLOCK, FRAME, 1000])
def test_other_build(folder: Path, monkeypatch: pytest.MonkeyPatch, block_size: int) -> None:
    """Frames by a build whose model is another one are not joined with those of this build."""
    way = Way("compress")
    codec = weightless.Parameters.codec
    with monkeypatch.context() as patch:
        other = SMALL.replace(seed=7)
        patch.setattr(weightless.Parameters, "codec", lambda self, **how: codec(other, **how))
        way.kill(6, block_size=block_size)
    result = way.run(block_size=block_size)
    assert (result.resumed, result.outdated) == (0, True)
    assert weightless.decompress(way.output.read_bytes()) == CONTENT


def test_archive_was_replaced(folder: Path) -> None:
    way = Way("decompress")
    way.kill(6)
    other = CONTENT[: 3 * FRAME] + CONTENT[::-1]
    way.source.write_bytes(weightless.compress(other, **SETTINGS))  # type: ignore[call-overload]
    result = way.run()
    assert way.output.read_bytes() == other
    assert (result.resumed, result.outdated) == (3 * FRAME, True)


def test_archive_that_was_truncated_and_completed(folder: Path) -> None:
    """As by a download: what could be decoded is kept for the run after it."""
    way = Way("decompress")
    for frames in (4, 9):
        way.source.write_bytes(ARCHIVE[: ENDS[frames - 1] + 10])
        with pytest.raises(weightless.TruncatedError):
            way.run()
    way.source.write_bytes(ARCHIVE)
    os.utime(way.source, ns=(10**18, 10**18))
    assert way.run().resumed == 9 * FRAME
    way.check()


FILLS: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda data: b"",
    "zeros": lambda data: bytes(len(data)),
    "noise": lambda data: noise(len(data)),
    "a hole": lambda data: data[:700] + bytes(400) + data[1100:],
    "zeros at the end": lambda data: data[:700] + bytes(4096),
    "more": lambda data: data + data,
    "skippable": lambda data: skippable_frame(b"x" * 99) + data,
    "skippable without end": lambda data: skippable_frame(b"x" * 99)[:-1],
    "all": lambda data: ARCHIVE,
    "all but the table": lambda data: ARCHIVE[: FRAMES[-1].offset],
    "table": lambda data: ARCHIVE[FRAMES[-1].offset :],
    "content": lambda data: CONTENT,
    "more than the content": lambda data: CONTENT + b"more",
    "content in a single frame": lambda data: weightless.compress(CONTENT, parameters=SMALL),
    "with the content's size": lambda data: b"".join(
        weightless.Compressor(parameters=SMALL, content_size=FRAME).compress(CONTENT[:FRAME])
        for _ in range(3)
    ),
    "frames moved": lambda data: data[ENDS[1] : ENDS[3]] + data[: ENDS[1]],
    "a header only": lambda data: data[:5],
    "another format": lambda data: b"\x28\xb5\x2f\xfd" + data,
}


@pytest.mark.parametrize("fill", FILLS)
def test_whatever_is_left(way: Way, fill: str) -> None:
    """The content of the temporary file is not trusted."""
    left = way.kill(8)
    left.write_bytes(FILLS[fill](left.read_bytes()))
    way.run()
    way.check()


def test_a_changed_byte_anywhere(way: Way, coded: list[int]) -> None:
    """Damage to what was left, of whatever kind, costs the frames from there on, and no more."""
    left = way.kill(4)
    data = left.read_bytes()
    for position in range(0, len(data), 7):
        changed = bytearray(data)
        changed[position] ^= 1 << position % 8
        if not left.exists():
            left.touch(0o600)
        left.write_bytes(changed)
        before = sum(end <= position for end in ENDS)
        sound = before if way.compresses else position // FRAME
        coded.clear()
        assert way.run().resumed == min(sound, 4) * FRAME
        again = BLOCK if way.compresses and sound else 0
        assert sum(coded) == len(CONTENT) - min(sound, 4) * FRAME + again
        way.check()
        way.output.unlink()


def occupy(path: Path, how: str) -> None:
    """Put something else in the place of a temporary file."""
    if how == "link":
        path.symlink_to("precious")
    elif how == "dangling link":
        path.symlink_to("nothing")
    elif how == "hard link":
        os.link("precious", path)
    elif how == "folder":
        path.mkdir()
    else:
        os.mkfifo(path, 0o600)


@pytest.mark.parametrize("resume", [False, True])
@pytest.mark.parametrize("how", ["link", "dangling link", "hard link", "folder", "pipe"])
def test_something_else_in_its_place(way: Way, how: str, resume: bool) -> None:
    left = way.kill(3)
    Path("precious").write_bytes(left.read_bytes() + b"precious")
    left.unlink()
    occupy(left, how)
    result = way.run(resume=resume)
    assert result.resumed == 0
    assert way.output.read_bytes() == way.result
    assert Path("precious").read_bytes().endswith(b"precious")
    assert not Path("nothing").exists()
    # A hard link is what a kill leaves just before the temporary name is removed.
    assert os.path.lexists(left) == (how != "hard link")


def test_every_place_is_taken(way: Way) -> None:
    left = way.kill(3)
    places = [left.with_name(left.name[:-5] + f"{place:x}.tmp") for place in range(8)]
    assert left in places
    left.unlink()
    for place in places:
        place.mkdir()
    way.run(resume=False)
    assert way.output.read_bytes() == way.result
    way.output.unlink()
    assert way.run().resumed == 0
    assert way.output.read_bytes() == way.result
    assert sorted(temporaries(Path())) == places


def test_file_that_others_could_write_is_not_kept(way: Way) -> None:
    way.kill(3).chmod(0o660)
    assert way.run().resumed == 0
    way.check()


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="gives files away")
def test_file_of_another_user_is_not_kept(way: Way) -> None:
    os.chown(way.kill(3), 65534, 65534)
    assert way.run().resumed == 0
    way.check()


def test_file_that_was_about_to_be_read_only(way: Way) -> None:
    way.kill(3).chmod(0o440)
    assert way.run().resumed == 3 * FRAME
    way.check()


def test_file_without_a_lock_of_another_run_is_the_largest(way: Way) -> None:
    """Two runs for one output may both have been killed."""
    left = way.kill(3)
    data = left.read_bytes()
    way.kill(7).rename(left.with_name(left.name[:-5] + "5.tmp"))
    left.write_bytes(data)
    left.chmod(0o600)
    assert len(temporaries(Path())) == 2
    assert way.run().resumed == 7 * FRAME
    way.check()


def test_while_another_process_writes_it(way: Way) -> None:
    """The output of a run that is at work is not touched; with resume, the second one ends."""
    started, go_on = os.pipe(), os.pipe()

    def slowly() -> None:
        with atomic_output(way.output, overwrite=True) as sink:
            sink.write(b"slow")
            os.write(started[1], b".")
            os.read(go_on[0], 1)

    child = os.fork()
    if child == 0:
        os.close(go_on[1])  # so that it ends with this process
        try:
            slowly()
        finally:
            os._exit(0)
    os.read(started[0], 1)
    with pytest.raises(weightless.UnsuitableFileError, match="another process") as error:
        way.run()
    assert error.value.filename == str(way.output)
    way.run(resume=False)
    assert way.output.read_bytes() == way.result
    assert len(temporaries(Path())) == 1
    os.write(go_on[1], b".")
    os.waitpid(child, 0)
    assert way.output.read_bytes() == b"slow"
    assert names(Path()) == ["a", "a.wl"]


@pytest.mark.parametrize("through", ["name", "standard input"])
def test_input_that_a_killed_run_for_the_same_output_left(
    command: str, folder: Path, through: str
) -> None:
    """Somebody compresses what a killed run has left, and calls the archive as its output."""
    way = Way("compress")
    left = way.kill(5)
    data = left.read_bytes()
    line = [command, "-1q", "-o", "a.wl"]
    if through == "name":
        subprocess.run([*line, left.name], check=True)
    else:
        with open(left, "rb") as file:
            subprocess.run(line, stdin=file, check=True)
    assert left.read_bytes() == data
    assert weightless.decompress(Path("a.wl").read_bytes()) == data


def test_another_run_completes_before_the_lock_is_had(
    way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was locked then is the output; and the temporary name may be that of a third run."""
    left = way.kill(3)
    real = temporary.try_lock
    third: list[int] = []

    def lock(descriptor: int, **how: bool) -> bool | None:
        if not third:
            left.replace("other")
            left.write_bytes(b"a third run")
            third.append(os.open(left, os.O_RDWR))
            assert real(third[0])
        return real(descriptor, **how)

    monkeypatch.setattr(temporary, "try_lock", lock)
    way.run(resume=False)
    os.close(third[0])
    assert way.output.read_bytes() == way.result
    assert left.read_bytes() == b"a third run"
    assert Path("other").stat().st_size


def test_interrupt_after_the_output_has_its_name(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    """The temporary name may be that of another run by then."""
    left = way.kill(3)
    left.unlink()

    def interrupted(folder: Path) -> None:
        left.write_bytes(b"another run")
        raise KeyboardInterrupt

    monkeypatch.setattr(atomic, "_sync_folder", interrupted)
    with pytest.raises(KeyboardInterrupt), atomic_output(way.output, sync=True) as sink:
        sink.write(b"whole")
    assert way.output.read_bytes() == b"whole"
    assert left.read_bytes() == b"another run"


def test_many_runs_at_once(way: Way) -> None:
    """More than there are names for; the last one wins."""
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        runs = [pool.submit(way.run, resume=False, overwrite=True) for _ in range(40)]
        for run in runs:
            run.result()
    way.check()


@pytest.mark.parametrize("resume", [False, True])
def test_file_system_without_locks(way: Way, monkeypatch: pytest.MonkeyPatch, resume: bool) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOTSUP, "no locks")

    left = way.kill(3)
    monkeypatch.setattr(fcntl, "flock", refuse)
    if resume:
        with pytest.raises(weightless.UnsuitableFileError, match="no locks"):
            way.run()
    else:
        way.run(resume=False)
        assert way.output.read_bytes() == way.result
    assert left.exists()  # another process might be writing it


def test_longest_name(folder: Path) -> None:
    name = "x" * 252
    Path(name).write_bytes(CONTENT)

    def run(resume: bool) -> weightless.Result:
        return weightless.compress(name, resume=resume, **SETTINGS)  # type: ignore[call-overload, no-any-return]

    assert killed_after_bytes(ENDS[4], lambda: run(False))
    assert run(True).resumed == 5 * FRAME
    assert Path(name + ".wl").read_bytes() == ARCHIVE
    assert names(folder) == [name, name + ".wl"]


def test_failure_keeps_what_is_done(way: Way) -> None:
    """With resume, an error or an interrupt leaves what a kill does; a full disk, for instance."""

    def fail(resume: bool) -> None:
        child = os.fork()
        if child == 0:
            resource.setrlimit(resource.RLIMIT_FSIZE, (ENDS[6], resource.RLIM_INFINITY))
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            try:
                way.run(resume=resume)
            except OSError as error:
                os._exit(error.errno or 1)
            os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == errno.EFBIG

    fail(False)
    assert temporaries(Path()) == []
    fail(True)
    assert way.kept() > 0
    kept = way.kept()
    fail(True)
    assert way.kept() == kept
    assert way.run().resumed == kept
    way.check()


@pytest.mark.parametrize("resume", [False, True])
def test_interrupt(way: Way, monkeypatch: pytest.MonkeyPatch, resume: bool) -> None:
    write = output_file.OutputFile.write
    left = [None] * 9

    def interrupted(self: output_file.OutputFile, data: bytes) -> int:
        if not left:
            raise KeyboardInterrupt
        left.pop()
        return write(self, data)

    with monkeypatch.context() as patch:
        patch.setattr(output_file.OutputFile, "write", interrupted)
        with pytest.raises(KeyboardInterrupt):
            way.run(resume=resume)
    kept = way.kept() if resume else 0
    assert len(temporaries(Path())) == int(resume)
    assert way.run().resumed == kept
    way.check()


def test_nothing_is_left_where_there_is_nothing_to_keep(way: Way) -> None:
    if way.compresses:
        with pytest.raises(FileNotFoundError):
            weightless.compress("missing", resume=True, **SETTINGS)  # type: ignore[call-overload]
    else:
        way.source.write_bytes(b"no archive")
        with pytest.raises(weightless.NotAnArchiveError):
            way.run()
    assert temporaries(Path()) == []


@pytest.mark.parametrize(
    "limits",
    [{"memory_limit": 1000}, {"cost_limit": 1}, {"cost_limit": 60_000}, {"max_output_size": 5}]
    + [{"max_output_size": size} for size in (5 * FRAME - 1, 5 * FRAME, 5 * FRAME + 1, 2000)],
)
def test_limits_are_those_of_an_uninterrupted_run(folder: Path, limits: dict[str, int]) -> None:
    way = Way("decompress")
    with pytest.raises(weightless.LimitError) as expected:
        way.run(resume=False, **limits)
    way.kill(8)
    with pytest.raises(type(expected.value)) as found:
        way.run(**limits)
    assert str(found.value) == str(expected.value)
    assert way.run().resumed >= 8 * FRAME  # the wrong limit has cost nothing
    way.check()


def test_models_of_kept_frames_count(folder: Path) -> None:
    """The limit on models that are started is reached where an uninterrupted run reaches it."""
    large = weightless.Parameters(width=0, experts=1, memory_bits=22)
    Path("a.wl").write_bytes(
        weightless.compress(bytes(range(200)) * 3, parameters=large, frame_size=10)
    )

    def run(resume: bool, cost_limit: int) -> None:
        weightless.decompress("a.wl", output="b", resume=resume, cost_limit=cost_limit)

    with pytest.raises(weightless.CostLimitError, match="small frames") as expected:
        run(False, 60_000)
    assert killed_after_bytes(30, lambda: run(False, 1 << 25))
    with pytest.raises(weightless.CostLimitError) as found:
        run(True, 60_000)
    assert str(found.value) == str(expected.value)


PRIOR = weightless.Prior(text(900)[::-1], parameters=SMALL)


@pytest.mark.parametrize(
    "more", [{"primed": True}, {"prior": PRIOR}, {"primed": True, "prior": PRIOR}]
)
@pytest.mark.parametrize("frames", [1, 2, 7])
@pytest.mark.parametrize("threads", [1, 2])
def test_frames_with_priors(way: Way, more: dict[str, object], frames: int, threads: int) -> None:
    """The content of the first frame is the prior of the others, also if it was kept."""
    archive = weightless.compress(CONTENT, **SETTINGS | more)  # type: ignore[call-overload]
    given = {name: value for name, value in more.items() if name == "prior"}
    if way.compresses:
        given, way.result = more, archive
    else:
        way.source.write_bytes(archive)
        os.utime(way.source, ns=(10**18, 10**18))
    sizes = scan_archive(io.BytesIO(archive)).frames
    at = sum(frame.size for frame in sizes[:frames]) if way.compresses else frames * FRAME
    assert killed_after_bytes(at + 20, lambda: way.run(resume=False, **given))
    if "prior" in more:
        # That the prior was forgotten costs nothing.
        kind = weightless.UnsuitableFileError if way.compresses else weightless.PriorError
        with pytest.raises(kind):
            way.run(**{name: value for name, value in given.items() if name != "prior"})
    result = way.run(threads=threads, **given)
    assert (result.resumed, result.outdated) == (frames * FRAME, False)
    way.check()
    assert way.run(**given).resumed == len(CONTENT)


def archives() -> dict[str, tuple[bytes, bytes]]:
    """Archives that are not the work of `compress`, with their contents."""
    sized = weightless.Compressor(parameters=SMALL, content_size=300)
    empty = weightless.compress(b"", parameters=SMALL)
    stored = weightless.compress(noise(300), parameters=SMALL, block_size=100)
    pieces = [
        (skippable_frame(b"x" * 100), b""),
        (ARCHIVE, CONTENT),
        (empty, b""),
        (skippable_frame(b""), b""),
        (sized.compress(b"y" * 300) + sized.flush(), b"y" * 300),
        (stored, noise(300)),
        (weightless.compress(CONTENT, 1), CONTENT),
        (empty, b""),
    ]
    return {
        "joined": (b"".join(a for a, _ in pieces), b"".join(b for _, b in pieces)),
        "table first": (
            ARCHIVE[FRAMES[-1].offset :] + ARCHIVE,
            CONTENT,
        ),
        "empty": (empty, b""),
        "no content": (empty + skippable_frame(b"z"), b""),
    }


@pytest.mark.parametrize("name", archives())
@pytest.mark.parametrize("threads", [1, 2])
def test_archives_of_any_form(folder: Path, name: str, threads: int) -> None:
    archive, content = archives()[name]
    Path("b.wl").write_bytes(archive)

    def run(resume: bool) -> weightless.Result:
        return weightless.decompress("b.wl", threads=threads, resume=resume)

    for at in (0, 1, 250, 2470, 2471, 2600, 2800, 3000, 3070, 3071, 5000, len(content)):
        if 0 < at <= len(content):
            assert killed_after_bytes(at, lambda: run(False))
        result = run(True)
        assert Path("b").read_bytes() == content
        assert not result.outdated
        assert result.raw_size == len(content)
        assert result.compressed_size == len(archive)
        assert names(folder) == ["b", "b.wl"]
        Path("b").unlink()


def test_salvage(folder: Path) -> None:
    way = Way("decompress")
    way.kill(5)
    damaged = bytearray(ARCHIVE)
    damaged[ENDS[7] - 10] ^= 1
    way.source.write_bytes(damaged)
    result = way.run(salvage=True)
    assert result.resumed == 5 * FRAME
    assert isinstance(result.damage, weightless.CorruptError)
    assert 7 * FRAME <= result.raw_size < 8 * FRAME
    assert way.output.read_bytes() == CONTENT[: result.raw_size]


def test_wrong_arguments(folder: Path) -> None:
    Path("a").write_bytes(CONTENT)
    with pytest.raises(weightless.ParameterError, match="frame_size"):
        weightless.compress("a", resume=True)
    with pytest.raises(TypeError, match="resume"):
        weightless.compress(b"a", resume=True, frame_size=9)  # type: ignore[call-overload]
    with pytest.raises(TypeError, match="resume"):
        weightless.decompress(ARCHIVE, resume=True)  # type: ignore[call-overload]
    os.mkfifo("pipe")
    descriptor = os.open("a", os.O_RDONLY)
    for source, output in (("a", "pipe"), ("a", "/dev/null"), (f"/dev/fd/{descriptor}", "b")):
        with pytest.raises(weightless.UnsuitableFileError, match="not a regular file"):
            weightless.compress(source, output=output, resume=True, **SETTINGS)  # type: ignore[call-overload]
        with pytest.raises(weightless.UnsuitableFileError, match="not a regular file"):
            weightless.decompress(source, output=output, resume=True)
    os.close(descriptor)
    assert names(folder) == ["a"]


@pytest.mark.parametrize("at", [50_000, 120_000])
def test_incompressible_content(at: int, folder: Path) -> None:
    """Blocks that an encoder stores without an attempt are the same in a run that goes on."""
    block = 1 << 14
    content = noise(4 * block) + text(2000) + noise(5 * block, 2)
    options = {
        "parameters": weightless.Parameters(width=0, experts=1, memory_bits=16),
        "frame_size": 3 * block,
        "block_size": block,
    }
    expected = weightless.compress(content, **options)  # type: ignore[call-overload]
    (folder / "a").write_bytes(content)

    def run(resume: bool) -> None:
        weightless.compress("a", output="a.wl", resume=resume, **options)  # type: ignore[call-overload]

    assert killed_after_bytes(at, lambda: run(False))
    (left,) = temporaries(folder)
    assert expected.startswith(left.read_bytes())
    run(True)
    assert (folder / "a.wl").read_bytes() == expected
    assert names(folder) == ["a", "a.wl"]
