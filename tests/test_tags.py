"""Tags as text: parsing and storing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cards import tags


def test_names_stand_between_spaces_or_commas_and_each_counts_once() -> None:
    assert tags.split(" verb, irregular  verb\nVerb,,b1 ") == ["verb", "irregular", "b1"]


def test_stored_tags_have_a_space_at_each_end_and_no_tags_are_nothing() -> None:
    assert tags.join(["verb", "b1"]) == " verb b1 "
    assert tags.join([]) == ""


@given(st.text(max_size=60))
def test_what_was_stored_is_read_back_the_same(text: str) -> None:
    names = tags.split(text)
    assert tags.split(tags.join(names)) == names
    assert len({name.casefold() for name in names}) == len(names)
    assert not any(char.isspace() for name in names for char in name)
