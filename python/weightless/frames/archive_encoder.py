"""A whole archive: content cut into independent frames, and a table to find them by."""

from __future__ import annotations

from collections.abc import Callable
from sys import is_finalizing

from weightless.container.block import DEFAULT_BLOCK_SIZE, check_block_size
from weightless.container.checks import load_hash
from weightless.container.seek_table import encode_seek_table
from weightless.frames.encoder import FrameEncoder
from weightless.frames.models import ModelStore
from weightless.frames.parallel import Tick, run_parallel
from weightless.frames.threads import count_threads
from weightless.integers import optional_integer
from weightless.parameters import Parameters

__all__ = ["ArchiveEncoder"]

_UNBOUNDED = 1 << 63
# Content of frames that are coded at once, at least: what threads cost goes by their number.
_BATCH = 1 << 16


class ArchiveEncoder:
    """Turns content into an archive.

    Not safe to share between threads.

    Parameters
    ----------
    parameters : Parameters
        Of the predictor.
    frame_size : int, optional
        Bytes of content per frame; all in one frame if not given.
    block_size : int
        Bytes of content per block, 1 to 2^20.
    threads : int
        How many may work at once, 0 for as many as there are processors; the archive
        does not depend on it. As many frames are held in memory, more of small ones.
    progress : callable, optional
        Called with the bytes of content coded so far.
    seek_table : bool
        End an archive of several frames with a table of them.
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
    ) -> None:
        frame_size = optional_integer(frame_size, "frame_size", 1)
        block_size = check_block_size(block_size)
        load_hash()  # `finish` may be called while the interpreter ends
        self._parameters = parameters
        self._frame_size = frame_size or _UNBOUNDED
        self._block_size = block_size
        self._threads = count_threads(threads)
        self._at_once = 1
        if frame_size is not None and self._threads > 1:
            self._at_once = max(self._threads, _BATCH // frame_size)
        self._models = ModelStore()
        self._progress = progress
        self._seek_table = seek_table
        self._entries: list[tuple[int, int]] = []  # of complete frames: size, raw size
        self._coded = 0  # bytes of content in complete frames
        self._waiting = bytearray()  # content of frames that are to be coded at once
        self._frame: FrameEncoder | None = None  # the frame that has been begun
        self._frame_bytes = 0  # of it, written so far

    def write(self, data: memoryview) -> bytes:
        """Take content; return the part of the archive that is finished by it."""
        out: list[bytes] = []
        if self._at_once == 1 or self._frame is not None:
            data = self._write_frames(data, out)
        batch = self._at_once * self._frame_size
        while self._at_once > 1 and len(self._waiting) + len(data) >= batch:
            size = batch - len(self._waiting)
            if self._waiting:
                self._waiting += data[:size]
                self._code_waiting(out)
            else:
                self._code_batch(data[:size], out)
            data = data[size:]
        self._waiting += data
        return b"".join(out)

    def flush(self) -> bytes:
        """Return all content taken so far as blocks; costs a few bytes."""
        out: list[bytes] = []
        begun = len(self._waiting) % self._frame_size
        rest = bytes(self._waiting[len(self._waiting) - begun :])
        del self._waiting[len(self._waiting) - begun :]
        self._code_waiting(out)
        if rest:
            self._frame = self._new_frame()
            self._keep(self._frame.write(memoryview(rest)), out)
        if self._frame is not None:
            self._keep(self._frame.flush(), out)
        return b"".join(out)

    def end_frame(self) -> bytes:
        """Return the rest of the frame; content that comes later starts another."""
        out: list[bytes] = []
        self._code_waiting(out)
        if self._frame is not None:
            self._close_frame(self._frame, out)
        return b"".join(out)

    def finish(self) -> bytes:
        """Return the rest of the archive."""
        out = [self.end_frame()]
        if not self._entries:  # even nothing is an archive
            self._close_frame(self._new_frame(), out)
        self._models.clear()
        if self._seek_table and len(self._entries) > 1:
            out.append(encode_seek_table(self._entries))
        return b"".join(out)

    def release(self) -> None:
        """Let go of models and of content that waits: nothing more will be written."""
        if self._frame is not None:
            self._frame.release()
        self._models.clear()
        self._waiting = bytearray()

    def _write_frames(self, data: memoryview, out: list[bytes]) -> memoryview:
        """Take content one frame after the other; return what is left for a batch."""
        while data:
            if self._frame is None:
                if self._at_once > 1:
                    break
                self._frame = self._new_frame()
            room = self._frame_size - self._frame.raw_size
            if room:
                self._keep(self._frame.write(data[:room]), out)
                data = data[room:]
            else:
                self._close_frame(self._frame, out)
        return data

    def _keep(self, piece: bytes, out: list[bytes]) -> None:
        self._frame_bytes += len(piece)
        out.append(piece)

    def _close_frame(self, frame: FrameEncoder, out: list[bytes]) -> None:
        self._keep(frame.finish(), out)
        self._entries.append((self._frame_bytes, frame.raw_size))
        self._coded += frame.raw_size
        self._frame = None
        self._frame_bytes = 0

    def _code_waiting(self, out: list[bytes]) -> None:
        content, self._waiting = self._waiting, bytearray()
        self._code_batch(memoryview(content), out)

    def _code_batch(self, content: memoryview, out: list[bytes]) -> None:
        """Code whole frames, all at the same time."""
        starts = range(0, len(content), self._frame_size)
        pieces = [content[start : start + self._frame_size] for start in starts]
        at_work = min(self._threads, max(1, len(pieces)))
        threads = self._threads // at_work

        def code(piece: memoryview, tick: Tick) -> bytes:
            frame = FrameEncoder(
                self._parameters,
                block_size=self._block_size,
                threads=threads,
                progress=tick,
                models=self._models,
            )
            return frame.write(piece) + frame.finish()

        if is_finalizing():  # no thread that was started now would ever run
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
        )

    def _tick(self) -> Tick | None:
        if self._progress is None:
            return None
        progress, base = self._progress, self._coded
        return lambda done: progress(base + done)
