"""Human-readable sizes and times."""

from __future__ import annotations

__all__ = ["compare_sizes", "duration", "human_size"]


def human_size(size: float) -> str:
    """Format a size in bytes with three or four digits and a binary unit ("1.50 MiB")."""
    for unit in ("B", "KiB", "MiB", "GiB", "TiB"):
        if size < 1000 or unit == "TiB":
            break
        size /= 1024
    if unit == "B":
        return f"{int(size)} B"
    return f"{size:.2f} {unit}" if size < 10 else f"{size:.1f} {unit}"


def compare_sizes(one: int, other: int) -> tuple[str, str]:
    """Format two sizes for one message, in bytes if they would look the same when rounded."""
    shown = human_size(one), human_size(other)
    return shown if shown[0] != shown[1] else (f"{one} bytes", f"{other} bytes")


def duration(seconds: float) -> str:
    """Format a time roughly ("12 s", "3 min", "1.5 h")."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"
