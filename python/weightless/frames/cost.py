"""What decoding costs in time: known from a frame's header, and bounded."""

from __future__ import annotations

from weightless.container.header import FrameHeader
from weightless.errors import CostLimitError
from weightless.integers import optional_integer
from weightless.parameters import Parameters

__all__ = ["DEFAULT_COST_LIMIT", "Budget", "operations_per_byte", "operations_to_start"]

#: Archives that take more operations for a byte are refused unless asked for: 32 times what
#: level 9 takes.
DEFAULT_COST_LIMIT = 1 << 25

# By `experts`.
_EXPERTS = (0, 50_000, 120_000, 220_000, 500_000)
# For each weight of the network: forward, backward and gradient at each byte, the optimiser
# once in a horizon.
_WEIGHT = 3
_UPDATE = 24
# Softmax, input columns, what is there once; each context of the n-gram logits.
_NETWORK = 25_000
_NGRAM = 2_000
# To build a model is more than to take one back to the beginning.
_BUILD = 4
# Bytes whose worth of models may be started before the archive has had any.
_ALLOWANCE = 1 << 14


def operations_per_byte(parameters: Parameters) -> int:
    """Return about how many operations a byte of content takes.

    The unit is a multiply-add of the network, of which one core does 10^10 to 5 * 10^10 a
    second; the experts' work is given in the same unit of time.
    """
    operations = _EXPERTS[parameters.experts]
    if parameters.width:
        width, layers = parameters.width, parameters.layers
        rows = (4 if parameters.gates else 3) * width
        weights = rows * width * (2 * layers - 1) + 256 * width * layers
        operations += _NETWORK + weights * _WEIGHT + weights * _UPDATE // parameters.horizon
        operations += _NGRAM * (max(0, parameters.ngrams - 1) + parameters.ngram_words)
    return operations


def operations_to_start(parameters: Parameters) -> int:
    """Return about how many operations it takes to bring a model to its initial state."""
    return parameters.memory


class Budget:
    """What the frames of an archive may cost.

    Parameters
    ----------
    limit : int or None
        Operations for a byte of content; and on average for a byte of archive and content,
        those for models that are started. None: no limit.
    seen : int
        Bytes of archive and content before the first frame.
    """

    def __init__(self, limit: int | None, seen: int = 0) -> None:
        self._limit = optional_integer(limit, "cost_limit", 0)
        self._granted_at = seen - _ALLOWANCE
        self._spent = 0
        self._last: Parameters | None = None

    def check(self, header: FrameHeader) -> None:
        """Refuse a header whose frame takes too many operations for a byte.

        Raises
        ------
        CostLimitError
            With the operations for a byte, and the limit.
        """
        if self._limit is None:
            return
        needed = operations_per_byte(header.parameters)
        if needed > self._limit:
            raise CostLimitError(
                f"decoding needs {needed:,} operations for each byte, the limit is "
                f"{self._limit:,}; raise it with cost_limit (--cost-limit on the command line)",
                needed=needed,
                limit=self._limit,
            )

    def start(self, parameters: Parameters, seen: int) -> None:
        """Pay for a model that is started, at so many bytes of archive and content.

        Raises
        ------
        CostLimitError
            If many models were started for few bytes.
        """
        if self._limit is None:
            return
        again = parameters == self._last
        self._spent += operations_to_start(parameters) * (1 if again else _BUILD)
        self._last = parameters
        bytes_seen = seen - self._granted_at
        if self._spent > self._limit * bytes_seen:
            needed = -(-self._spent // bytes_seen)
            raise CostLimitError(
                f"so many small frames need {needed:,} operations for each byte, the limit is "
                f"{self._limit:,}; raise it with cost_limit (--cost-limit on the command line)",
                needed=needed,
                limit=self._limit,
            )
