"""Run a WASI program with wasmtime: ``python run_wasi.py PROGRAM.wasm [ARGUMENT...]``."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import wasmtime

__all__ = ["run"]


def run(command: Sequence[str]) -> int:
    """Run a program with this process's environment and output; return its exit code."""
    engine = wasmtime.Engine()
    store = wasmtime.Store(engine)
    linker = wasmtime.Linker(engine)
    linker.define_wasi()
    config = wasmtime.WasiConfig()
    config.argv = list(command)
    config.inherit_env()
    config.inherit_stdout()
    config.inherit_stderr()
    store.set_wasi(config)
    module = wasmtime.Module.from_file(engine, command[0])
    start = linker.instantiate(store, module).exports(store)["_start"]
    assert isinstance(start, wasmtime.Func)
    try:
        start(store)
    except wasmtime.ExitTrap as end:
        return int(end.code)
    return 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
