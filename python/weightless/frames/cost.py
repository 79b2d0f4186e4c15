"""The computational cost of decoding: its estimate from a frame header, and its limit.

Source: ``docs/format.md``, "Cost of decoding".
"""

from __future__ import annotations

from weightless.container.header import FrameHeader, PriorName
from weightless.errors import CostLimitError
from weightless.integers import optional_integer
from weightless.parameters import Parameters

__all__ = ["DEFAULT_COST_LIMIT", "Budget", "operations_per_byte", "operations_to_start"]

#: The default limit in operations per byte: 32 times the cost of level 9.
DEFAULT_COST_LIMIT = 1 << 25

# Operations per byte of the experts, by the parameter `experts`.
_EXPERTS = (0, 50_000, 120_000, 220_000, 500_000)
# Operations per weight of the network: forward pass, backward pass and gradient for each byte,
# and the optimiser once per horizon.
_WEIGHT = 3
_UPDATE = 24
# Operations per byte of the rest of the network (softmax, input columns), and of each context
# of the n-gram logits.
_NETWORK = 25_000
_NGRAM = 2_000
# Building a model costs this many times as much as resetting one.
_BUILD = 4
# The number of bytes that are credited in advance for starting models.
_ALLOWANCE = 1 << 14


def operations_per_byte(parameters: Parameters) -> int:
    """Estimate the number of operations that decoding a byte of content takes.

    The unit is a multiply-add of the network, of which one core executes 10^10 to 5 * 10^10
    per second. The work of the experts is converted to this unit by its time.
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
    """Estimate the number of operations that resetting a model takes: one per byte of it."""
    return parameters.memory


class Budget:
    """Enforces the cost limit over the frames of an archive.

    Parameters
    ----------
    limit : int or None
        Largest number of operations per byte of content, and largest average number of
        operations per byte of archive and content that is spent on starting models. None
        means no limit.
    seen : int
        Bytes of archive and content before the first frame.
    given : PriorName, optional
        The prior that the caller has given. Reading it is allowed for as bytes of content are.

    Raises
    ------
    ParameterError
        If the limit is out of range.
    TypeError
        If the limit is not an integer.
    """

    def __init__(self, limit: int | None, seen: int = 0, given: PriorName | None = None) -> None:
        self._limit = optional_integer(limit, "cost_limit", 0)
        self._given = given
        self._granted_at = seen - _ALLOWANCE - (0 if given is None else given.size)
        self._spent = 0
        self._last: Parameters | None = None
        self._primed: dict[
            PriorName, Parameters
        ] = {}  # of the last models by their priors, two at most

    def check(self, header: FrameHeader) -> None:
        """Check the cost per byte of a frame.

        Raises
        ------
        CostLimitError
            If the frame takes more operations per byte than the limit allows.
        """
        if self._limit is None:
            return
        needed = operations_per_byte(header.parameters)
        if needed > self._limit:
            raise CostLimitError(
                f"decoding needs {needed:,} operations per byte, but the limit is "
                f"{self._limit:,}; raise it with cost_limit (--cost-limit on the command line)",
                needed=needed,
                limit=self._limit,
            )

    def start(self, header: FrameHeader, seen: int) -> None:
        """Account for starting a model.

        Parameters
        ----------
        header : FrameHeader
            The header of the frame. Starting its model is cheaper if the previous model had the
            same parameters, as it can be reset, and if one has read the same prior.
        seen : int
            Bytes of archive and content before the block that needs the model.

        Raises
        ------
        CostLimitError
            If too many models have been started for the number of bytes.
        """
        if self._limit is None:
            return
        parameters, prior = header.parameters, header.prior
        if prior is None:
            again = parameters == self._last
            # The model of a frame that is kept becomes the state after a prior, and the next frame
            # needs another one.
            self._last = None if header.kept else parameters
        else:
            again = parameters == self._primed.get(prior)
            if prior not in self._primed and prior != self._given:
                # It is content that has been decoded. Reading it once more is allowed for, too,
                # whether or not that was before the first frame of this budget.
                self._granted_at -= prior.size
            if not again:
                self._spent += operations_per_byte(parameters) * prior.size
            others = {name: used for name, used in self._primed.items() if name != prior}
            self._primed = dict([*others.items(), (prior, parameters)][-2:])
        self._spent += operations_to_start(parameters) * (1 if again else _BUILD)
        bytes_seen = seen - self._granted_at
        if self._spent > self._limit * bytes_seen:
            needed = -(-self._spent // bytes_seen)
            raise CostLimitError(
                f"so many small frames need {needed:,} operations per byte, but the limit is "
                f"{self._limit:,}; raise it with cost_limit (--cost-limit on the command line)",
                needed=needed,
                limit=self._limit,
            )
