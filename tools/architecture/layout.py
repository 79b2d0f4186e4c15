"""Where each box stands: above all that it uses, and near it (Sugiyama's method)."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from graph import Graph

#: Rounds in which the order within rows is improved.
ROUNDS = 24

Place = tuple[int, float]  # row from the top; position in it, in widths of a box


def arrange(graph: Graph) -> tuple[dict[str, Place], dict[tuple[str, str], list[Place]]]:
    """Return the place of each box, and the places that each arrow passes on its way."""
    height: dict[str, int] = {}

    def measure(box: str) -> int:
        if box not in height:
            height[box] = 1 + max((measure(used) for used in graph[box]), default=-1)
        return height[box]

    top = max(measure(box) for box in graph)
    rows: list[list[str]] = [[] for _ in range(top + 1)]
    for box in sorted(graph):
        rows[top - height[box]].append(box)

    # An arrow over several rows keeps a place free in each row between.
    links: list[tuple[str, str]] = []
    paths: dict[tuple[str, str], list[str]] = {}
    for box in sorted(graph):
        for used in sorted(graph[box]):
            path = [box]
            for row in range(top - height[box] + 1, top - height[used]):
                path.append(f"{box}>{used}@{row}")
                rows[row].append(path[-1])
            path.append(used)
            paths[box, used] = path
            links += list(itertools.pairwise(path))

    above: dict[str, list[str]] = {name: [] for row in rows for name in row}
    below: dict[str, list[str]] = {name: [] for row in rows for name in row}
    for upper, lower in links:
        below[upper].append(lower)
        above[lower].append(upper)
    best = [list(row) for row in rows]
    for turn in range(ROUNDS):
        down = turn % 2 == 0
        order = range(len(rows)) if down else reversed(range(len(rows)))
        for i in order:
            _sort(rows[i], above if down else below, rows)
        if _crossings(rows, below) < _crossings(best, below):
            best = [list(row) for row in rows]

    places = _spread(best, above, below)
    arrows = {edge: [places[name] for name in path] for edge, path in paths.items()}
    return {box: places[box] for box in graph}, arrows


def _sort(row: list[str], neighbours: dict[str, list[str]], rows: list[list[str]]) -> None:
    position = {name: i / len(r) for r in rows for i, name in enumerate(r)}

    def centre(name: str) -> float:
        near = [position[other] for other in neighbours[name]]
        return sum(near) / len(near) if near else position[name]

    row.sort(key=lambda name: (round(centre(name), 9), name))


def _crossings(rows: list[list[str]], below: dict[str, list[str]]) -> int:
    count = 0
    for upper, lower in itertools.pairwise(rows):
        at = {name: i for i, name in enumerate(lower)}
        ends = [at[used] for name in upper for used in sorted(below[name], key=at.__getitem__)]
        count += sum(a > b for i, a in enumerate(ends) for b in ends[i + 1 :])
    return count


def _spread(
    rows: list[list[str]], above: dict[str, list[str]], below: dict[str, list[str]]
) -> dict[str, Place]:
    def room(name: str) -> float:
        return 0.45 if "@" in name else 1.0

    x: dict[str, float] = {}
    for row in rows:
        position = -sum(map(room, row)) / 2
        for name in row:
            x[name] = position + room(name) / 2
            position += room(name)
    # Each row by the one below it, from the bottom, then by the one above: what hangs on one
    # arrow hangs straight.
    for row in reversed(rows):
        _pull(row, below, x, room)
    for row in rows:
        _pull(row, above, x, room)
    least = min(x.values())
    return {name: (i, round(x[name] - least, 3)) for i, row in enumerate(rows) for name in row}


def _pull(
    row: list[str],
    neighbours: dict[str, list[str]],
    x: dict[str, float],
    room: Callable[[str], float],
) -> None:
    for name in row:
        near = [x[other] for other in neighbours[name]]
        x[name] = sum(near) / len(near) if near else x[name]
    for _ in range(200):
        for left, right in itertools.pairwise(row):
            lack = (room(left) + room(right)) / 2 - (x[right] - x[left])
            if lack > 0:
                x[left] -= lack / 2
                x[right] += lack / 2
