"""Encoding of a whole archive: independent frames, followed by a seek table."""

from __future__ import annotations

from collections.abc import Callable
from sys import is_finalizing

from weightless.container.block import DEFAULT_BLOCK_SIZE, check_block_size
from weightless.container.checks import load_hash
from weightless.container.cuts import Cuts, check_delimiter
from weightless.container.header import MAX_PRIOR_SIZE, FrameHeader
from weightless.container.matching import MatchedFrame
from weightless.container.seek_table import encode_seek_table
from weightless.errors import ParameterError
from weightless.frames.encoder import FrameEncoder
from weightless.frames.models import ModelStore
from weightless.frames.parallel import Tick, run_parallel
from weightless.frames.prior_models import PriorModels
from weightless.frames.threads import count_threads
from weightless.integers import optional_integer
from weightless.parameters import Parameters

__all__ = ["ArchiveEncoder"]

_UNBOUNDED = 1 << 63
# Bytes of content per batch of frames that are coded in parallel, at least. Each batch has a
# fixed overhead, so small frames are put into larger batches.
_BATCH = 1 << 16


class ArchiveEncoder:
    """Encodes content, given in pieces, as an archive.

    Instances must not be shared between threads.

    Parameters
    ----------
    parameters : Parameters
        Parameters of the predictor.
    frame_size : int, optional
        Bytes of content per frame; by default there is a single frame.
    block_size : int
        Bytes of content per block, 1 to 2^20.
    threads : int
        Number of threads, 0 for one per processor. The archive does not depend on it. With
        several threads and a frame size, the content of at least one frame per thread is
        held in memory.
    progress : callable, optional
        A function that is called with the number of bytes of content coded so far.
    seek_table : bool
        Whether an archive of several frames ends with a seek table.
    prior : PriorModels, optional
        What the model reads before the content of each frame.
    primed : bool
        Whether the content of the first frame takes the place of the prior in the later ones.
    models : ModelStore, optional
        The store to take models from; one with a trace only with one thread.
    frame_at : bytes, optional
        A delimiter: each frame ends behind the first one at the frame size or later, and at the
        latest after twice the frame size.

    Raises
    ------
    ParameterError
        If an option is out of range, or `primed` or `frame_at` is given without a frame size.
    TypeError
        If an option is not an integer.
    """

    def __init__(
        self,
        parameters: Parameters,
        *,
        frame_size: int | None = None,
        block_size: int = DEFAULT_BLOCK_SIZE,
        threads: int = 1,
        progress: Callable[[int], object] | None = None,
        seek_table: bool = True,
        prior: PriorModels | None = None,
        primed: bool = False,
        models: ModelStore | None = None,
        frame_at: bytes | None = None,
    ) -> None:
        frame_size = optional_integer(frame_size, "frame_size", 1)
        block_size = check_block_size(block_size)
        load_hash()  # `finish` may be called while the interpreter shuts down
        self._delimiter = check_delimiter(frame_at, frame_size)
        largest = MAX_PRIOR_SIZE // (1 if frame_at is None else 2)
        if primed and (frame_size is None or frame_size > largest):
            raise ParameterError(f"primed requires a frame_size of at most {largest}")
        self._prior = prior
        self._keeps_next = bool(primed)  # whether the next frame is the first, which is kept
        self._given = (self._prior, self._keeps_next)
        self._parameters = parameters
        self._frame_size = frame_size or _UNBOUNDED
        self._block_size = block_size
        self._threads = count_threads(threads)
        self._frames_per_batch = 1
        if frame_size is not None and self._threads > 1:
            self._frames_per_batch = max(self._threads, _BATCH // frame_size)
        self._models = ModelStore() if models is None else models
        self._progress = progress
        self._seek_table = seek_table
        self._entries: list[tuple[int, int]] = []  # (size, raw size) of the complete frames
        self._coded = 0  # bytes of content in complete frames
        self._cuts = self.new_cuts()
        self._waiting = bytearray()  # content of the next batch of frames
        self._ends: list[int] = []  # where frames end in it
        self._full = False  # whether the incomplete frame has all its content
        self._frame: FrameEncoder | None = None  # the incomplete frame
        self._frame_bytes = 0  # encoded bytes of the incomplete frame so far

    @property
    def block_size(self) -> int:
        """Bytes of content per block."""
        return self._block_size

    def new_cuts(self) -> Cuts:
        """Return what cuts content into frames as this encoder does."""
        return Cuts(self._frame_size, self._delimiter)

    def take_over(self, frame: MatchedFrame, *, last: bool = False) -> bool:
        """Let the archive start with a frame that has been encoded before, or continue with it.

        Call this before `write`, which is then given the content after the frame.

        Parameters
        ----------
        frame : MatchedFrame
            A frame at its place in the archive.
        last : bool
            Whether the content ends with the frame, which may then be shorter than the others;
            nothing can be written after it.

        Returns
        -------
        bool
            Whether this encoder would encode the content of the frame in the same way; if not,
            nothing changes.
        """
        name = None if self._prior is None else self._prior.name
        header = FrameHeader(self._parameters, None, name, self._keeps_next)
        sized = frame.at_cut or last
        if frame.header_bytes != header.to_bytes() or not frame.regular or not sized:
            return False
        self._entries.append((frame.size, frame.raw_size))
        self._coded += frame.raw_size
        if self._keeps_next:
            self._prior, self._keeps_next = PriorModels(frame.content), False
        return True

    def start_again(self) -> None:
        """Forget the frames that were taken over."""
        self._entries.clear()
        self._coded = 0
        self._prior, self._keeps_next = self._given

    def first_block(self, content: memoryview, *, last: bool) -> bytes:
        """Return the start of the archive, up to the end of the first block.

        Parameters
        ----------
        content : memoryview
            The content of that block.
        last : bool
            Whether it is also the last block of the first frame.
        """
        frame = self._new_frame()
        if last:
            return frame.write(content) + frame.finish()
        out = frame.write(content) + frame.flush()
        frame.release()
        return out

    def write(self, data: memoryview) -> bytes:
        """Encode content; return the part of the archive that is complete."""
        out: list[bytes] = []
        if self._frames_per_batch == 1 or self._frame is not None or self._keeps_next:
            data = self._write_frames(data, out)
        position = 0  # in the data, up to which it has been cut into frames
        while position < len(data):
            size, ended = self._cuts.take(data[position:])
            position += size
            if ended:
                self._ends.append(len(self._waiting) + position)
            if len(self._ends) < self._frames_per_batch:
                continue
            if self._waiting:
                self._waiting += data[:position]
                self._code_waiting(out)
            else:
                self._code_batch(data[:position], out)
            data, position = data[position:], 0
        self._waiting += data
        return b"".join(out)

    def flush(self) -> bytes:
        """End the block; return the archive up to it. This makes the archive slightly larger."""
        out: list[bytes] = []
        whole = self._ends[-1] if self._ends else 0
        rest = bytes(self._waiting[whole:])
        del self._waiting[whole:]
        self._code_waiting(out)
        if rest:
            self._frame = self._new_frame()
            self._keep(self._frame.write(memoryview(rest)), out)
        if self._frame is not None:
            self._keep(self._frame.flush(), out)
        return b"".join(out)

    def end_frame(self) -> bytes:
        """End the frame; return the archive up to it. Later content starts another frame."""
        out: list[bytes] = []
        self._code_waiting(out)
        if self._frame is not None:
            self._close_frame(self._frame, out)
        self._cuts.reset()
        return b"".join(out)

    def finish(self) -> bytes:
        """End the archive; return the rest of it."""
        out = [self.end_frame()]
        if not self._entries:  # an archive has at least one frame
            self._close_frame(self._new_frame(), out)
        self._models.clear()
        self._prior = None
        self._given = (None, False)
        if self._seek_table and len(self._entries) > 1:
            out.append(encode_seek_table(self._entries))
        return b"".join(out)

    def release(self) -> None:
        """Release the models and the buffered content; nothing more can be written."""
        if self._frame is not None:
            self._frame.release()
        self._models.clear()
        self._prior = None
        self._given = (None, False)
        self._waiting = bytearray()
        self._ends = []

    def _write_frames(self, data: memoryview, out: list[bytes]) -> memoryview:
        """Encode content sequentially; return what is left to be coded in batches."""
        while data:
            if self._frame is None:
                if self._frames_per_batch > 1 and not self._keeps_next:
                    break
                self._frame = self._new_frame()
            if self._full:
                self._close_frame(self._frame, out)
                continue
            size, self._full = self._cuts.take(data)
            self._keep(self._frame.write(data[:size]), out)
            data = data[size:]
        return data

    def _keep(self, piece: bytes, out: list[bytes]) -> None:
        self._frame_bytes += len(piece)
        out.append(piece)

    def _close_frame(self, frame: FrameEncoder, out: list[bytes]) -> None:
        self._keep(frame.finish(), out)
        self._entries.append((self._frame_bytes, frame.raw_size))
        self._coded += frame.raw_size
        if self._keeps_next:
            self._prior, self._keeps_next = frame.kept_prior, False
        self._frame = None
        self._full = False
        self._frame_bytes = 0

    def _code_waiting(self, out: list[bytes]) -> None:
        content, self._waiting = self._waiting, bytearray()
        self._code_batch(memoryview(content), out)

    def _code_batch(self, content: memoryview, out: list[bytes]) -> None:
        """Encode the content of whole frames in parallel; the last one may be shorter."""
        ends, self._ends = self._ends, []
        if len(content) > (ends[-1] if ends else 0):
            ends.append(len(content))
        starts = [0, *ends]
        pieces = [content[start:end] for start, end in zip(starts, ends, strict=False)]
        at_work = min(self._threads, max(1, len(pieces)))
        threads = self._threads // at_work

        def code(piece: memoryview, tick: Tick) -> bytes:
            frame = FrameEncoder(
                self._parameters,
                block_size=self._block_size,
                threads=threads,
                progress=tick,
                models=self._models,
                prior=self._prior,
            )
            return frame.write(piece) + frame.finish()

        if is_finalizing():  # a thread started now would never run
            frames = [code(piece, lambda done: None) for piece in pieces]
        else:
            frames = run_parallel(code, pieces, threads=at_work, progress=self._tick())
        self._entries += [(len(f), len(p)) for f, p in zip(frames, pieces, strict=True)]
        self._coded += len(content)
        out += frames

    def _new_frame(self) -> FrameEncoder:
        return FrameEncoder(
            self._parameters,
            block_size=self._block_size,
            threads=self._threads,
            progress=self._tick(),
            models=self._models,
            prior=self._prior,
            kept=self._keeps_next,
        )

    def _tick(self) -> Tick | None:
        if self._progress is None:
            return None
        progress, base = self._progress, self._coded
        return lambda done: progress(base + done)
