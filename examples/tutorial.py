# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Compression by a network that nobody sends
#
# `weightless` predicts each byte with a neural network and sends only what the prediction
# left open. The network's weights are not in the archive: compressor and decompressor
# start from the same fixed weights and train on the same bytes in the same order, so they
# have the same network at every moment.
#
# This notebook shows the idea with nothing but `weightless.Predictor`: `predict()` gives
# the probabilities of the next byte's 256 values, `update(byte)` lets the network learn
# what came. It is kept as text (jupytext); `jupytext --to notebook tutorial.py` makes a
# notebook of it, `python tutorial.py` runs it as it is.

# %%
import hashlib
from collections import Counter
from pathlib import Path

import numpy as np

import weightless

# %% [markdown]
# ## 1. Thirty binary counters, line by line
#
# A small network that learns after every second byte, so that we can watch it.

# %%
PARAMETERS = weightless.Parameters(width=32, horizon=2, step_output=100_000, step_input=200_000)

lines = [f"{number:06b}\n".encode() for number in range(30)]
print(b"".join(lines[:4]).decode() + "...")

# %% [markdown]
# The encoder sends, for each byte, its *rank*: how many of the 256 values the network
# thought more likely. The decoder asks its own network for the value with that rank. Then
# both learn the byte, and both are equal again.


# %%
def ranked(predictor: weightless.Predictor) -> np.ndarray:
    """Return the 256 values, the most likely first."""
    return np.argsort(-predictor.predict(), kind="stable")


class Encoder:
    """Bytes in, ranks out; learns each byte."""

    def __init__(self) -> None:
        self.network = weightless.Predictor(parameters=PARAMETERS)
        self.bits = 0.0  # what an arithmetic coder would write in place of the ranks

    def encode(self, line: bytes) -> list[int]:
        ranks = []
        for byte in line:
            ranks.append(int(np.flatnonzero(ranked(self.network) == byte)[0]))
            self.bits -= float(np.log2(self.network.predict()[byte]))
            self.network.update(byte)
        return ranks


class Decoder:
    """Ranks in, bytes out; learns each byte."""

    def __init__(self) -> None:
        self.network = weightless.Predictor(parameters=PARAMETERS)

    def decode(self, ranks: list[int]) -> bytes:
        line = bytearray()
        for rank in ranks:
            line.append(int(ranked(self.network)[rank]))
            self.network.update(line[-1])
        return bytes(line)


def fingerprint(predictor: weightless.Predictor) -> str:
    """Return eight digits that change when any weight does."""
    digest = hashlib.sha256()
    for name, values in predictor.weights.items():
        digest.update(name.encode() + values.tobytes())
    return digest.hexdigest()[:8]


# %% [markdown]
# Side by side: the encoder's weights, what it sends, and what the decoder makes of it with
# its own weights. Only the column in the middle travels.

# %%
encoder, decoder = Encoder(), Decoder()
restored = []
print("   encoder            |  sent: ranks of the line's bytes   |  decoder")
print("   line    weights    |                             bits   |  weights    line")
for line in lines:
    before = encoder.bits
    ranks = encoder.encode(line)
    restored.append(decoder.decode(ranks))
    here, there = fingerprint(encoder.network), fingerprint(decoder.network)
    assert here == there
    print(
        f"   {line.decode().strip()}  {here}   |  "
        + " ".join(f"{rank:>3}" for rank in ranks)
        + f"  {encoder.bits - before:4.0f}   |  {there}   {restored[-1].decode().strip()}"
    )
assert restored == lines

# %% [markdown]
# The first line tells the network that there are zeros and line ends, the second that there
# are ones. From then on every rank is 0, 1 or 2, and what a line costs falls from 54 bits
# to fewer than 10. An arithmetic coder does better than ranks: it writes a byte of
# probability p in -log2 p bits.

# %%
raw = 8 * sum(map(len, lines))
print(f"{raw} bits raw, {encoder.bits:.0f} bits as this network predicts them")

# %% [markdown]
# ## 2. What does a network expect of an apple?
#
# The same ranks show what a network knows. Asked before it has seen anything, it has no
# opinion: all values are equally likely, and the rank of a byte is just its number, until
# it begins to learn from the sentence itself. Words can be ranked, too: by what all their
# bytes cost, among the words of a vocabulary.

# %%
SENTENCE = "An apple a day keeps the doctor away"


def byte_ranks(predictor: weightless.Predictor, text: str) -> list[int]:
    """Return the rank of each byte, 0 for the one that was expected most."""
    predictor = predictor.copy()  # the original does not learn the sentence
    ranks = []
    for byte in text.encode():
        ranks.append(int(np.flatnonzero(ranked(predictor) == byte)[0]))
        predictor.update(byte)
    return ranks


def word_cost(predictor: weightless.Predictor, word: str) -> float:
    """Return the bits that a word and the space behind it would cost now."""
    return predictor.copy().train(f"{word} ".encode())


def word_ranks(predictor: weightless.Predictor, text: str, vocabulary: list[str]) -> list[int]:
    """Return for each word how many words of the vocabulary were expected more."""
    predictor = predictor.copy()
    ranks = []
    for word in text.split():
        costs = {other: word_cost(predictor, other) for other in vocabulary}
        ranks.append(sum(cost < costs[word] for cost in costs.values()))
        predictor.train(f"{word} ".encode())
    return ranks


def show(title: str, predictor: weightless.Predictor, vocabulary: list[str]) -> float:
    """Print the ranks of the sentence's bytes and words; return its cost in bits."""
    ranks = byte_ranks(predictor, SENTENCE)
    cost = predictor.copy().train(SENTENCE.encode())
    print(f"{title}: {cost:.0f} bits\n   word    rank   ranks of its bytes and of the space")
    begin = 0
    for word, rank in zip(
        SENTENCE.split(), word_ranks(predictor, SENTENCE, vocabulary), strict=True
    ):
        own = ranks[begin : begin + len(word) + 1]
        begin += len(own)
        print(f"   {word:<7} {rank:>4}   " + " ".join(f"{r:>3}" for r in own))
    return cost


# %% [markdown]
# The text to train on is this project's own documentation.


# %%
def own_text() -> str:
    """Return the project's own prose."""
    here = Path(__file__).parent if "__file__" in globals() else Path.cwd()
    paths = [*sorted((here.parent / "docs").glob("*.md")), here.parent / "README.md"]
    return "\n".join(path.read_text(encoding="utf-8") for path in paths if path.exists())


text = own_text()
words = Counter(word for word in text.split() if word.isalpha())
vocabulary = sorted({*SENTENCE.split(), *(word for word, _ in words.most_common(120))})
print(f"{len(text)} characters of text; {len(vocabulary)} words to choose from")

# %%
untrained = weightless.Predictor(6)
first = show("untrained", untrained, vocabulary)

# %%
trained = untrained.copy()
for _ in range(2):
    trained.train(text.encode())
then = show("after training", trained, vocabulary)
assert then < first

# %% [markdown]
# The letters of English have moved to the front, and the sentence costs half as much. As
# words, *apple* and *doctor* stay surprising: the text is about compression. The less
# surprising, the fewer bits; this is all that compression is.
#
# ## 3. The same in one line
#
# The real thing mixes the network with faster experts, codes bits with an arithmetic coder
# and puts checks around it.

# %%
counters = b"".join(lines)
archive = weightless.compress(counters)
assert weightless.decompress(archive) == counters
print(f"{len(counters)} bytes of counters, {len(archive)} bytes of archive")

# %% [markdown]
# And what the sentence costs on its own, and behind the text from which decompressing has
# taught the reader:

# %%
alone = len(weightless.compress(text.encode()))
together = len(weightless.compress(f"{text}{SENTENCE}".encode()))
print(f"{len(SENTENCE)} characters: {len(weightless.compress(SENTENCE.encode()))} bytes of archive")
print(f"behind the text: {together} - {alone} = {together - alone} bytes")
