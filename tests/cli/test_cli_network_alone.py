"""`--network-alone` chooses parameter set 10."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import Run

import weightless
from weightless.container.header import parse_header
from weightless.levels import PARAMETER_SETS

CONTENT = b"".join(b"line %d of a few\n" % i for i in range(100))


def test_command_and_function_give_the_same_archive(run: Run, folder: Path) -> None:
    Path("a").write_bytes(CONTENT)
    assert run("--network-alone", "a").returncode == 0
    archive = Path("a.wl").read_bytes()
    assert archive == weightless.compress(CONTENT, parameters=weightless.NETWORK_ALONE)
    header, _ = parse_header(archive)
    assert header.set_id == 10
    assert PARAMETER_SETS[10] == weightless.NETWORK_ALONE == header.parameters
    assert run("-dc", "a.wl").stdout == CONTENT


def test_list_names_it(run: Run, folder: Path) -> None:
    archive = weightless.compress(b"a", parameters=weightless.NETWORK_ALONE)
    Path("a.wl").write_bytes(archive)
    Path("b.wl").write_bytes(weightless.compress(b"b", 1) + archive)
    lines = run("-l", "a.wl", "b.wl").stdout.decode().splitlines()
    assert [line.split()[2] for line in lines] == ["Level", "net", "1,net", "1,net"]
    (record,) = json.loads(run("-l", "--json", "a.wl").stdout)
    assert record["frames"][0]["parameter_set"] == 10
    assert record["frames"][0]["level"] is None


def test_with_a_prior(run: Run, folder: Path) -> None:
    Path("old").write_bytes(CONTENT)
    Path("new").write_bytes(CONTENT[300:700])
    assert run("--network-alone", "-D", "old", "new").returncode == 0
    prior = weightless.Prior(CONTENT, parameters=weightless.NETWORK_ALONE)
    assert Path("new.wl").read_bytes() == weightless.compress(CONTENT[300:700], prior=prior)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("-6", "a"), "--network-alone and a level are mutually exclusive"),
        (("--level", "6", "a"), "--network-alone and a level are mutually exclusive"),
        (("-b", "a"), "--network-alone cannot be combined with -b"),
    ],
)
def test_contradictions(run: Run, folder: Path, arguments: tuple[str, ...], message: str) -> None:
    Path("a").write_bytes(CONTENT)
    done = run("--network-alone", *arguments)
    assert done.returncode == 2
    assert message in done.stderr.decode()
