"""`weightless -l`: list the contents of archives from their headers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from weightless.cli.console import printable
from weightless.container.scan import ArchiveInfo, scan_archive
from weightless.errors import UnsuitableFileError
from weightless.files.inputs import is_regular, open_input
from weightless.sizes import human_size

__all__ = ["read_info", "table", "to_json"]

_HEADINGS = ("Frames", "Blocks", "Compressed", "Uncompressed", "Ratio", "Memory", "Filename")


def read_info(path: Path) -> ArchiveInfo:
    """Scan an archive, reading only its headers."""
    with open_input(path) as (stream, status):
        if not is_regular(status):
            raise UnsuitableFileError(22, "is not a regular file", str(path))
        return scan_archive(stream)


def table(infos: list[tuple[str, ArchiveInfo]]) -> str:
    """Return a table with a line for each archive, and a total if there are several.

    Lines that name the priors needed follow.
    """
    rows = [_row(name, [info]) for name, info in infos]
    if len(infos) > 1:
        rows.append(_row(f"{len(infos)} files", [info for _, info in infos]))
    return "".join(
        f"{a:>6} {b:>7} {c:>11} {d:>13} {e:>7} {f:>9}  {g}\n"
        for a, b, c, d, e, f, g in (_HEADINGS, *rows)
    ) + "".join(
        f"{printable(name)}: needs the prior with the XXH3-128 hash {prior.hex} "
        f"({prior.size} bytes)\n"
        for name, info in infos
        for prior in info.priors
    )


def _row(name: str, infos: list[ArchiveInfo]) -> tuple[str, ...]:
    compressed = sum(info.compressed_size for info in infos)
    raw = sum(info.raw_size for info in infos)
    return (
        str(sum(len(info.frames) - info.skippable for info in infos)),
        str(sum(info.blocks for info in infos)),
        human_size(compressed),
        human_size(raw),
        f"{raw / compressed if compressed else 0:.3f}",
        human_size(max(info.memory for info in infos)),
        printable(name),
    )


def to_json(infos: list[tuple[str, ArchiveInfo]]) -> str:
    """Return everything the headers state as JSON, one object for each archive."""
    import json

    return json.dumps([_record(name, info) for name, info in infos], indent=2) + "\n"


def _record(name: str, info: ArchiveInfo) -> dict[str, Any]:
    return {
        "filename": name,
        "compressed_size": info.compressed_size,
        "uncompressed_size": info.raw_size,
        "ratio": round(info.ratio, 4),
        "memory": info.memory,
        "frames": [
            {
                "offset": frame.offset,
                "compressed_size": frame.size,
                "uncompressed_size": frame.raw_size,
                "blocks": frame.blocks,
                "skippable": frame.header is None,
                "prior": (
                    {"xxh3_128": frame.header.prior.hex, "size": frame.header.prior.size}
                    if frame.header and frame.header.prior
                    else None
                ),
                "kept": frame.header is not None and frame.header.kept,
                "parameter_set": frame.header.set_id if frame.header else None,
                "parameters": (
                    dict(
                        zip(
                            frame.header.parameters.names(),
                            frame.header.parameters.values,
                            strict=True,
                        )
                    )
                    if frame.header
                    else None
                ),
            }
            for frame in info.frames
        ],
    }
