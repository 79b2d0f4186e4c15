"""Compression on a real cluster of two processes, from and to a real store (moto's server)."""

from __future__ import annotations

import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import weightless

pytest.importorskip("fsspec", minversion="2025.10")
distributed = pytest.importorskip("distributed")
pytest.importorskip("s3fs")
pytest.importorskip("moto.server")
import dask  # noqa: E402
import fsspec  # noqa: E402
from data import noise  # noqa: E402
from trouble import TroubleFileSystem  # noqa: E402

from weightless.errors import MemoryLimitError  # noqa: E402
from weightless.integrations.cluster_memory import RESOURCE, ask_for_memory  # noqa: E402
from weightless.integrations.cluster_output import Parts, join, write_part  # noqa: E402
from weightless.integrations.cluster_store import Place, sizes_of  # noqa: E402
from weightless.integrations.dask import (  # noqa: E402
    _GROUP,
    _memory,
    _Runner,
    compress,
    compress_many,
    decompress,
    to_wl,
)
from weightless.integrations.filesystem import SourceChangedError  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")
fsspec.register_implementation("trouble", TroubleFileSystem, clobber=True)

LINES = b"".join(b"%d,%d,some words\n" % (i, i * i % 1009) for i in range(700))
SIZE = 2500


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 5}),
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster, set_as_default=False) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(endpoint: str) -> dict[str, Any]:
    """Return the options of the store, which has an empty bucket."""
    urllib.request.urlopen(f"{endpoint}/moto-api/reset", data=b"")
    options = {"key": "key", "secret": "secret", "endpoint_url": endpoint}
    fsspec.filesystem("s3").clear_instance_cache()
    store = fsspec.filesystem("s3", **options)
    store.invalidate_cache()
    store.mkdir("bucket")
    return options


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"primed": True},
        {"frame_at": b"\n", "primed": True},
        {"prior": weightless.Prior(LINES[:900], level=1)},
    ],
)
def test_the_bytes_of_one_machine(
    client: Any, bucket: dict[str, Any], options: dict[str, Any]
) -> None:
    fs = fsspec.filesystem("s3", **bucket)
    fs.pipe_file("bucket/x", LINES)
    size = compress(
        "s3://bucket/x",
        "s3://bucket/x.wl",
        client=client,
        level=1,
        frame_size=SIZE,
        storage_options=bucket,
        **options,
    )
    fs.invalidate_cache()
    archive = fs.cat_file("bucket/x.wl")
    assert archive == weightless.compress(LINES, 1, frame_size=SIZE, **options)
    assert len(archive) == size
    prior = options.get("prior")
    written = decompress(
        "s3://bucket/x.wl", "s3://bucket/y", client=client, prior=prior, storage_options=bucket
    )
    fs.invalidate_cache()
    assert fs.cat_file("bucket/y") == LINES
    assert written == len(LINES)
    assert sorted(fs.ls("bucket", detail=False)) == ["bucket/x", "bucket/x.wl", "bucket/y"]


def test_zero_bytes(client: Any, bucket: dict[str, Any]) -> None:
    fs = fsspec.filesystem("s3", **bucket)
    fs.pipe_file("bucket/x", b"")
    compress("s3://bucket/x", "s3://bucket/x.wl", client=client, storage_options=bucket)
    assert fs.cat_file("bucket/x.wl") == weightless.compress(b"", frame_size=1)
    assert (
        decompress("s3://bucket/x.wl", "s3://bucket/y", client=client, storage_options=bucket) == 0
    )
    assert fs.cat_file("bucket/y") == b""


def test_without_a_cluster(folder: Path) -> None:
    Path("x").write_bytes(LINES)
    compress("x", "x.wl", level=1, frame_size=SIZE, frame_at=b"\n")
    archive = weightless.compress(LINES, 1, frame_size=SIZE, frame_at=b"\n")
    assert Path("x.wl").read_bytes() == archive
    decompress("x.wl", "y")
    assert Path("y").read_bytes() == LINES
    assert sorted(path.name for path in folder.iterdir()) == ["x", "x.wl", "y"]


def test_a_worker_dies(client: Any, folder: Path) -> None:
    Path("x").write_bytes(LINES)
    compress(
        f"trouble://{folder}/x",
        f"file://{folder}/x.wl",
        client=client,
        level=1,
        frame_size=SIZE,
        storage_options={"kill": str(folder / "killed")},
        output_options={},
    )
    assert Path("killed").exists()
    assert Path("x.wl").read_bytes() == weightless.compress(LINES, 1, frame_size=SIZE)
    assert sorted(path.name for path in folder.iterdir()) == ["killed", "x", "x.wl"]


def test_every_tenth_request_fails(client: Any, folder: Path) -> None:
    Path("x").write_bytes(LINES)
    options = {"fail_every": 10}
    compress(
        f"trouble://{folder}/x",
        f"trouble://{folder}/x.wl",
        client=client,
        level=1,
        frame_size=SIZE * 2,
        retries=20,
        storage_options=options,
    )
    assert Path("x.wl").read_bytes() == weightless.compress(LINES, 1, frame_size=SIZE * 2)
    assert sorted(path.name for path in folder.iterdir()) == ["x", "x.wl"]


def test_a_source_that_changes(client: Any, folder: Path) -> None:
    Path("x").write_bytes(LINES)
    Path("x.wl").write_bytes(b"what was there")
    with pytest.raises(SourceChangedError):
        compress(
            f"trouble://{folder}/x",
            f"file://{folder}/x.wl",
            client=client,
            level=1,
            frame_size=SIZE,
            storage_options={"change": str(folder / "changed")},
            output_options={},
        )
    assert Path("x.wl").read_bytes() == b"what was there"
    assert sorted(path.name for path in folder.iterdir()) == ["changed", "x", "x.wl"]


def test_credentials_are_refused(client: Any, endpoint: str, bucket: dict[str, Any]) -> None:
    fs = fsspec.filesystem("s3", **bucket)
    fs.pipe_file("bucket/x", LINES)
    _ask_for_credentials_after(endpoint, "0")
    try:
        fs.invalidate_cache()
        with pytest.raises(PermissionError):
            compress("s3://bucket/x", "s3://bucket/x.wl", client=client, storage_options=bucket)
    finally:
        _ask_for_credentials_after(endpoint, "inf")


def _ask_for_credentials_after(endpoint: str, requests: str) -> None:
    """Let the store accept any key for a number of requests, and check them afterwards."""
    urllib.request.urlopen(
        urllib.request.Request(
            f"{endpoint}/moto-api/reset-auth",
            data=requests.encode(),
            headers={"Content-Type": "text/plain"},
        )
    )


@pytest.mark.parametrize("count", [12, pytest.param(10_000, marks=pytest.mark.slow)])
def test_many_small_objects(client: Any, bucket: dict[str, Any], count: int) -> None:
    fs = fsspec.filesystem("s3", **bucket)
    contents = {f"bucket/in/{i}": b"object %d\n" % i * (i % 5) for i in range(count)}
    fs.pipe(contents)
    urls = [f"s3://{name}" for name in contents]
    targets = compress_many(urls, "s3://bucket/out", client=client, level=1, storage_options=bucket)
    fs.invalidate_cache()
    assert len(fs.ls("bucket/out")) == count
    for url, content in list(zip(targets, contents.values(), strict=True))[:: max(1, count // 50)]:
        assert fs.cat_file(url) == weightless.compress(content, 1)


def test_a_part_that_is_not_what_was_written(folder: Path) -> None:
    store = fsspec.filesystem("file")
    part = write_part(Place(store, str(folder / "part")), b"content", 7)
    Path("part").write_bytes(b"damaged")
    for fs in (store, TroubleFileSystem()):  # one is renamed to, the other one committed to
        with pytest.raises(OSError, match="is not what was written"):
            join(Place(fs, str(folder / "x")), [part], b"")
    assert [path.name for path in folder.iterdir()] == ["part"]


CLIENT = """
import os, sys
import dask
import weightless.integrations.dask as cluster

dask.config.set(num_workers=1)

def write_three(*arguments, write=cluster.write_part, written=[]):
    if len(written) == 3:
        os._exit(9)
    written.append(write(*arguments))
    return written[-1]

cluster.write_part = write_three
getattr(cluster, sys.argv[1])("x", "y", **eval(sys.argv[2]))
"""


@pytest.mark.parametrize("action", ["compress", "decompress"])
def test_the_client_is_killed(folder: Path, action: str, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = weightless.compress(LINES, 1, frame_size=SIZE)
    content, wanted = (LINES, archive) if action == "compress" else (archive, LINES)
    Path("x").write_bytes(content)
    options = dict(level=1, frame_size=SIZE) if action == "compress" else {}
    done = subprocess.run([sys.executable, "-c", CLIENT, action, repr(options)], check=False)
    assert done.returncode == 9
    [left] = folder.glob("y.*.parts")
    kept = {part.name: part.read_bytes() for part in left.iterdir()}
    assert len(kept) == 3
    # A part that is damaged is made again, the others are not.
    damaged = sorted(kept)[0]
    (left / damaged).write_bytes(kept[damaged][:-1])
    made: list[str] = []

    def write(place: Place, *arguments: Any) -> Any:
        made.append(Path(place.path).name)
        return write_part(place, *arguments)

    monkeypatch.setattr("weightless.integrations.dask.write_part", write)
    run = {"compress": compress, "decompress": decompress}[action]
    run("x", "y", **options)  # type: ignore[operator]
    assert Path("y").read_bytes() == wanted
    assert damaged in made
    assert not set(made) & (set(kept) - {damaged})
    assert sorted(path.name for path in folder.iterdir()) == ["x", "y"]


def test_parts_of_another_job_are_not_taken(folder: Path) -> None:
    store = fsspec.filesystem("file")
    output = Place(store, str(folder / "y"))
    jobs: list[tuple[Any, ...]] = [
        ((("size", "1"), ("ETag", "2")), "x", 1),
        ((("size", "1"), ("ETag", "3")), "x", 1),
    ]
    jobs += [(jobs[0][0], "x", 2), (jobs[0][0], "z", 1)]
    assert len({Parts(output, *job).name(0).path for job in jobs}) == len(jobs)
    assert Parts(output, *jobs[0]).name(1) == Parts(output, *jobs[0]).name(1)
    first, second = (Parts(output, (("size", "(1)(2)"),), "x", 1) for _ in range(2))
    assert first.name(1) != second.name(1)


def test_two_clients_run_the_same_job(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("x").write_bytes(LINES)
    joins = []

    def joined(*arguments: Any) -> int:
        joins.append(arguments)
        if len(joins) == 1:  # before this client joins, another one does all of it
            compress("x", "y", level=1, frame_size=SIZE)
        return join(*arguments)

    monkeypatch.setattr("weightless.integrations.dask.join", joined)
    compress("x", "y", level=1, frame_size=SIZE)
    assert len(joins) == 3
    assert Path("y").read_bytes() == weightless.compress(LINES, 1, frame_size=SIZE)
    assert sorted(path.name for path in folder.iterdir()) == ["x", "y"]


def test_all_tasks_ask_for_memory(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dask_bag = pytest.importorskip("dask.bag")
    asked: list[int] = []

    class Runner(_Runner):
        def __init__(self, client: Any, memory: int, retries: int) -> None:
            super().__init__(client, memory, retries)
            asked.append(memory)

    monkeypatch.setattr("weightless.integrations.dask._Runner", Runner)
    Path("x").write_bytes(LINES)
    compress("x", "x.wl", level=1)
    decompress("x.wl", "y")
    compress_many([f"file://{folder}/x"], f"file://{folder}/many", level=1)
    own = {"parameters": weightless.level_parameters(1)}
    compress_many([f"file://{folder}/x"], f"file://{folder}/many", **own)
    bag = dask_bag.from_sequence(["one"], npartitions=1)
    to_wl(bag, f"file://{folder}/bag-*.wl", partition_size=1 << 20, **own)
    for size in (1 << 20, 1 << 24):
        to_wl(bag, f"file://{folder}/bag-*.wl", level=1, partition_size=size)
    one, back, many, own_many, own_small, small, large = asked
    assert (own_many, own_small) == (many, small)
    model = weightless.info(Path("x.wl")).memory
    assert model + 2 * len(LINES) <= one < model + 4 * len(LINES)
    assert one < many == one + 2 * _GROUP
    assert back > model + 2 * len(LINES)
    assert small > model + (4 << 20)
    assert large > small + (4 * 15 << 20)


def test_partitions_are_written(client: Any, folder: Path) -> None:
    dask_bag = pytest.importorskip("dask.bag")
    pandas = pytest.importorskip("pandas")
    dataframe = pytest.importorskip("dask.dataframe")
    bag = dask_bag.from_sequence(["one", "two", "three"], npartitions=2)
    urls = to_wl(bag, f"file://{folder}/bag-*.txt.wl", client=client, level=1)
    texts = [weightless.decompress(Path(url.removeprefix("file://")).read_bytes()) for url in urls]
    assert b"".join(texts) == b"one\ntwo\nthree\n"
    frame = pandas.DataFrame({"n": range(50)})
    parts = dataframe.from_pandas(frame, npartitions=2)
    to_wl(parts, f"file://{folder}/frame-*.csv.wl", client=client, level=1)
    back = dataframe.read_csv(f"wl::file://{folder}/frame-*.csv.wl", compression=None)
    assert back.compute(scheduler="sync").reset_index(drop=True).equals(frame)
    with pytest.raises(weightless.ParameterError, match=r"one \*"):
        to_wl(bag, "out", client=client)


MEMORY = """
import re, sys, weightless
def peak():
    return int(re.search(r"VmHWM:\\s*(\\d+) kB", open("/proc/self/status").read())[1])
content = open(sys.argv[1], "rb").read()
before = peak()
weightless.compress(content, int(sys.argv[2]), **eval(sys.argv[3]))
print(peak() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads what Linux tells of a process")
@pytest.mark.parametrize(
    "options", [{}, {"frame_size": 1 << 18, "threads": 2}, {"frame_size": 1 << 18, "primed": True}]
)
def test_tasks_ask_for_the_memory_that_they_take(folder: Path, options: dict[str, Any]) -> None:
    Path("x").write_bytes(noise(1 << 20))
    done = subprocess.check_output([sys.executable, "-c", MEMORY, "x", "2", repr(options)])
    [size] = sizes_of([Place(fsspec.filesystem("file"), str(folder / "x"))])
    assert size == 1 << 20
    asked = _memory(weightless.level_parameters(2), size, **options)
    taken = int(done) << 10
    assert taken < asked < 4 * taken + (32 << 20)


def test_memory_is_a_resource(client: Any, folder: Path) -> None:
    assert ask_for_memory(client) > 1 << 28
    workers = client.scheduler_info(n_workers=-1)["workers"].values()
    assert all(worker["resources"][RESOURCE] > 0 for worker in workers)
    Path("x").write_bytes(LINES)
    most = ask_for_memory(client)
    with pytest.raises(MemoryLimitError) as caught:
        _Runner(client, most + 1, 0)
    assert caught.value.limit == most
