"""An archive that the command made on any target is the same, and everything opens it.

The command, the module, the page and, if it is of the network alone, the decoder that was written
from the documents.
"""

from __future__ import annotations

import network_reader
import pytest
from browser import needs_chromium
from conftest import Run
from data import records, text
from test_archive_page import Page, browser, page
from webassembly import Runner, built

from weightless import _core

__all__ = ["browser", "page"]  # fixtures

pytest.importorskip("wasmtime", reason="the tests' extra is not installed")

CONTENT = text(80) + records(60)


@needs_chromium
@pytest.mark.parametrize("option", ["-1", "-6", "-9", "--network-alone"])
def test_everything_opens_it(page: Page, run: Run, option: str) -> None:
    made = {
        target: run(option, stdin=CONTENT, env={"WEIGHTLESS_TARGET": target})
        for target in _core.targets()
    }
    assert {done.returncode for done in made.values()} == {0}
    (archive,) = {done.stdout for done in made.values()}
    for target in made:
        opened = run("-d", stdin=archive, env={"WEIGHTLESS_TARGET": target})
        assert opened.stdout == CONTENT, target
    module = Runner(built("weightless.wasm"))
    if option != "--network-alone":
        assert module.compress(CONTENT, int(option[1:])) == archive
    else:
        assert network_reader.read(archive) == CONTENT
    assert module.decompress(archive) == CONTENT
    assert page.make("archive.wl", archive) == CONTENT
