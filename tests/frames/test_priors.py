"""Frames that name a prior: what the model reads before their content."""

from __future__ import annotations

import io
import os
import pickle
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import plain_reader
import pytest
import xxhash
from crafted import SMALL
from data import noise, text
from hypothesis import given, settings
from hypothesis import strategies as st

import weightless
from weightless import _core
from weightless.container.checks import header_check
from weightless.container.header import MAX_PRIOR_SIZE, FrameHeader, PriorName, parse_header
from weightless.container.scan import scan_archive
from weightless.container.varint import NeedMoreData, encode_varint
from weightless.frames.archive_decoder import ArchiveDecoder
from weightless.frames.archive_encoder import ArchiveEncoder

MIXING = weightless.Parameters(width=0, experts=1, memory_bits=16)
CONTENT = text(3_000, 1)
RECORDS = [text(200 + 17 * i, 1)[17 * i :] for i in range(30)]


def prior_of(content: bytes = CONTENT, **options: object) -> weightless.Prior:
    return weightless.Prior(content, parameters=MIXING, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("parameters", [MIXING, SMALL], ids=repr)
def test_a_prior_helps_and_both_readers_agree(parameters: weightless.Parameters) -> None:
    prior = weightless.Prior(CONTENT, parameters=parameters)
    for record in [*RECORDS, b"", b"x", noise(300), noise(300) * 2]:
        archive = prior.compress(record)
        assert prior.decompress(archive) == record
        assert plain_reader.read(archive, CONTENT) == record
        assert archive == weightless.compress(record, prior=prior)
    alone = sum(len(weightless.compress(r, parameters=MIXING)) for r in RECORDS)
    assert sum(len(prior_of().compress(r)) for r in RECORDS) < 0.6 * alone


def test_the_header_names_the_prior() -> None:
    prior = prior_of()
    archive = prior.compress(b"abc")
    header, size = parse_header(archive)
    digest = xxhash.xxh3_128_intdigest(CONTENT)
    assert header == FrameHeader(MIXING, None, PriorName(digest, len(CONTENT)))
    assert prior.hash == xxhash.xxh3_128_hexdigest(CONTENT) == f"{digest:032x}"
    assert archive[size - 17 : size - 1] == digest.to_bytes(16, "little")
    assert (prior.size, prior.path, prior.parameters) == (len(CONTENT), None, MIXING)
    # The reference is 17 to 21 bytes, and covered by the check.
    plain = weightless.compress(b"abc", parameters=MIXING)
    assert len(archive) == len(plain) + 18
    for i in range(size):
        damaged = bytearray(archive)
        damaged[i] ^= 1
        with pytest.raises(weightless.WeightlessError):
            weightless.decompress(bytes(damaged), prior=prior)


@given(
    size=st.integers(1, MAX_PRIOR_SIZE),
    digest=st.integers(0, (1 << 128) - 1),
    content=st.none() | st.integers(0, (1 << 63) - 1),
    named=st.booleans(),
    kept=st.booleans(),
)
def test_any_header(size: int, digest: int, content: int | None, named: bool, kept: bool) -> None:
    name = PriorName(digest, size) if named else None
    for parameters in (MIXING, weightless.level_parameters(1)):
        header = FrameHeader(parameters, content, name, kept)
        data = header.to_bytes()
        assert parse_header(data + b"rest") == (header, len(data))
        for end in range(len(data)):
            with pytest.raises(NeedMoreData):
                parse_header(data[:end])


def crafted(word: int, digest: bytes = b"") -> bytes:
    """A header of level 1 with this prior word."""
    out = b"\xd7\n\x0e\x14\x01" + encode_varint(word) + digest
    return out + bytes([header_check(out)])


@pytest.mark.parametrize("word", [0, 2 * MAX_PRIOR_SIZE + 2, 2 * MAX_PRIOR_SIZE + 3, 1 << 32])
def test_a_size_out_of_range(word: int) -> None:
    data = crafted(word, bytes(16)) + bytes(30)
    with pytest.raises(weightless.CorruptError):
        parse_header(data)
    with pytest.raises(weightless.CorruptError):
        weightless.decompress(data, prior=prior_of())
    with pytest.raises(plain_reader.BadArchiveError):
        plain_reader.read(data, CONTENT)


def test_a_header_alone_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever size it claims, nothing is allocated or read before the prior is known."""
    monkeypatch.setattr(weightless.Parameters, "codec", None)
    data = crafted(2 * MAX_PRIOR_SIZE, bytes(16))
    with pytest.raises(weightless.PriorError) as caught:
        weightless.decompress(data + bytes(30), prior=prior_of(), memory_limit=None)
    assert caught.value.needed_size == MAX_PRIOR_SIZE
    with pytest.raises(weightless.MemoryLimitError, match="memory"):
        weightless.decompress(data + bytes(30), prior=prior_of(), memory_limit=1 << 30)


READERS: dict[str, Callable[[bytes, weightless.Prior | None], object]] = {
    "decompress": lambda data, prior: weightless.decompress(data, prior=prior),
    "threads": lambda data, prior: weightless.decompress(data, prior=prior, threads=2),
    "salvage": lambda data, prior: weightless.decompress(data, prior=prior, salvage=True),
    "Decompressor": lambda data, prior: weightless.Decompressor(prior=prior).decompress(data),
}


@pytest.mark.parametrize("reader", READERS)
def test_a_prior_that_is_missing_or_wrong(reader: str) -> None:
    prior, other = prior_of(), prior_of(CONTENT[:-1])
    archive = prior.compress(b"a record")
    with pytest.raises(weightless.PriorError) as missing:
        READERS[reader](archive, None)
    error = missing.value
    assert (error.needed, error.needed_size) == (prior.hash, prior.size)
    assert (error.given, error.given_size) == (None, 0)
    assert prior.hash in str(error)
    assert f"({prior.size} bytes)" in str(error)
    with pytest.raises(weightless.PriorError) as wrong:
        READERS[reader](archive, other)
    error = wrong.value
    assert (error.needed, error.given) == (prior.hash, other.hash)
    assert (error.needed_size, error.given_size) == (prior.size, other.size)
    assert prior.hash in str(error)
    assert other.hash in str(error)
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), vars(again)) == (str(error), vars(error))


def test_a_prior_that_is_not_needed() -> None:
    archive = weightless.compress(b"a record", parameters=MIXING)
    assert prior_of().decompress(archive) == b"a record"


def test_frames_with_and_without_and_of_other_parameters() -> None:
    prior = prior_of()
    pieces = [
        prior.compress(RECORDS[0]),
        weightless.compress(RECORDS[1], parameters=MIXING),
        weightless.compress(RECORDS[2], parameters=SMALL, prior=prior),
        prior.compress(RECORDS[3]),
        weightless.compress(RECORDS[4], parameters=SMALL),
    ]
    content = b"".join(RECORDS[:5])
    for threads in (1, 3):
        assert weightless.decompress(b"".join(pieces), prior=prior, threads=threads) == content
    assert plain_reader.read(b"".join(pieces), CONTENT) == content


def test_blocks_frames_and_threads() -> None:
    prior = prior_of()
    data = text(9_000, 4) + noise(2_000)
    archives = {
        weightless.compress(data, prior=prior, block_size=700, frame_size=2_500, threads=threads)
        for threads in (1, 2, 3)
    }
    assert len(archives) == 1
    (archive,) = archives
    for threads in (1, 2, 3):
        assert weightless.decompress(archive, prior=prior, threads=threads) == data
    assert plain_reader.read(archive, CONTENT) == data
    with weightless.open(io.BytesIO(archive), prior=prior) as file:
        for position in (9_999, 0, 2_500, 7_400, 2_499):
            file.seek(position)
            assert file.read(800) == data[position : position + 800]


def count_reads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Note the size of every prior that a model reads."""
    sizes: list[int] = []
    original = weightless.Prior._read

    def read(self: weightless.Prior, *arguments: object) -> _core.Snapshot:
        sizes.append(self.size)
        return original(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(weightless.Prior, "_read", read)
    return sizes


def test_many_tiny_frames_cost_one_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each further frame takes one more return to the state, so a million cost one reading, too."""
    sizes = count_reads(monkeypatch)
    prior = prior_of()
    archive = prior.compress(b"tiny") * 500
    assert prior.decompress(archive) == b"tiny" * 500
    assert weightless.decompress(archive, prior=prior, threads=2) == b"tiny" * 500
    assert sizes == [len(CONTENT)]
    assert len(prior._idle) <= 2


def test_alternating_parameters_are_bounded_by_the_cost_limit() -> None:
    """If frames make the model read the prior again and again, that counts against the limit."""
    prior = prior_of()
    pieces = [weightless.compress(b"x" * 40, parameters=p, prior=prior) for p in (MIXING, SMALL)]
    archive = b"".join(pieces) * 40
    assert prior.decompress(archive) == b"x" * 80 * 40
    with pytest.raises(weightless.CostLimitError):
        prior.decompress(archive, cost_limit=1 << 17)
    # The same frames in another order read it twice.
    assert prior.decompress(pieces[0] * 40 + pieces[1] * 40, cost_limit=1 << 17)


def test_models_of_kept_frames_count_as_built(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each becomes the state after a prior, so that the next frame must build another."""
    kept = [weightless.compress(text(90, n), parameters=MIXING, frame_size=90, primed=True)
            for n in range(6)]  # fmt: skip
    plain = [weightless.compress(text(90, n), parameters=MIXING) for n in range(6)]
    built: list[int] = []
    original = weightless.Parameters.codec

    def codec(self: weightless.Parameters, **options: bool) -> _core.Codec:
        built.append(1)
        return original(self, **options)

    monkeypatch.setattr(weightless.Parameters, "codec", codec)
    for frames, expected in ((kept, 6), (plain, 1)):
        built.clear()
        weightless.decompress(b"".join(frames))
        assert len(built) == expected
    from weightless.frames.cost import Budget

    spent = []
    for keeps in (True, False):
        budget = Budget(1 << 40)
        for _ in range(3):
            budget.start(FrameHeader(MIXING, None, None, keeps), 0)
        spent.append(budget._spent // MIXING.memory)
    assert spent == [12, 6]


@pytest.mark.parametrize("size", [1, 5_000])
def test_what_is_worth_its_bytes_is_never_refused(size: int) -> None:
    """A prior in the caller's hand may be read at the default limit, by every level."""
    from weightless.frames.cost import DEFAULT_COST_LIMIT, Budget

    name = PriorName(0, size * 1_000_000)
    for parameters in map(weightless.level_parameters, range(1, 10)):
        budget = Budget(DEFAULT_COST_LIMIT, 0, name)
        for seen in range(0, 32_000, 32):
            budget.start(FrameHeader(parameters, None, name), seen)


def test_the_memory_limit_covers_prior_and_kept_state() -> None:
    prior = prior_of()
    archive = prior.compress(b"record")
    needed = MIXING.memory_for(prior.size) + MIXING.memory_for(prior.size + 6) + prior.size
    with pytest.raises(weightless.MemoryLimitError) as caught:
        weightless.decompress(archive, prior=prior, memory_limit=needed - 1)
    assert caught.value.needed == needed
    assert weightless.decompress(archive, prior=prior, memory_limit=needed) == b"record"


def test_scan_shows_the_priors(tmp_path: Path) -> None:
    prior, other = prior_of(), prior_of(b"another")
    path = tmp_path / "a.wl"
    path.write_bytes(prior.compress(b"1") + other.compress(b"2") + prior.compress(b"3"))
    with path.open("rb") as file:
        info = scan_archive(file)
    assert info.priors == (prior.name, other.name)
    models = MIXING.memory_for(prior.size) + MIXING.memory_for(prior.size + 1)
    assert info.memory == models + prior.size


@pytest.mark.parametrize("content", [b"", bytearray(), memoryview(b"")])
def test_an_empty_prior(content: bytes) -> None:
    with pytest.raises(weightless.ParameterError, match="empty"):
        weightless.Prior(content)


def test_a_prior_larger_than_the_limit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("weightless.frames.prior_models.MAX_PRIOR_SIZE", 1_000)
    monkeypatch.setattr("weightless.files.prior.MAX_PRIOR_SIZE", 1_000)
    with pytest.raises(weightless.ParameterError, match="1001 bytes, more than the limit of 1000"):
        weightless.Prior(bytes(1_001))
    path = tmp_path / "prior"
    path.write_bytes(bytes(1_001))
    with pytest.raises(weightless.ParameterError, match="limit of 1000"):
        weightless.Prior(path)
    path.write_bytes(bytes(1_000))
    assert weightless.Prior(path).size == 1_000


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="needs a file without an end")
def test_a_prior_without_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("weightless.files.prior.MAX_PRIOR_SIZE", 1_000_000)
    with pytest.raises(weightless.ParameterError, match="limit"):
        weightless.Prior("/dev/zero")


def test_files_that_are_no_prior(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        weightless.Prior(tmp_path)
    with pytest.raises(FileNotFoundError):
        weightless.Prior(tmp_path / "missing")
    (tmp_path / "empty").touch()
    with pytest.raises(weightless.ParameterError, match="empty"):
        weightless.Prior(tmp_path / "empty")
    with pytest.raises(TypeError):
        weightless.Prior(3)  # type: ignore[call-overload]


def test_the_archive_itself_as_its_prior() -> None:
    prior = prior_of()
    archive = prior.compress(RECORDS[0])
    itself = prior_of(archive)
    with pytest.raises(weightless.PriorError):
        itself.decompress(archive)
    # As any data, an archive may be the prior of itself as content.
    assert itself.decompress(itself.compress(archive)) == archive


def test_a_file_that_changes(tmp_path: Path) -> None:
    """The hash is that of the bytes which the model reads, whatever happens to the file."""
    path = tmp_path / "prior"
    path.write_bytes(CONTENT)
    prior = weightless.Prior(path, parameters=MIXING)
    pickled = pickle.dumps(prior)
    path.write_bytes(noise(100))
    archive = prior.compress(RECORDS[0])
    assert prior_of().decompress(archive) == RECORDS[0]
    assert prior.hash == prior_of().hash
    with pytest.raises(weightless.PriorError, match="has changed"):
        pickle.loads(pickled)
    path.write_bytes(CONTENT)
    again = pickle.loads(pickled)
    assert (again.hash, again.path, again.parameters) == (prior.hash, path, MIXING)
    assert again.decompress(archive) == RECORDS[0]
    path.unlink()
    with pytest.raises(FileNotFoundError):
        pickle.loads(pickled)


def test_a_buffer_that_changes() -> None:
    buffer = bytearray(CONTENT)
    prior = prior_of(buffer)  # type: ignore[arg-type]
    buffer[:] = bytes(len(buffer))
    archive = prior.compress(RECORDS[0])
    assert prior_of().decompress(archive) == RECORDS[0]
    again = pickle.loads(pickle.dumps(prior))
    assert again.decompress(archive) == RECORDS[0]
    assert again.parameters == MIXING


def test_arguments() -> None:
    with pytest.raises(weightless.ParameterError, match="not both"):
        weightless.Prior(b"x", 1, parameters=MIXING)
    with pytest.raises(weightless.ParameterError, match="level"):
        weightless.Prior(b"x", 10)
    with pytest.raises(TypeError, match="Parameters"):
        weightless.Prior(b"x", parameters=3)  # type: ignore[arg-type]
    assert weightless.Prior(b"x").parameters == weightless.level_parameters()
    assert weightless.Prior(b"x", 1).parameters == weightless.level_parameters(1)
    prior = prior_of()
    for wrong in (CONTENT, "prior", 3):
        for call in (
            lambda value: weightless.compress(b"", prior=value),
            lambda value: weightless.decompress(b"", prior=value),
            lambda value: weightless.Compressor(prior=value),
            lambda value: weightless.Decompressor(prior=value),
            lambda value: weightless.open(io.BytesIO(), prior=value),
            lambda value: weightless.open(io.BytesIO(), "w", prior=value),
        ):
            with pytest.raises(TypeError, match="not Prior"):
                call(wrong)
    # Without a level, that of the prior counts; any level may be given.
    assert parse_header(weightless.compress(b"", prior=prior))[0].parameters == MIXING
    archive = weightless.compress(b"", 1, prior=prior)
    assert parse_header(archive)[0].parameters == weightless.level_parameters(1)
    assert repr(prior) == f"<Prior {prior.hash}, {len(CONTENT)} bytes>"


@settings(max_examples=30, deadline=None)
@given(
    prior=st.binary(min_size=1, max_size=300),
    content=st.binary(max_size=600),
    block=st.integers(1, 200),
    frame=st.none() | st.integers(1, 300),
    primed=st.booleans(),
)
def test_any_content(
    prior: bytes, content: bytes, block: int, frame: int | None, primed: bool
) -> None:
    models = weightless.Prior(prior, parameters=SMALL)
    archive = weightless.compress(
        content,
        prior=models,
        block_size=block,
        frame_size=frame,
        primed=primed and frame is not None,
    )
    assert weightless.decompress(archive, prior=models) == content
    assert plain_reader.read(archive, prior) == content


def test_streams_of_pieces() -> None:
    prior = prior_of()
    compressor = weightless.Compressor(prior=prior, block_size=100)
    archive = b""
    for record in RECORDS[:4]:
        archive += compressor.compress(record[:50])
        archive += compressor.compress(record[50:], weightless.Compressor.FLUSH_FRAME)
    assert weightless.decompress(archive, prior=prior) == b"".join(RECORDS[:4])
    content, rest = b"", archive
    while rest:
        decompressor = weightless.Decompressor(prior=prior)
        for i in range(len(rest)):
            content += decompressor.decompress(rest[i : i + 1])
            if decompressor.eof:
                rest = rest[i + 1 :]
                break
    assert content == b"".join(RECORDS[:4])


def test_files(tmp_path: Path) -> None:
    prior = prior_of()
    path = tmp_path / "a.txt"
    path.write_bytes(RECORDS[0])
    result = weightless.compress(path, prior=prior)
    path.unlink()
    with pytest.raises(weightless.PriorError):
        weightless.decompress(result.output)
    assert not path.exists()
    weightless.decompress(result.output, prior=prior)
    assert path.read_bytes() == RECORDS[0]
    with weightless.open(result.output, "a", prior=prior) as file:
        file.write(RECORDS[1])
    with weightless.open(result.output, "rt", prior=prior, encoding="ascii") as text_file:
        assert text_file.read() == (RECORDS[0] + RECORDS[1]).decode()


def test_many_threads_share_a_prior(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = count_reads(monkeypatch)
    prior = prior_of()
    expected = [prior_of().compress(record) for record in RECORDS]
    sizes.clear()
    results: dict[int, bool] = {}

    def work(number: int) -> None:
        mine = RECORDS[number::4]
        archives = [prior.compress(record) for record in mine]
        back = [prior.decompress(archive) for archive in archives]
        results[number] = archives == expected[number::4] and back == mine

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == dict.fromkeys(range(4), True)
    assert sizes == [len(CONTENT)]
    assert len(prior._idle) <= 4
    prior.release()
    assert prior.compress(RECORDS[0]) == expected[0]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_fork_while_another_thread_reads_the_prior(monkeypatch: pytest.MonkeyPatch) -> None:
    prior = prior_of()
    expected = prior_of().compress(RECORDS[0])
    reading, forked = threading.Event(), threading.Event()
    original = weightless.Prior._read

    def read(self: weightless.Prior, *arguments: object) -> _core.Snapshot:
        if threading.current_thread() is not threading.main_thread():
            reading.set()
            forked.wait()
        return original(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(weightless.Prior, "_read", read)
    thread = threading.Thread(target=prior.compress, args=(b"",))
    other = threading.Thread(target=prior.compress, args=(b"x",))
    del thread
    other.start()
    reading.wait()
    child = os.fork()
    if child == 0:
        try:
            os._exit(0 if prior.compress(RECORDS[0]) == expected else 1)
        except BaseException:
            os._exit(2)
    forked.set()
    _, status = os.waitpid(child, 0)
    other.join()
    assert os.waitstatus_to_exitcode(status) == 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_child_process_need_not_read_the_prior_again(monkeypatch: pytest.MonkeyPatch) -> None:
    prior = prior_of()
    expected = [prior.compress(record) for record in RECORDS[:2]]
    monkeypatch.setattr(weightless.Prior, "_read", None)
    child = os.fork()
    if child == 0:
        try:
            found = [prior.compress(record) for record in RECORDS[:2]]
            os._exit(0 if found == expected else 1)
        except BaseException:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_an_interrupted_reading() -> None:
    """A failure while the prior is read leaves the object as it was."""
    prior = prior_of()

    class StopError(Exception):
        pass

    original = _core.Codec.absorb

    def fail(*arguments: object) -> None:
        raise StopError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(weightless.Prior, "_read", fail)
        with pytest.raises(StopError):
            prior.compress(RECORDS[0])
    assert original is _core.Codec.absorb
    assert prior.compress(RECORDS[0]) == prior_of().compress(RECORDS[0])


PRIMED = text(4_000, 8)


def primed_archive(data: bytes = PRIMED, **options: object) -> bytes:
    fields = {"parameters": MIXING, "frame_size": 1_000, "primed": True, **options}
    return weightless.compress(data, **fields)  # type: ignore[no-any-return, call-overload]


def test_primed_frames() -> None:
    archives = {primed_archive(threads=threads) for threads in (1, 2, 5)}
    assert len(archives) == 1
    (archive,) = archives
    plain = primed_archive(primed=False)
    whole = weightless.compress(PRIMED, parameters=MIXING)
    assert len(whole) < len(archive) < len(plain)
    assert plain_reader.read(archive) == PRIMED
    for threads in (1, 2, 5):
        assert weightless.decompress(archive, threads=threads) == PRIMED
    with io.BytesIO(archive) as file:
        info = scan_archive(file)
    assert [frame.header.kept for frame in info.frames if frame.header] == [True] + 3 * [False]
    assert info.priors == ()


@pytest.mark.parametrize("data", [b"", b"x", PRIMED[:1_000], PRIMED[:1_001], noise(2_500)])
def test_primed_frames_of_any_size(data: bytes) -> None:
    archive = primed_archive(data)
    assert weightless.decompress(archive) == plain_reader.read(archive) == data
    assert primed_archive(data, threads=3) == archive


def test_primed_frames_in_pieces() -> None:
    expected = primed_archive()
    for threads in (1, 3):
        for size in (1, 999, 1_000, 1_001, 2_500):
            encoder = ArchiveEncoder(MIXING, frame_size=1_000, primed=True, threads=threads)
            out = b""
            for start in range(0, len(PRIMED), size):
                out += encoder.write(memoryview(PRIMED[start : start + size]))
            assert out + encoder.finish() == expected


def test_primed_frames_are_sought(tmp_path: Path) -> None:
    """A reader decodes the first frame, once, and the one that it needs."""
    joined = primed_archive() + primed_archive(PRIMED[::-1])
    content = PRIMED + PRIMED[::-1]
    path = tmp_path / "joined.wl"
    path.write_bytes(joined)
    for threads in (1, 2):
        with weightless.open(path, threads=threads) as file:
            for position in (3_500, 7_900, 1_999, 0, 4_000, 6_001, 999):
                file.seek(position)
                assert file.read(700) == content[position : position + 700]
            file.seek(2_100)
            assert file.read() == content[2_100:]


def test_a_first_frame_with_a_prior_of_its_own() -> None:
    prior = prior_of()
    archive = primed_archive(prior=prior, parameters=None)
    assert weightless.decompress(archive, prior=prior) == PRIMED
    assert plain_reader.read(archive, CONTENT) == PRIMED
    with weightless.open(io.BytesIO(archive), prior=prior) as file:
        file.seek(3_000)
        assert file.read() == PRIMED[3_000:]
    with weightless.open(io.BytesIO(archive)) as file:
        file.seek(3_000)
        with pytest.raises(weightless.PriorError):
            file.read()


def test_frames_without_the_first_one() -> None:
    archive = primed_archive()
    with io.BytesIO(archive) as file:
        second = scan_archive(file).frames[1]
    alone = archive[second.offset : second.offset + second.size]
    with pytest.raises(weightless.PriorError):
        weightless.decompress(alone)
    # By its name, the content of the first frame can be given as well.
    assert weightless.decompress(alone, prior=prior_of(PRIMED[:1_000])) == PRIMED[1_000:2_000]
    assert plain_reader.read(alone, PRIMED[:1_000]) == PRIMED[1_000:2_000]


def test_a_kept_frame_cannot_depend_on_another() -> None:
    """Otherwise a reader that starts anywhere would have to decode any number of frames."""
    first = primed_archive(PRIMED[:1_000])
    kept = prior_of(PRIMED[:1_000])
    header = FrameHeader(MIXING, None, kept.name, True)
    second = kept.compress(b"content")
    _, size = parse_header(second)
    assert parse_header(header.to_bytes())
    chained = first + header.to_bytes() + second[size:]
    with pytest.raises(weightless.PriorError):
        weightless.decompress(chained)
    with pytest.raises(plain_reader.BadArchiveError):
        plain_reader.read(chained)


def test_kept_content_counts_against_the_memory_limit() -> None:
    archive = primed_archive(PRIMED[:1_000], block_size=100)
    needed = MIXING.memory_for(1_000) + 1_000
    assert weightless.decompress(archive, memory_limit=needed) == PRIMED[:1_000]
    with pytest.raises(weightless.MemoryLimitError):
        weightless.decompress(archive, memory_limit=needed - 1)


def test_primed_requires_a_frame_size() -> None:
    for size in (None, MAX_PRIOR_SIZE + 1):
        with pytest.raises(weightless.ParameterError, match="frame_size"):
            weightless.compress(b"", primed=True, frame_size=size)
    with pytest.raises(weightless.ParameterError, match="only for writing"):
        weightless.open(io.BytesIO(), primed=True)


def test_damage_in_the_first_frame() -> None:
    """Later frames are not decoded with a prior that is not verified."""
    archive = bytearray(primed_archive())
    archive[60] ^= 1
    for threads in (1, 2):
        decoder = ArchiveDecoder(threads=threads)
        with pytest.raises(weightless.CorruptError):
            list(decoder.decode(io.BytesIO(bytes(archive))))
        assert decoder.delivered == 0


def test_flushed_frames(tmp_path: Path) -> None:
    path = tmp_path / "log.wl"
    options = {"parameters": MIXING, "frame_size": 10_000, "primed": True}
    for mode in ("w", "a"):
        with weightless.open(path, mode, **options) as file:  # type: ignore[call-overload]
            for record in RECORDS[:3]:
                file.write(record)
                file.flush(weightless.WeightlessFile.FLUSH_FRAME)
    content = b"".join(RECORDS[:3]) * 2
    assert weightless.decompress(path.read_bytes()) == content
    with weightless.open(path) as reader:
        reader.seek(len(content) - 100)
        assert reader.read() == content[-100:]


def test_nothing_is_kept_alive() -> None:
    """The models belong to the prior, and go with it."""
    prior = prior_of()
    archive = prior.compress(RECORDS[0])
    prior.decompress(archive)
    before = sys.getrefcount(prior)
    for _ in range(3):
        with pytest.raises(weightless.WeightlessError):
            prior.decompress(archive[:-1] + b"?")
    assert sys.getrefcount(prior) == before
