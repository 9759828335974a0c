"""Streak, retention, forecast and boxes over time, against naive oracles."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cards.progress import (
    Row,
    best_streak,
    boxes_over_time,
    current_streak,
    forecast,
    percent,
    retention,
    reviews_by_day,
    sample_days,
    week_of,
)
from cards.scheduling import next_box

TODAY = dt.date(2026, 3, 10)
DAY = dt.timedelta(days=1)
days_back = st.sets(st.integers(0, 60))


def ago(number: int) -> dt.date:
    return TODAY - number * DAY


def naive_streak(reviewed: set[dt.date]) -> int:
    """Day by day, as one would count with a finger."""
    day = TODAY if TODAY in reviewed else TODAY - DAY
    length = 0
    while day in reviewed:
        length, day = length + 1, day - DAY
    return length


@given(days_back)
def test_the_streak_is_what_counting_by_hand_gives(back: set[int]) -> None:
    reviewed = {ago(number) for number in back}
    assert current_streak(sorted(reviewed, reverse=True), TODAY) == naive_streak(reviewed)


@given(days_back)
def test_the_best_streak_is_the_longest_run_and_never_below_the_current(back: set[int]) -> None:
    reviewed = {ago(number) for number in back}
    best = best_streak(reviewed)
    runs = [n for n in range(1, 62) for at in back if set(range(at, at + n)) <= back]
    assert best == max(runs, default=0)
    assert best >= naive_streak(reviewed)


def test_a_day_that_is_not_over_does_not_break_the_streak() -> None:
    assert current_streak([ago(1), ago(2)], TODAY) == 2
    assert current_streak([ago(0), ago(1), ago(2)], TODAY) == 3
    assert current_streak([ago(2), ago(3)], TODAY) == 0


@given(st.integers(0, 1000), st.integers(0, 1000))
def test_only_all_is_a_hundred_per_cent_and_only_none_is_zero(part: int, missed: int) -> None:
    found = percent(part, part + missed)
    if not part + missed:
        assert found is None
    else:
        assert found is not None
        assert (found == 100) == (missed == 0)
        assert (found == 0) == (part == 0)
        assert abs(found - 100 * part / (part + missed)) <= 1


def test_retention_leaves_introductions_and_repetitions_out() -> None:
    rows = [
        Row(TODAY, 2, 3, True, count=3),
        Row(TODAY, 2, 1, False),
        Row(TODAY, 1, 2, True, introduction=True, count=50),
        Row(TODAY, 1, 1, True, repetition=True, count=50),
    ]
    shares = retention(rows, lambda row: row.box_before)
    assert list(shares) == [2]
    assert (shares[2].passes, shares[2].total, shares[2].percent) == (3, 4, 75)


def test_the_calendar_counts_every_answer() -> None:
    rows = [
        Row(TODAY, 1, 2, True, count=2),
        Row(TODAY, 1, 1, True, repetition=True),
        Row(ago(3), 1, 1, False),
    ]
    assert reviews_by_day(rows) == {TODAY: 3, ago(3): 1}


@given(st.dates(dt.date(2000, 1, 1), dt.date(2100, 1, 1)))
def test_a_week_begins_on_the_monday_before(day: dt.date) -> None:
    assert week_of(day).weekday() == 0
    assert 0 <= (day - week_of(day)).days < 7


@given(st.dictionaries(st.integers(-400, 29), st.integers(1, 500)))
def test_the_forecast_holds_each_scheduled_card_once(due: dict[int, int]) -> None:
    found = forecast({TODAY + offset * DAY: cards for offset, cards in due.items()}, TODAY)
    assert found.total == sum(due.values())
    assert found.overdue == sum(cards for offset, cards in due.items() if offset < 0)
    assert [day for day, _ in found.days] == [TODAY + number * DAY for number in range(30)]


@given(st.integers(0, 5000), st.integers(1, 60))
def test_sampled_days_end_today_and_are_few_and_even(span: int, most: int) -> None:
    days = sample_days(ago(span), TODAY, most)
    assert days[-1] == TODAY
    assert days[0] >= ago(span)
    assert len(days) <= most
    assert len({right - left for left, right in itertools.pairwise(days)}) <= 1


Lives = list[list[tuple[int, bool]]]
lives = st.lists(
    st.lists(st.tuples(st.integers(0, 40), st.booleans()), max_size=8, unique_by=lambda a: a[0]),
    max_size=12,
)


@given(lives)
def test_boxes_over_time_are_what_each_cards_life_gives(cards: Lives) -> None:
    """Each card is followed by itself: the walk back must find the same boxes on every day."""
    rows, present = [], [0] * 5
    held = {ago(back): [0] * 5 for back in range(42)}
    for card in cards:
        box = 0
        story = dict(card)
        for back in range(41, -1, -1):
            if back in story:
                before, box = box, next_box(box or 1, story[back], 5)
                rows.append(Row(ago(back), before or 1, box, story[back], introduction=not before))
            if box:
                held[ago(back)][box - 1] += 1
        if box:
            present[box - 1] += 1
    found = boxes_over_time(present, rows, sorted(held))
    assert found == [tuple(held[day]) for day in sorted(held)]
    assert found[-1] == tuple(present)


def test_cards_that_came_with_a_box_were_in_it_all_along() -> None:
    days = [ago(2), ago(1), TODAY]
    rows = [Row(ago(1), 3, 4, True)]
    assert boxes_over_time([0, 0, 9, 1], rows, days) == [(0, 0, 10, 0), (0, 0, 9, 1), (0, 0, 9, 1)]


def test_rows_taken_off_and_repetitions_move_nothing_and_vanished_boxes_count_as_the_last() -> None:
    rows = [
        Row(TODAY, 1, 2, True, count=5),
        Row(TODAY, 1, 2, True, count=-5),
        Row(TODAY, 1, 1, True, repetition=True, count=5),
        Row(TODAY, 6, 7, True),
    ]
    assert boxes_over_time([1, 2], rows, [ago(1), TODAY]) == [(1, 2), (1, 2)]


@given(
    st.lists(st.integers(0, 50), min_size=2, max_size=10),
    st.lists(st.tuples(st.integers(0, 20), st.integers(1, 10), st.integers(1, 10)), max_size=30),
)
def test_the_past_is_never_negative_whatever_the_log_says(
    present: list[int], moves: list[tuple[int, int, int]]
) -> None:
    rows = [Row(ago(back), before, after, True) for back, before, after in moves]
    found = boxes_over_time(present, rows, [ago(back) for back in range(21, -1, -1)])
    assert found[-1] == tuple(present)
    assert all(count >= 0 for counts in found for count in counts)


@pytest.mark.parametrize("present", [[0, 0], [3, 4]])
def test_without_reviews_the_boxes_never_changed(present: list[int]) -> None:
    assert boxes_over_time(present, [], [ago(1), TODAY]) == [tuple(present)] * 2
