"""Build the WebAssembly module, the page that uses it, and the self-test for WASI.

``python tools/webassembly/build.py`` writes ``weightless.wasm`` and ``weightless.html``. It needs
the package ziglang, and nothing else.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from compile_core import compile_module, compile_selftest
from make_page import make_page

_DEFAULT = Path(__file__).resolve().parents[2] / "build" / "webassembly"


def _main() -> None:
    parser = argparse.ArgumentParser(prog="build.py", description=__doc__)
    parser.add_argument("--output", type=Path, default=_DEFAULT, help="the folder to write to")
    parser.add_argument("--no-simd", action="store_true", help="for hosts without SIMD")
    parser.add_argument("--selftest", action="store_true", help="build the self-test, too")
    parser.add_argument("--page-only", action="store_true", help="use the module that is there")
    arguments = parser.parse_args()
    folder: Path = arguments.output
    folder.mkdir(parents=True, exist_ok=True)
    module = folder / "weightless.wasm"
    if not arguments.page_only:
        compile_module(module, simd=not arguments.no_simd)
    page = make_page(module.read_bytes())
    (folder / "weightless.html").write_text(page, encoding="utf-8", newline="\n")
    if arguments.selftest:
        compile_selftest(folder / "selftest.wasm", simd=not arguments.no_simd)
    for name in ("weightless.wasm", "weightless.html"):
        print(f"{folder / name}: {(folder / name).stat().st_size:,} bytes")


if __name__ == "__main__":
    _main()
