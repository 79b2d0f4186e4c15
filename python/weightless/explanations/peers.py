"""What zstd and xz make of the same content, for comparison with the learning curve."""

from __future__ import annotations

import shutil
import subprocess

__all__ = ["learning_curves"]

_POINTS = 8


def learning_curves(content: bytes) -> dict[str, list[tuple[int, int]]]:
    """Return the sizes of the content's beginnings, compressed by other programs.

    Parameters
    ----------
    content : bytes
        The content.

    Returns
    -------
    dict of str to list of (int, int)
        For each program that is installed, pairs of bytes of content and compressed bytes.
    """
    points = [len(content) * (i + 1) // _POINTS for i in range(_POINTS)]
    ends = sorted({point for point in points if point})
    curves: dict[str, list[tuple[int, int]]] = {}
    if not ends:
        return curves
    for name, command in (("zstd -19", ["zstd", "-19", "-c"]), ("xz -9", ["xz", "-9", "-c"])):
        if shutil.which(command[0]) is None:
            continue
        sizes = []
        for end in ends:
            done = subprocess.run(command, input=content[:end], capture_output=True, check=False)
            if done.returncode:
                break
            sizes.append((end, len(done.stdout)))
        else:
            curves[name] = sizes
    return curves
