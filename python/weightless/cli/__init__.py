"""The command-line program `weightless`."""

from __future__ import annotations

from weightless.cli.main import main

__all__ = ["main"]
