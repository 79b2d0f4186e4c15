"""Text: prose, markup and the lines of a log."""

from __future__ import annotations

from golden_kinds.numbers import Numbers

__all__ = ["log", "markup", "prose", "words"]

_STARTS = ("b", "br", "d", "f", "g", "h", "kr", "l", "m", "n", "p", "r", "s", "sch", "t", "w")
_VOWELS = ("a", "e", "e", "e", "i", "o", "u", "ei", "ie", "\u00fc")
_ENDS = ("", "n", "r", "s", "t", "ch", "nd", "ng")


def words(numbers: Numbers, count: int) -> list[str]:
    """Return invented words."""
    return [
        "".join(
            numbers.choice(_STARTS) + numbers.choice(_VOWELS) + numbers.choice(_ENDS)
            for _ in range(1 + numbers.below(3))
        )
        for _ in range(count)
    ]


def prose(size: int, seed: int = 11) -> bytes:
    """Return sentences of a few hundred words, in lines."""
    numbers = Numbers(seed)
    known = words(numbers, 300)
    out = ""
    column = 0
    while len(out) < size:
        sentence = [numbers.early(known) for _ in range(4 + numbers.below(9))]
        sentence[0] = sentence[0].capitalize()
        sentence[-1] += numbers.choice((".", ".", "?", ";"))
        for word in sentence:
            out += word
            column += len(word) + 1
            out += "\n" if column > 70 else " "
            column = 0 if column > 70 else column
    return out.encode()[:size]


def markup(size: int, seed: int = 12) -> bytes:
    """Return elements within elements, with attributes."""
    numbers = Numbers(seed)
    known = words(numbers, 120)
    out = '<?xml version="1.0" encoding="UTF-8"?>\n<library>\n'
    number = 100
    while len(out) < size:
        number += 1 + numbers.below(3)
        title = " ".join(numbers.early(known) for _ in range(3))
        out += f'  <book id="b{number}" lang="{numbers.early(("de", "en", "fr"))}">\n'
        out += f"    <title>{title.title()}</title>\n    <pages>{numbers.below(700)}</pages>\n"
        for _ in range(numbers.below(3)):
            out += f"    <author>{numbers.early(known).title()} &amp; Co.</author>\n"
        out += "  </book>\n"
    return out.encode()[:size]


def log(size: int, seed: int = 13) -> bytes:
    """Return the lines of a server's log."""
    numbers = Numbers(seed)
    paths = [f"/{a}/{b}" for a in ("static", "api", "user") for b in words(numbers, 6)]
    out = ""
    second = 36_000
    while len(out) < size:
        second += numbers.below(9)
        time = f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
        address = f"10.0.{numbers.below(4)}.{numbers.early(range(2, 90))}"
        status = numbers.early((200, 304, 404, 500))
        out += f'{address} - - [27/Nov/2026:{time} +0000] "GET {numbers.early(paths)} HTTP/1.1" '
        out += f"{status} {numbers.below(9000)}\n"
    return out.encode()[:size]
