"""Types of the C++ extension.

Arrays are C-contiguous numpy arrays. Qn denotes a fixed-point number with n fraction bits.
Methods raise ValueError for arguments whose shapes or values are out of range.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from typing_extensions import Buffer

_Int = npt.NDArray[np.int32]
_Short = npt.NDArray[np.int16]
_Word = npt.NDArray[np.uint32]

#: (name, default, smallest, largest value) of each parameter, in the order of the frame header.
FIELDS: tuple[tuple[str, int, int, int], ...]

def validate(parameters: Sequence[int]) -> None:
    """Raise ValueError for a value out of range or a combination that is not allowed.

    `parameters` has one value per entry of `FIELDS`.
    """

class ByteView(Buffer):
    """The bytes of any contiguous buffer as a buffer of format "B".

    `memoryview` of it works for buffers whose format `memoryview` itself does not support. The
    constructor raises the exception of the buffer (BufferError, ValueError) if it is not
    contiguous or, with `writable`, read-only, and TypeError if the object is not a buffer.
    """

    def __init__(self, buffer: Buffer, writable: bool = False) -> None: ...

#: Probabilities of the arithmetic coder are p / 2^PROBABILITY_BITS, 0 < p < 2^PROBABILITY_BITS.
PROBABILITY_BITS: int

#: The number of bytes up to which a codec for brief use is cheaper.
BRIEF: int

class BitEncoder:
    """The arithmetic encoder on its own: from bits to bytes."""

    def __init__(self) -> None: ...
    def encode(self, bits: npt.NDArray[np.uint8], p: _Word) -> None:
        """Encode `bits`, (n,), given `p`, (n,), the probability of each to be 1 in Q22."""
    def finish(self) -> bytes:
        """End the stream and return all of it."""

class BitDecoder:
    """The arithmetic decoder on its own: from bytes to bits."""

    def __init__(self, data: bytes) -> None: ...
    def decode(self, p: _Word) -> npt.NDArray[np.uint8]:
        """Decode n bits, given `p`, (n,), the probability of each to be 1 in Q22."""
    @property
    def overrun(self) -> bool:
        """Whether more bytes were read than decoding any valid stream of this size takes."""
    @property
    def at_end(self) -> bool:
        """Whether a valid stream of this size may end here."""

class CorruptPayload(ValueError):  # noqa: N818
    """The payload is not one that the encoder produces from the present state."""

def look_random(data: Buffer) -> bool:
    """Return whether the data, of 2^12 to 2^20 bytes, look like random bytes."""

class Snapshot:
    """A state that codecs start from and return to. It never changes."""

    def codec(self) -> Codec:
        """Return a new codec in this state, to which `Codec.revert` returns."""

class Trace:
    """What a codec that it observes predicts, and why.

    Of each `period` bytes the first `width` are recorded one by one, and sums over each `segment`
    bytes; the likeliest `values` values of each byte whose position is a multiple of `probe` (0: of
    none); `length` bytes of continuation where it is a multiple of `ponder`; with `digests`, a
    digest of the weights that each byte's prediction came from; with `costs_only`, no savings.
    """

    def __init__(
        self,
        *,
        segment: int,
        width: int,
        period: int,
        probe: int,
        values: int = 5,
        ponder: int = 0,
        length: int = 48,
        costs_only: bool = False,
        digests: bool = False,
    ) -> None: ...
    @property
    def position(self) -> int:
        """Bytes recorded so far."""
    def arrays(self) -> dict[str, Any]:
        """Return copies of what was recorded; `weightless.explain` names what is in it.

        Raises RuntimeError while a codec is recording.
        """

class Codec:
    """Predictor and arithmetic coder for one block after another.

    Every method releases the GIL while it works; calls from several threads are executed one
    after another. Signals are handled every few kilobytes. If a signal handler or `progress`
    raises an exception, it ends the call, and the codec must not be used any more; copies
    that were made before remain valid.
    """

    def __init__(self, parameters: Sequence[int], brief: bool = False) -> None:
        """Start in the initial state.

        With `brief`, creation is cheaper if at most about `BRIEF` bytes will be coded; results
        do not depend on it. Raises ValueError for parameters out of range.
        """
    def reset(self, brief: bool = False) -> None:
        """Return to the initial state, which is cheaper than creating another codec."""
    def freeze(self) -> Snapshot:
        """Make a snapshot of the state without a copy; the codec cannot be used any more."""
    def revert(self) -> None:
        """Return to the state of the snapshot that the codec was made from.

        It takes time in proportion to what was coded since the last time, except for small tables;
        the first time, everything is copied. Raises RuntimeError without a snapshot.
        """
    @staticmethod
    def memory_for(parameters: Sequence[int], content: int = 0) -> int:
        """Return the size in bytes of a codec with these parameters, without creating one."""
    def encode(self, data: Buffer, progress: Callable[[int], object] | None = None) -> bytes:
        """Encode a block; return its payload.

        `progress` is called with the number of bytes of the block encoded so far.
        """
    def decode(
        self, payload: Buffer, raw_size: int, progress: Callable[[int], object] | None = None
    ) -> bytes:
        """Decode a block of `raw_size` bytes.

        Raises CorruptPayload if the payload cannot be that of such a block. `progress` is
        called with the number of bytes decoded so far.
        """
    def absorb(self, data: Buffer, progress: Callable[[int], object] | None = None) -> None:
        """Update the model with the bytes of a plain block."""
    def observe(self, trace: Trace | None) -> None:
        """Record what follows in a trace, until `reset` or `freeze`; results do not depend on it.

        A trace belongs to codecs with equal parameters that work one after another.
        """
    def skip(self, data: Buffer) -> None:
        """Take the bytes of a skipped block: nothing is learnt, but later matches find them."""
    def find_any(self, data: Buffer) -> bool:
        """Return whether some of these bytes are in the history; long copies are found."""
    def trained(self) -> int:
        """Return the number of bytes that the model was trained with.

        The others were copied or skipped.
        """
    def likeliest(self, count: int) -> list[tuple[int, float]]:
        """Return the likeliest values of the next byte, with their probabilities.

        There are fewer than `count` if many attempts at finding them have not sufficed. The state
        does not change, but a second one is kept from now on.
        """
    def cost(self, data: Buffer) -> float:
        """Return what bytes would cost next, in bits; the state does not change."""
    def network_alone(self) -> Codec:
        """Return a codec that has only the network, in its present state.

        Raises RuntimeError without a network.
        """
    def continuation(self, count: int) -> bytes:
        """Return the bytes that follow if each bit is the likelier one.

        The state does not change.
        """
    def set_threads(self, threads: int) -> None:
        """Set the number of threads; results do not depend on it."""
    def copy(self) -> Codec:
        """Return an independent codec in the same state."""
    @property
    def memory(self) -> int:
        """Size of the state in bytes."""

def squash(x: _Int) -> _Word:
    """Return the logistic function of x, Q12, as probabilities in Q22; shape (n,)."""

def stretch(p: _Word) -> _Short:
    """Return ln(p / (1 - p)) in Q10 of probabilities in Q22, the inverse of squash; shape (n,)."""

def bit_histories() -> _Int:
    """Return the state machine of bit histories, one row per state: (states, 4).

    The columns are the counts of zeros and ones, and the next states after a 0 and a 1.
    """

def centre_inputs(
    x: npt.NDArray[np.int16], states: npt.NDArray[np.uint16], common: int
) -> npt.NDArray[np.int16]:
    """Subtract the common part of the predictions from mixer inputs; return them, (2 n,).

    `x`, (2 n,) in Q10, contains two inputs for each of the `states`, (n,). Half of `common`,
    Q10, is subtracted from the first unless the state is 0, a quarter of it from the second
    unless that input is 0.
    """

def centre_mean(x: npt.NDArray[np.int16]) -> tuple[int, npt.NDArray[np.int16]]:
    """Subtract the mean from stretched predictions, (n,) in Q10; return the mean and the rest."""

def step_size(x: npt.NDArray[np.int16]) -> int:
    """Return the step size of a mixer with the inputs `x`, (n,) in Q10, in sixteenths.

    Source: normalised least mean squares, as modified in ``model/mixing/step_size.hpp``.
    """

class FinalMixer:
    """The final mixer, which combines the predictions of the APM stages."""

    def __init__(self, sizes: list[int], first: int, last: int, half_time: int) -> None:
        """Create one weight set per entry of `sizes`, each with that many contexts.

        The learning rate, 2^-13 times the value, falls from `first` to `last`; it is half-way
        after `half_time` updates.
        """
    def mix(self, mean: int, others: list[int], contexts: list[int]) -> int:
        """Return P(bit = 1) in Q22.

        `mean` is a probability in Q22, `others` are stretched predictions in Q10, and
        `contexts` selects a weight vector of each weight set.
        """
    def update(self, bit: int) -> None:
        """Train with the actual bit; `mix` must have been called before."""

class HistoryTable:
    """The hash table of bit histories, with 2^bits bytes, of which 2^16 are in use at first."""

    def __init__(self, bits: int) -> None: ...
    def grow(self, position: int) -> None:
        """Make the table as large as data of `position` bytes need."""
    def find(self, hash: int) -> int:
        """Return the index in `bytes` of the slot of a context, which is created if needed."""
    @property
    def bytes(self) -> npt.NDArray[np.uint8]:
        """The whole table, (2^bits,); a writable view."""

class Kernels:
    """The kernels of one target; ``cpp/src/kernels/kernels.hpp`` gives formats and shapes.

    Each call executes its kernel `repeat` times, for benchmarks.
    """

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
        rate_scale: int,
    ) -> tuple[_Int, npt.NDArray[np.uint16]]: ...
    def history_update(
        self, cells: _Word, at: _Word, bit: int, limit: int, runs: _Word
    ) -> _Word: ...
    def similarity(
        self, x: npt.NDArray[np.uint8], n: int, means: npt.NDArray[np.uint16]
    ) -> npt.NDArray[np.uint16]: ...

class Network:
    """The LSTM on its own, one byte at a time.

    ``docs/network.md`` specifies it and gives the names and shapes of its tensors.
    """

    def __init__(self, parameters: Sequence[int], target: str = "") -> None: ...
    def predict(self) -> _Word:
        """Return the probabilities of the next byte, (256,) in Q24; their sum is 2^24."""
    def update(self, byte: int) -> None:
        """Feed the actual byte, and train at the end of a segment."""
    def tensors(self) -> dict[str, _Int]:
        """Return copies of the weights by tensor name, in Q26."""
    def set_tensor(self, name: str, values: npt.ArrayLike) -> None:
        """Replace a tensor, in Q26; values are clamped to its limits."""
    def record_gradients(self, on: bool = True) -> None:
        """Set whether the gradients of each segment are kept."""
    def gradients(self) -> dict[str, tuple[_Int, _Int]]:
        """Return the gradients of the last segment by tensor name.

        Each is a matrix of mantissas and a vector with the exponent of each column.
        """
    def state(self) -> dict[str, _Short | _Int]:
        """Return the hidden states, Q11, and the cell states, Q24, by name."""
    def set_state(self, name: str, values: npt.ArrayLike) -> None:
        """Replace a hidden or cell state, or `segments`, the number of segments trained on.

        The latter also becomes the number of updates of every row of input weights.
        """
    def copy(self) -> Network:
        """Return an independent network in the same state, which records no gradients."""
    @property
    def memory(self) -> int:
        """Size of the state in bytes."""

#: The commit that the sources were of, or "unknown"; the compiler and its version; the system and
#: CPU that it compiled for.
COMMIT: str
COMPILER: str
PLATFORM: str

def compiled_targets() -> list[str]:
    """Return the names of all targets in this build, the best last."""

def targets() -> list[str]:
    """Return the names of the targets that this machine can execute, best last."""

def target() -> str:
    """Return the name of the target in use."""
