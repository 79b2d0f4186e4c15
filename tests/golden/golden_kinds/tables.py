"""Tables in text: rows of fields, columns of fixed widths, and objects with the same keys."""

from __future__ import annotations

from golden_kinds.numbers import Numbers

__all__ = ["csv", "fixed_columns", "json"]


def csv(size: int, seed: int = 21) -> bytes:
    """Return rows of a time, a price, a count and a side."""
    numbers = Numbers(seed)
    out = "time,price,count,side\n"
    when, price = 1_700_000_000, 10_000
    while len(out) < size:
        when += 30 + numbers.below(9)
        price += numbers.bell(12)
        out += (
            f"{when},{price // 100}.{price % 100:02},{numbers.below(400)},{numbers.choice('BS')}\n"
        )
    return out.encode()[:size]


def fixed_columns(size: int, seed: int = 22) -> bytes:
    """Return columns of fixed widths, with tabs between some of them."""
    numbers = Numbers(seed)
    out = ""
    x, y = 10_000, 20_000
    for row in range(size):
        x += numbers.bell(90)
        y += numbers.bell(90)
        name = numbers.early(("CA", "CB", "N", "O", "OG1"))
        out += f"ATOM {row:6} {name:<4}\t{x // 1000:5}.{x % 1000:03}\t{y // 1000:5}.{y % 1000:03}\n"
        if len(out) >= size:
            break
    return out.encode()[:size]


def json(size: int, seed: int = 23) -> bytes:
    """Return a list of objects, with objects and lists in them."""
    numbers = Numbers(seed)
    out = "[\n"
    number = 40_000
    while len(out) < size:
        number += 1 + numbers.below(3)
        items = ", ".join(
            f'{{"sku": "{numbers.early(("A-17", "B-20", "C-99"))}", "count": {numbers.below(9)}}}'
            for _ in range(numbers.below(3))
        )
        out += f' {{"id": {number}, "user": {{"name": "{numbers.early(("ann", "bob", "eve"))}", '
        out += f'"admin": {numbers.early(("false", "true"))}}}, "items": [{items}], '
        out += f'"total": {numbers.below(300)}.{numbers.below(100):02}, "note": null}},\n'
    return out.encode()[:size]
