"""The WebAssembly module decodes golden archives, and refuses bad ones with the errors due."""

from __future__ import annotations

import pytest
from test_bad_archives import FOLDER as BAD
from test_bad_archives import rows
from test_golden_archives import FOLDERS, golden
from webassembly import ModuleError, Runner, built

pytest.importorskip("wasmtime", reason="the tests' extra is not installed")


@pytest.fixture(scope="module")
def runner() -> Runner:
    return Runner(built("weightless.wasm"))


@pytest.mark.parametrize("folder", FOLDERS)
def test_archives_decode(runner: Runner, folder: str) -> None:
    """A few of each parameter set, other kinds for another one."""
    items = [item for item in golden(folder) if item.prior == "-"]
    first = FOLDERS.index(folder)
    for item in items[first::11] if len(items) > 11 else items:
        item.check(runner.decompress(item.archive))


def test_bad_archives_have_the_errors_due(runner: Runner) -> None:
    for name, error, message, _ in rows():
        with pytest.raises(ModuleError) as caught:
            runner.decompress((BAD / name).read_bytes())
        assert caught.value.kind == error, name
        assert caught.value.message.startswith(message), name
