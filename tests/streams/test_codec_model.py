"""`Compressor` and `Decompressor` against a model: any pieces, modes, lengths, frames."""

from __future__ import annotations

import pytest
from crafted import SMALL, stored_frame
from data import noise, text
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

import weightless
from weightless import Compressor, Decompressor
from weightless.container.skippable import skippable_frame

CONTENT = text(3000) + noise(3000)


class CompressorMachine(RuleBasedStateMachine):
    """What it has given so far decodes to what it has been given, as its modes promise."""

    @initialize(
        block_size=st.sampled_from([1, 64, 500, 1 << 18]),
        threads=st.sampled_from([1, 2]),
        size=st.one_of(st.none(), st.integers(0, 4000)),
    )
    def begin(self, block_size: int, threads: int, size: int | None) -> None:
        self.compressor = Compressor(
            parameters=SMALL, block_size=block_size, threads=threads, content_size=size
        )
        self.block_size = block_size
        self.announced = size
        self.archive = b""
        self.frames: list[bytes] = []  # the content of each completed frame
        self.given = b""  # bytes given to the current frame
        self.flushed = 0  # how many of them have been flushed
        self.working = True  # A frame has been begun; the first one is, even without data.
        self.usable = True
        self.mode = Compressor.FLUSH_FRAME

    def call(self, data: bytes, mode: int, *, flush: bool) -> None:
        if not self.usable:
            with pytest.raises(ValueError, match="start again"):
                self.compressor.compress(data, mode)
            return
        total = len(self.given) + len(data)
        ends = mode == Compressor.FLUSH_FRAME
        wrong = self.announced is not None and (
            total > self.announced or (ends and total != self.announced)
        )
        if wrong:
            with pytest.raises(weightless.ParameterError):
                self.compressor.compress(data, mode)
            self.usable = False
            return
        out = self.compressor.flush(mode) if flush else self.compressor.compress(data, mode)
        if not self.working and not data:
            assert out == b""  # Nothing is written after the end of a frame.
            return
        self.working = True
        self.archive += out
        self.given += data
        self.mode = mode
        if mode == Compressor.FLUSH_BLOCK:
            self.flushed = len(self.given)
        elif ends:
            self.frames.append(self.given)
            self.given, self.flushed, self.working, self.announced = b"", 0, False, None

    @rule(
        start=st.integers(0, 5000),
        size=st.one_of(st.integers(0, 3), st.integers(0, 1500)),
        mode=st.sampled_from(
            [Compressor.CONTINUE] * 3 + [Compressor.FLUSH_BLOCK, Compressor.FLUSH_FRAME]
        ),
    )
    def compress(self, start: int, size: int, mode: int) -> None:
        if self.block_size == 1:
            size = min(size, 60)
        self.call(CONTENT[start : start + size], mode, flush=False)

    @rule(mode=st.sampled_from([Compressor.FLUSH_BLOCK, Compressor.FLUSH_FRAME]))
    def flush(self, mode: int) -> None:
        self.call(b"", mode, flush=True)

    @rule()
    def what_there_is_decodes(self) -> None:
        assert self.compressor.last_mode == self.mode
        rest = self.archive
        for content in self.frames:
            decompressor = Decompressor()
            assert decompressor.decompress(rest) == content
            assert decompressor.eof
            rest = decompressor.unused_data
        decompressor = Decompressor()
        content = decompressor.decompress(rest)
        assert not decompressor.eof
        assert self.given.startswith(content)
        assert self.flushed <= len(content)
        assert len(self.given) - len(content) <= self.block_size

    @precondition(lambda self: self.usable and self.announced is None)
    @rule()
    def the_whole_is_an_archive(self) -> None:
        self.call(b"", Compressor.FLUSH_FRAME, flush=True)
        assert weightless.decompress(self.archive) == b"".join(self.frames)


FRAMES = {
    "coded": (
        weightless.compress(CONTENT[:2500], parameters=SMALL, block_size=700),
        CONTENT[:2500],
    ),
    "stored": (stored_frame(CONTENT[-900:], 300), CONTENT[-900:]),
    "one block": (stored_frame(CONTENT), CONTENT),
    "empty": (stored_frame(b""), b""),
    "skippable": (skippable_frame(b"some bytes"), b""),
    "skippable and empty": (skippable_frame(b""), b""),
}
ENDS = {
    "nothing": b"",
    "another frame": stored_frame(b"more"),
    "bytes": b"\x00\x01junk" * 5,
}


#: Those of blocks among them.
LENGTHS = st.one_of(
    st.integers(-1, 3), st.integers(0, 2000), st.sampled_from([300, 600, 700, 1400, 2100])
)


class DecompressorMachine(RuleBasedStateMachine):
    """Every promise of `needs_input`, `eof`, `unused_data` and `max_length`, at every step."""

    @initialize(
        frame=st.sampled_from(sorted(FRAMES)),
        end=st.sampled_from(sorted(ENDS)),
        threads=st.sampled_from([1, 2]),
        damage=st.one_of(st.none(), st.none(), st.integers(4, 5000)),
    )
    def begin(self, frame: str, end: str, threads: int, damage: int | None) -> None:
        archive, self.content = FRAMES[frame]
        self.size = len(archive)
        self.data = bytearray(archive + ENDS[end])
        self.damaged = damage is not None and "skippable" not in frame
        if damage is not None and self.damaged:
            self.data[4 + damage % (self.size - 4)] ^= 0x10
        self.fed = 0
        self.out = b""
        self.decompressor = Decompressor(threads=threads)
        self.failed = False

    def call(self, data: bytes, max_length: int) -> None:
        decompressor = self.decompressor
        if decompressor.eof:
            with pytest.raises(EOFError):
                decompressor.decompress(data, max_length)
            return
        hungry = decompressor.needs_input
        self.fed += len(data)
        try:
            piece = decompressor.decompress(data, max_length)
        except weightless.DataError:
            assert self.damaged
            self.failed = True
            return
        assert max_length < 0 or len(piece) <= max_length
        self.out += piece
        assert self.content.startswith(self.out)
        if not hungry and max_length != 0:
            assert piece or decompressor.eof or decompressor.needs_input
        if max_length < 0:
            assert decompressor.needs_input == (not decompressor.eof)
        if decompressor.eof:
            assert not self.damaged
            assert self.out == self.content
            assert not decompressor.needs_input
            assert self.fed >= self.size
            assert decompressor.unused_data == bytes(self.data[self.size : self.fed])
        else:
            assert decompressor.unused_data == b""
            if decompressor.needs_input and not self.damaged:
                assert self.fed < self.size, "wants more than there is"

    @rule(
        size=st.one_of(st.integers(0, 30), st.integers(0, 4000), st.just(10_000)),
        max_length=LENGTHS,
    )
    def feed(self, size: int, max_length: int) -> None:
        self.call(bytes(self.data[self.fed : self.fed + size]), max_length)

    @rule(max_length=LENGTHS)
    def ask(self, max_length: int) -> None:
        self.call(b"", max_length)

    @precondition(lambda self: self.failed)
    @rule()
    def damage_is_told_again(self) -> None:
        with pytest.raises(weightless.DataError):
            self.decompressor.decompress(b"")

    @rule()
    def to_the_end(self) -> None:
        for _ in range(10_000):
            if self.decompressor.eof or self.failed:
                break
            rest = bytes(self.data[self.fed : self.fed + 500])
            if self.decompressor.needs_input and not rest:
                break
            self.call(rest if self.decompressor.needs_input else b"", 333)
        assert self.damaged or self.decompressor.eof


TestCompressor = CompressorMachine.TestCase
TestCompressor.settings = settings(max_examples=40, stateful_step_count=15, deadline=None)
TestDecompressor = DecompressorMachine.TestCase
TestDecompressor.settings = settings(max_examples=120, stateful_step_count=15, deadline=None)
