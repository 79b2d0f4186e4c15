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
# # Compression by a neural network that is never sent
#
# `weightless` predicts each byte with a neural network and encodes only the information
# that the prediction lacks. The network's weights are not in the archive: compressor and
# decompressor start from the same fixed weights and train on the same bytes in the same
# order, so their networks are equal before every byte.
#
# This notebook shows the idea using nothing but `weightless.Predictor`: `predict()` returns
# the probabilities of the 256 values of the next byte, and `update(byte)` trains the network
# on the byte that actually follows. The notebook is stored as text (jupytext format):
# `jupytext --to notebook tutorial.py` converts it, and `python tutorial.py` runs it as it is.

# %%
import hashlib
from collections import Counter
from pathlib import Path

import numpy as np

import weightless

# %% [markdown]
# ## 1. Thirty binary numbers, line by line
#
# We use a small network that updates its weights after every second byte, so that we can
# watch it learn.

# %%
PARAMETERS = weightless.Parameters(width=32, horizon=2, step_output=100_000, step_input=200_000)

lines = [f"{number:06b}\n".encode() for number in range(30)]
print(b"".join(lines[:4]).decode() + "...")

# %% [markdown]
# For each byte, the encoder sends its *rank*: how many of the 256 values the network
# considered more likely. The decoder looks up the value of that rank in its own network's
# prediction. Then both train on the byte, and their networks are equal again.


# %%
def ranked(predictor: weightless.Predictor) -> np.ndarray:
    """Return the 256 byte values, the most likely first."""
    return np.argsort(-predictor.predict(), kind="stable")


class Encoder:
    """Turns bytes into ranks, and learns each byte."""

    def __init__(self) -> None:
        self.network = weightless.Predictor(parameters=PARAMETERS)
        self.bits = 0.0  # what an arithmetic coder would write instead of the ranks

    def encode(self, line: bytes) -> list[int]:
        ranks = []
        for byte in line:
            ranks.append(int(np.flatnonzero(ranked(self.network) == byte)[0]))
            self.bits -= float(np.log2(self.network.predict()[byte]))
            self.network.update(byte)
        return ranks


class Decoder:
    """Turns ranks into bytes, and learns each byte."""

    def __init__(self) -> None:
        self.network = weightless.Predictor(parameters=PARAMETERS)

    def decode(self, ranks: list[int]) -> bytes:
        line = bytearray()
        for rank in ranks:
            line.append(int(ranked(self.network)[rank]))
            self.network.update(line[-1])
        return bytes(line)


def fingerprint(predictor: weightless.Predictor) -> str:
    """Return eight hexadecimal digits of a hash of all weights."""
    digest = hashlib.sha256()
    for name, values in predictor.weights.items():
        digest.update(name.encode() + values.tobytes())
    return digest.hexdigest()[:8]


# %% [markdown]
# The table shows the encoder's weights (a hash of them), what it sends, and what the decoder
# restores with its own weights. Only the middle column is transmitted.

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
# The first line teaches the network that there are zeros and line ends, the second that
# there are ones. From then on every rank is 0, 1 or 2, and the cost of a line falls from 54
# bits to fewer than 10. These costs are an arithmetic coder's, which does better than ranks:
# it encodes a byte of probability p in -log2 p bits.

# %%
raw = 8 * sum(map(len, lines))
print(f"{raw} bits raw, {encoder.bits:.0f} bits as this network predicts them")

# %% [markdown]
# ## 2. What does the network expect after "An apple a day"?
#
# Ranks also show what a network knows. An untrained network knows nothing: all values are
# equally likely, and the rank of a byte is simply its value, until the network begins to
# learn from the sentence itself. Words can be ranked as well, among the words of a
# vocabulary, by the total cost of their bytes.

# %%
SENTENCE = "An apple a day keeps the doctor away"


def byte_ranks(predictor: weightless.Predictor, text: str) -> list[int]:
    """Return the rank of each byte; 0 is the most likely value."""
    predictor = predictor.copy()  # the original does not learn the sentence
    ranks = []
    for byte in text.encode():
        ranks.append(int(np.flatnonzero(ranked(predictor) == byte)[0]))
        predictor.update(byte)
    return ranks


def word_cost(predictor: weightless.Predictor, word: str) -> float:
    """Return how many bits the word and a space after it would cost next."""
    return predictor.copy().train(f"{word} ".encode())


def word_ranks(predictor: weightless.Predictor, text: str, vocabulary: list[str]) -> list[int]:
    """Return for each word how many words of the vocabulary would have cost less."""
    predictor = predictor.copy()
    ranks = []
    for word in text.split():
        costs = {other: word_cost(predictor, other) for other in vocabulary}
        ranks.append(sum(cost < costs[word] for cost in costs.values()))
        predictor.train(f"{word} ".encode())
    return ranks


def show(title: str, predictor: weightless.Predictor, vocabulary: list[str]) -> float:
    """Print the ranks of the sentence's words and bytes; return its cost in bits."""
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
# We train on the text of this project's own documentation.


# %%
def own_text() -> str:
    """Return the project's documentation."""
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
# The letters of English now have low ranks, and the sentence costs half as much. The words
# *apple* and *doctor* remain surprising, because the text is about compression. What is less
# surprising costs fewer bits: that is all there is to compression.
#
# ## 3. The whole compressor
#
# The actual compressor mixes the network with context models (experts), which are faster,
# codes one bit at a time with an arithmetic coder, and adds checksums.

# %%
counters = b"".join(lines)
archive = weightless.compress(counters)
assert weightless.decompress(archive) == counters
print(f"{len(counters)} bytes of counters, {len(archive)} bytes of archive")

# %% [markdown]
# Finally, we compare the cost of the sentence on its own with its cost after the text, which
# the decompressor has learned from by the time it reaches the sentence.

# %%
alone = len(weightless.compress(text.encode()))
together = len(weightless.compress(f"{text}{SENTENCE}".encode()))
print(f"{len(SENTENCE)} characters: {len(weightless.compress(SENTENCE.encode()))} bytes of archive")
print(f"after the text: {together} - {alone} = {together - alone} bytes")

# %% [markdown]
# ## See it on your own data
#
# `weightless.explain` shows what each byte of a file cost, and which part of the model predicted
# it; in a notebook the explanation shows itself as a page. `examples/gallery.py` makes such pages
# for several kinds of data, and `docs/explain.md` says what the figures mean.

# %%
explanation = weightless.explain(b"An apple a day keeps the doctor away. " * 3)
print(f"{explanation.size} bytes in {explanation.payload_size};", end=" ")
print(f"{explanation.experts[0]} saved most")
