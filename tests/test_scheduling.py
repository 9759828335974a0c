"""The rule of the boxes, for every box, answer and number of boxes."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards.scheduling import (
    CLASSIC,
    LONG_RUN,
    MAX_BOXES,
    MAX_INTERVAL,
    MIN_BOXES,
    Scheduled,
    interval_errors,
    next_box,
    place,
)

TODAY = dt.date(2026, 3, 28)
DATES = st.dates(dt.date(2000, 1, 1), dt.date(2100, 1, 1))
RULES = st.sampled_from(["first", "half", "one"])
INTERVALS = st.sets(st.integers(1, MAX_INTERVAL), min_size=MIN_BOXES, max_size=MAX_BOXES).map(
    sorted
)


@pytest.mark.parametrize(
    ("box", "days"), [(1, 3), (2, 7), (3, 14), (4, 30), (5, 60), (6, 120), (7, 120)]
)
def test_a_pass_moves_one_box_on_and_the_last_box_keeps_its_cards(box: int, days: int) -> None:
    target = place(box, True, TODAY, LONG_RUN)
    assert target == Scheduled(min(box + 1, 7), TODAY + dt.timedelta(days=days))


@pytest.mark.parametrize("box", range(1, 8))
def test_a_miss_goes_back_to_box_1(box: int) -> None:
    assert place(box, False, TODAY, LONG_RUN) == Scheduled(1, TODAY + dt.timedelta(days=1))


@pytest.mark.parametrize(("box", "half"), [(1, 1), (2, 1), (3, 2), (4, 2), (5, 3), (6, 3), (7, 4)])
def test_a_miss_goes_half_way_down_for_who_chose_that(box: int, half: int) -> None:
    assert next_box(box, False, 7, "half") == half


@pytest.mark.parametrize(("box", "below"), [(1, 1), (2, 1), (5, 4), (7, 6)])
def test_a_miss_goes_one_box_down_for_who_chose_that(box: int, below: int) -> None:
    assert next_box(box, False, 7, "one") == below


def test_an_unknown_rule_is_an_error_and_not_a_guess() -> None:
    with pytest.raises(KeyError):
        next_box(3, False, 7, "nowhere")


@given(st.integers(1, MAX_BOXES), st.booleans(), DATES, INTERVALS, RULES)
def test_a_card_always_lands_in_a_box_and_is_due_after_that_boxs_interval(
    box: int, passed: bool, on: dt.date, intervals: list[int], again: str
) -> None:
    target = place(box, passed, on, intervals, again)
    assert 1 <= target.box <= len(intervals)
    assert target.due == on + dt.timedelta(days=intervals[target.box - 1])


@given(st.integers(1, MAX_BOXES), INTERVALS, RULES)
def test_a_pass_never_moves_down_and_a_miss_never_up(
    box: int, intervals: list[int], again: str
) -> None:
    inside = min(box, len(intervals))
    assert next_box(box, True, len(intervals), again) >= inside
    assert next_box(box, False, len(intervals), again) <= inside


@given(st.integers(1, MAX_BOXES), INTERVALS)
def test_the_rules_for_a_miss_go_from_gentle_to_strict(box: int, intervals: list[int]) -> None:
    boxes = len(intervals)
    one, half, first = (next_box(box, False, boxes, rule) for rule in ("one", "half", "first"))
    assert one >= half >= first == 1


def test_a_card_beyond_the_last_box_counts_as_one_in_it() -> None:
    assert place(9, True, TODAY, CLASSIC) == Scheduled(5, TODAY + dt.timedelta(days=30))
    assert next_box(9, False, 5, "one") == 4


@pytest.mark.parametrize("intervals", [LONG_RUN, CLASSIC, (1, 2), tuple(range(1, 11))])
def test_good_boxes_have_no_errors(intervals: tuple[int, ...]) -> None:
    assert interval_errors(intervals) == []


@pytest.mark.parametrize(
    ("intervals", "errors"),
    [
        ([], ["count"]),
        ([1], ["count"]),
        (list(range(1, 12)), ["count"]),
        ([0, 1], ["range"]),
        ([1, 3651], ["range"]),
        ([1, 1], ["growing"]),
        ([3, 2], ["growing"]),
        ([5000], ["count", "range"]),
        ([0, -1], ["range", "growing"]),
    ],
)
def test_bad_boxes_are_named(intervals: list[int], errors: list[str]) -> None:
    assert interval_errors(intervals) == errors


@given(INTERVALS)
def test_growing_intervals_in_range_are_always_good(intervals: list[int]) -> None:
    assert interval_errors(intervals) == []
