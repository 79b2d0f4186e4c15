"""The file system `wl::`: archives as plain files, over a store that counts its requests."""

from __future__ import annotations

import pickle
import random
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from data import text
from patience import PATIENCE

import weightless
from weightless.container.seek_table import encode_seek_table
from weightless.errors import DataError

fsspec = pytest.importorskip("fsspec", minversion="2025.10")
from fsspec.implementations.memory import MemoryFileSystem  # noqa: E402

from weightless.integrations.filesystem import (  # noqa: E402
    SourceChangedError,
    WeightlessFileSystem,
)
from weightless.integrations.frame_cache import SharedCache  # noqa: E402

CONTENT = b"".join(b"%d,%d\n" % (i, i * i % 1009) for i in range(800))
FRAME = 1500


class CountingStore(MemoryFileSystem):
    """A store that counts the ranges that are read from it."""

    protocol = "counting"
    store: dict[str, Any] = {}  # noqa: RUF012
    pseudo_dirs = [""]  # noqa: RUF012
    ranges: list[tuple[int, int]] = []  # noqa: RUF012

    def cat_file(self, path: str, start: Any = None, end: Any = None, **options: Any) -> bytes:
        self.ranges.append((start, end))
        return bytes(super().cat_file(path, start, end, **options))


@pytest.fixture
def store() -> Iterator[CountingStore]:
    CountingStore.clear_instance_cache()
    WeightlessFileSystem.clear_instance_cache()
    CountingStore.store.clear()
    store = CountingStore()
    store.ranges.clear()
    yield store
    CountingStore.store.clear()


def archive(content: bytes = CONTENT, **options: Any) -> bytes:
    return weightless.compress(content, **{"level": 1, "frame_size": FRAME, **options})


def test_found_by_its_entry_point_in_a_fresh_process(folder: Path) -> None:
    Path("x.csv.wl").write_bytes(archive())
    code = (
        "import fsspec; f = fsspec.open('wl::file://x.csv.wl').open();"
        "f.seek(4000); print(f.size, f.read(10))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout.decode().strip() == f"{len(CONTENT)} {CONTENT[4000:4010]!r}"


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"primed": True},
        {"frame_size": None},
        {"frame_size": None, "block_size": 1000},
        {"prior": weightless.Prior(b"1,1\n2,4\n" * 20, level=1)},
    ],
)
def test_any_range(store: CountingStore, options: dict[str, Any]) -> None:
    store.pipe_file("/x.wl", archive(**options))
    for cache_size in (1 << 20, 0, 2000):
        fs = WeightlessFileSystem(fs=store, cache_size=cache_size, prior=options.get("prior"))
        assert fs.info("/x.wl")["size"] == len(CONTENT)
        assert fs.info("/x.wl")["compressed_size"] == store.info("/x.wl")["size"]
        rng = random.Random(1)
        with fs.open("/x.wl") as file:
            assert file.size == len(CONTENT)
            for _ in range(4 if cache_size else 1):
                start, size = rng.randrange(len(CONTENT) + 9), rng.randrange(3000)
                file.seek(start)
                assert file.read(size) == CONTENT[start : start + size]
                end = start + size
                assert fs.cat_file("/x.wl", start, end) == CONTENT[start:end]
            file.seek(0)
            assert file.readlines() == CONTENT.splitlines(keepends=True)
        assert fs.cat_file("/x.wl", -7) == CONTENT[-7:]
        assert fs._cache.size <= cache_size


def test_a_range_reads_its_frames_and_the_table_only(store: CountingStore) -> None:
    content = random.Random(2).randbytes(200_000)  # so that the archive is larger than its tail
    data = archive(content, frame_size=50_000, level=1)
    store.pipe_file("/x.wl", data)
    fs = WeightlessFileSystem(fs=store)
    assert fs.cat_file("/x.wl", 60_000, 60_010) == content[60_000:60_010]
    assert len(store.ranges) == 2  # the end with the table, and one frame
    assert sum(end - start for start, end in store.ranges) < (1 << 16) + 51_000
    store.ranges.clear()
    assert fs.cat_file("/x.wl", 70_000, 99_000) == content[70_000:99_000]
    assert store.ranges == []  # kept
    assert fs.cat_file("/x.wl", 99_990, 150_010) == content[99_990:150_010]
    assert len(store.ranges) == 2


@pytest.fixture(scope="module")
def s3() -> Iterator[Any]:
    pytest.importorskip("s3fs")
    pytest.importorskip("moto.server")
    from s3_store import s3_store

    with s3_store() as running:
        yield running


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("listed", [False, True])
def test_requests_to_a_real_store(s3: Any, listed: bool) -> None:
    """A listing tells less of an object than a request for it, but the same of its version."""
    content = random.Random(2).randbytes(200_000)
    fs = s3.new()
    fs.pipe_file("bucket/x.wl", archive(content, frame_size=50_000))
    files = WeightlessFileSystem(fs=fs)
    if listed:
        assert files.ls("bucket", detail=False) == ["bucket/x.wl"]
    s3.requests.clear()
    assert files.cat_file("bucket/x.wl", 60_000, 60_010) == content[60_000:60_010]
    # What it is, the end with the table, the frame, and whether it is still the same.
    assert [r.method for r in s3.requests] == ["HEAD", "GET", "GET", "HEAD"][listed:]
    s3.requests.clear()
    assert files.cat_file("bucket/x.wl", 70_000, 70_010) == content[70_000:70_010]
    assert [request.method for request in s3.requests] == ["HEAD"]


@pytest.mark.filterwarnings("ignore")
def test_files_that_a_pattern_finds_in_a_real_store(s3: Any) -> None:
    pytest.importorskip("dask")
    import dask.bag

    fs = s3.new()
    for name in ("a", "b"):
        fs.pipe_file(f"bucket/{name}.wl", archive())
    options = {"s3": s3.options}
    bag = dask.bag.read_text(
        "wl::s3://bucket/*.wl", blocksize=2000, compression=None, storage_options=options
    )
    assert "".join(bag.compute(scheduler="threads")).encode() == 2 * CONTENT


def test_a_seek_table_that_lists_too_small_frames(store: CountingStore) -> None:
    frame = archive(text(9_000))
    for size in (1, 3, 4, 5):  # within the header of the frame
        table = encode_seek_table([(size, 5_000), (len(frame) - size, 4_000)])
        store.pipe_file(f"/{size}.wl", frame + table)
        fs = WeightlessFileSystem(fs=store)
        with pytest.raises(DataError):
            fs.cat_file(f"/{size}.wl")
        with pytest.raises(DataError):
            fs.decoding_memory(f"/{size}.wl")


def test_a_primed_frame_needs_the_first_one_once(store: CountingStore) -> None:
    content = text(90_000)
    store.pipe_file("/x.wl", archive(content, frame_size=30_000, primed=True))
    fs = WeightlessFileSystem(fs=store)
    assert fs.cat_file("/x.wl", 75_000, 75_100) == content[75_000:75_100]
    frames = [r for r in store.ranges if r[1] - r[0] < 1 << 16]
    assert len(store.ranges) <= 3
    store.ranges.clear()
    assert fs.cat_file("/x.wl", 35_000, 35_100) == content[35_000:35_100]
    assert len(store.ranges) == 1
    assert frames


def test_threads_share_what_one_decodes(store: CountingStore) -> None:
    store.pipe_file("/x.wl", archive())
    fs = WeightlessFileSystem(fs=store)
    fs.info("/x.wl")
    store.ranges.clear()
    with ThreadPoolExecutor(8) as pool:
        starts = list(range(0, len(CONTENT), 300))
        read = list(pool.map(lambda start: fs.cat_file("/x.wl", start, start + 300), starts))
    assert b"".join(read) == CONTENT
    assert len(store.ranges) == -(-len(CONTENT) // FRAME)


def test_waiting_threads_get_the_failure_and_may_try_again() -> None:
    cache: SharedCache[bytes] = SharedCache(100, len)
    started, go = threading.Event(), threading.Event()

    def fail() -> bytes:
        started.set()
        assert go.wait(PATIENCE)
        raise OSError("the store fails")

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(cache.get, "key", fail)
        assert started.wait(PATIENCE)
        second = pool.submit(cache.get, "key", lambda: b"again")
        go.set()
        with pytest.raises(OSError, match="the store fails"):
            first.result(PATIENCE)
        failure = second.exception(PATIENCE)  # none if it came after the failure
        assert failure is None or str(failure) == "the store fails"
    assert cache.get("key", lambda: b"content") in (b"content", b"again")


def test_a_source_that_changes_is_noticed(store: CountingStore) -> None:
    store.pipe_file("/x.wl", archive())
    fs = WeightlessFileSystem(fs=store)
    file = fs.open("/x.wl")
    assert file.read(5) == CONTENT[:5]
    store.pipe_file("/x.wl", archive(CONTENT[::-1]))
    file.seek(4000)
    with pytest.raises(SourceChangedError):
        file.read(1)
    assert fs.cat_file("/x.wl", 4000, 4010) == CONTENT[::-1][4000:4010]


@pytest.mark.parametrize("replacement", [CONTENT[::-1], CONTENT[:10], CONTENT + b"1"])
def test_a_file_that_streams_large_frames_is_of_one_version(
    store: CountingStore, replacement: bytes
) -> None:
    store.pipe_file("/x.wl", archive())
    fs = WeightlessFileSystem(fs=store, cache_size=0)
    with fs.open("/x.wl") as file:
        store.pipe_file("/x.wl", archive(replacement))
        with pytest.raises(SourceChangedError):
            file.read(5)
    assert fs.cat_file("/x.wl") == replacement


def test_damage_is_an_error_where_it_is(store: CountingStore) -> None:
    data = bytearray(archive())
    data[len(data) // 2] ^= 1
    store.pipe_file("/x.wl", bytes(data))
    fs = WeightlessFileSystem(fs=store)
    assert fs.cat_file("/x.wl", 0, 100) == CONTENT[:100]
    with pytest.raises(weightless.DataError):
        fs.cat_file("/x.wl")
    store.pipe_file("/plain", b"no archive")
    with pytest.raises(weightless.NotAnArchiveError):
        fs.info("/plain")
    assert fs.exists("/plain")


@pytest.mark.parametrize("cache_size", [1 << 20, 0])  # frames are kept, or read as a stream
@pytest.mark.parametrize("primed", [False, True])
def test_errors_name_the_archive(store: CountingStore, cache_size: int, primed: bool) -> None:
    data = bytearray(archive(primed=primed))
    data[100] ^= 1
    prior = weightless.Prior(b"1,1\n2,4\n" * 20, level=1)
    archives = {
        "/damaged.wl": bytes(data),
        "/no-archive": b"no archive",
        "/prior.wl": archive(prior=prior, primed=False),
        "/truncated.wl": archive(frame_size=None)[:-9],
    }
    store.pipe(archives)
    fs = WeightlessFileSystem(fs=store, cache_size=cache_size)
    for name in archives:
        reads: list[Callable[[], object]] = [
            partial(fs.cat_file, name),
            partial(fs.cat_file, name, 2 * FRAME, 2 * FRAME + 1)
            if primed
            else partial(fs.cat, name),
            lambda name=name: fs.open(name).read(),  # type: ignore[misc]
        ]
        for read in reads:
            with pytest.raises(weightless.WeightlessError) as caught:
                read()
            assert str(caught.value).startswith(f"{name}: ")
            assert str(caught.value).count(name) == 1
    small = WeightlessFileSystem(fs=store, cache_size=cache_size, memory_limit=1000)
    store.pipe_file("/large.wl", archive())
    with pytest.raises(weightless.MemoryLimitError, match=r"^/large\.wl: ") as limited:
        small.cat_file("/large.wl")
    assert limited.value.limit == 1000
    table = encode_seek_table([(4, 5_000), (len(data) - 4, 4_000)])
    store.pipe_file("/table.wl", bytes(data) + table)
    with pytest.raises(DataError, match=r"^/table\.wl: "):
        fs.decoding_memory("/table.wl")


def test_archives_of_every_kind_have_their_size(store: CountingStore) -> None:
    joined = archive() + archive(b"tail\n", frame_size=None)
    for data, content in (
        (archive(b""), b""),
        (archive(b"x", frame_size=None), b"x"),
        (joined, CONTENT + b"tail\n"),
    ):
        store.pipe_file("/x.wl", data)
        fs = WeightlessFileSystem(fs=store)
        assert fs.info("/x.wl")["size"] == len(content)
        with fs.open("/x.wl") as file:
            assert file.read() == content


def test_names_and_writing(store: CountingStore) -> None:
    fs = WeightlessFileSystem(fs=store, level=1, frame_size=FRAME)
    fs.makedirs("/d", exist_ok=True)
    with fs.open("/d/a.txt.wl", "wb") as file:
        file.write(CONTENT)
    assert store.cat_file("/d/a.txt.wl") == archive()
    assert fs.glob("/d/*.wl") == ["/d/a.txt.wl"] == fs.ls("/d", detail=False)
    assert fs.ls("/d")[0]["size"] is None
    assert fs.du("/d") == len(CONTENT)
    assert fs.isdir("/d")
    assert fs.isfile("/d/a.txt.wl")
    fs.mv("/d/a.txt.wl", "/d/b.txt.wl")
    assert fs.cat_file("/d/b.txt.wl") == CONTENT
    fs.rm("/d", recursive=True)
    assert not fs.exists("/d")
    with pytest.raises(ValueError, match="the mode is 'ab'"):
        fs.open("/x.wl", "ab")


def test_pickled_with_its_options(folder: Path) -> None:
    Path("x.wl").write_bytes(archive())
    opened = fsspec.open("wl::file://x.wl", cache_size=3000)
    again = pickle.loads(pickle.dumps(opened))
    assert again.fs._cache.limit == 3000
    with again as file:
        assert file.read() == CONTENT


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_pandas_dask_and_arrow_split_it(folder: Path) -> None:
    pandas = pytest.importorskip("pandas")
    content = b"a,b\n" + CONTENT
    Path("x.csv.wl").write_bytes(archive(content))
    url = f"wl::file://{folder}/x.csv.wl"
    frame = pandas.read_csv(url)
    assert len(frame) == 800
    pytest.importorskip("dask")
    import dask.bag
    import dask.dataframe

    parts = dask.dataframe.read_csv(url, blocksize=1500, compression=None)
    assert parts.npartitions > 2
    assert parts.compute(scheduler="threads").reset_index(drop=True).equals(frame)
    bag = dask.bag.read_text(url, blocksize=1500, compression=None)
    assert bag.npartitions > 2
    assert bag.compute(scheduler="threads") == content.decode().splitlines(keepends=True)
    pytest.importorskip("pyarrow")
    from pyarrow import dataset

    fs, path = fsspec.core.url_to_fs(url)
    table = dataset.dataset(path, format="csv", filesystem=fs).to_table()
    assert table.to_pandas().equals(frame)


@pytest.mark.parametrize("option", [{"level": 99}, {"frame_size": -1}, {"threads": -1}])
def test_a_wrong_option_leaves_the_archive_as_it_is(tmp_path: Path, option: dict[str, int]) -> None:
    path = tmp_path / "x.wl"
    path.write_bytes(weightless.compress(b"old", level=1))
    before = path.read_bytes()
    with pytest.raises(weightless.ParameterError):
        fsspec.open(f"wl::file://{path}", "wb", wl=option).open()
    assert path.read_bytes() == before


def test_unknown_options_are_refused() -> None:
    with pytest.raises(TypeError, match="cache_sze"):
        fsspec.filesystem("wl", cache_sze=1)
