"""What a learner may type for a time zone."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts import zones


@given(st.sampled_from(zones.names()))
def test_every_name_is_found_in_any_case_and_is_a_real_zone(name: str) -> None:
    assert zones.find(name.upper()) == name
    assert zones.find(zones.label(name)) == name
    assert ZoneInfo(name).key == name


@given(st.text())
def test_any_text_gives_a_known_name_or_none(text: str) -> None:
    found = zones.find(text)
    assert found is None or found in zones.names()


@pytest.mark.parametrize("typed", ["Berlin", "berlin ", "EUROPE/BERLIN"])
def test_the_city_alone_is_enough(typed: str) -> None:
    assert zones.find(typed) == "Europe/Berlin"


@pytest.mark.parametrize("typed", ["", "Factory", "localtime", "nowhere"])
def test_what_is_no_place_is_not_found(typed: str) -> None:
    assert zones.find(typed) is None
