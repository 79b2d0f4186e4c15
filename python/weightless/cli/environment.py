"""Defaults that environment variables set; a value that makes no sense is only warned of."""

from __future__ import annotations

import os
from collections.abc import Callable

from weightless.levels import DEFAULT_LEVEL, MAX_LEVEL, MIN_LEVEL

__all__ = ["default_level", "default_threads"]


def default_level(warn: Callable[[str], object]) -> int:
    """Return the level that WEIGHTLESS_LEVEL names, or the default."""
    return _number("WEIGHTLESS_LEVEL", DEFAULT_LEVEL, MIN_LEVEL, MAX_LEVEL, warn)


def default_threads(warn: Callable[[str], object]) -> int:
    """Return the number of threads that WEIGHTLESS_THREADS names, or 1."""
    return _number("WEIGHTLESS_THREADS", 1, 0, 1 << 20, warn)


def _number(name: str, default: int, low: int, high: int, warn: Callable[[str], object]) -> int:
    text = os.environ.get(name, "")
    if not text:
        return default
    if text.isascii() and text.isdigit() and len(text) < 10 and low <= int(text) <= high:
        return int(text)
    warn(f"{name} is {text!r}, not a number from {low} to {high}: taking {default}")
    return default
