"""`weightless.info`, and `progress` of `compress` and `decompress`."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from data import noise, text

import weightless
from weightless import Parameters, level_parameters, speed
from weightless.container import scan

DATA = text(20_000)
FRAMES = ((4_000, 1), (3_000, 2), (0, 3), (3_000, 1))


def test_info(tmp_path: Path) -> None:
    archive = weightless.compress(DATA, 3, frame_size=7000)
    path = tmp_path / "a.wl"
    path.write_bytes(archive)
    for source in (path, str(path), archive, memoryview(archive)):
        info = weightless.info(source)
        assert isinstance(info, weightless.ArchiveInfo)
        assert (info.raw_size, info.compressed_size) == (20_000, len(archive))
        assert info.levels == (3,)
        assert [f.raw_size for f in info.frames if f.header] == [7000, 7000, 6000]
        assert info.ratio == pytest.approx(20_000 / len(archive))
        assert info.memory >= weightless.level_parameters(3).memory


def test_levels() -> None:
    own = weightless.compress(b"x", parameters=weightless.Parameters(width=16))
    joined = weightless.compress(b"x", 9) + own + weightless.compress(b"y", 1)
    assert weightless.info(joined).levels == (None, 1, 9)
    assert weightless.info(own).frames[0].level is None


def test_info_reads_headers_alone_but_all_of_them() -> None:
    archive = bytearray(weightless.compress(noise(1000)))
    archive[500] ^= 1
    assert weightless.info(archive).raw_size == 1000
    with pytest.raises(weightless.TruncatedError):
        weightless.info(archive[:-3])
    with pytest.raises(weightless.NotAnArchiveError):
        weightless.info(DATA)
    with pytest.raises(TypeError):
        weightless.info(io.BytesIO(archive))  # type: ignore[arg-type]
    with pytest.raises(FileNotFoundError):
        weightless.info("missing.wl")


@pytest.mark.parametrize("options", [{}, {"frame_size": 4096, "threads": 2}])
def test_progress_rises_to_the_size(tmp_path: Path, options: dict[str, int]) -> None:
    seen: list[int] = []
    archive = weightless.compress(DATA, 1, progress=seen.append, **options)
    assert archive == weightless.compress(DATA, 1, **options)
    assert seen == sorted(seen)
    assert len(seen) > 4
    assert 0 < seen[0] < seen[-1] == len(DATA)
    back: list[int] = []
    assert weightless.decompress(archive, progress=back.append) == DATA
    assert max(back) == len(DATA)
    (tmp_path / "a").write_bytes(DATA)
    files: list[int] = []
    weightless.compress(tmp_path / "a", 1, progress=files.append)
    assert files[-1] == len(DATA)
    weightless.decompress(
        tmp_path / "a.wl", output=tmp_path / "b", progress=lambda done: back.append(done)
    )
    assert back[-1] == len(DATA)


def test_progress_of_brief_content_ends_at_its_size() -> None:
    seen: list[int] = []
    archive = weightless.compress(b"abc", 1, progress=seen.append)
    weightless.decompress(archive, progress=seen.append)
    assert seen == [3, 3]


def test_an_exception_from_progress_ends_the_call(tmp_path: Path) -> None:
    class EnoughError(Exception):
        pass

    def stop(done: int) -> None:
        raise EnoughError

    with pytest.raises(EnoughError):
        weightless.compress(DATA, 1, progress=stop)
    (tmp_path / "a").write_bytes(DATA)
    with pytest.raises(EnoughError):
        weightless.compress(tmp_path / "a", 1, progress=stop)
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_bar(capsys: pytest.CaptureFixture[str]) -> None:
    archive = weightless.compress(DATA, 1, progress=True)
    assert "compress: " in capsys.readouterr().err
    assert weightless.decompress(archive, progress=True) == DATA
    shown = capsys.readouterr().err
    assert "decompress: 100%" in shown
    assert weightless.compress(DATA, 1, progress=False) == archive
    assert capsys.readouterr().err == ""


def test_no_progress() -> None:
    with pytest.raises(TypeError, match="progress must be callable"):
        weightless.compress(DATA, progress="yes")  # type: ignore[call-overload]


def test_the_time_is_estimated_for_each_model_once(monkeypatch: pytest.MonkeyPatch) -> None:
    archive = b"".join(weightless.compress(bytes(size), level) for size, level in FRAMES)
    asked: dict[Parameters, int] = {}

    def estimate(parameters: Parameters, sample: bytes, size: int) -> float:
        assert parameters not in asked
        assert len(sample) >= 1 << 15
        asked[parameters] = size
        return float(size)

    assert weightless.info(archive).estimate_seconds() > 0
    assert weightless.info(weightless.compress(b"")).estimate_seconds() == 0
    monkeypatch.setattr(scan, "estimate_seconds", estimate)
    assert weightless.info(archive).estimate_seconds() == 10_000
    assert asked == {level_parameters(1): 7_000, level_parameters(2): 3_000}


def test_a_slow_model_is_measured_on_less(monkeypatch: pytest.MonkeyPatch) -> None:
    parameters = weightless.Parameters(width=16, experts=0, horizon=2)
    done = []

    class Codec:
        def absorb(self, data: bytes) -> None:
            done.append(len(data))

    monkeypatch.setattr(weightless.Parameters, "codec", lambda self: Codec())
    assert speed.estimate_seconds(parameters, bytes(10_000), 1 << 20) > 0
    assert sum(done) == 10_000
    done.clear()
    monkeypatch.setattr(speed, "_ENOUGH", 0)
    assert speed.estimate_seconds(parameters, bytes(10_000), 1 << 20) >= 0
    assert 0 < sum(done) < 2000


def test_a_bar_ends_at_the_whole(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("tqdm")
    archive = weightless.compress(b"abc" * 1000, 1, progress=True)  # of no whole 2 KiB
    assert "100%" in capsys.readouterr().err
    weightless.decompress(archive, progress=True)
    assert "100%" in capsys.readouterr().err
