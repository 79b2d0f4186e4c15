"""The priors at hand while an archive is decoded."""

from __future__ import annotations

import threading
from collections.abc import Callable

from weightless.container.header import FrameHeader, PriorName
from weightless.errors import PriorError
from weightless.frames.prior_models import PriorModels

__all__ = ["Priors"]


class Priors:
    """Finds the prior that a frame names: one that was given, or content of the archive.

    An object may be shared between threads.

    Parameters
    ----------
    given : PriorModels, optional
        The prior that the caller has.
    """

    def __init__(self, given: PriorModels | None = None) -> None:
        self._given = given
        self._kept: PriorModels | None = None
        self._lock = threading.RLock()
        #: A function that decodes the last frame that is kept and precedes the frames to be
        #: decoded, if decoding has started after it.
        self.fetch: Callable[[], object] | None = None

    @property
    def given(self) -> PriorName | None:
        """The name of the prior that the caller has."""
        return None if self._given is None else self._given.name

    def find(self, header: FrameHeader) -> PriorModels | None:
        """Return the prior that a frame names; None if it names none.

        Raises
        ------
        PriorError
            If it is not at hand.
        """
        name = header.prior
        if name is None:
            return None
        if self._given is not None and self._given.name == name:
            return self._given
        # A frame that is kept must not depend on another one, so that a reader can start anywhere
        # by decoding at most one frame before.
        if not header.kept:
            with self._lock:  # other threads wait while one fetches
                if (self._kept is None or self._kept.name != name) and self.fetch is not None:
                    fetch, self.fetch = self.fetch, None
                    fetch()
                if self._kept is not None and self._kept.name == name:
                    return self._kept
        raise _missing(name, self.given)

    def keep(self, content: bytes) -> PriorModels | None:
        """Keep the content of a frame as a prior, instead of that of an earlier frame."""
        self.fetch = None
        self._kept = PriorModels(content) if content else None
        return self._kept

    def release(self) -> None:
        """Release the content that is kept."""
        self._kept = self.fetch = None


def _missing(name: PriorName, given: PriorName | None) -> PriorError:
    needs = f"the prior with the XXH3-128 hash {name.hex} ({name.size} bytes)"
    if given is None:
        return PriorError(
            f"decoding needs {needs}; give it as prior (--prior on the command line)",
            needed=name.hex,
            needed_size=name.size,
        )
    return PriorError(
        f"decoding needs {needs}, but the prior given has the hash {given.hex} "
        f"({given.size} bytes)",
        needed=name.hex,
        needed_size=name.size,
        given=given.hex,
        given_size=given.size,
    )
