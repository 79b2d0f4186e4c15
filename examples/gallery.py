"""Makes a page of explanation for generated inputs of several kinds, and an index of them.

    python examples/gallery.py gallery                 # pages in the folder gallery
    python examples/gallery.py gallery --screenshots   # and pictures, by headless Chromium

Each page is complete by itself: `weightless --explain FILE` makes one of any file.
"""

from __future__ import annotations

import argparse
import html
import json
import math
import random
import shutil
import subprocess
from pathlib import Path

import weightless

SENTENCE = b"An apple a day keeps the doctor away. "


def sentence() -> bytes:
    """Return the sentence with which the idea began, three times."""
    return SENTENCE * 3


def words(size: int = 30_000) -> bytes:
    """Return sentences of made-up words, the common ones much commoner than the rare ones."""
    rng = random.Random(1)
    stems = [
        "".join(rng.choice("bdgklmnprst") + rng.choice("aeiou") for _ in range(n % 3 + 1))
        for n in range(400)
    ]
    weights = [1 / (n + 1) for n in range(len(stems))]
    out = ""
    while len(out) < size:
        chosen = rng.choices(stems, weights, k=rng.randint(4, 12))
        out += " ".join(chosen).capitalize() + rng.choice([". ", ". ", "?\n", ".\n\n"])
    return out.encode()


def table(rows: int = 800) -> bytes:
    """Return a table of measurements: a counter, a place, a slow wave with noise."""
    rng = random.Random(2)
    lines = ["time,station,temperature,status"]
    for i in range(rows):
        degrees = 15 + 8 * math.sin(i / 40) + rng.gauss(0, 0.3)
        station = rng.choice(["north", "south", "harbour"])
        lines.append(
            f"2026-01-{1 + i // 48:02d}T{i // 2 % 24:02d}:{i % 2 * 30:02d},{station},"
            f"{degrees:.1f},{'ok' if rng.random() < 0.97 else 'late'}"
        )
    return ("\n".join(lines) + "\n").encode()


def objects(count: int = 500) -> bytes:
    """Return JSON: orders with a price that follows from the article."""
    rng = random.Random(3)
    articles = {"pear": 120, "plum": 45, "quince": 310}
    orders = []
    for i in range(count):
        article = rng.choice(sorted(articles))
        pieces = rng.randint(1, 9)
        orders.append(
            {
                "id": 1000 + i,
                "article": article,
                "pieces": pieces,
                "cents": pieces * articles[article],
            }
        )
    return json.dumps(orders, indent=1).encode()


def picture(width: int = 200, height: int = 120) -> bytes:
    """Return grey pixels without a header: soft shades, an edge, and noise on one side."""
    rng = random.Random(4)
    return bytes(
        min(
            255,
            max(
                0,
                round(
                    90
                    + 60 * math.sin(x / 23) * math.cos(y / 17)
                    + (40 if x + y > 150 else 0)
                    + (rng.gauss(0, 6) if x > 120 else 0)
                ),
            ),
        )
        for y in range(height)
        for x in range(width)
    )


def twice() -> bytes:
    """Return noise, other noise, and the first again: what is alike is paid for once."""
    rng = random.Random(5)
    part = rng.randbytes(4000)
    return part + rng.randbytes(3000) + part


#: The inputs, with the level at which each is explained.
INPUTS = {
    "sentence.txt": (sentence, 6),
    "words.txt": (words, 6),
    "table.csv": (table, 6),
    "orders.json": (objects, 6),
    "picture.bin": (picture, 6),
    "twice.bin": (twice, 6),
}


def main() -> None:
    """Make the pages."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--screenshots", action="store_true", help="also make a picture of each")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    links = []
    for name, (make, level) in INPUTS.items():
        explanation = weightless.explain(make(), level, name=name)
        page = explanation.save(options.folder / f"{name}.html")
        print(f"{page}: {explanation.size} bytes, {explanation.bits_per_byte:.3f} bits per byte")
        doc = html.escape((make.__doc__ or "").splitlines()[0].removeprefix("Return "))
        links.append(f'<li><a href="{name}.html">{name}</a>: {doc}</li>')
        if options.screenshots:
            take_picture(page)
    index = options.folder / "index.html"
    index.write_text(
        '<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Gallery</title>'
        f"<h1>What each byte cost</h1><ul>{''.join(links)}</ul></html>\n",
        encoding="utf-8",
    )


def take_picture(page: Path) -> None:
    """Write a picture of a page beside it, if Chromium is installed."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        print("no picture: chromium is not installed")
        return
    subprocess.run(
        [
            chromium,
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            "--window-size=1240,1500",
            "--virtual-time-budget=20000",
            f"--screenshot={page.with_suffix('.png').resolve()}",
            page.resolve().as_uri(),
        ],
        check=True,
        capture_output=True,
    )


if __name__ == "__main__":
    main()
