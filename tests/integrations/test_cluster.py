"""Compression on a real cluster of two processes, from and to a real store (moto's server)."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
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
from dask.utils import key_split  # noqa: E402
from data import noise  # noqa: E402
from patience import PATIENCE  # noqa: E402
from s3_store import S3Store, s3_store  # noqa: E402
from trouble import TroubleFileSystem  # noqa: E402

from weightless.errors import MemoryLimitError  # noqa: E402
from weightless.files.temporary import is_temporary_name  # noqa: E402
from weightless.integrations.cluster_memory import RESOURCE, ask_for_memory  # noqa: E402
from weightless.integrations.cluster_output import Parts, join, write_part  # noqa: E402
from weightless.integrations.cluster_store import (  # noqa: E402
    GROUP,
    Place,
    groups,
    read_group,
    sizes_of,
)
from weightless.integrations.dask import (  # noqa: E402
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
def store() -> Iterator[S3Store]:
    with s3_store() as store:
        yield store


@pytest.fixture
def bucket(store: S3Store) -> dict[str, Any]:
    """Return the options of the store, which has an empty bucket."""
    store.new()
    return store.options


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


def _wanted(client: str, keys: set[str], dask_scheduler: Any = None) -> bool:
    """Whether the scheduler would make one of a client's results again if its worker died."""
    return any(task.key in keys for task in dask_scheduler.clients[client].wants_what)


def test_a_worker_dies(client: Any, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It dies with the last frame, when the client has released the results of all others."""
    Path("x").write_bytes(LINES)
    os.mkfifo("wait")
    count = -(-len(LINES) // SIZE)

    class Watched(distributed.as_completed):  # type: ignore[misc]
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            self.taken: set[str] = set()

        def __next__(self) -> Any:
            if len(self.taken) == count - 1:
                deadline = time.monotonic() + PATIENCE
                while client.run_on_scheduler(_wanted, client.id, self.taken):
                    assert time.monotonic() < deadline
                self.written = os.open("wait", os.O_RDWR)
                os.write(self.written, b"now")
            future, result = super().__next__()
            self.taken.add(future.key)
            return future, result

    monkeypatch.setattr("distributed.as_completed", Watched)
    troubles = {"kill": str(folder / "killed"), "wait": str(folder / "wait")}
    compress(
        f"trouble://{folder}/x",
        f"trouble://{folder}/x.wl",
        client=client,
        level=1,
        frame_size=SIZE,
        storage_options={**troubles, "after": (count - 1) * SIZE},
        output_options={"log": str(folder / "log")},
    )
    assert Path("killed").exists()
    assert Path("x.wl").read_bytes() == weightless.compress(LINES, 1, frame_size=SIZE)
    assert sorted(Path("log").read_text().split()) == [f"{number:08}" for number in range(count)]
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["killed", "log", "wait", "x", "x.wl"]


def test_the_only_worker_dies(folder: Path) -> None:
    """The one that replaces it gets the tasks, although it declares its memory later."""
    Path("x").write_bytes(LINES)
    with (
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=1, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster, set_as_default=False) as client,
    ):
        compress(
            f"trouble://{folder}/x",
            f"trouble://{folder}/x.wl",
            client=client,
            level=1,
            frame_size=SIZE,
            storage_options={"kill": str(folder / "killed")},
        )
    assert Path("killed").exists()
    assert Path("x.wl").read_bytes() == weightless.compress(LINES, 1, frame_size=SIZE)


@pytest.mark.parametrize("action", ["decompress", "compress_many", "to_wl"])
def test_a_worker_dies_in_other_actions(client: Any, folder: Path, action: str) -> None:
    troubles = {"kill": str(folder / "killed"), "after": 0}
    files = sorted(_act(action, client, folder, troubles))
    assert sorted(path.name for path in folder.iterdir()) == sorted([*files, "killed"])


@pytest.mark.parametrize("action", ["compress", "decompress", "compress_many", "to_wl"])
def test_every_tenth_request_fails(client: Any, folder: Path, action: str) -> None:
    files = _act(action, client, folder, {"fail_every": 10}, retries=20)
    assert sorted(path.name for path in folder.iterdir()) == sorted(files)


def _act(
    action: str, client: Any, folder: Path, troubles: dict[str, Any], **options: Any
) -> list[str]:
    """Do it with troubles, and compare the bytes; return the names of the files."""
    options |= {"client": client, "storage_options": troubles}
    TroubleFileSystem.requests = 0  # what dask itself asks here is not repeated
    url = f"trouble://{folder}"
    archive = weightless.compress(LINES, 1, frame_size=2 * SIZE, frame_at=b"\n")
    if action == "compress":
        Path("x").write_bytes(LINES)
        cut = {"level": 1, "frame_size": 2 * SIZE, "frame_at": b"\n"}
        compress(f"{url}/x", f"{url}/y", **cut, **options)  # type: ignore[arg-type]
        wanted = {"y": archive}
    elif action == "decompress":
        Path("x").write_bytes(archive)
        decompress(f"{url}/x", f"{url}/y", **options)
        wanted = {"y": LINES}
    elif action == "compress_many":
        contents = {str(number): b"%d," % number * number for number in range(12)}
        for name, content in contents.items():
            Path(name).write_bytes(content)
        compress_many([f"{url}/{name}" for name in contents], level=1, batch=4, **options)
        wanted = {f"{name}.wl": weightless.compress(contents[name], 1) for name in contents}
    else:
        dask_bag = pytest.importorskip("dask.bag")
        Path("x").write_bytes(LINES)
        bag = dask_bag.read_text(f"{url}/x", blocksize=4000, storage_options=troubles)
        to_wl(bag, f"{url}/y-*", level=1, **options)
        files = sorted(folder.glob("y-*"))
        assert b"".join(weightless.decompress(path.read_bytes()) for path in files) == LINES
        wanted = {path.name: path.read_bytes() for path in files}
        assert len(wanted) > 2
    for name, content in wanted.items():
        assert Path(name).read_bytes() == content
    return [*wanted, *(contents if action == "compress_many" else ["x"])]


@pytest.mark.parametrize("action", ["compress", "decompress", "compress_many"])
def test_a_source_that_changes(client: Any, folder: Path, action: str) -> None:
    archive = weightless.compress(LINES, 1, frame_size=SIZE)
    Path("x").write_bytes(archive if action == "decompress" else LINES)
    Path("x.wl").write_bytes(b"what was there")
    options: dict[str, Any] = {"client": client, "retries": 0}
    options["storage_options"] = {
        "change": str(folder / "changed"),
        "after": 0 if action == "compress_many" else 1,
    }
    urls = (f"trouble://{folder}/x", f"trouble://{folder}/x.wl")
    run: dict[str, Callable[[], Any]] = {
        "compress": lambda: compress(*urls, level=1, frame_size=SIZE, **options),
        "decompress": lambda: decompress(*urls, **options),
        "compress_many": lambda: compress_many(urls[:1], level=1, **options),
    }
    with pytest.raises(SourceChangedError):
        run[action]()
    assert Path("changed").exists()
    assert Path("x.wl").read_bytes() == b"what was there"
    assert sorted(path.name for path in folder.iterdir()) == ["changed", "x", "x.wl"]


@pytest.mark.parametrize("accepted", [0, 12])  # refused at once, or after some frames
def test_credentials_are_refused(
    client: Any, store: S3Store, bucket: dict[str, Any], accepted: int
) -> None:
    fs = fsspec.filesystem("s3", **bucket)
    fs.pipe_file("bucket/x", LINES)
    arguments: dict[str, Any] = dict(client=client, level=1, frame_size=SIZE)
    arguments["storage_options"] = bucket
    store.ask_for_credentials_after(accepted)
    try:
        with pytest.raises(PermissionError):
            compress("s3://bucket/x", "s3://bucket/x.wl", **arguments)
    finally:
        store.ask_for_credentials_after(float("inf"))
    fs.invalidate_cache()
    assert not fs.exists("bucket/x.wl")
    assert not fs.list_multipart_uploads("bucket")
    # Parts that could not be removed either are taken over, and removed.
    assert len(fs.find("bucket")) >= (2 if accepted else 1)
    compress("s3://bucket/x", "s3://bucket/x.wl", **arguments)
    fs.invalidate_cache()
    assert fs.cat_file("bucket/x.wl") == weightless.compress(LINES, 1, frame_size=SIZE)
    assert sorted(fs.find("bucket")) == ["bucket/x", "bucket/x.wl"]


@pytest.mark.parametrize("count", [30, pytest.param(10_000, marks=pytest.mark.slow)])
def test_many_small_objects(
    client: Any, store: S3Store, bucket: dict[str, Any], count: int
) -> None:
    fs = fsspec.filesystem("s3", **bucket)
    contents = {f"bucket/in/{i}": b"object %d\n" % i * (i % 5) for i in range(count)}
    fs.pipe(contents)
    store.requests.clear()
    urls = [f"s3://{name}" for name in contents]
    targets = compress_many(urls, "s3://bucket/out", client=client, level=1, storage_options=bucket)
    # One request reads an object that has content, one writes an archive, few list them all, and
    # one of the client looks whether it sees the last archive.
    asked = Counter("list" if request.lists else request.method for request in store.requests)
    pages = -(-count // 1000)
    assert asked == {"list": pages, "GET": count * 4 // 5, "PUT": count, "HEAD": 1}
    fs.invalidate_cache()
    assert len(fs.ls("bucket/out")) == count
    for url, content in list(zip(targets, contents.values(), strict=True))[:: max(1, count // 50)]:
        assert fs.cat_file(url) == weightless.compress(content, 1)


def test_small_objects_that_change_after_they_were_listed(bucket: dict[str, Any]) -> None:
    fs = fsspec.filesystem("s3", **bucket)
    now = {"bucket/same": b"12", "bucket/grown": b"12345", "bucket/shrunk": b"1"}
    fs.pipe(now)
    assert read_group([Place(fs, name) for name in now], [2, 3, 2]) == list(now.values())


def test_what_is_read_at_the_same_time() -> None:
    half = GROUP // 2
    assert groups([]) == []
    assert groups([half, half, 1, 0, 0]) == [slice(0, 2), slice(2, 5)]
    assert groups([0, 3 * GROUP, 1]) == [slice(0, 1), slice(1, 2), slice(2, 3)]


@pytest.mark.parametrize("action", ["compress", "decompress"])
def test_requests_for_each_frame(
    client: Any, store: S3Store, bucket: dict[str, Any], action: str
) -> None:
    """No frame asks for parts that nobody has written."""
    fs = fsspec.filesystem("s3", **bucket)
    archive = weightless.compress(LINES, 1, frame_size=SIZE)
    count = -(-len(LINES) // SIZE)
    fs.pipe_file("bucket/x", LINES if action == "compress" else archive)
    store.requests.clear()
    arguments: dict[str, Any] = {"client": client, "storage_options": bucket}
    if action == "compress":
        compress("s3://bucket/x", "s3://bucket/y", level=1, frame_size=SIZE, **arguments)
    else:
        decompress("s3://bucket/x", "s3://bucket/y", **arguments)
    asked = Counter(request.method for request in store.requests if ".parts/" in request.path)
    assert asked == {"PUT": count, "GET": count}  # the latter by the join
    assert sum(request.lists for request in store.requests) <= 8
    source = Counter(request.method for request in store.requests if request.path == "bucket/x")
    assert count <= source["GET"] <= count + (0 if action == "compress" else 4)
    assert source["HEAD"] <= 1 + count * (1 if action == "compress" else 4) + 2


def test_a_source_that_was_listed_before_it_changed(bucket: dict[str, Any]) -> None:
    fs = fsspec.filesystem("s3", **bucket)
    fs.pipe_file("bucket/x", LINES[:5000])
    fs.ls("bucket")
    others = fsspec.filesystem("s3", **bucket, skip_instance_cache=True)
    others.pipe_file("bucket/x", LINES)
    compress("s3://bucket/x", "s3://bucket/y", level=1, frame_size=SIZE, storage_options=bucket)
    assert others.cat_file("bucket/y") == weightless.compress(LINES, 1, frame_size=SIZE)


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


def test_what_a_killed_client_left_for_another_job_goes(folder: Path) -> None:
    """Its parts are not used, and the next run for the same output removes them."""
    Path("x").write_bytes(LINES)
    kill = [sys.executable, "-c", CLIENT, "compress"]
    for options in (dict(level=1, frame_size=SIZE), dict(level=1, frame_size=SIZE + 1)):
        assert subprocess.run([*kill, repr(options)], check=False).returncode == 9
    Path("x").write_bytes(LINES[::-1])
    assert subprocess.run([*kill, repr(options)], check=False).returncode == 9
    assert len(list(folder.glob("y.*.parts"))) == 3
    others = ["y.wl.0123.parts", f"y2.{'0' * 32}.parts", f"y.{'0' * 32}.parts.txt"]
    for name in others:
        Path(name).mkdir()
    compress("x", "y", level=2, frame_size=SIZE)
    assert Path("y").read_bytes() == weightless.compress(LINES[::-1], 2, frame_size=SIZE)
    assert sorted(path.name for path in folder.iterdir()) == sorted(["x", "y", *others])


JOIN = """
import os, sys
import weightless.integrations.cluster_output as output
import weightless.integrations.dask as cluster

class Hasher:
    made = 0
    def __init__(self):
        Hasher.made += 1
        if Hasher.made == 3:
            os._exit(9)
    def update(self, data): self.data = data
    def digest(self): return digest(self.data)

digest = output.xxhash.xxh3_128_digest
output.xxhash.xxh3_128 = Hasher
cluster.compress("x", "y", level=1, frame_size=2500)
"""


@pytest.mark.skipif(os.name != "posix", reason="files have no locks that end with a process")
@pytest.mark.parametrize("level", [1, 2])
def test_killed_during_the_join(folder: Path, level: int) -> None:
    """The next run removes what the join has begun to write, whether it is the same job or not."""
    Path("x").write_bytes(LINES)
    assert subprocess.run([sys.executable, "-c", JOIN], check=False).returncode == 9
    [begun] = [path for path in folder.iterdir() if is_temporary_name(path.name)]
    assert begun.name.startswith(".")
    assert not Path("y").exists()
    compress("x", "y", level=level, frame_size=SIZE)
    assert Path("y").read_bytes() == weightless.compress(LINES, level, frame_size=SIZE)
    assert sorted(path.name for path in folder.iterdir()) == ["x", "y"]


def test_tasks_have_names(client: Any, folder: Path) -> None:
    """They are what dask's dashboard shows."""
    for action in ("compress", "decompress", "compress_many", "to_wl"):
        _act(action, client, folder, {})
    names = client.run_on_scheduler(lambda dask_scheduler: list(dask_scheduler.task_prefixes))
    assert {name for name in names if name.startswith("weightless")} >= {
        "weightless_compress_frame",
        "weightless_decompress_frame",
        "weightless_join_frames",
        "weightless_compress_objects",
        "weightless_compress_partition",
    }


def test_progress_bar(folder: Path) -> None:
    from dask.diagnostics import Callback, ProgressBar

    Path("x").write_bytes(LINES)
    shown = io.StringIO()
    tasks: list[str] = []
    with ProgressBar(out=shown), Callback(posttask=lambda key, *_: tasks.append(key_split(key))):
        compress("x", "y", level=1, frame_size=SIZE)
    assert "100% Completed" in shown.getvalue()
    assert Counter(tasks) == {
        "weightless_compress_frame": -(-len(LINES) // SIZE),
        "weightless_join_frames": 1,
    }


def test_a_cluster_that_has_no_workers_yet(folder: Path) -> None:
    """Tasks wait for the first one, which has the memory that they ask for when it comes."""
    Path("x").write_bytes(LINES)
    with (
        distributed.LocalCluster(n_workers=0, processes=False, dashboard_address=None) as cluster,
        distributed.Client(cluster, set_as_default=False) as client,
        ThreadPoolExecutor(1) as pool,
    ):
        assert ask_for_memory(client) is None
        waiting = threading.Event()

        class Watch(distributed.SchedulerPlugin):  # type: ignore[misc]
            def transition(self, key: Any, start: str, finish: str, *_: Any, **__: Any) -> None:
                if finish == "no-worker":
                    waiting.set()

        cluster.scheduler.add_plugin(Watch(), name="watch")
        done = pool.submit(compress, "x", "y", client=client, level=1, frame_size=SIZE)
        assert waiting.wait(PATIENCE)
        cluster.scale(1)
        done.result(PATIENCE)
    assert Path("y").read_bytes() == weightless.compress(LINES, 1, frame_size=SIZE)


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
    assert one < many == one + 2 * GROUP
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
