"""Work that goes on: runs that were killed anywhere, and what the next run makes of it."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from data import text
from killed import killed_after_bytes, killed_at_step, temporaries
from outcome import names

import weightless
from weightless import _core
from weightless.container.scan import scan_archive

pytestmark = [
    pytest.mark.skipif(os.name != "posix", reason="kills a forked process"),
    pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning"),
]

SMALL = weightless.Parameters(width=16, experts=0, horizon=2)
FRAME = 300
CONTENT = text(20 * FRAME + 100)  # 20 whole frames, and a shorter one
ARCHIVE = weightless.compress(CONTENT, parameters=SMALL, frame_size=FRAME, block_size=128)

WAYS = ["compress", "decompress"]


def ends() -> list[int]:
    """Where the whole frames end in the archive."""
    Path("whole").write_bytes(ARCHIVE)
    with open("whole", "rb") as file:
        frames = scan_archive(file).frames
    Path("whole").unlink()
    return [frame.offset + frame.size for frame in frames if frame.raw_size == FRAME]


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

    def run(self, *, resume: bool = True, overwrite: bool = False, threads: int = 1, **more: object) -> weightless.Result:
        if self.compresses:
            options = {"parameters": SMALL, "frame_size": FRAME, "block_size": 128} | more
            return weightless.compress(
                str(self.source), resume=resume, overwrite=overwrite, threads=threads, **options
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
            return FRAME * sum(end <= len(data) for end in ends())
        return len(data) // FRAME * FRAME if len(data) < len(CONTENT) else len(CONTENT)

    def check(self) -> None:
        """The output is as if nothing had happened, and nothing else is left."""
        assert self.output.read_bytes() == self.result
        status = self.output.stat()
        assert status.st_mtime_ns == 10**18
        assert status.st_mode & 0o777 == 0o640
        assert names(Path()) == ["a", "a.wl"]

    def kill(self, at: int) -> None:
        """Leave the start of the output, as a killed run does."""
        assert killed_after_bytes(at, lambda: self.run(resume=False))


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
        assert killed_after_bytes(at, lambda: way.run(resume=resume, threads=threads))
        assert not way.output.exists()
        before, kept = kept, way.kept()
        assert kept >= before
    assert coded == []
    result = way.run(threads=random_.randint(1, 2))
    way.check()
    assert (result.resumed, result.outdated) == (kept, False)
    assert (result.raw_size, result.compressed_size) == (len(CONTENT), len(ARCHIVE))
    assert sum(coded) == len(CONTENT) - kept  # no frame was done again
