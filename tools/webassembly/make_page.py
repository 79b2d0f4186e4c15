"""The page that makes and opens archives: one HTML file with the module and all scripts in it.

Its content-security policy allows the page's own script and style, by their hashes, a worker made
from a script in the page, and nothing else: no request.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
from pathlib import Path

__all__ = ["make_page"]

_PARTS = Path(__file__).parent / "page"
#: Helpers that the page of an explanation has, too.
_DOM = Path(__file__).parents[2] / "python" / "weightless" / "explanations" / "assets" / "dom.js"


def make_page(wasm: bytes) -> str:
    """Return the page.

    Parameters
    ----------
    wasm : bytes
        The module, as `compile_core.compile_module` writes it.
    """
    script = "\n".join(_read(p) for p in (_DOM, _PARTS / "jobs.js", _PARTS / "main.js"))
    style = _read(_PARTS / "page.css")
    policy = (
        f"default-src 'none'; script-src {_source(script)} 'wasm-unsafe-eval'; worker-src blob:; "
        f"style-src {_source(style)}; base-uri 'none'; form-action 'none'"
    )
    values = {
        "POLICY": policy,
        "STYLE": style,
        "WORKER": _read(_PARTS / "worker.js"),
        "WASM": base64.b64encode(gzip.compress(wasm, 9, mtime=0)).decode(),
        "SCRIPT": script,
    }
    out, rest = "", _read(_PARTS / "page.html")
    for name, value in values.items():
        before, found, rest = rest.partition(f"@{name}@")
        assert found, name
        out += before + value
    return out + rest


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _source(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
