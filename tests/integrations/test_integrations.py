"""Integration with the real fsspec, pandas, dask, numcodecs, zarr, tarfile, shutil and tar."""

from __future__ import annotations

import array
import importlib.util
import io
import os
import pickle
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from data import text
from patience import PATIENCE

import weightless
from weightless.container.scan import scan_archive

DATA = text(5000)


def test_nothing_heavy_is_imported() -> None:
    code = (
        "import sys, weightless, weightless.integrations\n"
        "heavy = ('fsspec', 'numcodecs', 'zarr', 'pandas', 'tarfile', 'numpy')\n"
        "print([module for module in heavy if module in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout.strip() == b"[]"


def test_what_travels_can_be_unpacked_where_it_arrives(folder: Path) -> None:
    """Pickles of all that can be pickled, in a process that has imported nothing."""
    things: list[object] = [
        weightless.Parameters(width=16),
        weightless.CorruptError("damaged", offset=7),
        weightless.Predictor,
    ]
    if importlib.util.find_spec("numcodecs"):
        from weightless.integrations.numcodecs import Weightless

        things.append(Weightless(2))
    if importlib.util.find_spec("zarr"):
        from weightless.integrations.zarr import WeightlessCodec

        things.append(WeightlessCodec(level=2))
    Path("pickled").write_bytes(pickle.dumps(things))
    code = "import pickle; print(repr(pickle.load(open('pickled', 'rb'))))"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, check=True
    )
    assert done.stdout.decode().strip() == repr(things)


class TestFsspec:
    @pytest.fixture(autouse=True)
    def registered(self) -> None:
        pytest.importorskip("fsspec")
        from weightless.integrations import fsspec

        fsspec.register(1)

    def test_local_and_in_memory(self, folder: Path) -> None:
        import fsspec

        for url in ("a.wl", "file://" + str(folder / "b.wl"), "memory://c.wl"):
            with fsspec.open(url, "wb", compression="infer") as file:
                file.write(DATA)
            with fsspec.open(url, "rb") as file:
                archive = file.read()
            assert weightless.decompress(archive) == DATA
            # fsspec flushes before it closes, which adds only these few bytes.
            assert len(archive) < len(weightless.compress(DATA, 1)) + 20
            for compression in ("infer", "weightless"):
                with fsspec.open(url, "rb", compression=compression) as file:
                    assert file.read(10) == DATA[:10]
                    file.seek(1000)
                    assert file.read() == DATA[1000:]
        with fsspec.open("t.wl", "wt", compression="infer", encoding="utf-8") as file:
            file.write("Grüße\n")
        with fsspec.open("t.wl", "rt", compression="infer", encoding="utf-8") as file:
            assert list(file) == ["Grüße\n"]

    def test_options(self, folder: Path) -> None:
        import fsspec

        from weightless.integrations.fsspec import register

        register(2, frame_size=1000, threads=2)
        with fsspec.open("a.wl", "wb", compression="infer") as file:
            file.write(DATA)
        with open("a.wl", "rb") as archive:
            assert [f.raw_size for f in scan_archive(archive).frames] == [1000] * 5 + [0]
        with fsspec.open("a.wl", compression="infer") as file:
            assert file.read() == DATA
        with pytest.raises(weightless.ParameterError):
            register(10)
        with pytest.raises(weightless.ParameterError):
            register(2, frame_size=-1)
        with pytest.raises(weightless.ParameterError):
            register(2, threads=-1)

    @pytest.mark.parametrize("by", ["pickle", "cloudpickle"])
    @pytest.mark.parametrize("compression", ["infer", "weightless"])
    def test_open_file_is_pickled_with_what_opens_it(
        self, folder: Path, by: str, compression: str
    ) -> None:
        """In a process that has not heard of this package; and again in one that it tells."""
        import fsspec

        from weightless.integrations.fsspec import register

        dumps = pytest.importorskip(by).dumps
        register(2, frame_size=1000)
        Path("a.wl").write_bytes(weightless.compress(DATA, 1))
        files = fsspec.open_files(["a.wl"], "rb", compression=compression)
        Path("pickled").write_bytes(
            dumps(
                {
                    "read": fsspec.open("a.wl", "rb", compression=compression),
                    "text": fsspec.open("a.wl", "rt", compression=compression),
                    "files": files,
                    "write": fsspec.open("b.wl", "wb", compression=compression),
                    "plain": fsspec.open("a.wl", "rb"),
                }
            )
        )
        load = (
            "import os, pickle\n"
            "with open('pickled', 'rb') as stream:\n"
            "    files = pickle.load(stream)\n"
        )
        again = "with open('pickled', 'wb') as stream:\n    pickle.dump(files, stream)\n"
        use = (
            "with files['read'] as file:\n"
            "    content = file.read()\n"
            "with files['text'] as file:\n"
            "    assert file.read() == content.decode()\n"
            "with files['files'][0] as file:\n"
            "    assert file.read() == content\n"
            "with files['plain'] as file:\n"
            "    assert file.read()[:2] == b'\\xd7\\n'\n"
            "with files['write'] as file:\n"
            "    file.write(content)\n"
        )
        for code in (load + use, load + again, load + use):
            subprocess.run([sys.executable, "-c", code], check=True)
            if "write" in code:
                archive = Path("b.wl").read_bytes()
                assert weightless.decompress(archive) == DATA
                assert len(scan_archive(io.BytesIO(archive)).frames) == 6  # with the table
        assert pickle.loads(pickle.dumps(files))[0].open().read() == DATA

    def test_what_was_asked_for_here_is_not_changed_by_a_pickle(self, folder: Path) -> None:
        import fsspec

        from weightless.integrations.fsspec import register

        register(1)
        pickled = pickle.dumps(fsspec.open("a.wl", "wb", compression="infer"))
        register(1, frame_size=1000)
        with pickle.loads(pickled) as file:
            file.write(DATA)
        assert len(scan_archive(io.BytesIO(Path("a.wl").read_bytes())).frames) == 6

    def test_other_files_are_pickled_as_ever(self, folder: Path) -> None:
        import fsspec

        opened = fsspec.open("memory://a.gz", "wb", compression="infer")
        with opened as file:
            file.write(DATA)
        code = pickle.dumps(opened)
        assert b"weightless" not in code
        assert pickle.loads(code).compression == "gzip"

    def test_pandas(self, folder: Path) -> None:
        pandas = pytest.importorskip("pandas")
        frame = pandas.DataFrame({"n": range(300), "word": ["one", "two", "three"] * 100})
        url = f"local://{folder}/a.csv.wl"  # pandas opens file:// without fsspec.
        options = {"compression": "infer"}
        frame.to_csv(url, index=False, storage_options=options)
        assert weightless.decompress(Path("a.csv.wl").read_bytes()).startswith(b"n,word\n0,one\n")
        pandas.testing.assert_frame_equal(pandas.read_csv(url, storage_options=options), frame)
        # A file object is all that pandas needs.
        with weightless.open("a.csv.wl") as file:
            pandas.testing.assert_frame_equal(pandas.read_csv(file), frame)
        with weightless.open("b.csv.wl", "wt", 1, encoding="utf-8") as file:
            frame.to_csv(file, index=False)
        with weightless.open("b.csv.wl", "rt", encoding="utf-8") as file:
            assert pandas.read_csv(file).equals(frame)

    def test_pandas_by_a_plain_name(self, folder: Path) -> None:
        """For a plain name pandas does not use fsspec, as the documentation warns."""
        pandas = pytest.importorskip("pandas")
        frame = pandas.DataFrame({"n": [1, 2]})
        for name in ("a.csv.wl", folder / "a.csv.wl", f"file://{folder}/a.csv.wl"):
            frame.to_csv(name, index=False)
            assert Path("a.csv.wl").read_text().split() == ["n", "1", "2"]
        Path("b.csv.wl").write_bytes(weightless.compress(b"n\n1\n"))
        with pytest.raises(UnicodeDecodeError):
            pandas.read_csv("b.csv.wl")

    def test_dask(self, folder: Path) -> None:
        pytest.importorskip("dask")
        import dask.bag

        for i in range(3):
            with weightless.open(f"{i}.txt.wl", "wt", 1) as file:
                file.write(f"{i} one\n{i} two\n")
        lines = [f"{i} {word}\n" for i in range(3) for word in ("one", "two")]
        bag = dask.bag.read_text(str(folder / "*.txt.wl"))
        assert bag.compute(scheduler="sync") == lines

    @pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
    def test_dask_workers_need_not_be_told(self, folder: Path) -> None:
        """Worker processes read and write the format though only the client registered it."""
        distributed = pytest.importorskip("distributed")
        import dask
        import dask.bag

        lines = [f"line {i}\n" for i in range(6)]
        for i in range(2):
            with weightless.open(f"{i}.txt.wl", "wt", 1) as file:
                file.writelines(lines[3 * i : 3 * i + 3])
        with (
            # A task whose worker dies is not retried for ever.
            dask.config.set({"distributed.scheduler.allowed-failures": 0}),
            distributed.LocalCluster(
                n_workers=1, threads_per_worker=1, processes=True, dashboard_address=None
            ) as cluster,
            distributed.Client(cluster) as client,
        ):
            bag = dask.bag.read_text(str(folder / "*.txt.wl"))
            assert client.compute(bag).result(timeout=PATIENCE) == lines
            written = bag.map(str.strip).to_textfiles(
                str(folder / "out-*.txt.wl"), compression="weightless", compute=False
            )
            for future in client.compute(list(written)):
                future.result(timeout=PATIENCE)
        assert weightless.decompress(Path("out-0.txt.wl").read_bytes()) == b"line 0\nline 1\nline 2"


class TestNumcodecs:
    @pytest.fixture(autouse=True)
    def installed(self) -> None:
        pytest.importorskip("numcodecs")

    def test_found_by_its_name(self) -> None:
        import numcodecs

        from weightless.integrations.numcodecs import Weightless

        codec = numcodecs.get_codec({"id": "weightless", "level": 2})
        assert codec == Weightless(2)
        assert codec.get_config() == {"id": "weightless", "level": 2}
        assert repr(codec) == "Weightless(level=2)"
        assert numcodecs.get_codec({"id": "weightless"}) == Weightless() != codec
        assert pickle.loads(pickle.dumps(codec)) == codec
        with pytest.raises(weightless.ParameterError):
            Weightless(0)

    def test_buffers_and_arrays(self) -> None:
        import numpy as np

        from weightless.integrations.numcodecs import Weightless

        codec = Weightless(1)
        arrays = [
            np.arange(500, dtype="i4"),
            np.linspace(0, 1, 300).reshape(10, 30),
            np.linspace(0, 1, 300).reshape(10, 30, order="F"),
            np.array(["2020-01-01", "2021-05-05"], "M8[D]"),
            np.array([b"abc", b"de"]),
            np.zeros(100, bool),
            np.zeros(0, "u2"),
        ]
        for values in arrays:
            archive = codec.encode(values)
            assert archive == weightless.compress(values.tobytes(order="A"), 1)
            out = np.empty_like(values)
            codec.decode(archive, out)
            assert np.array_equal(out, values)
            assert bytes(codec.decode(np.frombuffer(archive, "u1"))) == values.tobytes(order="A")
        for buffer in (DATA, bytearray(DATA), memoryview(DATA), array.array("b", DATA)):
            assert bytes(codec.decode(codec.encode(buffer))) == DATA
        for values in (np.array(["a", 1], object), np.zeros((4, 4))[:, ::2]):
            with pytest.raises((TypeError, ValueError)):
                codec.encode(values)

    def test_output_is_bounded_by_its_buffer(self) -> None:
        from weightless.integrations.numcodecs import Weightless

        codec = Weightless(1)
        with pytest.raises(weightless.OutputLimitError):
            codec.decode(codec.encode(DATA), bytearray(4999))
        with pytest.raises(ValueError, match=r".*"):
            codec.decode(codec.encode(DATA), bytearray(5001))
        with pytest.raises(weightless.DataError):
            codec.decode(b"nothing of the kind")


class TestZarr:
    @pytest.fixture(autouse=True)
    def installed(self) -> None:
        zarr = pytest.importorskip("zarr")
        if int(zarr.__version__.split(".")[0]) < 3:
            pytest.skip("zarr 3 needed")

    def test_array(self, folder: Path) -> None:
        import numpy as np
        import zarr

        from weightless.integrations.zarr import WeightlessCodec

        values = np.arange(6000, dtype="i4").reshape(60, 100)
        made = zarr.create_array(
            "a.zarr",
            shape=values.shape,
            chunks=(20, 100),
            dtype=values.dtype,
            compressors=WeightlessCodec(level=1),
        )
        made[:] = values
        chunk = Path("a.zarr/c/1/0").read_bytes()
        assert chunk == weightless.compress(values[20:40].tobytes(), 1)
        code = (
            "import zarr; array = zarr.open_array('a.zarr', mode='r'); print(array[41, 5])\n"
            "print([codec.to_dict() for codec in array.metadata.codecs][-1])"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
        configuration = {"name": "weightless", "configuration": {"level": 1}}
        assert done.stdout.decode().splitlines() == ["4105", str(configuration)]
        made[0] = 7
        assert (zarr.open_array("a.zarr")[0] == 7).all()
        Path("a.zarr/c/1/0").write_bytes(chunk[:-1])
        with pytest.raises(weightless.TruncatedError):
            zarr.open_array("a.zarr")[:]

    def test_configuration(self) -> None:
        from weightless.integrations.zarr import WeightlessCodec

        assert WeightlessCodec.from_dict({"name": "weightless"}) == WeightlessCodec()
        codec = WeightlessCodec(level=3)
        assert WeightlessCodec.from_dict(codec.to_dict()) == codec
        with pytest.raises(weightless.ParameterError):
            WeightlessCodec(level=0)

    def test_format_2_by_numcodecs(self, folder: Path) -> None:
        import numpy as np
        import zarr

        from weightless.integrations.numcodecs import Weightless

        made = zarr.create_array(
            "b.zarr", shape=(100,), dtype="i4", zarr_format=2, compressors=Weightless(1)
        )
        made[:] = np.arange(100)
        assert (zarr.open_array("b.zarr", mode="r")[:] == np.arange(100)).all()


def make_tree(root: Path) -> dict[str, bytes]:
    """A folder with files in it; what it holds."""
    contents = {"one": DATA, "sub/two": DATA[::-1], "sub/with space": b"", "grüße": b"x" * 99}
    for name, content in contents.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return contents


def tree(root: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()
    }


class TestTarfile:
    def test_and_back(self, folder: Path) -> None:
        from weightless.integrations.tarfile import TarFile

        contents = make_tree(folder / "in")
        with TarFile.open("a.tar.wl", "w:wl", level=1) as tar:
            tar.add("in", ".")
        content = weightless.decompress(Path("a.tar.wl").read_bytes())
        with tarfile.open(fileobj=io.BytesIO(content)) as tar:
            assert len(tar.getnames()) == 6
        for mode in ("r", "r:*", "r:wl"):
            with TarFile.open("a.tar.wl", mode) as tar:
                assert len(tar.getnames()) == 6
                member = tar.extractfile("./sub/two")
                assert member is not None
                assert member.read() == DATA[::-1]
                tar.extractall("out")
            assert tree(folder / "out") == contents
            shutil.rmtree("out")
        with pytest.raises(FileExistsError):
            TarFile.open("a.tar.wl", "x:wl")
        with weightless.open("a.tar.wl") as file, tarfile.open(fileobj=file, mode="r|") as tar:
            assert len(tar.getnames()) == 6

    def test_other_kinds_of_tar(self, folder: Path) -> None:
        from weightless.integrations.tarfile import TarFile

        make_tree(folder / "in")
        with tarfile.open("a.tar.gz", "w:gz") as tar:
            tar.add("in")
        with TarFile.open("a.tar.gz") as tar:
            assert len(tar.getnames()) == 6
        Path("bad").write_bytes(b"no archive")
        for mode in ("r", "r:wl"):
            with pytest.raises(tarfile.ReadError):
                TarFile.open("bad", mode)
        with pytest.raises(ValueError, match="mode"):
            TarFile.wlopen("bad", "a")  # type: ignore[arg-type]
        Path("empty.tar.wl").write_bytes(weightless.compress(DATA, 1)[:-5])
        with pytest.raises(weightless.TruncatedError):
            TarFile.open("empty.tar.wl", "r:wl")

    def test_file_objects(self, folder: Path) -> None:
        from weightless.integrations.tarfile import TarFile

        sink = io.BytesIO()
        with TarFile.open("name", "w:wl", fileobj=sink, level=1, frame_size=1 << 12) as tar:
            info = tarfile.TarInfo("one")
            info.size = len(DATA)
            tar.addfile(info, io.BytesIO(DATA))
        sink.seek(0)
        with TarFile.open(fileobj=sink) as tar:
            member = tar.extractfile("one")
            assert member is not None
            assert member.read() == DATA

    def test_what_would_leave_the_folder_is_refused(self, folder: Path) -> None:
        from weightless.integrations.tarfile import TarFile

        with TarFile.open("evil.tar.wl", "w:wl", level=1) as tar:
            info = tarfile.TarInfo("../evil")
            info.size = 3
            tar.addfile(info, io.BytesIO(b"bad"))
        (folder / "out").mkdir()
        with TarFile.open("evil.tar.wl") as tar, pytest.raises(tarfile.OutsideDestinationError):
            tar.extractall("out")
        assert not Path("evil").exists()


class TestShutil:
    @pytest.fixture(autouse=True)
    def registered(self) -> Iterator[None]:
        from weightless.integrations import shutil as ours

        ours.register(1)
        ours.register(1)  # Registering twice does no harm.
        yield
        shutil.unregister_archive_format("wltar")
        shutil.unregister_unpack_format("wltar")

    def test_and_back(self, folder: Path) -> None:
        contents = make_tree(folder / "in")
        made = shutil.make_archive("archives/a", "wltar", "in")
        assert Path(made).resolve() == folder / "archives/a.tar.wl"
        shutil.unpack_archive(made, "out")
        assert tree(folder / "out") == contents
        os.rename(made, "b.twl")
        shutil.unpack_archive("b.twl", "again", filter="tar")
        assert tree(folder / "again") == contents
        assert Path.cwd() == folder
        shutil.make_archive("part", "wltar", "in", "sub", dry_run=True)
        assert not Path("part.tar.wl").exists()
        shutil.make_archive("part", "wltar", "in", "sub")
        shutil.unpack_archive("part.tar.wl", "part")
        assert sorted(tree(folder / "part")) == ["sub/two", "sub/with space"]

    @pytest.mark.skipif(os.name != "posix", reason="POSIX only")
    def test_owner(self, folder: Path) -> None:
        import grp
        import pwd

        from weightless.integrations.tarfile import TarFile

        make_tree(folder / "in")
        owner, group = pwd.getpwuid(0).pw_name, grp.getgrgid(0).gr_name
        shutil.make_archive("a", "wltar", "in", owner=owner, group=group)
        with TarFile.open("a.tar.wl") as tar:
            assert {(m.uid, m.uname, m.gid, m.gname) for m in tar} == {(0, owner, 0, group)}

    def test_extraction_is_filtered(self, folder: Path) -> None:
        with (
            weightless.open("evil.tar.wl", "w", 1) as file,
            tarfile.TarFile(fileobj=file, mode="w") as tar,
        ):
            info = tarfile.TarInfo("/evil")
            info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
            tar.addfile(info)
        with pytest.raises(tarfile.AbsoluteLinkError):
            shutil.unpack_archive("evil.tar.wl", "out")
        Path("bad.tar.wl").write_bytes(b"no archive")
        with pytest.raises(shutil.ReadError):
            shutil.unpack_archive("bad.tar.wl", "out")


def gnu_tar() -> str | None:
    tar = shutil.which("tar")
    if tar is None:
        return None
    done = subprocess.run([tar, "--version"], capture_output=True, check=False)
    return tar if b"GNU tar" in done.stdout else None


@pytest.mark.skipif(gnu_tar() is None, reason="no GNU tar")
def test_gnu_tar(command: str, folder: Path) -> None:
    contents = make_tree(folder / "in")
    tar = gnu_tar()
    assert tar is not None

    def run(*arguments: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run([tar, *arguments], capture_output=True, check=True, timeout=PATIENCE)

    done = run("-I", f"{command} -1 --frame-size 16K -T2", "-cf", "a.tar.wl", "-C", "in", ".")
    assert done.stderr == b""
    assert b"./sub/two" in run("-I", command, "-tf", "a.tar.wl").stdout
    Path("out").mkdir()
    run("-I", command, "-xf", "a.tar.wl", "-C", "out")
    assert tree(folder / "out") == contents
    with open("a.tar.wl", "rb") as archive:
        done = subprocess.run(
            [tar, "-I", command, "-tf", "-"], stdin=archive, capture_output=True, check=True
        )
    assert b"./one" in done.stdout
    damaged = bytearray(Path("a.tar.wl").read_bytes())
    damaged[len(damaged) // 2] ^= 1
    Path("b.tar.wl").write_bytes(damaged)
    failed = subprocess.run(
        [tar, "-I", command, "-tf", "b.tar.wl"], capture_output=True, check=False, timeout=PATIENCE
    )
    assert failed.returncode == 2
    assert b"weightless: standard input: a block is damaged" in failed.stderr
