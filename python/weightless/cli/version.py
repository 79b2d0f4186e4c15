"""Show the version, and with -v where the program comes from."""

from __future__ import annotations

import weightless
from weightless.cli.console import Console
from weightless.cli.standard import write_out

__all__ = ["show_version"]


def show_version(verbose: bool, console: Console) -> int:
    """Write the version to standard output; return the exit status."""
    text = f"weightless {weightless.__version__}\n"
    if verbose:
        try:
            made = weightless.provenance()
        except ValueError as error:  # WEIGHTLESS_TARGET
            console.error(str(error))
            return 2
        text += (
            f"commit:   {made.commit}\n"
            f"compiler: {made.compiler} for {made.platform}\n"
            f"targets:  {', '.join(made.targets)}\n"
            f"in use:   {made.target}\n"
        )
    write_out(text)
    return 0
