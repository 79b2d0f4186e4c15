"""Inputs that are generated deterministically."""

from __future__ import annotations

import random


def text_like(count: int, seed: int = 1) -> bytes:
    """Return `count` bytes of sentences of invented words, with Zipf-distributed frequencies.

    Which word follows another is partly regular, so that there are dependencies to learn at
    several distances.
    """
    rng = random.Random(seed)
    consonants, vowels = "bcdfghklmnprstvw", "aeiou"
    words = [
        "".join(rng.choice(consonants) + rng.choice(vowels) for _ in range(rng.randint(1, 4)))
        + rng.choice(["", "", "n", "s", "t"])
        for _ in range(400)
    ]
    weights = [1 / (rank + 2) for rank in range(len(words))]
    followers = [rng.choices(range(len(words)), weights, k=4) for _ in words]
    pieces: list[str] = []
    length = 0
    word = 0
    while length < count:
        sentence = []
        for _ in range(rng.randint(4, 14)):
            likely = rng.random() < 0.6
            word = rng.choice(followers[word]) if likely else rng.choices(range(400), weights)[0]
            sentence.append(words[word])
        line = " ".join(sentence).capitalize() + rng.choice([". ", ".\n", "? ", ", "])
        pieces.append(line)
        length += len(line)
    return "".join(pieces).encode()[:count]
