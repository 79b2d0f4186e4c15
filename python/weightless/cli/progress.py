"""Progress of the work on a file, shown only on a terminal."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING

from weightless.cli.standard import clear_line

if TYPE_CHECKING:
    from weightless.cli.bar import Bar

__all__ = ["Progress"]


class Progress:
    """A progress bar for one file; unless `shown`, it does and imports nothing.

    Parameters
    ----------
    name : str
        The label in front of the bar.
    total : int or None
        The number of bytes to process, if known.
    shown : bool
        Whether to show the bar.
    archive : bool
        Whether to count bytes of the archive, because the size of the content is unknown.
    """

    def __init__(self, name: str, total: int | None, *, shown: bool, archive: bool = False) -> None:
        self._name = f"{name} (archive)" if archive else name
        self._total = total
        self._shown = shown
        self._archive = archive
        self._bar: Bar | None = None

    @property
    def of_content(self) -> Callable[[int], object] | None:
        """The callback for the bytes of content done so far; None if they are not shown."""
        return self.to if self._shown and not self._archive else None

    @property
    def of_archive(self) -> Callable[[int], object] | None:
        """The callback for the bytes of archive done so far; None if they are not shown."""
        return self.to if self._shown and self._archive else None

    def begin(self) -> None:
        """Show the bar at 0.

        Call it within the block of the `with` statement, so that the bar is removed even
        after an interrupt.
        """
        self.to(0)

    def to(self, done: int) -> None:
        """Show that this many bytes have been processed."""
        if not self._shown:
            return
        if self._bar is None:
            from weightless.cli.bar import Bar

            self._bar = Bar(self._name, self._total)
        self._bar.to(done)

    def __enter__(self) -> Progress:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Remove the bar."""
        if not self._shown:
            return
        if self._bar is not None:
            self._bar.close()
        clear_line()
