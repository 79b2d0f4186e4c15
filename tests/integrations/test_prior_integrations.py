"""Priors in the integrations: they reach writing and reading, and travel with configurations."""

from __future__ import annotations

import json
import pickle
import shutil
import tarfile
from pathlib import Path

import pytest
from data import text

import weightless
from weightless.integrations.prior_json import prior_from_json, prior_to_json

OLD = text(3_000, 1)
CONTENT = OLD[500:1_500]


@pytest.fixture
def prior(folder: Path) -> weightless.Prior:
    Path("old").write_bytes(OLD)
    return weightless.Prior("old", 1)


def test_json(prior: weightless.Prior) -> None:
    for one in (prior, weightless.Prior(OLD)):
        described = json.loads(json.dumps(prior_to_json(one)))
        again = prior_from_json(described)
        assert again == one
        assert again is not None
        assert (again.path, hash(again)) == (one.path, hash(one))
    assert prior_from_json(prior) is prior
    assert prior_from_json(None) is None
    assert prior != weightless.Prior(OLD[1:])
    described = prior_to_json(prior)
    assert set(described) == {"path", "xxh3_128", "size"}
    Path("old").write_bytes(OLD[1:])
    with pytest.raises(weightless.PriorError, match="has changed"):
        prior_from_json(described)
    Path("old").unlink()
    with pytest.raises(FileNotFoundError):
        prior_from_json(described)
    for wrong in ({}, {"path": "old"}, {"content": "?"}, {"content": 3}):
        with pytest.raises(weightless.ParameterError):
            prior_from_json(wrong)
    with pytest.raises(TypeError):
        prior_from_json("old")  # type: ignore[arg-type]


def test_numcodecs(prior: weightless.Prior) -> None:
    numcodecs = pytest.importorskip("numcodecs")
    codec = numcodecs.get_codec({"id": "weightless", "level": 1, "prior": prior_to_json(prior)})
    archive = codec.encode(CONTENT)
    assert archive == prior.compress(CONTENT)
    assert codec.decode(archive) == CONTENT
    again = numcodecs.get_codec(json.loads(json.dumps(codec.get_config())))
    assert again == codec
    assert pickle.loads(pickle.dumps(codec)).decode(archive) == CONTENT
    plain = numcodecs.get_codec({"id": "weightless", "level": 1})
    assert plain.get_config() == {"id": "weightless", "level": 1}
    assert repr(plain) == "Weightless(level=1)"
    with pytest.raises(weightless.PriorError):
        plain.decode(archive)


def test_zarr(prior: weightless.Prior, folder: Path) -> None:
    zarr = pytest.importorskip("zarr", minversion="3")
    numpy = pytest.importorskip("numpy")
    from weightless.integrations.zarr import WeightlessCodec

    codec = WeightlessCodec(level=1, prior=prior)
    assert WeightlessCodec.from_dict(json.loads(json.dumps(codec.to_dict()))) == codec
    content = numpy.frombuffer(CONTENT, "u1")
    array = zarr.create_array(
        store=str(folder / "array"), shape=(1_000,), chunks=(250,), dtype="u1", compressors=codec
    )
    array[:] = content
    read = zarr.open_array(store=str(folder / "array"), mode="r")
    assert (read[:] == content).all()
    assert read.nbytes_stored() < 1_200


def test_fsspec(prior: weightless.Prior) -> None:
    fsspec = pytest.importorskip("fsspec")
    from weightless.integrations.fsspec import register

    register(1, prior=prior)
    try:
        with fsspec.open("a.wl", "wb", compression="infer") as file:
            file.write(CONTENT)
        archive = Path("a.wl").read_bytes()
        assert prior.decompress(archive) == CONTENT
        assert len(archive) < 100
        opened = pickle.loads(pickle.dumps(fsspec.open("a.wl", "rb", compression="infer")))
        with opened as file:
            assert file.read() == CONTENT
        with pytest.raises(TypeError, match="not Prior"):
            register(prior=OLD)  # type: ignore[arg-type]
    finally:
        register()
    with (
        fsspec.open("a.wl", "rb", compression="infer") as file,
        pytest.raises(weightless.PriorError),
    ):
        file.read()


@pytest.mark.skipif(not hasattr(tarfile, "data_filter"), reason="needs the data filter")
def test_tarfile_and_shutil(prior: weightless.Prior) -> None:
    from weightless.integrations.shutil import register
    from weightless.integrations.tarfile import TarFile

    for mode in ("w:wl", "w|wl"):
        options = {"level": 1, "prior": prior, "frame_size": 2_000, "primed": True}
        with TarFile.open("a.tar.wl", mode, **options) as tar:
            tar.add("old")
        with TarFile.open("a.tar.wl", "r" + mode[1:], prior=prior) as tar:
            tar.extractall("out")
        assert Path("out/old").read_bytes() == OLD
        with pytest.raises(weightless.PriorError):
            TarFile.open("a.tar.wl", "r" + mode[1:])
    Path("in").mkdir()
    Path("in/new").write_bytes(CONTENT)
    register(1, prior=prior)
    try:
        name = shutil.make_archive("b", "wltar", "in")
        shutil.unpack_archive(name, "back")
        assert Path("back/new").read_bytes() == CONTENT
    finally:
        register()
    with pytest.raises(weightless.PriorError):
        shutil.unpack_archive(name, "again")
