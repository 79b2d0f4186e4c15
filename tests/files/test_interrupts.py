"""Interrupts at every place where one may come: nothing is left, and nothing is lost."""

from __future__ import annotations

import concurrent.futures
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from data import text
from interrupted import interrupted_at
from killed import temporaries
from run_outcome import names

import weightless
import weightless.cli.work  # which the command imports late
from weightless.cli import interrupts, main
from weightless.cli.interrupts import Terminated, handle_termination, leave_termination
from weightless.files import temporary
from weightless.files.atomic import atomic_output
from weightless.files.temporary import Temporary

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="interrupts a forked process"),
    pytest.mark.skipif(
        sys.version_info >= (3, 13),
        reason="this Python does not trace the first call of a function",
    ),
    pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning"),
]

traced = pytest.mark.skipif(
    sys.version_info >= (3, 13), reason="this Python does not trace the first call of a function"
)

SMALL = weightless.Parameters(width=16, experts=0, horizon=2)
CONTENT = text(400)
ARCHIVE = weightless.compress(CONTENT, parameters=SMALL)
FRAMES = weightless.compress(CONTENT, parameters=SMALL, frame_size=100)
#: The files that are there before, and what an interrupted run may have completed.
BEFORE = {"a": CONTENT, "b.wl": ARCHIVE, "bad.wl": ARCHIVE[:-3], "old": b"old"}
COMPLETE = {"a.wl": ARCHIVE, "b": CONTENT, "new": b"new", "old": b"new"}
#: Where the places are: in what makes outputs, and in what calls it.
OUTPUTS = ("weightless/files/", "contextlib")


def write(name: str) -> None:
    with atomic_output(Path(name), overwrite=True, sync=True) as sink:
        sink.write(b"new")


def fail() -> None:
    with pytest.raises(weightless.DataError):
        weightless.decompress("bad.wl")


WAYS: dict[str, Callable[[], object]] = {
    "compress": lambda: weightless.compress("a", parameters=SMALL),
    "decompress": lambda: weightless.decompress("b.wl"),
    "begin to resume": lambda: weightless.decompress("b.wl", resume=True),
    "fail": fail,
    "make a file": lambda: write("new"),
    "replace a file": lambda: write("old"),
}


def check(folder: Path, *, kept: bool = False) -> bool:
    """Check the files after an interrupt and restore them; tell whether an output was completed."""
    found = {name: Path(name).read_bytes() for name in names(folder)}
    changed = {name: data for name, data in found.items() if BEFORE.get(name) != data}
    for name in set(found) - set(BEFORE):
        Path(name).unlink()
    for name in set(changed) & set(BEFORE):
        Path(name).write_bytes(BEFORE[name])
    if kept and not set(COMPLETE) & set(changed):  # as after a kill, but no empty file
        changed = {
            name: data
            for name, data in changed.items()
            if not (name.startswith(".weightless-") and data and CONTENT.startswith(data))
        }
    assert changed.items() <= COMPLETE.items()
    assert BEFORE.keys() <= found.keys()
    return bool(changed)


@pytest.fixture
def files(folder: Path) -> Path:
    for name, data in BEFORE.items():
        Path(name).write_bytes(data)
    return folder


@traced
@pytest.mark.parametrize("way", WAYS)
def test_interrupt_anywhere(files: Path, way: str) -> None:
    work = WAYS[way]
    place = completed = 0
    while interrupted_at(place, work, OUTPUTS) is not None:
        completed += check(files, kept=way == "begin to resume")
        place += 1
    check(files)
    assert place > 200
    assert completed < place // 5
    assert (completed > 0) == (way != "fail")


@traced
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_storm_of_signals(
    files: Path, number: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More signals may come while the first one is dealt with; then the command dies by it."""
    within = ("weightless/files/", "weightless/cli/work", "weightless/cli/main", "contextlib")

    monkeypatch.setattr(interrupts, "_PATIENCE", float("inf"))

    def work() -> None:
        handle_termination()  # as `main` does, but before all of its places
        assert main(["-dq", "b.wl"]) == 0

    place = 1  # the first one is before anything that `main` does
    while (died := interrupted_at(place, work, within, number=number, again=True)) is not None:
        complete = check(files)
        assert died == number or complete  # it comes after the work
        place += 1
    check(files)
    assert place > 200


@traced
def test_interrupt_of_threads() -> None:
    """The number of places varies with the threads' luck."""

    def alone() -> None:
        assert threading.active_count() == 1

    def work() -> None:
        assert weightless.decompress(FRAMES, threads=2) == CONTENT

    interrupted = completed = place = 0
    while completed < 20:
        ended = interrupted_at(place, work, ("frames/parallel",), afterwards=alone)
        if ended is None:
            completed += 1
        else:
            interrupted += 1
        place += 1
    assert interrupted > 20


HANDLED = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP] if os.name == "posix" else []


@pytest.mark.parametrize(
    "arguments", [["--nonsense"], ["--version"], ["-tq", "b.wl"], ["-tq", "no"]]
)
def test_handlers_are_restored(files: Path, arguments: list[str]) -> None:
    before = [signal.getsignal(number) for number in HANDLED]
    with contextlib.suppress(SystemExit):
        main(arguments)
    assert [signal.getsignal(number) for number in HANDLED] == before


def test_command_in_another_thread(files: Path) -> None:
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        assert pool.submit(main, ["-dq", "b.wl"]).result() == 0
    assert Path("b").read_bytes() == CONTENT


def test_interrupt_that_became_another_error(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An extension module that is imported may make it an ImportError; no other file is begun."""
    tried = []

    def work(self: object, name: str) -> bool:
        tried.append(name)
        with contextlib.suppress(Terminated):
            signal.raise_signal(signal.SIGTERM)
        raise ImportError

    monkeypatch.setattr(weightless.cli.work.Worker, "work", work)
    monkeypatch.setattr(sys.modules[main.__module__], "die_by", lambda number: 128 + number)
    assert main(["-t", "b.wl", "bad.wl"]) == 128 + signal.SIGTERM
    assert tried == ["b.wl"]
    leave_termination()


def test_cleaning_up_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    died: list[int] = []
    monkeypatch.setattr(interrupts, "_die_at_once", died.append)
    handle_termination()
    try:
        signal.raise_signal(signal.SIGTERM)
    except Terminated:
        signal.raise_signal(signal.SIGINT)
        assert died == []
        monkeypatch.setattr(interrupts, "_PATIENCE", -1.0)
        signal.raise_signal(signal.SIGINT)
    finally:
        leave_termination()
    assert died == [signal.SIGINT]


def test_interrupt_when_another_process_was_faster(
    files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has locked the file that this one has just made, to go on with it: now it is its own."""
    others: list[int] = []
    real = temporary.try_lock

    def lock(descriptor: int, **how: bool) -> bool | None:
        if not others:
            (made,) = temporaries(Path())
            others.append(os.open(made, os.O_RDWR))
            assert real(others[0])
        return real(descriptor, **how)

    with monkeypatch.context() as patch:

        def release(self: Temporary) -> None:
            patch.undo()
            raise KeyboardInterrupt

        patch.setattr(temporary, "try_lock", lock)
        patch.setattr(Temporary, "release", release)
        with pytest.raises(KeyboardInterrupt):
            write("new")
    assert len(temporaries(Path())) == 1
    os.close(others[0])
    write("new")
    assert temporaries(Path()) == []
