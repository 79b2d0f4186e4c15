"""The magic number: claimed by nobody else, and known to `file` and to desktops by our rules."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from data import noise, text
from mime_magic import read_rules, types_of

import weightless
from weightless import Parameters
from weightless.container.header import MAGIC, MAGIC_0, FrameHeader, PriorName
from weightless.container.skippable import skippable_frame
from weightless.levels import PARAMETER_SETS

SHARE = Path(__file__).parents[2] / "share"
DESKTOP = Path("/usr/share/mime/packages/freedesktop.org.xml")
OURS = "application/x-weightless"


def archives() -> dict[str, bytes]:
    """Archives with every combination of flags, and with each kind of skippable frame first."""
    small = Parameters(width=16)
    content = text(500)
    prior = weightless.Prior(text(300), level=1)
    listed_prior = weightless.Prior(text(300), parameters=small)
    made = {
        "set": weightless.compress(content, level=1, block_size=100),
        "set, prior": prior.compress(content),
        "set, kept": weightless.compress(content, level=1, frame_size=200, primed=True),
        "listed": weightless.compress(content, parameters=small),
        "listed, prior": listed_prior.compress(content),
        "listed, kept": weightless.compress(content, parameters=small, frame_size=200, primed=True),
        "empty": weightless.compress(b""),
        "stored": weightless.compress(noise(3000), level=9),
    }
    for size in (None, len(content)):
        for parameters in (PARAMETER_SETS[9], small):
            for name in (None, PriorName(int.from_bytes(noise(16), "big"), 99)):
                header = FrameHeader(parameters, size, name).to_bytes()
                made[f"crafted {header[3]}"] = header + noise(70, 5)
    for kind in range(16):
        for data in (b"", b"notes about the archive\n" * 9, noise(64, kind)):
            frame = skippable_frame(data, kind)
            made[f"skippable {kind}, {len(data)}"] = frame + made["set"]
            made[f"skippable {kind}, {len(data)}, alone"] = frame
    return made


@pytest.fixture(scope="module")
def examples() -> dict[str, bytes]:
    return archives()


def test_all_flags_are_among_the_examples(examples: dict[str, bytes]) -> None:
    """So the other tests see each header byte that this version writes."""
    assert {data[:3] for data in examples.values()} == {MAGIC}
    found = {data[3] for data in examples.values()}
    assert found == set(range(0x10, 0x18)) | set(range(0xF0, 0x100))


def test_is_no_text_and_is_changed_by_what_changes_text() -> None:
    for encoding in ("utf-8", "ascii", "utf-32-le", "utf-32-be"):
        with pytest.raises(UnicodeDecodeError):
            (MAGIC + b"\x10").decode(encoding)
    assert MAGIC.replace(b"\n", b"\r\n") != MAGIC
    assert bytes(byte & 0x7F for byte in MAGIC) != MAGIC


@pytest.mark.parametrize("made", [MAGIC_0 + b"\0\1", MAGIC_0 + b"\xff\0", MAGIC_0 + b"\3"])
def test_archives_from_before_the_release(made: bytes, tmp_path: Path) -> None:
    archive = made + bytes(40)
    text = "made before release 1.0"
    with pytest.raises(weightless.UnsupportedError, match=text):
        weightless.decompress(archive)
    with pytest.raises(weightless.UnsupportedError, match=text):
        weightless.explain(archive)
    path = tmp_path / "a.wl"
    path.write_bytes(archive)
    with pytest.raises(weightless.UnsupportedError, match=text) as caught:
        weightless.info(path)
    assert caught.value.offset == 0
    pieces = weightless.Decompressor()
    assert [pieces.decompress(archive[i : i + 1]) for i in range(3)] == [b""] * 3
    with pytest.raises(weightless.UnsupportedError, match=text):
        pieces.decompress(archive[3:])
    good = weightless.compress(b"content", 1)
    with pytest.raises(weightless.UnsupportedError, match=text):
        weightless.decompress(good + archive)
    with pytest.raises(weightless.NotAnArchiveError):
        weightless.decompress(MAGIC_0[:2] + b"?" + archive)


def needs(program: str) -> pytest.MarkDecorator:
    there = os.name == "posix" and shutil.which(program) is not None
    return pytest.mark.skipif(not there, reason=f"no {program} here")


def identify(folder: Path, examples: dict[str, bytes], *options: str) -> dict[str, str]:
    """What `file` says of each example."""
    for i, data in enumerate(examples.values()):
        (folder / str(i)).write_bytes(data)
    names = [str(folder / str(i)) for i in range(len(examples))]
    done = subprocess.run(
        ["file", "-b", *options, *names], capture_output=True, check=True, text=True
    )
    return dict(zip(examples, map(str.strip, done.stdout.splitlines()), strict=True))


@needs("file")
def test_file_takes_them_for_nothing_else(tmp_path: Path, examples: dict[str, bytes]) -> None:
    assert set(identify(tmp_path, examples).values()) == {"data"}
    # So it did not do before.
    assert identify(tmp_path, {"old": MAGIC_0 + b"\0\1" + bytes(9)})["old"] != "data"


@needs("file")
def test_file_knows_them_by_our_rule(tmp_path: Path, examples: dict[str, bytes]) -> None:
    rule = str(SHARE / "magic/weightless")
    assert set(identify(tmp_path, examples, "-m", rule, "--mime-type").values()) == {OURS}
    found = identify(tmp_path, examples, "-m", rule)
    format_1 = "weightless archive, format 1"
    assert found["set"] == f"{format_1}, parameter set 1"
    assert found["set, prior"] == f"{format_1}, parameter set 1, prior"
    assert found["listed"] == f"{format_1}, parameters for research"
    assert found["skippable 15, 64"] == "weightless archive, begins with a skippable frame"
    others = {"text": text(100), "old": MAGIC_0 + bytes(9), "other": MAGIC + b"\x20" + bytes(9)}
    for said in identify(tmp_path, others, "-m", rule).values():
        assert "weightless" not in said


def compiled(folder: Path, *packages: Path) -> bytes:
    (folder / "packages").mkdir(parents=True)
    for package in packages:
        shutil.copy(package, folder / "packages")
    subprocess.run(["update-mime-database", str(folder)], capture_output=True, check=True)
    return (folder / "magic").read_bytes()


@needs("update-mime-database")
@pytest.mark.skipif(not DESKTOP.exists(), reason="no shared-mime-info here")
def test_desktops_take_them_for_nothing_else(tmp_path: Path, examples: dict[str, bytes]) -> None:
    rules = read_rules(compiled(tmp_path / "mime", DESKTOP))
    assert len(rules) > 200
    assert types_of(b"\x89PNG\r\n\x1a\n" + bytes(9), rules) == {"image/png"}
    assert {name for data in examples.values() for name in types_of(data, rules)} == set()


@needs("update-mime-database")
def test_desktops_know_them_by_our_rule(tmp_path: Path, examples: dict[str, bytes]) -> None:
    folder = tmp_path / "mime"
    rules = read_rules(compiled(folder, SHARE / "mime/packages/weightless.xml"))
    for data in examples.values():
        assert types_of(data, rules) == {OURS}
    for data in (text(100), MAGIC, MAGIC_0 + bytes(9), MAGIC + b"\x20" + bytes(9)):
        assert types_of(data, rules) == set()
    globs = (folder / "globs2").read_text().splitlines()
    assert f"50:{OURS}:*.wl" in globs
    assert f"50:{OURS}-compressed-tar:*.tar.wl" in globs
