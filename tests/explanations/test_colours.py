"""Contrast of the page's colours, worked out from its style sheet, by WCAG 2.2 at level AA."""

from __future__ import annotations

import importlib.resources
import re

import pytest

STYLE = importlib.resources.files("weightless.explanations").joinpath("assets/page.css").read_text()
TEXT, GRAPHICS = 4.5, 3.0
#: Colours of text, with what they stand on.
TEXTS = [
    *((ink, ground) for ink in ("ink", "soft", "accent") for ground in ("page", "raised")),
    ("page", "accent"),  # a button that is pressed
    *((ink, "page") for ink in ("first", "bad")),
]
#: Lines, bars and marks.
SHAPES = ["first", "second", "third", "fourth", "bad", "accent"]


def schemes() -> dict[str, dict[str, str]]:
    light, dark = re.findall(r":root \{(.*?)\}", STYLE, re.S)[:2]
    colours = [dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", part)) for part in (light, dark)]
    return {"light": colours[0], "dark": colours[0] | colours[1]}


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_computed_as_the_standard_does() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text(scheme: str) -> None:
    colours = schemes()[scheme]
    bad = {
        (ink, ground): contrast(colours[ink], colours[ground])
        for ink, ground in TEXTS
        if contrast(colours[ink], colours[ground]) < TEXT
    }
    assert not bad


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_content_in_every_step_of_the_scale(scheme: str) -> None:
    colours = schemes()[scheme]
    steps = re.findall(r"\.(c\d) \{ background: var\(--(c\d)\); color: var\(--(\w+)\); \}", STYLE)
    assert len(steps) == 10
    assert all(name == ground for name, ground, _ in steps)
    low = {
        name: contrast(colours[ink], colours[ground])
        for name, ground, ink in steps
        if contrast(colours[ink], colours[ground]) < TEXT
    }
    assert not low


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_shapes(scheme: str) -> None:
    colours = schemes()[scheme]
    low = {
        shape: contrast(colours[shape], colours["page"])
        for shape in SHAPES
        if contrast(colours[shape], colours["page"]) < GRAPHICS
    }
    assert not low


def test_every_colour_of_text_is_checked() -> None:
    used = set(re.findall(r"(?<![-\w])(?:color|fill): var\(--(\w+)\)", STYLE))
    scale = {f"t{n}" for n in range(10)}
    assert used - scale <= {ink for ink, _ in TEXTS} | set(SHAPES)
