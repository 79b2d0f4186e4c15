"""Compression levels 1 to 9, which are names for parameter sets, and the set of no level.

An archive refers to its parameter set by id, never by level. The sets 1 to 10 are frozen: their
values and all that they decide never change, and every later version decodes archives with these
ids. A later version may assign another set, with a new id, to a level. Parameters of no set, which
a header lists one by one, are for research, and no other release need decode them.
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
    "NETWORK_ALONE",
    "PARAMETER_SETS",
    "level_number",
    "level_of",
    "level_parameters",
    "network_parameters",
    "set_name",
]

MIN_LEVEL = 1
MAX_LEVEL = 9
DEFAULT_LEVEL = 6

#: Step sizes and the bound of the initial weights by width: tuned at 32, 64, 128 and 256 on
#: the development files (docs/experiments.md), set between their neighbours at 96 and 192. Any
#: other width takes the values of the nearest width in this table.
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


#: Values for every width. With n-gram logits, which are trained after every byte, a horizon
#: of 32 instead of 20 does not make archives larger and saves a fifth of the network's time.
_COMMON: dict[str, int] = {
    "horizon": 32,
    "decay_time": 5000,
    "ngrams": 6,
    "ngram_bits": 24,
    "ngram_words": 2,
}


def network_parameters(width: int, **fields: int) -> Parameters:
    """Return the parameters of a network, with step sizes tuned for its width.

    Parameters
    ----------
    width : int
        Hidden units per layer: a multiple of 16 from 16 to 1024.
    **fields : int
        Other parameters by name; they override the tuned values.

    Raises
    ------
    ParameterError
        If a value is out of range.
    """
    nearest = min(_BY_WIDTH, key=lambda known: abs(known - width))
    return Parameters(**{"width": width, **_BY_WIDTH[nearest], **_COMMON, **fields})


#: The network alone, which ``docs/format_network.md`` specifies completely, so that a decoder can
#: be written without this one's source. It is small, because the decoder may be slow.
NETWORK_ALONE = Parameters(
    width=32, horizon=16, step_recurrent=8000, step_input=64000, step_output=44000
)

# The table of bit histories has its usual size for a megabyte (half of one at level 1), and then
# doubles with the content.
_MIDDLE: dict[str, int] = {"memory_bits": 25, "growth_bits": 3, "growth_share": 5}

#: Parameter sets by the id that stands in the frame header: frozen, never to be changed.
PARAMETER_SETS: dict[int, Parameters] = {
    1: Parameters(width=0, experts=1, memory_bits=22, growth_bits=3),
    2: Parameters(width=0, experts=1, memory_bits=24, growth_bits=3, growth_share=4),
    3: Parameters(width=0, experts=2, **_MIDDLE),
    4: network_parameters(16, experts=2, **_MIDDLE, ngrams=2, ngram_bits=22, ngram_words=0),
    5: network_parameters(16, experts=2, **_MIDDLE),
    6: network_parameters(32, experts=2, **_MIDDLE),
    7: network_parameters(128, delay=1, experts=3, memory_bits=27, growth_bits=2, growth_share=7),
    8: network_parameters(
        128, delay=1, experts=4, memory_bits=28, growth_bits=2, growth_share=8, ngram_bits=26
    ),
    9: network_parameters(
        176, delay=1, experts=4, memory_bits=29, growth_bits=1, growth_share=9, ngram_bits=25
    ),
    10: NETWORK_ALONE,
}

#: The id of each level's parameter set.
LEVELS: dict[int, int] = {level: level for level in range(MIN_LEVEL, MAX_LEVEL + 1)}


def level_number(level: SupportsIndex | None = None) -> int:
    """Return a level as a plain int; the arguments and errors are those of `level_parameters`."""
    level = DEFAULT_LEVEL if level is None else level
    return integer(level, "level", MIN_LEVEL, MAX_LEVEL)


def level_of(parameters: Parameters) -> int | None:
    """Return the level that has these parameters; None if none has."""
    return next((n for n, number in LEVELS.items() if PARAMETER_SETS[number] == parameters), None)


def set_name(parameters: Parameters) -> str:
    """Return the level with these parameters, "net" for the network alone, else "research"."""
    if parameters == NETWORK_ALONE:
        return "net"
    return str(level_of(parameters) or "research")


def level_parameters(level: SupportsIndex | None = None) -> Parameters:
    """Return the parameters of a level.

    Parameters
    ----------
    level : int, optional
        1 (fastest) to 9 (strongest); None means the default level, 6.

    Raises
    ------
    ParameterError
        If the level is not in 1 to 9.
    TypeError
        If the level is not an integer, for example ``"9"`` or 3.0.
    """
    return PARAMETER_SETS[LEVELS[level_number(level)]]
