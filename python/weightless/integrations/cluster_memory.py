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


def ask_for_memory(client: Any) -> int | None:
    """Let the workers of a client declare their memory; return the largest amount, if any is there.

    A worker can be started with another amount:
    ``dask worker --resources "weightless-memory=8e9"``.
    """
    from distributed import SchedulerPlugin, WorkerPlugin

    class Plugin(_MemoryOfWorker, WorkerPlugin):
        pass

    # A local class is pickled with its code: the scheduler need not have this package.
    class NewWorkers(SchedulerPlugin):
        """Notes the memory of a new worker before the scheduler looks for tasks that it can run.

        The worker itself declares it later, and no task that waited for a worker with the resource
        would be given to it.
        """

        name = RESOURCE
        idempotent = True

        def add_worker(self, scheduler: Any, worker: str) -> None:
            state = scheduler.workers[worker]
            if RESOURCE not in state.resources:
                memory = state.memory_limit or 1 << 62  # until the worker declares it
                scheduler.add_resources(worker=worker, resources={RESOURCE: memory})

    client.register_plugin(NewWorkers())
    client.register_plugin(Plugin())
    workers = client.scheduler_info(n_workers=-1)["workers"].values()
    return max((int(worker["resources"].get(RESOURCE, 0)) for worker in workers), default=None)
