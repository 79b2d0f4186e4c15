"""Build the WebAssembly module, the page that uses it, and the self-test for WASI.

``python tools/webassembly/build.py`` writes ``weightless.wasm`` and ``weightless.html``, and
``build.py selftest`` writes ``selftest.wasm``. It needs the package ziglang, and nothing else.
"""

from __future__ import annotations

import argparse
import importlib.util
from collections.abc import Callable
from pathlib import Path

from compile_core import compile_module, compile_selftest
from make_page import make_page

_DEFAULT = Path(__file__).resolve().parents[2] / "build" / "webassembly"


def _main() -> None:
    parser = argparse.ArgumentParser(prog="build.py", description=__doc__)
    parser.add_argument(
        "parts", nargs="*", help="module, page (uses the module that is there), selftest"
    )
    parser.add_argument("--output", type=Path, default=_DEFAULT, help="the folder to write to")
    parser.add_argument("--no-simd", action="store_true", help="for hosts without SIMD")
    arguments = parser.parse_args()
    parts: list[str] = arguments.parts or ["module", "page"]
    for part in parts:
        if part not in _PARTS:
            parser.error(f"there is no part {part!r}; there are {', '.join(_PARTS)}")
    if parts != ["page"] and importlib.util.find_spec("ziglang") is None:
        parser.error("the package ziglang is missing: pip install -r .ci/requirements.txt")
    folder: Path = arguments.output
    folder.mkdir(parents=True, exist_ok=True)
    for part, (name, make) in _PARTS.items():
        if part in parts:
            make(folder / name, not arguments.no_simd)
            print(f"{folder / name}: {(folder / name).stat().st_size:,} bytes")


def _write_page(output: Path, simd: bool) -> None:
    module = output.with_name(_PARTS["module"][0])
    output.write_text(make_page(module.read_bytes()), encoding="utf-8", newline="\n")


#: Names of the files, and what writes them, in this order.
_PARTS: dict[str, tuple[str, Callable[[Path, bool], None]]] = {
    "module": ("weightless.wasm", compile_module),
    "page": ("weightless.html", _write_page),
    "selftest": ("selftest.wasm", compile_selftest),
}


if __name__ == "__main__":
    _main()
