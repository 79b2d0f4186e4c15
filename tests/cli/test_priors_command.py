"""--prior, --patch-from and --primed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import Run
from data import noise, text
from run_outcome import names, outcome

import weightless

OLD = text(3_000, 1)
NEW = OLD[:1_400] + b"something else" + OLD[1_400:]


@pytest.fixture
def old(folder: Path) -> weightless.Prior:
    """Two versions of a file in the folder; return the old one as a prior."""
    Path("old").write_bytes(OLD)
    Path("new").write_bytes(NEW)
    return weightless.Prior("old", 1)


def needs(prior: weightless.Prior) -> str:
    return f"the prior with the XXH3-128 hash {prior.hash} ({prior.size} bytes)"


@pytest.mark.parametrize(
    "option", [["--prior", "old"], ["-D", "old"], ["-Dold"], ["--patch-from=old"]]
)
def test_a_new_version(run: Run, old: weightless.Prior, option: list[str]) -> None:
    assert run("-1q", *option, "new").returncode == 0
    archive = Path("new.wl").read_bytes()
    assert archive == old.compress(NEW)
    assert len(archive) < 150
    Path("new").unlink()
    assert run("-dq", *option, "new.wl").returncode == 0
    assert Path("new").read_bytes() == NEW
    assert outcome(run("-t", *option, "new.wl")) == (
        0,
        "",
        f"new.wl: {len(NEW)} bytes, sound\n",
    )


def test_bundled(run: Run, old: weightless.Prior) -> None:
    assert run("-1qfDold", "new").returncode == 0
    assert Path("new.wl").read_bytes() == old.compress(NEW)


def test_what_is_missing(run: Run, old: weightless.Prior) -> None:
    Path("new.wl").write_bytes(old.compress(NEW))
    Path("other").write_bytes(OLD[1:])
    other = weightless.Prior("other")
    for mode in ("-df", "-t"):
        assert outcome(run(mode, "new.wl")) == (
            1,
            "",
            f"weightless: new.wl: decoding needs {needs(old)}; give it as prior (--prior on the "
            "command line)\n",
        )
        assert outcome(run(mode, "--prior", "other", "new.wl")) == (
            1,
            "",
            f"weightless: new.wl: decoding needs {needs(old)}, but the prior given has the hash "
            f"{other.hash} ({other.size} bytes)\n",
        )
    assert Path("new").read_bytes() == NEW
    # What does not need it is decoded, and the rest is reported.
    Path("plain.wl").write_bytes(weightless.compress(b"plain", 1))
    code, _, err = outcome(run("-t", "new.wl", "plain.wl"))
    assert (code, err.splitlines()[1]) == (1, "plain.wl: 5 bytes, sound")


@pytest.mark.parametrize("action", ["-z", "-d", "-t", "-b1"])
def test_a_prior_that_cannot_be_read(run: Run, old: weightless.Prior, action: str) -> None:
    Path("new.wl").write_bytes(old.compress(NEW))
    Path("empty").touch()
    Path("directory").mkdir()
    before = names(Path())
    for name, message in {
        "missing": "no such file or directory",
        "directory": "is a directory",
        "empty": "the prior is empty",
    }.items():
        done = outcome(run(action, "-f", "--prior", name, "new.wl"))
        assert done == (1, "", f"weightless: {name}: {message}\n")
    assert names(Path()) == before


def test_usage(run: Run, old: weightless.Prior) -> None:
    for arguments, message in (
        (["--primed", "new"], "--primed requires --frame-size"),
        (["--primed", "--frame-size=2G", "new"], "--primed requires a --frame-size of at most 1G"),
        (["--prior=-", "new"], "a prior cannot be read from standard input"),
    ):
        code, _, err = outcome(run(*arguments))
        assert code == 2
        assert message in err


def test_list(run: Run, old: weightless.Prior) -> None:
    Path("new.wl").write_bytes(old.compress(NEW))
    Path("plain.wl").write_bytes(weightless.compress(b"plain", 1))
    code, out, err = outcome(run("-l", "new.wl", "plain.wl"))
    assert (code, err) == (0, "")
    assert out.splitlines()[4:] == [f"new.wl: needs {needs(old)}"]
    new, plain = json.loads(run("-l", "--json", "new.wl", "plain.wl").stdout)
    assert [frame["prior"] for frame in new["frames"]] == [{"xxh3_128": old.hash, "size": old.size}]
    assert [(frame["prior"], frame["kept"]) for frame in plain["frames"]] == [(None, False)]
    # Listing reads headers only, so a prior has no effect.
    assert run("-l", "--prior", "missing", "new.wl").returncode == 0


def test_several_files_and_directories(run: Run, old: weightless.Prior) -> None:
    Path("in/deep").mkdir(parents=True)
    for name in ("in/a", "in/deep/b"):
        Path(name).write_bytes(NEW + name.encode())
    assert run("-1rq", "--rm", "-D", "old", "in").returncode == 0
    assert names(Path("in")) == ["a.wl", "deep/b.wl"]
    assert Path("in/a.wl").read_bytes() == old.compress(NEW + b"in/a")
    assert run("-drq", "--rm", "-D", "old", "in").returncode == 0
    assert Path("in/deep/b").read_bytes() == NEW + b"in/deep/b"


def test_pipes_and_threads(run: Run, old: weightless.Prior) -> None:
    options = ("--frame-size=1K", "-T2", "-D", "old")
    archive = run("-1", *options, stdin=NEW).stdout
    assert archive == weightless.compress(NEW, prior=old, frame_size=1 << 10)
    assert run("-dc", *options, stdin=archive).stdout == NEW


def test_benchmark(run: Run, old: weightless.Prior) -> None:
    (found,) = json.loads(run("-b1", "--json", "-D", "old", "new").stdout)
    assert found["compressed_size"] == len(old.compress(NEW))


def test_the_prior_is_neither_replaced_nor_removed(run: Run, old: weightless.Prior) -> None:
    assert outcome(run("-1f", "-D", "old", "new", "-o", "old")) == (
        1,
        "",
        "weightless: new: the output would replace the prior\n",
    )
    done = run("-1f", "-D", "old", "-o", "old", stdin=NEW)
    assert (done.returncode, b"would replace the prior" in done.stderr) == (1, True)
    Path("old.wl").write_bytes(old.compress(b"x"))
    done = run("-df", "-D", "old", "old.wl")
    assert (done.returncode, b"would replace the prior" in done.stderr) == (1, True)
    Path("old.wl").unlink()
    code, _, err = outcome(run("-1r", "--rm", "-D", "old", "."))
    assert code == 0
    assert "weightless: old: not removed: it is the prior\n" in err
    assert Path("old").read_bytes() == OLD
    assert names(Path()) == ["new.wl", "old", "old.wl"]


def test_the_archive_itself_as_its_prior(run: Run, old: weightless.Prior) -> None:
    Path("new.wl").write_bytes(old.compress(NEW))
    Path("new").unlink()
    code, _, err = outcome(run("-d", "--prior", "new.wl", "new.wl"))
    assert (code, names(Path())) == (1, ["new.wl", "old"])
    assert f"decoding needs {needs(old)}, but the prior given has" in err


def test_primed_frames(run: Run, old: weightless.Prior) -> None:
    options = ("-1q", "--frame-size=1K", "--primed")
    for threads in ("-T1", "-T3"):
        assert run(*options, threads, "-f", "new").returncode == 0
        archive = Path("new.wl").read_bytes()
        assert archive == weightless.compress(NEW, 1, frame_size=1 << 10, primed=True)
        assert run("-dcT2", "new.wl").stdout == NEW
    frames = json.loads(run("-l", "--json", "new.wl").stdout)[0]["frames"]
    assert [frame["kept"] for frame in frames] == [True, False, False, False]
    assert len(outcome(run("-l", "new.wl"))[1].splitlines()) == 2


@pytest.mark.parametrize("options", [["-D", "old"], ["--primed"], ["-D", "old", "--primed"]])
def test_resumed(run: Run, old: weightless.Prior, options: list[str]) -> None:
    """What a killed run has written is kept if prior and options are the same."""
    content = NEW + noise(4_000) + NEW
    Path("big").write_bytes(content)
    command = ("-1", "--frame-size=1K", *options)
    whole = run(*command, "-c", "big").stdout
    assert run(*command, "--resume", "-q", "big").returncode == 0
    assert Path("big.wl").read_bytes() == whole
    Path("big").unlink()
    assert run("-dq", "--resume", "-D", "old", "big.wl").returncode == 0
    assert Path("big").read_bytes() == content


def test_help(run: Run) -> None:
    out = run("--help").stdout.decode()
    for option in ("-D FILE", "--prior FILE", "--patch-from FILE", "--primed"):
        assert option in out
