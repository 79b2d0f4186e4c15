"""Blocks of incompressible data are stored without an attempt to compress them."""

from __future__ import annotations

import base64
import itertools
import lzma
import zlib
from collections.abc import Callable

import plain_reader
import pytest
from crafted import SMALL
from data import noise, records, text
from hypothesis import example, given, settings
from hypothesis import strategies as st
from payloads import codec

import weightless
from weightless import _core
from weightless.container.block import BlockHeader, parse_block_header
from weightless.container.checks import Chain, content_hasher
from weightless.container.header import FrameHeader, parse_header
from weightless.frames.encoder import FrameEncoder

#: The size from which blocks are skipped.
LEAST = 1 << 12
BLOCK = 1 << 14
TINY = weightless.Parameters(width=0, experts=1, memory_bits=16)
RECIPES = [(1, 0), (2, 16), (3, 0), (4, 0)]


def parameters_of(experts: int, width: int) -> weightless.Parameters:
    return weightless.Parameters(width=width, experts=experts, memory_bits=18)


def kinds(archive: bytes | bytearray) -> str:
    """Return a letter for each block of the first frame: stored, plain or coded."""
    position = parse_header(archive)[1]
    letters = ""
    last = False
    while not last:
        block, start = parse_block_header(archive, position)
        letters += "s" if block.stored else "p" if block.verbatim else "c"
        position = start + block.payload_size + 4
        last = block.last
    return letters


def deflated(size: int) -> bytes:
    """Return a part of a Deflate stream."""
    return zlib.compress(b"".join(base64.b64encode(noise(99, i)) for i in range(size // 80 + 2)))[
        20 : 20 + size
    ]


RANDOM: dict[str, Callable[[int], bytes]] = {
    "noise": noise,
    "deflate": deflated,
    "almost": lambda size: bytes(
        0 if i % 80 == 7 else byte for i, byte in enumerate(noise(size, 5))
    ),
    "lzma": lambda size: lzma.compress(text(8 * size, 5), preset=1)[30 : 30 + size],
}
OTHER: dict[str, Callable[[int], bytes]] = {
    "text": text,
    "records": records,
    "zeros": bytes,
    "base64": lambda size: base64.b64encode(noise(size))[:size],
    "7 bits": lambda size: bytes(byte & 127 for byte in noise(size)),
    "a random walk": lambda size: bytes(
        value % 256 for value in itertools.accumulate(byte % 8 for byte in noise(size))
    ),
    "16-bit samples": lambda size: b"".join(
        ((20 * i + byte) % 65536).to_bytes(2, "little") for i, byte in enumerate(noise(size // 2))
    ),
    "100 values": lambda size: bytes(byte % 100 for byte in noise(size)),
    "text at its end": lambda size: noise(size - 2000) + text(2000),
    "a part of it twice": lambda size: noise(size - 32) + noise(size)[77 : 77 + 32],
}


@pytest.mark.parametrize("size", [LEAST, BLOCK, 5 * BLOCK + 7])
@pytest.mark.parametrize("kind", RANDOM)
def test_random_bytes_look_random(kind: str, size: int) -> None:
    assert _core.look_random(RANDOM[kind](size))


@pytest.mark.parametrize("size", [LEAST, BLOCK, 5 * BLOCK + 7])
@pytest.mark.parametrize("kind", OTHER)
def test_other_data_do_not(kind: str, size: int) -> None:
    assert not _core.look_random(OTHER[kind](size))


@pytest.mark.parametrize("size", [0, 1, 31, LEAST - 1, (1 << 20) + 1])
def test_too_few_or_too_many_bytes_to_tell(size: int) -> None:
    assert not _core.look_random(noise(size))


@pytest.mark.parametrize("kind", RANDOM)
def test_most_blocks_are_skipped(kind: str) -> None:
    data = RANDOM[kind](36 * BLOCK)
    archive = weightless.compress(data, parameters=TINY, block_size=BLOCK)
    assert kinds(archive) == "p" + 32 * "s" + "p" + 2 * "s"
    assert len(archive) < len(data) + 36 * 12
    assert weightless.decompress(archive) == plain_reader.read(archive) == data


def test_compressible_data_end_it() -> None:
    data = noise(3 * BLOCK) + text(BLOCK) + noise(3 * BLOCK, 2) + bytes(BLOCK)
    archive = weightless.compress(data, parameters=TINY, block_size=BLOCK)
    assert kinds(archive) == "pssc" + "pssc"
    assert weightless.decompress(archive) == plain_reader.read(archive) == data


def test_small_blocks_are_all_tried() -> None:
    data = noise(4 * LEAST)
    archive = weightless.compress(data, parameters=TINY, block_size=LEAST // 2)
    assert kinds(archive) == 7 * "p" + "s"
    assert weightless.decompress(archive) == plain_reader.read(archive) == data


@pytest.mark.parametrize("size", [LEAST, 3 * BLOCK + 5])
@pytest.mark.parametrize("kind", ["noise", "deflate", "lzma"])
def test_a_first_block_is_skipped_too(kind: str, size: int) -> None:
    """A fast model has tried it, so that the frame's own model is not even built."""
    data = RANDOM[kind](size)
    encoder = FrameEncoder(parameters_of(4, 0))
    encoder.write(memoryview(data))
    archive = encoder.finish()
    assert encoder._codec is None
    assert encoder._models._idle == []
    assert kinds(archive) == "s"
    assert weightless.decompress(archive) == plain_reader.read(archive) == data


@pytest.mark.parametrize("where", [0, 3 * BLOCK - 300])
def test_not_a_first_block_of_which_the_fast_model_saves_something(where: int) -> None:
    """A header or a trailer takes less than a hundredth of it, so that it looks random."""
    data = noise(3 * BLOCK)
    data = data[:where] + text(300) + data[where + 300 :]
    assert _core.look_random(data)
    archive = weightless.compress(data, parameters=parameters_of(2, 0))
    assert kinds(archive) == "c"
    assert weightless.decompress(archive) == data


def test_not_a_first_block_after_a_prior() -> None:
    """The prior may know what the fast model does not."""
    parameters = parameters_of(2, 0)
    prior = weightless.Prior(noise(LEAST), parameters=parameters)
    archive = prior.compress(noise(LEAST))
    assert kinds(archive) == "c"
    assert prior.decompress(archive) == noise(LEAST)


@pytest.mark.parametrize(("experts", "width"), RECIPES)
def test_nothing_is_learnt_but_copies_are_found(experts: int, width: int) -> None:
    """The second copy of what was skipped takes a few bytes, at any distance and offset."""
    skipped = noise(3 * BLOCK + 1000)
    model = codec(experts, 18, width)
    model.encode(text(1000))
    trained = model.trained()
    model.skip(skipped)
    assert model.trained() == trained
    assert model.find_any(skipped[-2000:])
    assert model.find_any(b"??" + skipped[5000:5060])
    assert not model.find_any(noise(2000, 2))
    reader = model.copy()
    for content in (text(2000, 5), skipped[1234:], noise(300, 7), skipped[:-50]):
        payload = model.encode(content)
        assert reader.decode(payload, len(content)) == content
        if len(content) > BLOCK:
            assert len(payload) < 140


@pytest.mark.parametrize(("experts", "width"), RECIPES)
@pytest.mark.parametrize("kind", ["noise", "deflate", "lzma"])
def test_a_second_copy_of_skipped_blocks(kind: str, experts: int, width: int) -> None:
    parameters = parameters_of(experts, width)
    data = RANDOM[kind](3 * BLOCK)
    once = weightless.compress(data, parameters=parameters, block_size=BLOCK)
    assert kinds(once) == ("p" if experts == 1 else "s") + "ss"
    for between in (b"", text(777), noise(100, 9))[:: 3 if experts > 2 else 1]:
        twice = data + between + data
        archive = weightless.compress(twice, parameters=parameters, block_size=BLOCK)
        assert len(archive) <= len(data) + len(between) + len(data) // 100 + 160
        assert weightless.decompress(archive) == twice


@pytest.mark.parametrize(("experts", "width"), RECIPES)
def test_text_around_what_is_skipped_loses_little(experts: int, width: int) -> None:
    parameters = parameters_of(experts, width)
    before, after = text(BLOCK, 3), text(BLOCK, 4)
    alone = len(weightless.compress(before + after, parameters=parameters, block_size=BLOCK))
    data = before + noise(4 * BLOCK) + after
    archive = weightless.compress(data, parameters=parameters, block_size=BLOCK)
    assert kinds(archive) == "cpsssc"
    assert len(archive) - 4 * BLOCK <= alone * 1.03 + 60
    assert weightless.decompress(archive) == data


SEGMENTS = st.lists(
    st.tuples(
        st.sampled_from([noise, deflated, text, records, bytes]),
        st.sampled_from([1, 300, BLOCK, 2 * BLOCK, 3 * BLOCK + 17]),
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=5, deadline=None)
@given(
    segments=SEGMENTS,
    copied=st.integers(0, 4 * BLOCK),
    cuts=st.lists(st.integers(1, 3 * BLOCK), max_size=5),
    block_size=st.sampled_from([BLOCK, BLOCK + 1, 40_000, 1 << 18]),
    threads=st.sampled_from([1, 2]),
    experts=st.sampled_from([1, 2]),
)
@example([(noise, 3 * BLOCK + 17)], 3 * BLOCK, [1], BLOCK, 2, 1)
def test_any_mixture(
    segments: list[tuple[Callable[[int], bytes], int]],
    copied: int,
    cuts: list[int],
    block_size: int,
    threads: int,
    experts: int,
) -> None:
    """The archive depends neither on pieces nor on threads, and both readers agree on it."""
    data = b"".join(make(size) for make, size in segments)
    data += data[:copied]
    parameters = weightless.Parameters(width=16 * (experts - 1), experts=experts, memory_bits=16)
    archive = weightless.compress(data, parameters=parameters, block_size=block_size)
    compressor = weightless.Compressor(
        parameters=parameters, block_size=block_size, threads=threads
    )
    pieces, at = [], 0
    for cut in [*cuts, len(data)]:
        pieces.append(compressor.compress(data[at : at + cut]))
        at += cut
    whole = weightless.Compressor(parameters=parameters, block_size=block_size)
    assert b"".join(pieces) + compressor.flush() == whole.compress(data) + whole.flush()
    assert plain_reader.read(archive) == data
    assert weightless.decompress(archive, threads=threads) == data


def test_flushed_blocks() -> None:
    """Blocks that end early are skipped, too, if they are large enough, and decoded."""
    compressor = weightless.Compressor(parameters=TINY)
    sizes = (BLOCK, 3 * BLOCK, 500, BLOCK, BLOCK + 1)
    pieces = [noise(size, seed) for seed, size in enumerate(sizes)]
    archive = b""
    for piece in pieces:
        archive += compressor.compress(piece)
        archive += compressor.flush(compressor.FLUSH_BLOCK)
    archive += compressor.flush()
    assert kinds(archive) == "psppss"
    content = b"".join(pieces)
    assert weightless.decompress(archive) == plain_reader.read(archive) == content


@pytest.mark.parametrize("threads", [1, 2])
def test_frames_and_priors(threads: int) -> None:
    """Frames start anew; a first frame with skipped blocks may be the prior of the others."""
    data = noise(4 * BLOCK) + text(BLOCK) + noise(6 * BLOCK, 8) + noise(4 * BLOCK)
    for primed in (False, True):
        archive = weightless.compress(
            data,
            parameters=TINY,
            block_size=BLOCK,
            frame_size=4 * BLOCK,
            threads=threads,
            primed=primed,
        )
        assert kinds(archive) == "psss"
        assert weightless.decompress(archive, threads=threads) == data
        assert plain_reader.read(archive) == data
        # The last part is a copy of the prior.
        assert len(archive) < len(data) - (3 * BLOCK if primed else 0) - BLOCK // 3
    prior = weightless.Prior(data[: 2 * BLOCK], parameters=TINY)
    archive = prior.compress(data)
    assert prior.decompress(archive) == plain_reader.read(archive, data[: 2 * BLOCK]) == data


def test_explained_as_eight_bits_each() -> None:
    data = noise(3 * BLOCK) + text(5000)
    direct = weightless.explain(data, parameters=TINY, compare=False)
    decoded = weightless.explain(
        weightless.compress(data, parameters=TINY, block_size=BLOCK), compare=False
    )
    assert decoded.bits[: 3 * BLOCK].tolist() == [8] * 3 * BLOCK
    assert decoded.saved[BLOCK : 3 * BLOCK].sum() == pytest.approx(0, abs=1e-6)
    assert decoded.bits.sum() / 8 == pytest.approx(decoded.payload_size, rel=1e-3)
    assert direct.size == decoded.size


def built(blocks: list[tuple[str, bytes, bytes]], parameters: weightless.Parameters) -> bytes:
    """Return a frame of blocks, each a kind, a payload and the content that its check states."""
    header = FrameHeader(parameters).to_bytes()
    chain, hasher = Chain(header), content_hasher()
    out = header
    for i, (kind, payload, raw) in enumerate(blocks):
        last = i == len(blocks) - 1
        head = BlockHeader(last, kind == "s", len(raw), len(payload)).to_bytes()
        out += head + payload + chain.block_check(head, payload, raw)
        hasher.update(raw)
    return out + hasher.intdigest().to_bytes(8, "little")


def test_any_order_of_kinds() -> None:
    """A decoder need not know which blocks an encoder stores."""
    texts = [text(600, i) for i in range(3)]
    for parameters in (TINY, SMALL):
        model = parameters.codec()
        model.skip(texts[0])
        model.absorb(texts[1])
        model.skip(texts[1])
        last = model.encode(texts[2] + texts[1])
        blocks = [
            ("s", texts[0], texts[0]),
            ("p", texts[1], texts[1]),
            ("s", texts[1], texts[1]),
            ("s", b"", b""),
            ("c", last, texts[2] + texts[1]),
        ]
        archive = built(blocks, parameters)
        expected = b"".join(raw for _, _, raw in blocks)
        assert weightless.decompress(archive) == plain_reader.read(archive) == expected
        # As the last one of its frame, too, a block may be plain.
        archive = built([*blocks, ("p", b"end", b"end")], parameters)
        assert weightless.decompress(archive) == plain_reader.read(archive) == expected + b"end"


def test_a_wrong_kind_is_an_error() -> None:
    """The kinds lead to other states of the model, and the check covers the kind."""
    data = noise(3 * BLOCK) + text(BLOCK) + text(500, 7)
    archive = weightless.compress(data, parameters=TINY, block_size=BLOCK)
    assert kinds(archive) == "psscc"
    raws = [data[i : i + BLOCK] for i in range(0, len(data), BLOCK)]
    position = parse_header(archive)[1]
    blocks = []
    for kind, raw in zip(kinds(archive), raws, strict=True):
        block, start = parse_block_header(archive, position)
        blocks.append((kind, archive[start : start + block.payload_size], raw))
        position = start + block.payload_size + 4
    assert weightless.decompress(built(blocks, TINY)) == data
    for i, other in enumerate("spp"):
        wrong = [(other, *b[1:]) if i == j else b for j, b in enumerate(blocks)]
        with pytest.raises(weightless.CorruptError):
            weightless.decompress(built(wrong, TINY))
        with pytest.raises(plain_reader.BadArchiveError):
            plain_reader.read(built(wrong, TINY))


@settings(max_examples=30, deadline=None)
@given(
    raw=st.binary(max_size=40),
    size=st.integers(0, 60),
    kind=st.sampled_from("spc"),
    payload=st.binary(max_size=60),
)
def test_hostile_lengths(raw: bytes, size: int, kind: str, payload: bytes) -> None:
    """Payloads of any length and kind are decoded or refused, by both readers alike."""
    header = FrameHeader(TINY).to_bytes()
    head = BlockHeader(True, kind == "s", len(raw), size).to_bytes()
    archive = header + head + payload + Chain(header).block_check(head, payload, raw)
    try:
        content = weightless.decompress(archive)
    except weightless.DataError:
        with pytest.raises(plain_reader.BadArchiveError):
            plain_reader.read(archive)
    else:
        assert plain_reader.read(archive) == content == raw


def test_the_model_learns_from_the_blocks_that_are_tried() -> None:
    """Those are the first block, and the first one of text; the last one is not written yet."""
    encoder = FrameEncoder(TINY, block_size=BLOCK)
    encoder.write(memoryview(noise(5 * BLOCK) + text(2 * BLOCK)))
    assert encoder._codec is not None
    assert encoder._codec.trained() == 2 * BLOCK
    encoder.release()


def test_damage_within_what_was_skipped() -> None:
    """It is noticed in its block, and what precedes it is delivered."""
    data = text(BLOCK) + noise(5 * BLOCK)
    archive = bytearray(weightless.compress(data, parameters=TINY, block_size=BLOCK))
    assert kinds(archive) == "cpssss"
    archive[-2 * BLOCK] ^= 1  # in the last block but one
    with pytest.raises(weightless.CorruptError):
        weightless.decompress(bytes(archive))
    with pytest.warns(weightless.DamageWarning):
        assert weightless.decompress(bytes(archive), salvage=True) == data[: 4 * BLOCK]
