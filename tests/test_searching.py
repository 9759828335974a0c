"""The search box: words and phrases."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards.searching import QUERY_MAX, TERMS_MAX, terms


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("to be", ["to", "be"]),
        ('"to be"  or', ["to be", "or"]),
        ("“to be” or", ["to be", "or"]),
        ('to "be', ["to", "be"]),
        ('""', []),
        ("a a", ["a"]),
        ("", []),
        ("100% _x", ["100%", "_x"]),
    ],
)
def test_words_and_phrases_are_found(text: str, expected: list[str]) -> None:
    assert terms(text) == expected


@given(st.text(max_size=400))
def test_there_are_few_terms_and_none_is_empty(text: str) -> None:
    found = terms(text)
    assert len(found) <= TERMS_MAX
    assert all(term.strip() == term and 0 < len(term) <= QUERY_MAX for term in found)
