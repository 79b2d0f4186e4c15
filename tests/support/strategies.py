"""Strategies for hypothesis."""

from __future__ import annotations

import hypothesis.strategies as st

from weightless import _core


def any_parameters(**largest: int) -> st.SearchStrategy[dict[str, int]]:
    """Fields of any valid set of parameters, some of them bounded below their maximum."""
    fields = {
        name: _any_value(name, default, low, min(high, largest.get(name, high)))
        for name, default, low, high in _core.FIELDS
    }
    return st.fixed_dictionaries(fields).filter(
        lambda fields: (fields["width"] or fields["experts"]) and fields["ngrams"] != 1
    )


def _any_value(name: str, default: int, low: int, high: int) -> st.SearchStrategy[int]:
    step = {"width": 16, "horizon": 2}.get(name, 1)
    return st.one_of(
        st.just(min(default, high)),
        st.sampled_from([low, high]),
        st.integers(low // step, high // step).map(lambda value: value * step),
    )
