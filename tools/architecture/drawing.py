"""The picture itself, as SVG."""

from __future__ import annotations

import itertools
from xml.sax.saxutils import escape

from graph import Graph, reduce
from layout import Place, arrange

#: What each box is, in a few words, and the steps of docs/architecture.md that pass it.
BOXES: dict[str, tuple[str, str]] = {
    "cli": ("the command", ""),
    "integrations": ("fsspec, zarr, tarfile, ...", ""),
    "api": ("compress, decompress", "1"),
    "predictor": ("Predictor, byte by byte", ""),
    "explanations": ("what each byte cost", ""),
    "streams": ("file-like objects", ""),
    "files": ("files that appear whole", "2"),
    "frames": ("frames, on several threads", "3"),
    "container": ("headers, blocks, checks", "4"),
    "levels": ("levels, parameters", "5"),
    "bindings": ("weightless._core", "6"),
    "explain": ("what the predictor does", ""),
    "codec": ("one block", "7"),
    "coder": ("arithmetic coder", "14"),
    "model/predictor": ("P(next bit)", "8"),
    "model/threads": ("work on two threads", "9"),
    "model/recipes": ("what each level is made of", "10"),
    "model/experts": ("contexts, by kind of data", "11"),
    "model/history": ("what remembers", "11"),
    "model/network": ("LSTM, n-gram logits", "12"),
    "model/mixing": ("many predictions to one", "13"),
    "kernels": ("hot loops, SIMD", ""),
    "fixed": ("integer arithmetic, tables", ""),
}
PYTHON = {
    *("cli", "integrations", "api", "predictor", "explanations", "streams"),
    *("files", "frames", "container", "levels"),
}

WIDTH, HEIGHT = 168, 46  # of a box
ACROSS, DOWN = 194, 80  # from one box to the next
MARGIN = 24

STYLE = """\
  text { font-family: "Helvetica Neue", Arial, sans-serif; text-anchor: middle; fill: #1d2733; }
  .name { font-size: 14px; font-weight: bold; }
  .what { font-size: 11.5px; fill: #46525f; }
  .side { font-size: 12.5px; fill: #46525f; text-anchor: start; }
  .step { font-size: 11px; font-weight: bold; fill: #ffffff; }
  .python { fill: #fff4d6; stroke: #b98b1f; }
  .core { fill: #dfeaf7; stroke: #3f6ea3; }
  .bindings { fill: #e6f1e3; stroke: #4d8a45; }
  .arrow { fill: none; stroke: #6b7785; stroke-width: 1.4; marker-end: url(#head); }
"""


def draw(graph: Graph) -> str:
    """Return the picture of a graph.

    Raises
    ------
    SystemExit
        For a box that BOXES does not describe.
    """
    if unknown := sorted(set(graph) - set(BOXES)):
        raise SystemExit(
            f"{', '.join(unknown)}: say in tools/architecture/drawing.py (BOXES) what it is, or in "
            "graph.py that it is left out"
        )
    places, arrows = arrange(reduce(graph))
    columns = max(x for path in [*arrows.values(), list(places.values())] for _, x in path)
    width = round(2 * MARGIN + columns * ACROSS + WIDTH)
    rows = 1 + max(row for row, _ in places.values())
    legend = 2 * MARGIN + (rows - 1) * DOWN + HEIGHT + 12
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {legend + 44}" '
        f'width="{width}" height="{legend + 44}" role="img" aria-labelledby="title">',
        '<title id="title">Which folder of weightless uses which</title>',
        f"<style>\n{STYLE}</style>",
        '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
        'markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z" fill="#6b7785"/></marker></defs>',
        f'<rect width="{width}" height="{legend + 44}" fill="#ffffff"/>',
    ]
    for edge in sorted(arrows):
        out.append(f'<path class="arrow" d="{_curve(arrows[edge])}"/>')
    for box in sorted(places):
        out += _box(box, places[box])
    out += _legend(legend)
    return "\n".join([*out, "</svg>", ""])


def _box(box: str, place: Place) -> list[str]:
    what, step = BOXES[box]
    kind = "python" if box in PYTHON else "bindings" if box == "bindings" else "core"
    x, y = _corner(place)
    middle = x + WIDTH // 2
    out = [
        f'<rect class="{kind}" x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="6"/>',
        f'<text class="name" x="{middle}" y="{y + 20}">{escape(box)}</text>',
        f'<text class="what" x="{middle}" y="{y + 36}">{escape(what)}</text>',
    ]
    if step:
        out.append(f'<circle cx="{x + 2}" cy="{y + 2}" r="10" fill="#1d2733"/>')
        out.append(f'<text class="step" x="{x + 2}" y="{y + 6}">{step}</text>')
    return out


def _corner(place: Place) -> tuple[int, int]:
    row, x = place
    return MARGIN + round(x * ACROSS), MARGIN + row * DOWN


def _curve(path: list[Place]) -> str:
    """From the lower edge of the first box to the upper edge of the last."""
    points = []
    for i, place in enumerate(path):
        x, y = _corner(place)
        x += WIDTH // 2
        if i > 0:
            points.append((x, y - (2 if i == len(path) - 1 else 0)))
        if i < len(path) - 1:
            points.append((x, y + HEIGHT))
    d = f"M{points[0][0]} {points[0][1]}"
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        if x0 == x1:
            d += f" L{x1} {y1}"
        else:
            half = (y1 - y0) // 2
            d += f" C{x0} {y0 + half} {x1} {y1 - half} {x1} {y1}"
    return d


def _legend(y: int) -> list[str]:
    out = []
    x = MARGIN
    for kind, text in (
        ("python", "python/weightless"),
        ("bindings", "cpp/bindings"),
        ("core", "cpp/src"),
    ):
        out.append(f'<rect class="{kind}" x="{x}" y="{y}" width="16" height="12" rx="3"/>')
        out.append(f'<text class="side" x="{x + 22}" y="{y + 10}">{text}</text>')
        x += 150
    text = "An arrow: uses (what follows from others is left out). A number: a step of the page."
    out.append(f'<text class="side" x="{MARGIN}" y="{y + 32}">{text}</text>')
    return out
