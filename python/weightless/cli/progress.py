"""How far the work on a file is, on a terminal only."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING

from weightless.cli.standard import clear_line

if TYPE_CHECKING:
    from weightless.cli.bar import Bar

__all__ = ["Progress"]


class Progress:
    """A bar for one file; does nothing, and imports nothing, unless `shown`.

    Parameters
    ----------
    name : str
        Stands before the bar.
    total : int or None
        Bytes to come, if known.
    shown : bool
        Whether there is a terminal, and it is wanted.
    archive : bool
        Whether bytes of archive are counted, because those of content are not known.
    """

    def __init__(self, name: str, total: int | None, *, shown: bool, archive: bool = False) -> None:
        self._name = f"{name} (archive)" if archive else name
        self._total = total
        self._shown = shown
        self._archive = archive
        self._bar: Bar | None = None

    @property
    def of_content(self) -> Callable[[int], object] | None:
        """What to call with the bytes of content done so far; None if that is not shown."""
        return self.to if self._shown and not self._archive else None

    @property
    def of_archive(self) -> Callable[[int], object] | None:
        """What to call with the bytes of archive done so far; None if that is not shown."""
        return self.to if self._shown and self._archive else None

    def begin(self) -> None:
        """Show that nothing is done yet.

        Within the block of a `with` statement, so that an interrupt at any moment finds
        somebody who removes the bar.
        """
        self.to(0)

    def to(self, done: int) -> None:
        """Show that this many bytes are done."""
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
