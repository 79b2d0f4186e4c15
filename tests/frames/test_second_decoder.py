"""Archives of parameter set 10 against a decoder written from the documents alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import network_reader
import pytest
from data import noise, records, text
from plain_container import seek_table, xxh3

import weightless
from weightless import _core
from weightless.container.block import BlockHeader
from weightless.container.checks import Chain
from weightless.container.header import FrameHeader
from weightless.container.varint import encode_varint
from weightless.levels import PARAMETER_SETS

ALONE = PARAMETER_SETS[10]


def frame_of(
    blocks: list[tuple[str, bytes]], header: bytes = FrameHeader(ALONE, None).to_bytes()
) -> bytes:
    """Return a frame with these blocks: stored, plain or coded."""
    codec = _core.Codec(list(ALONE.values))
    archive = header
    chain = Chain(header)
    for i, (kind, raw) in enumerate(blocks):
        payload = raw
        if kind == "coded":
            payload = codec.encode(raw)
            assert len(payload) < len(raw)
        elif kind == "plain":
            codec.absorb(raw)
        else:
            codec.skip(raw)
        head = BlockHeader(i == len(blocks) - 1, kind == "stored", len(raw), len(payload))
        archive += head.to_bytes() + payload
        archive += chain.block_check(head.to_bytes(), payload, raw)
    if len(blocks) == 1:
        return archive
    return archive + xxh3(b"".join(raw for _, raw in blocks)).to_bytes(8, "little")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"x",
        b"ab" * 8,
        b"ab" * 9,
        text(120),
        bytes(80),
        bytes(range(0, 256, 3)),
        b"\xff" * 40 + noise(20) + b"\xff" * 40,
    ],
    ids=["empty", "byte", "segment", "segment+2", "text", "zeros", "values", "breaks"],
)
def test_content_of_one_block(content: bytes) -> None:
    assert network_reader.read(weightless.compress(content, parameters=ALONE)) == content


def test_several_blocks() -> None:
    content = text(110) + records(90)
    archive = weightless.compress(content, parameters=ALONE, block_size=57)
    assert network_reader.read(archive) == content


@pytest.mark.slow
def test_two_kilobytes() -> None:
    content = text(1000) + records(1000)
    archive = weightless.compress(content, parameters=ALONE, block_size=417)
    assert network_reader.read(archive) == content


def test_blocks_of_every_kind() -> None:
    """The network learns from plain blocks, and stored ones leave it as it is."""
    blocks = [
        ("coded", text(61)),
        ("plain", text(40, 3)),
        ("stored", noise(300)),
        ("coded", text(61)),
        ("stored", b""),
        ("coded", text(61)),
    ]
    archive = frame_of(blocks)
    content = b"".join(raw for _, raw in blocks)
    assert network_reader.read(archive) == weightless.decompress(archive) == content


def listed(values: list[int]) -> bytes:
    """Return a header that lists these parameters, none of which is negative."""
    header = b"\xd7\x0a\x0e\x12"
    for number in [len(values), *(2 * value for value in values)]:
        header += encode_varint(number)
    return header + (xxh3(header) % 256).to_bytes(1, "little")


@pytest.mark.parametrize("n", [9, 26, len(ALONE.values)])
def test_parameters_in_a_list(n: int) -> None:
    values = list(ALONE.values)[:n]
    archive = frame_of([("coded", b"ab" * 20)], listed(values))
    assert network_reader.read(archive) == weightless.decompress(archive) == b"ab" * 20
    for others in ([*values[:-1], values[-1] + 1], [*ALONE.values, 0], []):
        with pytest.raises(network_reader.BadArchiveError, match="parameters"):
            network_reader.read(frame_of([("coded", b"ab" * 20)], listed(others)))


def test_frames_begin_anew() -> None:
    content = text(140)
    archive = weightless.compress(content, parameters=ALONE, frame_size=60)
    table = seek_table(archive)
    assert table is not None
    assert [size for _, size in table] == [60, 60, 20]
    other = weightless.compress(b"one more", parameters=ALONE)
    assert network_reader.read(archive + other) == content + b"one more"


def test_priors() -> None:
    known, content = text(75), text(165)[75:]
    archive = weightless.Prior(known, parameters=ALONE).compress(content)
    assert network_reader.read(archive, known) == content
    with pytest.raises(network_reader.BadArchiveError):
        network_reader.read(archive)
    primed = weightless.compress(content, parameters=ALONE, frame_size=60, primed=True)
    assert network_reader.read(primed) == content


def test_damage_and_other_parameters() -> None:
    archive = weightless.compress(text(40), parameters=ALONE)
    other = weightless.compress(text(40), level=1)
    wrong = archive[:12] + bytes([archive[12] ^ 1]) + archive[13:]
    for bad in (archive[:-1], wrong, other):
        with pytest.raises(network_reader.BadArchiveError):
            network_reader.read(bad)


def test_as_a_program(tmp_path: Path) -> None:
    archive = tmp_path / "a.wl"
    archive.write_bytes(weightless.compress(text(50), parameters=ALONE))
    program = [sys.executable, network_reader.__file__]
    done = subprocess.run([*program, archive], capture_output=True, check=True)
    assert done.stdout == text(50)
    done = subprocess.run([*program, tmp_path / "absent"], capture_output=True)
    assert done.returncode == 1
    assert b"absent" in done.stderr
