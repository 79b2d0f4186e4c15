"""Lossless compression by a neural network whose weights are never stored."""

from typing import TYPE_CHECKING, Any

from weightless.api import compress, decompress
from weightless.container.scan import ArchiveInfo
from weightless.errors import (
    CorruptError,
    CostLimitError,
    DamageWarning,
    DataError,
    LimitError,
    MemoryLimitError,
    NotAnArchiveError,
    OutputExistsError,
    OutputLimitError,
    ParameterError,
    PriorError,
    TruncatedError,
    UnsuitableFileError,
    UnsupportedError,
    WeightlessError,
)
from weightless.files.info import info
from weightless.files.prior import Prior
from weightless.levels import (
    DEFAULT_LEVEL,
    MAX_LEVEL,
    MIN_LEVEL,
    NETWORK_ALONE,
    level_parameters,
)
from weightless.origin import Provenance, provenance
from weightless.parameters import Parameters
from weightless.result import Result
from weightless.streams.compressor import Compressor
from weightless.streams.decompressor import Decompressor
from weightless.streams.file import WeightlessFile, open

if TYPE_CHECKING:
    from weightless.explanations.explain import explain
    from weightless.explanations.explanation import Explanation
    from weightless.predictor import Predictor

__version__ = "1.0.0"

__all__ = [
    "DEFAULT_LEVEL",
    "MAX_LEVEL",
    "MIN_LEVEL",
    "NETWORK_ALONE",
    "ArchiveInfo",
    "Compressor",
    "CorruptError",
    "CostLimitError",
    "DamageWarning",
    "DataError",
    "Decompressor",
    "Explanation",
    "LimitError",
    "MemoryLimitError",
    "NotAnArchiveError",
    "OutputExistsError",
    "OutputLimitError",
    "ParameterError",
    "Parameters",
    "Predictor",
    "Prior",
    "PriorError",
    "Provenance",
    "Result",
    "TruncatedError",
    "UnsuitableFileError",
    "UnsupportedError",
    "WeightlessError",
    "WeightlessFile",
    "compress",
    "decompress",
    "explain",
    "info",
    "level_parameters",
    "open",
    "provenance",
]


def __getattr__(name: str) -> Any:
    # These need numpy, which is imported only on first use.
    if name == "Predictor":
        from weightless.predictor import Predictor

        return Predictor
    if name == "explain":
        from weightless.explanations.explain import explain

        return explain
    if name == "Explanation":
        from weightless.explanations.explanation import Explanation

        return Explanation
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """Return the public names, also of what is not imported yet."""
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})
