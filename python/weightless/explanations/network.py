"""What the network by itself knows after the content: the ranks of words."""

from __future__ import annotations

import collections
import re
from dataclasses import dataclass

from weightless import _core
from weightless.explanations.parts import is_text
from weightless.parameters import Parameters

__all__ = ["SENTENCE", "WordRank", "WordRanks", "rank_words"]

#: The sentence that the idea began with.
SENTENCE = b"An apple a day keeps the doctor away"

_WORD = re.compile(rb"[A-Za-z\x80-\xff']+")
_VOCABULARY = 60


@dataclass(frozen=True)
class WordRank:
    """The rank of a word among the words that might have stood in its place; 1 is the likeliest.

    Attributes
    ----------
    word : str
    untrained, trained : int
        Its ranks before the network had seen anything, and after the content.
    bits_untrained, bits_trained : float
        What the word would cost.
    """

    word: str
    untrained: int
    trained: int
    bits_untrained: float
    bits_trained: float


@dataclass(frozen=True)
class WordRanks:
    """The ranks of a sentence's words.

    Attributes
    ----------
    words : tuple of WordRank
        The words in their order.
    vocabulary : int
        Among how many words: those of the sentence, and the commonest of the content.
    """

    words: tuple[WordRank, ...]
    vocabulary: int


def rank_words(codec: _core.Codec, content: bytes, parameters: Parameters) -> WordRanks | None:
    """Rank the words of a sentence by a network that has learnt the content, and by a new one.

    Parameters
    ----------
    codec : Codec
        A codec with the parameters, which has coded the content.
    content : bytes
        The content, or a sample of it.
    parameters : Parameters
        The parameters.

    Returns
    -------
    WordRanks or None
        None if there is no network, or the content is no text.
    """
    if parameters.width == 0 or not is_text(content):
        return None
    common = collections.Counter(_WORD.findall(content)).most_common(_VOCABULARY)
    words = list(dict.fromkeys([*_WORD.findall(SENTENCE), *(word for word, _ in common)]))
    networks = (parameters.replace(experts=0).codec(), codec.network_alone())
    ranks = []
    for word in _WORD.findall(SENTENCE):
        costs = [{w: network.cost(w + b" ") for w in words} for network in networks]
        before, after = (1 + sum(c < cost[word] for c in cost.values()) for cost in costs)
        ranks.append(WordRank(word.decode(), before, after, costs[0][word], costs[1][word]))
        for network in networks:
            network.absorb(word + b" ")
    return WordRanks(tuple(ranks), len(words))
