"""The plot of bits per byte over speed, with the Pareto front, in both directions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from comparison.programs import WEIGHTLESS
from comparison.results import Comparison, Summary

__all__ = ["front", "plot"]


def front(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the Pareto front of points (speed, bits per byte), fastest first."""
    best: list[tuple[float, float]] = []
    for speed, bits in sorted(points, key=lambda point: (-point[0], point[1])):
        if not best or bits < best[-1][1]:
            best.append((speed, bits))
    return best


def plot(comparison: Comparison, paths: Sequence[Path]) -> None:
    """Plot the comparison to files, in the formats that their suffixes name."""
    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams["svg.hashsalt"] = "weightless"  # equal figures, equal files
    import matplotlib.pyplot as plt
    from matplotlib.ticker import FuncFormatter

    summaries = comparison.summaries()
    families = list(dict.fromkeys(summary.family for summary in summaries))
    ways: tuple[tuple[str, Callable[[Summary], float]], ...] = (
        ("compression", lambda summary: summary.compress_speed),
        ("decompression", lambda summary: summary.decompress_speed),
    )
    figure, axes = plt.subplots(1, 2, figsize=(12, 5.5), sharey=True, layout="constrained")
    for axis, (title, speed) in zip(axes, ways, strict=True):
        line = front([(speed(s), s.bits_per_byte) for s in summaries])
        axis.step(*zip(*line, strict=True), where="post", color="0.8", linewidth=5, zorder=0)
        for number, family in enumerate(families):
            own = [summary for summary in summaries if summary.family == family]
            bold = family == WEIGHTLESS
            axis.plot(
                [speed(summary) for summary in own],
                [summary.bits_per_byte for summary in own],
                marker="o" if bold else "s",
                markersize=6 if bold else 4,
                linewidth=2 if bold else 1,
                color="black" if bold else f"C{number % 10}",
                label=family,
            )
            for summary in own:
                axis.annotate(
                    summary.program.removeprefix(family).strip() or family,
                    (speed(summary), summary.bits_per_byte),
                    xytext=(4, 4),
                    textcoords="offset points",
                    fontsize=7,
                )
        axis.set_xscale("log")
        axis.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axis.set_xlabel(f"{title}, KB/s of CPU time")
        axis.grid(which="both", linewidth=0.3)
    axes[0].set_ylabel("bits per byte, all files (less is better)")
    axes[0].legend(fontsize=8)
    for path in paths:
        metadata = {"Date": None} if path.suffix == ".svg" else {}
        figure.savefig(path, dpi=120, metadata=metadata)
    plt.close(figure)
