"""What an explanation records is right: archives stay the same, sums agree, decoding agrees."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from data import SAMPLES, noise, records, text

import weightless
from weightless import _core
from weightless.explanations.lockstep import run_lockstep
from weightless.explanations.recording import Sampling

ALONG = (
    *("positions", "content", "bits", "network_bits", "mixed_bits", "kinds", "ranks"),
    *("match_lengths", "match_places", "segment_bits", "segment_saved", "kind_bits", "kind_saved"),
    "hidden",
)
#: One set for each recipe with a network and one without, small tables, and the network alone.
PARAMETERS = {
    **{
        f"experts {experts}, width {width}": weightless.Parameters(
            width=width, experts=experts, horizon=2, memory_bits=18
        )
        for experts in (1, 2, 3, 4)
        for width in (0, 16)
    },
    "network": weightless.Parameters(width=16, experts=0, horizon=2, ngrams=3, ngram_bits=16),
}


def compressed(content: bytes, parameters: weightless.Parameters) -> bytes:
    return weightless.compress(content, parameters=parameters)


@pytest.mark.parametrize("parameters", PARAMETERS.values(), ids=PARAMETERS)
@pytest.mark.parametrize("name", ["text", "records"])
def test_sums(name: str, parameters: weightless.Parameters) -> None:
    content = SAMPLES[name][:3000]
    archive = compressed(content, parameters)
    e = weightless.explain(content, parameters=parameters, compare=False, probes=20)
    assert (e.archive_size, e.size, e.from_archive) == (len(archive), len(content), False)
    assert e.content.tobytes() == content
    # The coder writes whole bytes, and determines the end of a block.
    assert e.bits.sum() / 8 == pytest.approx(e.payload_size, rel=1e-3, abs=4)
    # Of 8 bits for each byte, what was saved and what was paid.
    assert 8 * len(content) - e.saved.sum() == pytest.approx(e.bits.sum(), abs=1e-3)
    assert np.allclose(e.saved.sum(axis=0), e.saved_by_kind.sum(axis=0))
    assert e.segment_bits[:, 0].sum() == pytest.approx(e.bits.sum(), rel=1e-6)
    assert e.mixed_bits.sum() == pytest.approx(e.segment_bits[:, 1].sum(), rel=1e-6)
    assert e.kind_bytes.sum() == len(content)
    if parameters.experts:
        # Rounding is small beside what it is the rest of.
        rounding = e.segment_saved[:, e.offers.index("Rounding")]
        assert abs(rounding.sum()) < 0.01 * np.abs(e.segment_saved).sum()
    if parameters.width and parameters.experts == 0:
        assert np.allclose(e.network_bits, e.bits)


@pytest.mark.parametrize("parameters", PARAMETERS.values(), ids=PARAMETERS)
def test_an_archive_explains_as_its_content(parameters: weightless.Parameters) -> None:
    content = text(1500) + noise(600) + records(900)
    archive = weightless.compress(content, parameters=parameters, block_size=500)
    direct = weightless.explain(content, parameters=parameters, compare=False, probes=12)
    decoded = weightless.explain(archive, compare=False, probes=12)
    assert decoded.from_archive
    for name in set(ALONG) - {"bits", "segment_bits"}:
        assert np.array_equal(getattr(decoded, name), getattr(direct, name)), name
    assert decoded.likely == direct.likely
    assert decoded.continuations == direct.continuations
    # A block of noise is stored, whatever the model made of it.
    assert decoded.bits.sum() / 8 == pytest.approx(decoded.payload_size, rel=2e-3, abs=8)


@pytest.mark.parametrize("name", SAMPLES)
def test_every_content(name: str) -> None:
    content = SAMPLES[name]
    e = weightless.explain(content, 1)
    assert e.bits.sum() / 8 == pytest.approx(e.payload_size, rel=1e-3, abs=4)
    assert weightless.explain(weightless.compress(content, 1)).bits.tolist() == e.bits.tolist()
    assert len(e.positions) == len(content)
    assert e.to_json()


def test_frames_and_primed_frames() -> None:
    content = text(4000)
    for options in ({}, {"primed": True}):
        archive = weightless.compress(content, 1, frame_size=1500, **options)
        e = weightless.explain(archive)
        assert e.content.tobytes() == content
        assert e.bits.sum() / 8 == pytest.approx(e.payload_size, rel=2e-3, abs=12)


def test_names_are_those_of_experts_and_kinds() -> None:
    rows = [bytes((x * y // 9 + x) % 256 for x in range(100)) for y in range(100)]
    e = weightless.explain(b"P5\n100 100\n255\n" + b"".join(rows), 1, probes=0)
    assert "Image" in e.kind_names
    assert "Image" in e.experts
    names = [*e.kind_names, *e.experts, *e.offers]
    assert not [name for name in names if "<" in name]
    assert len(set(e.offers)) == len(e.offers)


def test_with_a_prior() -> None:
    prior = weightless.Prior(text(3000), 1)
    content = text(3000)[1000:]
    direct = weightless.explain(content, 1, prior=prior)
    decoded = weightless.explain(prior.compress(content), prior=prior)
    assert direct.bits.tolist() == decoded.bits.tolist()
    assert direct.bits_per_byte < 0.2 < weightless.explain(content, 1).bits_per_byte


def test_observing_changes_nothing_that_follows() -> None:
    parameters = PARAMETERS["experts 2, width 16"]
    content = text(2000) + records(2000)
    plain, observed = parameters.codec(), parameters.codec()
    trace = Sampling.of(2000, 2000, 50).trace()
    observed.observe(trace)
    halves = content[:2000], content[2000:]
    assert [plain.encode(half) for half in halves] == [observed.encode(half) for half in halves]
    observed.observe(None)
    assert plain.encode(content) == observed.encode(content)
    assert trace.position == 4000


def test_likeliest_values_have_the_probabilities_that_coding_uses() -> None:
    parameters = PARAMETERS["experts 4, width 16"]
    codec = parameters.codec()
    codec.absorb(text(3000))
    values = codec.likeliest(256)
    assert sorted(values, key=lambda value: -value[1]) == values
    assert 0.98 < sum(p for _, p in values) <= 1
    for value, p in values[:40]:
        assert codec.cost(bytes([value])) == pytest.approx(-np.log2(p), abs=1e-3 / p / 1e3 + 1e-4)
    assert codec.likeliest(3) == values[:3]


def test_a_question_leaves_the_state_as_it_was() -> None:
    content = text(5000)
    for parameters in PARAMETERS.values():
        asked, plain = parameters.codec(), parameters.codec()
        for start in range(0, 5000, 1000):
            piece = content[start : start + 1000]
            assert asked.encode(piece) == plain.encode(piece)
            asked.likeliest(4)
            asked.cost(b"something else")
            asked.continuation(20)


def test_a_codec_with_a_snapshot_returns_to_it_after_questions() -> None:
    parameters = PARAMETERS["experts 2, width 16"]
    first = parameters.codec()
    first.absorb(text(2000))
    snapshot = first.freeze()
    codec = snapshot.codec()
    expected = snapshot.codec().encode(records(1000))
    for _ in range(3):
        codec.encode(text(500, seed=5))
        codec.likeliest(2)
        codec.encode(noise(300))
        codec.revert()
        assert codec.encode(records(1000)) == expected
        codec.revert()


def test_continuation_is_what_the_model_knows() -> None:
    codec = weightless.level_parameters(3).codec()
    codec.absorb(b"abcdefghij" * 200)
    assert codec.continuation(25) == (b"abcdefghij" * 3)[:25]


def test_network_alone_has_its_state() -> None:
    parameters = PARAMETERS["experts 1, width 16"]
    codec = parameters.codec()
    codec.absorb(text(2000))
    network = weightless.Predictor(parameters=parameters)
    network.train(text(2000))
    expected = -np.log2(network.predict()[ord("e")])
    assert codec.network_alone().cost(b"e") == pytest.approx(expected, abs=0.01)
    with pytest.raises(RuntimeError, match="no network"):
        PARAMETERS["experts 1, width 0"].codec().network_alone()


def test_lockstep() -> None:
    content = b"An apple a day keeps the doctor away. An apple a day"
    for parameters in PARAMETERS.values():
        lockstep = run_lockstep(content, parameters)
        assert lockstep.encoder.tolist() == lockstep.decoder.tolist()
        # The weights differ from step to step.
        assert len(set(lockstep.encoder.tolist())) == len(content)


def test_experts_alone_are_the_same_experts_without_the_network() -> None:
    content = text(3000)
    e = weightless.explain(content, 4)
    alone = weightless.compress(content, parameters=weightless.level_parameters(4).replace(width=0))
    assert e.experts_bits.sum() / 8 == pytest.approx(len(alone), abs=60)
    assert len(weightless.explain(content, 3).experts_bits) == 0


def test_sampling() -> None:
    content = text(100_000)
    e = weightless.explain(content, 1, keep=6400, probes=10)
    assert not e.whole
    assert len(e.positions) == 6400
    assert e.content.tobytes() == bytes(content[i] for i in e.positions)
    everything = weightless.explain(content, 1, probes=0)
    assert e.bits.tolist() == everything.bits[e.positions].tolist()
    # Sums cover all content.
    assert e.segment_bits.tolist() == everything.segment_bits.tolist()
    assert len(e.segment_bits) <= 512
    assert everything.likely == ()
    assert len(e.likely) == 10


def test_repeats() -> None:
    part = noise(400)
    content = part + text(1000) + part
    (repeat,) = weightless.explain(content, 3).repeats[:1]
    assert repeat.first < 40
    assert repeat.second - repeat.first == 1400
    assert repeat.size > 350
    assert repeat.second_bits < repeat.first_bits / 10


def test_sources(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(text(500))
    by_path = weightless.explain(path, 1)
    assert (by_path.name, by_path.level) == ("a.txt", 1)
    assert weightless.explain(text(500), 1).bits.tolist() == by_path.bits.tolist()
    assert weightless.explain(memoryview(text(500)), 1).name == "bytes"
    with pytest.raises(weightless.ParameterError, match="states its parameters"):
        weightless.explain(weightless.compress(b"x"), 1)
    with pytest.raises(weightless.DataError):
        weightless.explain(weightless.compress(text(500))[:-3])
    with pytest.raises(weightless.ParameterError, match="keep"):
        weightless.explain(b"x", keep=0)
    with pytest.raises(TypeError):
        weightless.explain(io.BytesIO(b"x"))  # type: ignore[call-overload]


def test_a_trace_in_use_cannot_be_read() -> None:
    codec = weightless.level_parameters(1).codec()
    trace = _core.Trace(segment=1, width=1, period=1, probe=0)
    codec.observe(trace)
    met: list[str] = []

    def progress(done: int) -> None:
        try:
            trace.arrays()
        except RuntimeError as error:
            met.append(str(error))

    codec.encode(text(5000), progress)
    assert set(met) == {"a codec is recording this trace"}
    with pytest.raises(ValueError, match="at least 1"):
        _core.Trace(segment=0, width=1, period=1, probe=0)


@pytest.mark.parametrize(
    ("size", "fewest", "most"), [(20, 20, 20), (3000, 28, 32), (140_000, 30, 36)]
)
def test_likeliest_values_are_found_in_proportion_to_the_size(
    size: int, fewest: int, most: int
) -> None:
    # Each takes as long as coding hundreds of bytes.
    explanation = weightless.explain(text(size), 1, compare=False)
    assert fewest <= len(explanation.likely) <= most


def test_experts_sum_up_what_their_offers_saved() -> None:
    e = weightless.explain(text(5000) + noise(300), 3, probes=0, compare=False)
    for saved, by_offer, bits in (
        (e.saved, e.segment_saved, e.segment_bits),
        (e.saved_by_kind, e.kind_saved, e.kind_bits),
    ):
        assert saved.shape == (len(by_offer), len(e.experts))
        for column, expert in zip(saved.T, e.experts, strict=True):
            own = [n for n, offer in enumerate(e.offers) if offer.split("::")[0] == expert]
            expected = by_offer[:, own].sum(axis=1)
            if expert == "APM stages":
                expected = bits[:, 1] - bits[:, 0]
            assert column == pytest.approx(expected, abs=1e-6)
    totals = e.saved.sum(axis=0)
    assert list(totals) == sorted(totals, reverse=True)


def test_only_small_content_is_compared_unless_asked() -> None:
    parameters = weightless.Parameters(width=16, experts=1)
    small = weightless.explain(text(3000), parameters=parameters, probes=0)
    large = weightless.explain(text(70_000), parameters=parameters, probes=0)
    assert (len(small.experts_bits), len(large.experts_bits)) == (3000, 0)
