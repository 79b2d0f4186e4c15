"""The memory of dask's workers as a resource, so that no more tasks start than fit."""

from __future__ import annotations

from typing import Any

__all__ = ["RESOURCE", "ask_for_memory"]

#: The name of the resource; a worker has as many of it as it has bytes of memory.
RESOURCE = "weightless-memory"


class _MemoryOfWorker:
    """A plugin that tells the scheduler the memory of a worker; new workers get it too."""

    name = RESOURCE

    async def setup(self, worker: Any) -> None:
        """Declare the resource, unless the worker was started with it."""
        if RESOURCE not in worker.state.total_resources:
            await worker.set_resources(**{RESOURCE: _memory(worker)})


def _memory(worker: Any) -> int:
    limit = worker.memory_manager.memory_limit
    if limit:
        return int(limit)
    from distributed.system import MEMORY_LIMIT

    return int(MEMORY_LIMIT)


def ask_for_memory(client: Any) -> int:
    """Let the workers of a client declare their memory; return the largest amount.

    A worker can be started with another amount:
    ``dask worker --resources "weightless-memory=8e9"``.
    """
    from distributed import WorkerPlugin

    class Plugin(_MemoryOfWorker, WorkerPlugin):
        pass

    client.register_plugin(Plugin())
    workers = client.scheduler_info(n_workers=-1)["workers"].values()
    return max((int(worker["resources"].get(RESOURCE, 0)) for worker in workers), default=0)
