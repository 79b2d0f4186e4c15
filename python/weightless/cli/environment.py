"""Defaults from environment variables; an invalid value causes a warning, not an error."""

from __future__ import annotations

import os
from collections.abc import Callable

from weightless.levels import DEFAULT_LEVEL, MAX_LEVEL, MIN_LEVEL

__all__ = ["default_level", "default_threads"]


def default_level(warn: Callable[[str], object]) -> int:
    """Return the level given by WEIGHTLESS_LEVEL, or the default level."""
    return _number("WEIGHTLESS_LEVEL", DEFAULT_LEVEL, MIN_LEVEL, MAX_LEVEL, warn)


def default_threads(warn: Callable[[str], object]) -> int:
    """Return the number of threads given by WEIGHTLESS_THREADS, or 1."""
    return _number("WEIGHTLESS_THREADS", 1, 0, 1 << 20, warn)


def _number(name: str, default: int, low: int, high: int, warn: Callable[[str], object]) -> int:
    text = os.environ.get(name, "")
    if not text:
        return default
    if text.isascii() and text.isdigit() and len(text) < 10 and low <= int(text) <= high:
        return int(text)
    warn(f"{name} is {text!r}, not a number from {low} to {high}: using {default}")
    return default
