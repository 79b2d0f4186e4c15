"""The checked options of one run of the command."""

from __future__ import annotations

from dataclasses import dataclass

from weightless.levels import NETWORK_ALONE, level_parameters
from weightless.parameters import Parameters

__all__ = ["STDIN", "Job"]

#: The argument that means standard input.
STDIN = "-"


@dataclass(frozen=True)
class Job:
    """The options after all checks; the parser documents what each means."""

    action: str
    files: tuple[str, ...]
    level: int
    last_level: int
    network_alone: bool
    threads: int
    block_size: int
    frame_size: int | None
    frame_at: bytes | None
    primed: bool
    prior: str | None
    to_stdout: bool
    output: str | None
    output_dir: str | None
    mirror: bool
    force: bool
    remove: bool
    recursive: bool
    sync: bool
    resume: bool
    memory_limit: int | None  # None: there is no limit
    cost_limit: int | None
    max_output_size: int | None
    salvage: bool
    part: tuple[int, int] | None
    json: bool
    progress: bool

    @property
    def parameters(self) -> Parameters:
        """The parameters for compression."""
        return NETWORK_ALONE if self.network_alone else level_parameters(self.level)
