"""Forms that an archive can have: frames, blocks, priors, flags, skippable frames."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import xxhash
from golden_kinds import KINDS
from golden_kinds.plain import mixed, noise
from golden_kinds.tables import csv

import weightless
from weightless import Parameters, _core
from weightless.container.block import BlockHeader
from weightless.container.checks import Chain, header_check
from weightless.container.header import MAGIC, VERSION, FrameHeader
from weightless.container.skippable import skippable_frame
from weightless.container.varint import encode_varint, zigzag
from weightless.levels import PARAMETER_SETS

__all__ = ["FORMS", "Form", "forms_of", "frame_of", "listed"]


class Form(NamedTuple):
    """An archive and what is in it."""

    archive: bytes
    content: bytes
    #: The kind whose input is the prior; "own" if frames are primed by the first; else "-".
    prior: str = "-"


def frame_of(
    parameters: Parameters, blocks: list[tuple[str, bytes]], header: bytes | None = None
) -> bytes:
    """Return a frame with these blocks: stored, plain or coded."""
    codec = _core.Codec(list(parameters.values))
    header = FrameHeader(parameters).to_bytes() if header is None else header
    archive = header
    chain = Chain(header)
    for i, (how, raw) in enumerate(blocks):
        payload = raw
        if how == "coded":
            payload = codec.encode(raw)
            assert len(payload) < len(raw)
        elif how == "plain":
            codec.absorb(raw)
        else:
            codec.skip(raw)
        head = BlockHeader(i == len(blocks) - 1, how == "stored", len(raw), len(payload)).to_bytes()
        archive += head + payload + chain.block_check(head, payload, raw)
    if len(blocks) == 1:
        return archive
    content = b"".join(raw for _, raw in blocks)
    return archive + xxhash.xxh3_64_intdigest(content).to_bytes(8, "little")


def listed(values: list[int]) -> bytes:
    """Return a header that lists parameters one by one."""
    header = MAGIC + bytes([VERSION << 4 | 2]) + encode_varint(len(values))
    header += b"".join(encode_varint(zigzag(value)) for value in values)
    return header + bytes([header_check(header)])


def forms_of(number: int) -> dict[str, Form]:
    """Return the forms for one parameter set."""
    parameters = PARAMETER_SETS[number]
    content = mixed(4500)
    prior = weightless.Prior(KINDS["csv"](), parameters=parameters)
    record = csv(600, 99)
    prose = KINDS["prose"]()
    blocks = [
        ("coded", prose[:900]),
        ("plain", noise(300, 5)),
        ("stored", noise(700, 6)),
        ("coded", prose[900:1800]),
        ("stored", b""),
        ("plain", prose[1800:2000]),
        ("coded", noise(700, 6) + prose[2000:2600] if number != 10 else prose[2000:2600]),
    ]
    return {
        "frames": Form(
            weightless.compress(content, parameters=parameters, frame_size=1700, block_size=600),
            content,
        ),
        "primed": Form(
            weightless.compress(content, parameters=parameters, frame_size=1700, primed=True),
            content,
            "own",
        ),
        "prior": Form(prior.compress(record), record, "csv"),
        "blocks": Form(frame_of(parameters, blocks), b"".join(raw for _, raw in blocks)),
    }


def _sized() -> Form:
    """The size of the content is stated, small and with more bytes in its number."""
    parts = [(3, b"abc" * 20), (10, KINDS["log"]()[:300])]
    archive = b"".join(
        frame_of(
            PARAMETER_SETS[n], [("coded", raw)], FrameHeader(PARAMETER_SETS[n], len(raw)).to_bytes()
        )
        for n, raw in parts
    )
    return Form(archive, b"".join(raw for _, raw in parts))


def _kept() -> Form:
    """A frame that is kept but that no other names, with and without a size."""
    raw = KINDS["json"]()[:400]
    headers = [FrameHeader(PARAMETER_SETS[2], size, None, True).to_bytes() for size in (None, 400)]
    frames = [frame_of(PARAMETER_SETS[2], [("coded", raw)], header) for header in headers]
    return Form(b"".join(frames), 2 * raw)


def _skippable() -> Form:
    """Skippable frames of each kind, before, between and after frames with content."""
    frame = weightless.compress(b"content " * 9, 1)
    archive = skippable_frame(b"", 15)
    for kind in range(16):
        archive += skippable_frame(b"\x00 anything " * kind * 3, kind)
        archive += frame if kind % 5 == 0 else b""
    return Form(archive, 4 * (b"content " * 9))


def _only_skippable() -> Form:
    return Form(skippable_frame(b"no content at all", 15), b"")


def _sets() -> Form:
    """Frames of every parameter set, one after another."""
    parts = {n: KINDS["sam"]()[200 * n : 200 * n + 400] for n in PARAMETER_SETS}
    archive = b"".join(
        weightless.compress(raw, parameters=PARAMETER_SETS[n]) for n, raw in parts.items()
    )
    return Form(archive, b"".join(parts.values()))


def _listed() -> Form:
    """The parameters of set 10 one by one: as many as there are, and those that are needed."""
    values = list(PARAMETER_SETS[10].values)
    raw = b"ab" * 30
    frames = [frame_of(PARAMETER_SETS[10], [("coded", raw)], listed(values[:n])) for n in (9, 26)]
    return Form(b"".join(frames), 2 * raw)


def _empty_blocks() -> Form:
    """Empty blocks only."""
    return Form(frame_of(PARAMETER_SETS[6], [("stored", b"")] * 4), b"")


def _large_block() -> Form:
    """A block of the largest size."""
    raw = bytes(1 << 20)
    return Form(weightless.compress(raw, level=1, block_size=1 << 20), raw)


#: Forms that do not depend on the parameter set.
FORMS: dict[str, Callable[[], Form]] = {
    "sized": _sized,
    "kept": _kept,
    "skippable": _skippable,
    "only-skippable": _only_skippable,
    "sets": _sets,
    "listed": _listed,
    "empty-blocks": _empty_blocks,
    "large-block": _large_block,
}
