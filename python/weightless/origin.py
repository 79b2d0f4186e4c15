"""Where the installed package comes from, for reports of errors."""

from __future__ import annotations

from dataclasses import dataclass

import weightless
from weightless import _core

__all__ = ["Provenance", "provenance"]


@dataclass(frozen=True)
class Provenance:
    """What `weightless.provenance` returns. Nothing in it changes an archive.

    Attributes
    ----------
    version : str
        The version of the package.
    commit : str
        The commit that the sources were of, with ``-dirty`` after it if they had been changed;
        ``unknown`` if they were neither a checkout nor a source distribution.
    compiler : str
        The compiler of the extension and its version.
    platform : str
        The system and the CPU that it compiled for.
    targets : tuple of str
        The vector instruction sets that the extension was compiled for, the best last.
    target : str
        The one of them that is in use: the best that this CPU has, or ``WEIGHTLESS_TARGET``.
    """

    version: str
    commit: str
    compiler: str
    platform: str
    targets: tuple[str, ...]
    target: str


def provenance() -> Provenance:
    """Return version, commit, compiler and instruction sets of the installed package.

    Returns
    -------
    Provenance

    Raises
    ------
    ValueError
        If ``WEIGHTLESS_TARGET`` names no target that is available here.

    Examples
    --------
    >>> weightless.provenance().compiler
    'GNU 12.2.0'
    """
    return Provenance(
        version=weightless.__version__,
        commit=_core.COMMIT,
        compiler=_core.COMPILER,
        platform=_core.PLATFORM,
        targets=tuple(_core.compiled_targets()),
        target=_core.target(),
    )
