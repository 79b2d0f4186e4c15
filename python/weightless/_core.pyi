"""Types of the C++ extension."""

from collections.abc import Callable, Sequence

from typing_extensions import Buffer

#: (name, default, low, high) of every parameter, in the order of the archive's header.
FIELDS: tuple[tuple[str, int, int, int], ...]

def validate(parameters: Sequence[int]) -> None:
    """Raise ValueError for a value out of range or a combination that is not allowed."""

class CorruptPayload(ValueError):  # noqa: N818
    """The payload is not one that the encoder writes in this state."""

class Codec:
    """Predictor and coder over one block at a time.

    Every method releases the GIL while it works; calls from several threads are
    taken one after another. Signals are looked at every few kilobytes; an exception
    from a signal handler or from `progress` ends the call and leaves the state of no
    use but for copies taken before.
    """

    def __init__(self, parameters: Sequence[int]) -> None: ...
    @staticmethod
    def memory_for(parameters: Sequence[int]) -> int:
        """Bytes of state that a codec with these parameters has."""
    def encode(self, data: Buffer, progress: Callable[[int], object] | None = None) -> bytes:
        """Code a block. `progress` is called with the bytes of it done so far."""
    def decode(
        self, payload: Buffer, raw_size: int, progress: Callable[[int], object] | None = None
    ) -> bytes:
        """Decode a block of `raw_size` bytes; raise CorruptPayload where it cannot be one."""
    def absorb(self, data: Buffer, progress: Callable[[int], object] | None = None) -> None:
        """Update the model with bytes that were stored, not coded."""
    def copy(self) -> Codec:
        """Return a codec in the same state."""
    @property
    def memory(self) -> int:
        """Bytes of state."""
