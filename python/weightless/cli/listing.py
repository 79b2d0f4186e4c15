"""`weightless -l`: list the contents of archives from their headers."""

from __future__ import annotations

from typing import Any

from weightless.cli.console import printable
from weightless.cli.inputs import open_source
from weightless.container.scan import ArchiveInfo
from weightless.files.info import read_info
from weightless.levels import set_name
from weightless.sizes import duration, human_size

__all__ = ["list_archive", "table", "to_json"]

_HEADINGS = (
    *("Frames", "Blocks", "Level", "Compressed", "Uncompressed", "Ratio", "Memory", "Filename"),
)


def list_archive(name: str) -> ArchiveInfo:
    """Scan an archive, reading only its headers; a pipe is read whole."""
    with open_source(name) as stream:
        return read_info(stream)


def table(
    infos: list[tuple[str, ArchiveInfo]],
    *,
    estimate: bool = False,
    memory_limit: int | None = None,
) -> str:
    """Return a table with a line for each archive, and a total if there are several.

    Lines that name the priors needed follow and, if asked for, how long decoding takes, unless
    that needs more memory than the limit.
    """
    rows = [_row(name, [info]) for name, info in infos]
    if len(infos) > 1:
        rows.append(_row(f"{len(infos)} files", [info for _, info in infos]))
    return (
        "".join(
            f"{a:>6} {b:>7} {c:>8} {d:>11} {e:>13} {f:>7} {g:>9}  {h}\n"
            for a, b, c, d, e, f, g, h in (_HEADINGS, *rows)
        )
        + "".join(
            f"{printable(name)}: needs the prior with the XXH3-128 hash {prior.hex} "
            f"({prior.size} bytes)\n"
            for name, info in infos
            for prior in info.priors
        )
        + "".join(
            f"{printable(name)}: about {duration(info.estimate_seconds())} to decompress, "
            "less with several threads\n"
            for name, info in infos
            if estimate and _fits(info, memory_limit)
        )
    )


def _row(name: str, infos: list[ArchiveInfo]) -> tuple[str, ...]:
    compressed = sum(info.compressed_size for info in infos)
    raw = sum(info.raw_size for info in infos)
    return (
        str(sum(len(info.frames) - info.skippable for info in infos)),
        str(sum(info.blocks for info in infos)),
        _levels(infos),
        human_size(compressed),
        human_size(raw),
        f"{raw / compressed if compressed else 0:.3f}",
        human_size(max(info.memory for info in infos)),
        printable(name),
    )


def _levels(infos: list[ArchiveInfo]) -> str:
    headers = [frame.header for info in infos for frame in info.frames]
    names = {set_name(header.parameters) for header in headers if header is not None}
    return ",".join(sorted(names)) or "-"


def to_json(
    infos: list[tuple[str, ArchiveInfo]],
    *,
    estimate: bool = False,
    memory_limit: int | None = None,
) -> str:
    """Return everything the headers state as JSON, one object for each archive.

    If asked for, with the seconds that decoding takes on one thread, as in `table`.
    """
    import json

    records = [_record(name, info) for name, info in infos]
    for record, (_, info) in zip(records, infos, strict=True):
        known = estimate and _fits(info, memory_limit)
        record["estimated_seconds"] = round(info.estimate_seconds(), 3) if known else None
    return json.dumps(records, indent=2) + "\n"


def _fits(info: ArchiveInfo, memory_limit: int | None) -> bool:
    return memory_limit is None or info.memory <= memory_limit


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
                "level": frame.level,
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
