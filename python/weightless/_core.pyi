"""Types of the C++ extension."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from typing_extensions import Buffer

_Int = npt.NDArray[np.int32]
_Short = npt.NDArray[np.int16]
_Word = npt.NDArray[np.uint32]

#: (name, default, low, high) of every parameter, in the order of the archive's header.
FIELDS: tuple[tuple[str, int, int, int], ...]

def validate(parameters: Sequence[int]) -> None:
    """Raise ValueError for a value out of range or a combination that is not allowed."""

class ByteView(Buffer):
    """A contiguous buffer as bytes, whatever its format: for memoryview, which asks for one.

    Raises what the buffer does, where it is none, not contiguous or (if `writable`) read-only.
    """

    def __init__(self, buffer: Buffer, writable: bool = False) -> None: ...

#: A probability of the coder is p / 2^PROBABILITY_BITS, 0 < p < 2^PROBABILITY_BITS.
PROBABILITY_BITS: int

#: Up to so many bytes, a codec for brief use is cheaper than another.
BRIEF: int

class BitEncoder:
    """The arithmetic coder alone: bits in, bytes out."""

    def __init__(self) -> None: ...
    def encode(self, bits: npt.NDArray[np.uint8], p: _Word) -> None:
        """Code bits, each given the probability that it is 1."""
    def finish(self) -> bytes:
        """End the stream and return all of it."""

class BitDecoder:
    """And back: bytes in, bits out."""

    def __init__(self, data: bytes) -> None: ...
    def decode(self, p: _Word) -> npt.NDArray[np.uint8]:
        """Return the next bits, given the probability of each to be 1."""
    @property
    def overrun(self) -> bool:
        """Whether more was read than any stream of this size can ask for."""
    @property
    def at_end(self) -> bool:
        """Whether a stream of this size may end here."""

class CorruptPayload(ValueError):  # noqa: N818
    """The payload is not one that the encoder writes in this state."""

class Codec:
    """Predictor and coder over one block at a time.

    Every method releases the GIL while it works; calls from several threads are
    taken one after another. Signals are looked at every few kilobytes; an exception
    from a signal handler or from `progress` ends the call and leaves the state of no
    use but for copies taken before.
    """

    def __init__(self, parameters: Sequence[int], brief: bool = False) -> None:
        """Start in the initial state; brief: `BRIEF` bytes will be coded at most, or so."""
    def reset(self, brief: bool = False) -> None:
        """Go back to the initial state; cheaper than another codec."""
    @staticmethod
    def memory_for(parameters: Sequence[int]) -> int:
        """Return the bytes of state that a codec with these parameters has."""
    def encode(self, data: Buffer, progress: Callable[[int], object] | None = None) -> bytes:
        """Code a block. `progress` is called with the bytes of it done so far."""
    def decode(
        self, payload: Buffer, raw_size: int, progress: Callable[[int], object] | None = None
    ) -> bytes:
        """Decode a block of `raw_size` bytes; raise CorruptPayload where it cannot be one."""
    def absorb(self, data: Buffer, progress: Callable[[int], object] | None = None) -> None:
        """Update the model with bytes that were stored, not coded."""
    def set_threads(self, threads: int) -> None:
        """Let so many threads work at once; no result depends on it."""
    def copy(self) -> Codec:
        """Return a codec in the same state."""
    @property
    def memory(self) -> int:
        """Bytes of state."""

def squash(x: _Int) -> _Word:
    """Return the logistic function of x (Q12) as probabilities, Q22."""

def stretch(p: _Word) -> _Short:
    """Return its inverse: ln(p / (1 - p)), Q10, of probabilities, Q22."""

def bit_histories() -> _Int:
    """Return a row per state: zeros, ones, the next state by a zero and by a one."""

def centre_inputs(
    x: npt.NDArray[np.int16], states: npt.NDArray[np.uint16], common: int
) -> npt.NDArray[np.int16]:
    """Return pairs of inputs, Q10, less half and a quarter of `common`, where they say anything."""

def centre_mean(x: npt.NDArray[np.int16]) -> tuple[int, npt.NDArray[np.int16]]:
    """Return the mean of stretched predictions, and what they are without it."""

def step_size(x: npt.NDArray[np.int16]) -> int:
    """Return how far a mixer with these inputs, Q10, steps, in sixteenths."""

class FinalMixer:
    """The mixer of refined predictions."""

    def __init__(self, sizes: list[int], first: int, last: int, half_time: int) -> None: ...
    def mix(self, mean: int, others: list[int], contexts: list[int]) -> int:
        """Return P(1), Q22, from a mean, Q22, and stretched predictions, Q10."""
    def update(self, bit: int) -> None: ...

class HistoryTable:
    """The hash table of bit histories."""

    def __init__(self, bits: int) -> None: ...
    def find(self, hash: int) -> int:
        """Return where in `bytes` a context's slot is, making it if need be."""
    @property
    def bytes(self) -> npt.NDArray[np.uint8]:
        """The whole table, to be written to."""

class Kernels:
    """The hot loops as one target computes them; see ``cpp/src/kernels/kernels.hpp``."""

    def __init__(self, target: str, repeat: int = 1) -> None: ...
    def matvec(self, weights: _Short, x: _Short, y: _Int) -> _Int: ...
    def matmul(self, weights: _Short, x: _Short, y: _Int) -> _Int: ...
    def outer(self, d: _Short, x: _Short) -> _Int: ...
    def update(
        self, rule: Sequence[int], gradient: _Int, exponents: _Int, master: _Int, moment: _Word
    ) -> tuple[_Int, _Word]: ...
    def pack(
        self, master: _Int, forward_shift: int, backward_shift: int
    ) -> tuple[_Short, _Short]: ...
    def softmax(self, logits: _Int) -> tuple[_Word, int]: ...
    def max_abs(self, v: _Int) -> int: ...
    def narrow(self, v: _Int, shift: int, limit: int) -> _Short: ...
    def narrow_columns(self, v: _Int, bits: int) -> tuple[_Int, _Short]: ...
    def widen_add(self, y: _Int, shift: int, v: _Int) -> _Int: ...
    def cell_forward(
        self, full: bool, z: _Int, c: _Int
    ) -> tuple[_Int, _Int, _Int, _Int, _Short]: ...
    def cell_backward(
        self,
        full: bool,
        dh: _Int,
        before: _Int,
        after: _Int,
        gates: _Int,
        slopes: _Int,
        squashed: _Int,
        dc: _Int,
    ) -> tuple[_Int, _Int]: ...
    def mix_predict(self, weights: _Int, x: _Short) -> tuple[_Word, _Short]: ...
    def mix_train(self, weights: _Int, x: _Short, errors: _Int) -> _Int: ...
    def mix_errors(
        self,
        p: _Word,
        bit: int,
        counts: npt.NDArray[np.uint16],
        at: _Word,
        rates: _Int,
        pace: int,
    ) -> tuple[_Int, npt.NDArray[np.uint16]]: ...
    def history_update(
        self, cells: _Word, at: _Word, bit: int, limit: int, runs: _Word
    ) -> _Word: ...

class Network:
    """The LSTM alone, a byte at a time."""

    def __init__(self, parameters: Sequence[int], target: str = "") -> None: ...
    def predict(self) -> _Word:
        """Return the probabilities of the 256 bytes, Q24; the sum is 2^24."""
    def update(self, byte: int) -> None:
        """Take the byte that came; train at the end of each segment."""
    def tensors(self) -> dict[str, _Int]:
        """Return copies of the weights by name, Q26."""
    def set_tensor(self, name: str, values: npt.ArrayLike) -> None:
        """Replace a tensor; values are held within its limits."""
    def record_gradients(self, on: bool = True) -> None:
        """Keep the gradients of each segment."""
    def gradients(self) -> dict[str, tuple[_Int, _Int]]:
        """Return the gradients of the last segment: mantissas, and exponents of each column."""
    def state(self) -> dict[str, _Short | _Int]:
        """Return hidden and cell states by name."""
    def set_state(self, name: str, values: npt.ArrayLike) -> None:
        """Replace a hidden or cell state."""
    def copy(self) -> Network:
        """Return a network in the same state, which records no gradients."""
    @property
    def memory(self) -> int:
        """Bytes of state."""

def targets() -> list[str]:
    """List the instruction sets that this machine can run, best last."""

def target() -> str:
    """Name the instruction set in use."""
