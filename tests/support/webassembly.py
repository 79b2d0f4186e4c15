"""The WebAssembly module under wasmtime, driven as the page drives it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

__all__ = ["FOLDER", "ModuleError", "Runner", "built"]

#: Where ``python tools/webassembly/build.py`` writes.
FOLDER = Path(
    os.environ.get("WEIGHTLESS_WEBASSEMBLY", Path(__file__).parents[2] / "build" / "webassembly")
)


def built(name: str) -> Path:
    """Return the path of a file that has been built; skip the test if it has not."""
    path = FOLDER / name
    if not path.exists():
        pytest.skip("not built: tools/webassembly/build.py builds it, with the package ziglang")
    return path


class ModuleError(Exception):
    """What the module reports: the name of the package's exception, and the message."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind = kind
        self.message = message


class Runner:
    """Runs each call in an instance of its own, as each job of the page has one."""

    def __init__(self, path: Path) -> None:
        self._wasmtime = pytest.importorskip("wasmtime")
        self._engine = self._wasmtime.Engine()
        self.module = self._wasmtime.Module.from_file(self._engine, str(path))
        #: Bytes of memory that the last instance had in the end.
        self.memory = 0

    def compress(self, data: bytes, level: int, **options: Any) -> bytes:
        return self._run(data, "wl_compress", level, float(len(data)), **options)

    def decompress(self, data: bytes, **options: Any) -> bytes:
        return self._run(data, "wl_decompress", **options)

    def _run(
        self,
        data: bytes,
        start: str,
        *arguments: float,
        memory_limit: float = 2.0**32,
        memory: int | None = None,
        piece: int = 1 << 17,
        prior: bytes | None = None,
        progress: Callable[[float], object] = lambda position: None,
    ) -> bytes:
        w = self._wasmtime
        store = w.Store(self._engine)
        if memory is not None:
            store.set_limits(memory_size=memory)
        linker = w.Linker(self._engine)
        kind = w.FuncType([w.ValType.f64()], [])
        linker.define_func("weightless", "progress", kind, lambda position: progress(position))
        exports = linker.instantiate(store, self.module).exports(store)
        out = bytearray()

        def text(address: int) -> str:
            if not address:
                return ""
            held = exports["memory"]
            end = address
            while held.read(store, end, end + 1) != b"\0":
                end += 1
            return bytes(held.read(store, address, end)).decode()

        def call(name: str, *values: float) -> Any:
            trap = None
            result = None
            try:
                result = exports[name](store, *values)
            except w.Trap as error:
                trap = error
            self.memory = exports["memory"].data_len(store)
            if kind := text(exports["wl_error_kind"](store)):
                raise ModuleError(kind, text(exports["wl_error_message"](store)))
            if trap is not None:
                raise trap
            return result

        exports["_initialize"](store)
        call(start, *arguments, float(memory_limit))
        if prior is not None:
            address = call("wl_prior", float(len(prior))) & 0xFFFFFFFF
            exports["memory"].write(store, prior, address)
        pieces = [data[at : at + piece] for at in range(0, len(data), piece)]
        for part in [*pieces, b""]:
            address = call("wl_input", len(part)) & 0xFFFFFFFF
            exports["memory"].write(store, part, address)
            call("wl_feed", len(part))
            while call("wl_next"):
                address = exports["wl_output"](store) & 0xFFFFFFFF
                size = exports["wl_output_size"](store)
                out += exports["memory"].read(store, address, address + size)
        return bytes(out)
