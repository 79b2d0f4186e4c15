"""Lossless compression by a neural network whose weights are never stored."""

from weightless.api import compress, decompress
from weightless.errors import (
    CorruptError,
    DamageWarning,
    DataError,
    LimitError,
    MemoryLimitError,
    NotAnArchiveError,
    OutputExistsError,
    OutputLimitError,
    ParameterError,
    TruncatedError,
    UnsuitableFileError,
    UnsupportedError,
    WeightlessError,
)
from weightless.levels import DEFAULT_LEVEL, MAX_LEVEL, MIN_LEVEL, level_parameters
from weightless.parameters import Parameters
from weightless.result import Result
from weightless.streams.compressor import Compressor
from weightless.streams.decompressor import Decompressor

__version__ = "0.1.0"

__all__ = [
    "DEFAULT_LEVEL",
    "MAX_LEVEL",
    "MIN_LEVEL",
    "Compressor",
    "CorruptError",
    "DamageWarning",
    "DataError",
    "Decompressor",
    "LimitError",
    "MemoryLimitError",
    "NotAnArchiveError",
    "OutputExistsError",
    "OutputLimitError",
    "ParameterError",
    "Parameters",
    "Result",
    "TruncatedError",
    "UnsuitableFileError",
    "UnsupportedError",
    "WeightlessError",
    "compress",
    "decompress",
    "level_parameters",
]
