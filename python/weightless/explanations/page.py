"""The page: one HTML file with everything in it.

Its content-security policy allows the page's own script and style, by their hashes, and nothing
else: no other script, no style attribute, no request. Content reaches the page only as data that
the script decodes and shows as text.
"""

from __future__ import annotations

import base64
import hashlib
import html
import importlib.resources
import json
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from weightless.explanations.figures import figures
from weightless.explanations.parts import is_text
from weightless.explanations.rows import find_rows

if TYPE_CHECKING:
    from weightless.explanations.explanation import Explanation

__all__ = ["render"]

#: The parts of the script, each of which uses those before it.
_SCRIPTS = (
    *("data", "dom", "scale", "content", "curve", "experts", "parts", "network", "lockstep"),
    "main",
)

#: Shorter matches are left out: where they are takes more room than everything else.
_SHORTEST_MATCH = 12

#: Units of a bit in the arrays of the page.
_FINE, _COARSE = 64, 8

#: Costs are nearly noise, in which zlib looks for repeats in vain. Runs alone take a fourth of the
#: time and are smaller.
_RUNS = zlib.Z_RLE
#: These repeat themselves.
_REPETITIVE = ("content", "matchLengths")
_REPEATS = zlib.Z_DEFAULT_STRATEGY


def render(explanation: Explanation) -> str:
    """Return the page of an explanation."""
    template, style = _asset("page.html"), _asset("page.css")
    script = "\n".join(_asset(f"{name}.js") for name in _SCRIPTS)
    policy = (
        f"default-src 'none'; script-src {_source(script)}; style-src {_source(style)}; "
        "base-uri 'none'; form-action 'none'"
    )
    # A file's name may have bytes that are not UTF-8, which Python holds as lone surrogates.
    name = explanation.name.encode(errors="backslashreplace").decode()
    values = {
        "POLICY": policy,
        "TITLE": html.escape(f"{name} \N{EM DASH} what each byte cost"),
        "STYLE": style,
        "DATA": json.dumps(_data(explanation), separators=(",", ":")),
        "SCRIPT": script,
    }
    page = template
    for place, value in values.items():
        before, found, after = page.partition(f"@{place}@")
        assert found, place
        # What follows is still the template, so nothing in a value is taken for a place in it.
        page = after
        values[place] = before + value
    return "".join(values.values()) + page


def _asset(name: str) -> str:
    folder = importlib.resources.files("weightless.explanations") / "assets"
    return (folder / name).read_text(encoding="utf-8")


def _source(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _data(explanation: Explanation) -> dict[str, str]:
    """Return the figures and the arrays, each compressed and in base64, by name."""
    e = explanation
    matched = e.match_lengths >= _SHORTEST_MATCH
    arrays: dict[str, npt.NDArray[Any]] = {
        "content": e.content,
        "bits": _units(e.bits, _FINE, np.uint16),
        "network": _units(e.network_bits, _COARSE, np.uint8),
        "experts": _units(e.experts_bits, _COARSE, np.uint8),
        "ranks": e.ranks if len(e.network_bits) else np.zeros(0, np.uint8),
        "kinds": e.kinds,
        "matchLengths": np.where(matched, np.minimum(e.match_lengths, 255), 0).astype(np.uint8),
        "matchDistances": np.where(matched, e.positions - e.match_places, 0).astype(np.uint32),
        "hidden": _hidden(e),
    }
    facts = figures(e)
    starts = np.flatnonzero(np.diff(e.positions, prepend=-2) != 1)
    facts["windows"] = [[int(i), int(e.positions[i])] for i in starts]
    facts["text"] = is_text(e.content.tobytes())
    row = find_rows(e.content)
    facts["row"], facts["rowStart"] = row.size, row.start
    facts["hiddenWidth"] = int(e.hidden.shape[1])
    packed = {
        name: _pack(_planes(array), _REPEATS if name in _REPETITIVE else _RUNS)
        for name, array in arrays.items()
    }
    packed["figures"] = _pack(json.dumps(facts, separators=(",", ":")).encode(), _REPEATS)
    return packed


def _units(
    bits: npt.NDArray[np.float64], per_bit: int, kind: type[np.unsignedinteger[Any]]
) -> npt.NDArray[Any]:
    """Round costs to units; what is rounded off is carried on, so that sums remain right."""
    ends = np.rint(np.concatenate([[0.0], np.cumsum(bits)]) * per_bit)
    units: npt.NDArray[Any] = np.clip(np.diff(ends), 0, np.iinfo(kind).max).astype(kind)
    return units


def _hidden(explanation: Explanation) -> npt.NDArray[np.uint8]:
    shades: npt.NDArray[np.uint8] = np.rint(explanation.hidden * 127 + 128).astype(np.uint8)
    return shades


def _planes(array: npt.NDArray[Any]) -> bytes:
    """Return the lower bytes of all elements, then the next ones: they compress better apart."""
    size = array.dtype.itemsize
    little = np.ascontiguousarray(array.astype(array.dtype.newbyteorder("<")))
    return little.view(np.uint8).reshape(-1, size).T.tobytes()


def _pack(data: bytes, strategy: int) -> str:
    packer = zlib.compressobj(strategy=strategy)
    return base64.b64encode(packer.compress(data) + packer.flush()).decode()
