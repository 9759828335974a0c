"""Titles from links, with nothing asked of any site."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards.links import TITLE_MAX, is_web_address, title_from


@pytest.mark.parametrize(
    ("link", "title"),
    [
        ("https://leetcode.com/problems/two-sum/", "Two Sum"),
        ("https://leetcode.com/problems/two-sum/description/?tab=1#top", "Two Sum"),
        ("https://en.wikipedia.org/wiki/Binary_search_tree", "Binary Search Tree"),
        ("https://docs.python.org/3/library/heapq.html", "Heapq"),
        ("https://de.wikipedia.org/wiki/%C3%9Cbung", "Übung"),
        ("https://example.org/a-McDonald-story/123/", "A McDonald Story"),
        ("https://www.example.org/", "example.org"),
        ("https://example.org", "example.org"),
        ("HTTP://EXAMPLE.ORG/ab", "Ab"),
        ("https://example.org/a%00b", "Ab"),
        ("https://[/x", ""),
        ("https://", ""),
        ("javascript:alert(1)", ""),
        ("see https://example.org/x", ""),
    ],
)
def test_a_title_is_made_from_the_last_segment_that_names_something(link: str, title: str) -> None:
    assert title_from(link) == title


@given(
    st.text(max_size=300) | st.text(max_size=300).map(lambda tail: f"https://example.org/{tail}")
)
def test_any_text_gives_a_short_title_without_nul(text: str) -> None:
    title = title_from(text)
    assert len(title) <= TITLE_MAX
    assert "\0" not in title
    assert bool(title) == is_web_address(text)
