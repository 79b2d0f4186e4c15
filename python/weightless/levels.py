"""Levels 1 to 9: names for parameter sets.

An archive names its parameter set by id, never by level: a later version may give a
level another set, under a new id, and goes on decoding the old ones. Ids of format
version 0 are provisional.
"""

from __future__ import annotations

from weightless.errors import ParameterError
from weightless.parameters import Parameters

__all__ = [
    "DEFAULT_LEVEL",
    "LEVELS",
    "MAX_LEVEL",
    "MIN_LEVEL",
    "PARAMETER_SETS",
    "level_parameters",
]

MIN_LEVEL = 1
MAX_LEVEL = 9
DEFAULT_LEVEL = 6

#: Parameter sets by the id that the archive's header carries.
PARAMETER_SETS: dict[int, Parameters] = {
    1: Parameters(width=32),
    2: Parameters(width=32, horizon=16),
    3: Parameters(width=48),
    4: Parameters(width=64),
    5: Parameters(width=64, horizon=16),
    6: Parameters(width=96),
    7: Parameters(width=128),
    8: Parameters(width=192),
    9: Parameters(width=256),
}

#: The id of each level's parameter set.
LEVELS: dict[int, int] = {level: level for level in range(MIN_LEVEL, MAX_LEVEL + 1)}


def level_parameters(level: int | None = None) -> Parameters:
    """Return the parameters of a level; of the default level for None.

    Raises
    ------
    ParameterError
        For a level that is not in 1 to 9.
    """
    if level is None:
        level = DEFAULT_LEVEL
    if isinstance(level, bool) or not isinstance(level, int) or level not in LEVELS:
        raise ParameterError(f"level is {level!r}, not in [{MIN_LEVEL}, {MAX_LEVEL}]")
    return PARAMETER_SETS[LEVELS[level]]
