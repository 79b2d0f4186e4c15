"""Models that have read a prior, which frames start from and return to."""

from __future__ import annotations

import os
import threading

from weightless import _core
from weightless.container.checks import prior_hash
from weightless.container.header import MAX_PRIOR_SIZE, PriorName
from weightless.errors import ParameterError
from weightless.parameters import Parameters

__all__ = ["PriorModels"]


class PriorModels:
    """A prior, and the models that have read it.

    A model reads the prior once for each set of parameters. Its state is then kept, so that a
    model of a later frame only returns to it. An object may be shared between threads. It keeps
    the models of one set of parameters, the one used last: the state itself, and at most as many
    models as were in use at the same time.

    Parameters
    ----------
    content : bytes
        The bytes of the prior.

    Raises
    ------
    ParameterError
        If the prior is empty or larger than `MAX_PRIOR_SIZE`.
    """

    def __init__(self, content: bytes) -> None:
        if not 0 < len(content) <= MAX_PRIOR_SIZE:
            raise ParameterError(
                "the prior is empty"
                if not content
                else f"the prior has {len(content)} bytes, more than the limit of {MAX_PRIOR_SIZE}"
            )
        self._content = content
        #: What frames state about the prior.
        self.name = PriorName(prior_hash(content), len(content))
        self._lock = threading.RLock()  # a signal handler may interrupt reading
        self._process = os.getpid()
        self._parameters: Parameters | None = None
        self._snapshot: _core.Snapshot | None = None
        self._idle: list[_core.Codec] = []

    def take(self, parameters: Parameters, *, threads: int = 1) -> _core.Codec:
        """Return a model that has read the prior and nothing else, for exclusive use.

        Parameters
        ----------
        parameters : Parameters
            Parameters of the model.
        threads : int
            Number of threads that may read the prior, if it has to be read.
        """
        self._follow_fork()
        codec: _core.Codec | None = None
        with self._lock:
            if self._parameters != parameters:
                # Release the old models before a new one is allocated.
                self._idle, self._snapshot, self._parameters = [], None, None
                snapshot = self._read(parameters, threads)
                self._idle, self._snapshot, self._parameters = [], snapshot, parameters
            assert self._snapshot is not None
            snapshot = self._snapshot
            if self._idle:
                codec = self._idle.pop()
        if codec is None:
            return snapshot.codec()
        codec.revert()
        return codec

    def give_back(self, parameters: Parameters, codec: _core.Codec) -> None:
        """Return a model, which must not have failed, for later frames."""
        self._follow_fork()
        with self._lock:
            if self._parameters == parameters:
                self._idle.append(codec)

    def adopt(self, parameters: Parameters, codec: _core.Codec) -> None:
        """Take over a model that has coded the prior's bytes and nothing else."""
        self._follow_fork()
        with self._lock:
            self._idle = []
            self._snapshot = codec.freeze()
            self._parameters = parameters

    def release(self) -> None:
        """Release all models; a later use reads the prior again."""
        self._follow_fork()
        with self._lock:
            self._idle, self._snapshot, self._parameters = [], None, None

    def _read(self, parameters: Parameters, threads: int) -> _core.Snapshot:
        codec = parameters.codec()
        codec.set_threads(threads)
        codec.absorb(self._content)
        return codec.freeze()

    def _follow_fork(self) -> None:
        """Replace the lock, and what it may have protected in the middle of a change, after a fork.

        Another thread of the parent process may have held it, for as long as reading takes. The
        child process has its own copy of a snapshot, which it can use.
        """
        if self._process != os.getpid():
            self._lock = threading.RLock()
            self._idle = []
            if self._snapshot is None or self._parameters is None:
                self._snapshot = self._parameters = None
            self._process = os.getpid()
