"""What the functions for clusters refuse before they write anything; in threads, no cluster."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import weightless

pytest.importorskip("fsspec", minversion="2025.10")
dask_bag = pytest.importorskip("dask.bag")

from weightless.integrations.dask import compress_many, to_wl  # noqa: E402


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
