"""A store like S3 that runs here (moto's server), and counts the requests that it gets."""

from __future__ import annotations

import logging
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from unittest import mock

import fsspec

__all__ = ["Request", "S3Store", "s3_store"]


class Request(NamedTuple):
    """A request: its method, the path of the object or bucket, and whether it lists."""

    method: str
    path: str
    lists: bool


class S3Store:
    """A running store.

    Attributes
    ----------
    endpoint : str
        Its address.
    options : dict
        Options of fsspec's file system for it.
    requests : list of Request
        What it was asked since the list was cleared.
    """

    def __init__(self, endpoint: str, requests: list[Request]) -> None:
        self.endpoint = endpoint
        self.options = {"key": "key", "secret": "secret", "endpoint_url": endpoint}
        self.requests = requests

    def new(self) -> Any:
        """Return a file system with an empty bucket, named bucket, and nothing else."""
        urllib.request.urlopen(f"{self.endpoint}/moto-api/reset", data=b"")
        fsspec.filesystem("s3").clear_instance_cache()
        fs = fsspec.filesystem("s3", **self.options)
        fs.invalidate_cache()
        fs.mkdir("bucket")
        self.requests.clear()
        return fs

    def ask_for_credentials_after(self, requests: float) -> None:
        """Accept any key for a number of requests, and refuse all afterwards."""
        urllib.request.urlopen(
            urllib.request.Request(
                f"{self.endpoint}/moto-api/reset-auth",
                data=str(requests).encode(),
                headers={"Content-Type": "text/plain"},
            )
        )


@contextmanager
def s3_store() -> Iterator[S3Store]:
    """Run a store."""
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication
    from moto.server import ThreadedMotoServer

    requests: list[Request] = []
    answer: Callable[..., Any] = DomainDispatcherApplication.__call__

    def counted(self: Any, environ: dict[str, Any], start_response: Any) -> Any:
        if not environ["PATH_INFO"].startswith("/moto-api"):
            lists = "prefix=" in environ.get("QUERY_STRING", "")
            path = environ["PATH_INFO"].strip("/")
            requests.append(Request(environ["REQUEST_METHOD"], path, lists))
        return answer(self, environ, start_response)

    logger = logging.getLogger("werkzeug")
    level = logger.level
    with mock.patch.object(DomainDispatcherApplication, "__call__", counted):
        logger.setLevel(logging.ERROR)
        server = ThreadedMotoServer(port=0, verbose=False)
        server.start()
        host, port = server.get_host_and_port()
        try:
            yield S3Store(f"http://{host}:{port}", requests)
        finally:
            server.stop()
            logger.setLevel(level)
