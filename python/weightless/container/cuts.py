"""Where content is cut into frames."""

from __future__ import annotations

from weightless.errors import ParameterError

__all__ = ["Cuts", "check_delimiter"]

_CHUNK = 1 << 16


def check_delimiter(delimiter: bytes | None, frame_size: int | None) -> bytes | None:
    """Return the delimiter at which frames end, if it is one.

    Raises
    ------
    ParameterError
        If it is empty or longer than a frame, or if there is no frame size.
    TypeError
        If it is neither bytes nor None.
    """
    if delimiter is None:
        return None
    if not isinstance(delimiter, bytes):
        raise TypeError(f"frame_at is {type(delimiter).__name__}, not bytes")
    if frame_size is None:
        raise ParameterError("frame_at requires a frame_size")
    if not 0 < len(delimiter) <= frame_size:
        raise ParameterError(
            f"frame_at has {len(delimiter)} bytes, not 1 to the frame_size, {frame_size}"
        )
    return delimiter


class Cuts:
    """Cuts content, given in pieces, into frames.

    Without a delimiter each frame has `size` bytes. With one, a frame ends behind the first
    delimiter that ends at `size` bytes or later, and at the latest after twice as many bytes.

    Parameters
    ----------
    size : int
        Bytes per frame.
    delimiter : bytes, optional
        What frames end with.
    """

    def __init__(self, size: int, delimiter: bytes | None = None) -> None:
        self._size = size
        self._delimiter = delimiter
        self._limit = size if delimiter is None else 2 * size
        self.reset()

    def reset(self) -> None:
        """Start a new frame."""
        self._seen = 0  # bytes in the frame so far
        self._end = b""  # the last of them, in which a delimiter may have begun

    def skip(self) -> int:
        """Start a new frame after its first bytes, in which it cannot end; return their number."""
        self.reset()
        self._seen = self._size - len(self._delimiter or b"")
        return self._seen

    def take(self, data: memoryview) -> tuple[int, bool]:
        """Return how many of the next bytes belong to the frame, and whether it ends there.

        After the end of a frame, the next call starts another one.
        """
        part = data[: self._limit - self._seen]
        found = self._find(part) if self._delimiter is not None else 0
        size = found or len(part)
        self._seen += size
        if found or self._seen == self._limit:
            self.reset()
            return size, True
        if self._delimiter is not None and len(self._delimiter) > 1:
            keep = len(self._delimiter) - 1
            self._end = (self._end + bytes(part[-keep:]))[-keep:]
        return size, False

    def _find(self, data: memoryview) -> int:
        """Return where the first delimiter in reach ends in the data; 0 if there is none."""
        assert self._delimiter is not None
        length = len(self._delimiter)
        position = max(self._size - self._seen - length, -len(self._end))
        while position < len(data):
            begun = self._end[position:] if position < 0 else b""
            block = begun + bytes(data[max(0, position) : max(0, position) + _CHUNK + length])
            index = block.find(self._delimiter)
            if index >= 0:
                return position + index + length
            position += len(begun) + _CHUNK
        return 0
