"""What the functions for clusters refuse before they write anything; in threads, no cluster."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import weightless

pytest.importorskip("fsspec", minversion="2025.10")
dask_bag = pytest.importorskip("dask.bag")

from weightless.integrations.dask import compress, compress_many, decompress, to_wl  # noqa: E402


@pytest.mark.parametrize("element", [3, [1, 2], {1: 2}])
def test_elements_that_are_no_lines_are_refused(tmp_path: Path, element: Any) -> None:
    bag = dask_bag.from_sequence([element])
    with pytest.raises(TypeError):
        to_wl(bag, f"{tmp_path}/x-*.wl", level=1)
    assert not list(tmp_path.iterdir())


def test_lines_are_strings_or_any_bytes(tmp_path: Path) -> None:
    bag = dask_bag.from_sequence(["é", b"b", bytearray(b"c\n"), memoryview(b"d")], npartitions=1)
    [url] = to_wl(bag, f"{tmp_path}/x-*.wl", level=1)
    assert weightless.decompress(Path(url).read_bytes()) == "é\nb\nc\nd\n".encode()


def test_an_archive_replaces_no_object(tmp_path: Path) -> None:
    one, two = tmp_path / "x", tmp_path / "x.wl"
    one.write_bytes(b"one")
    two.write_bytes(b"two")
    with pytest.raises(weightless.ParameterError, match="replace"):
        compress_many([str(one), f"file://{two}"], level=1)
    assert sorted(tmp_path.iterdir()) == [one, two]
    assert two.read_bytes() == b"two"


def test_two_urls_of_one_object_are_refused(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"one")
    with pytest.raises(weightless.ParameterError, match="same archive"):
        compress_many([f"{tmp_path}/x", f"file://{tmp_path}/x"], level=1)
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


def test_a_string_is_not_several_urls(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="urls"):
        compress_many(f"{tmp_path}/x", level=1)


def test_what_is_no_collection_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="list"):
        to_wl(["line"], f"{tmp_path}/x-*.wl", level=1)


def test_outputs_are_not_compressed_twice(tmp_path: Path) -> None:
    source = tmp_path / "x"
    source.write_bytes(b"one")
    output = f"wl::file://{tmp_path}/y.wl"
    bag = dask_bag.from_sequence(["a"])
    for call in (
        lambda: compress(str(source), output, level=1),
        lambda: decompress(str(source), output),
        lambda: compress_many([str(source)], lambda _: output, level=1),
        lambda: to_wl(bag, f"wl::file://{tmp_path}/y-*.wl", level=1),
    ):
        with pytest.raises(weightless.ParameterError, match="wl::"):
            call()
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


@pytest.mark.parametrize("option", [{"retries": -1}, {"threads": -1}])
def test_counts_are_checked_before_a_task_runs(tmp_path: Path, option: dict[str, int]) -> None:
    source, archive = tmp_path / "x", tmp_path / "x.wl"
    source.write_bytes(b"one")
    with pytest.raises(weightless.ParameterError, match=next(iter(option))):
        compress(str(source), str(archive), level=1, **option)  # type: ignore[arg-type]
    weightless.compress(source, output=archive, level=1)
    with pytest.raises(weightless.ParameterError, match=next(iter(option))):
        decompress(str(archive), f"{tmp_path}/y", **option)  # type: ignore[arg-type]


def test_lasting_errors_are_not_repeated(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    distributed = pytest.importorskip("distributed")
    source = tmp_path / "x.wl"
    archive = bytearray(weightless.compress(b"text" * 100, level=1))
    archive[-6] ^= 1
    source.write_bytes(archive)
    with (
        distributed.LocalCluster(  # type: ignore[no-untyped-call]
            n_workers=1, processes=False, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
        pytest.raises(weightless.DataError),
    ):
        decompress(f"file://{source}", f"file://{tmp_path}/x", client=client)
    # dask warns of each time that a task failed.
    assert "Compute Failed" not in caplog.text


def test_an_output_that_only_workers_see_is_an_error(tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed")
    source = tmp_path / "x"
    source.write_bytes(b"text" * 100)
    with (
        distributed.LocalCluster(  # type: ignore[no-untyped-call]
            n_workers=1, threads_per_worker=1, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        with pytest.raises(OSError, match="not there for the client"):
            compress(f"file://{source}", "memory://m/x.wl", client=client, level=1)
        with pytest.raises(OSError, match="not there for the client"):
            compress_many([f"file://{source}"], "memory://m", client=client, level=1)
