"""Levels 1 to 9: names for parameter sets.

An archive names its parameter set by id, never by level: a later version may give a
level another set, under a new id, and goes on decoding the old ones. Ids of format
version 0 are provisional.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from weightless.integers import integer
from weightless.parameters import Parameters

if TYPE_CHECKING:
    from typing import SupportsIndex

__all__ = [
    "DEFAULT_LEVEL",
    "LEVELS",
    "MAX_LEVEL",
    "MIN_LEVEL",
    "PARAMETER_SETS",
    "level_parameters",
    "network_parameters",
]

MIN_LEVEL = 1
MAX_LEVEL = 9
DEFAULT_LEVEL = 6

#: Step sizes and initial weights by width: tuned at 32, 64, 128 and 256 on the development
#: files (docs/experiments.md), between two of them at 96 and 192. Other widths take the nearest's.
_BY_WIDTH: dict[int, dict[str, int]] = {
    32: {
        "step_recurrent": 8000,
        "step_input": 46000,
        "step_output": 36000,
        "step_output_bias": 4096,
        "init_bound": 96,
        "moment_shift": 9,
    },
    64: {
        "step_recurrent": 4255,
        "step_input": 64860,
        "step_output": 20000,
        "init_bound": 80,
    },
    96: {
        "step_recurrent": 3600,
        "step_input": 55000,
        "step_output": 16000,
        "init_bound": 60,
        "decay_floor": 96,
    },
    128: {
        "step_recurrent": 3000,
        "step_input": 45390,
        "step_output": 12000,
        "init_bound": 45,
        "decay_floor": 96,
    },
    192: {
        "step_recurrent": 2900,
        "step_input": 45390,
        "step_output": 10000,
        "init_bound": 38,
        "decay_floor": 96,
    },
    256: {
        "step_recurrent": 2800,
        "step_input": 45390,
        "step_output": 8000,
        "init_bound": 32,
        "decay_floor": 96,
    },
}


#: For every width. Beside n-gram logits, which learn at once, a horizon of 32 in place of 20
#: costs no bytes and saves a fifth of the network's time.
_COMMON: dict[str, int] = {
    "horizon": 32,
    "decay_time": 5000,
    "ngrams": 6,
    "ngram_bits": 24,
    "ngram_words": 2,
}


def network_parameters(width: int, **fields: int) -> Parameters:
    """Return parameters of a network with step sizes that suit its width.

    Parameters
    ----------
    width : int
        Hidden units per layer, a multiple of 16 in 16 to 1024.
    **fields : int
        Other parameters by name; they win over what suits the width.

    Raises
    ------
    ParameterError
        For a value out of its range.
    """
    nearest = min(_BY_WIDTH, key=lambda known: abs(known - width))
    return Parameters(**{"width": width, **_BY_WIDTH[nearest], **_COMMON, **fields})


#: Parameter sets by the id that the archive's header carries.
PARAMETER_SETS: dict[int, Parameters] = {
    1: Parameters(width=0, experts=1, memory_bits=22),
    2: Parameters(width=0, experts=1, memory_bits=24),
    3: Parameters(width=0, experts=2, memory_bits=25),
    4: network_parameters(32, experts=1, memory_bits=24, ngram_bits=25),
    5: network_parameters(16, experts=2, memory_bits=25),
    6: network_parameters(32, experts=2, memory_bits=25),
    7: network_parameters(128, delay=1, experts=3, memory_bits=27),
    8: network_parameters(128, delay=1, experts=4, memory_bits=28, ngram_bits=26),
    9: network_parameters(176, delay=1, experts=4, memory_bits=29, ngram_bits=25),
}

#: The id of each level's parameter set.
LEVELS: dict[int, int] = {level: level for level in range(MIN_LEVEL, MAX_LEVEL + 1)}


def level_parameters(level: SupportsIndex | None = None) -> Parameters:
    """Return the parameters of a level; of the default level for None.

    Raises
    ------
    ParameterError
        For a level that is not in 1 to 9.
    TypeError
        For what is no integer: ``"9"`` or 3.0.
    """
    if level is None:
        level = DEFAULT_LEVEL
    return PARAMETER_SETS[LEVELS[integer(level, "level", MIN_LEVEL, MAX_LEVEL)]]
