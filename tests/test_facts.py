"""The numbers of the home page: right, remembered until the next write, and cheap."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from accounts.models import User
from cards.facts import HomeFacts, days_with_reviews, home_facts
from cards.writing import writing
from tests.factories import make_card, make_review

TODAY = dt.date(2026, 3, 10)
DAY = dt.timedelta(days=1)


def test_a_learner_without_reviews_has_no_streak_and_no_retention(alice: User) -> None:
    assert home_facts(alice, TODAY) == HomeFacts(streak=0, retention=None, due_tomorrow=0)


def test_the_facts_are_those_of_the_owner(alice: User, charlie: User) -> None:
    card = make_card(alice, due=TODAY + DAY)
    make_card(alice, due=TODAY + DAY, suspended=True)
    for back, passed in [(0, True), (1, True), (2, False), (4, True)]:
        make_review(card, on=TODAY - back * DAY, passed=passed)
    assert home_facts(alice, TODAY) == HomeFacts(streak=3, retention=75, due_tomorrow=1)
    assert home_facts(charlie, TODAY) == HomeFacts(streak=0, retention=None, due_tomorrow=0)


def test_introductions_repetitions_and_old_reviews_do_not_count_for_retention(alice: User) -> None:
    card = make_card(alice, due=TODAY)
    make_review(card, on=TODAY)
    make_review(card, on=TODAY, passed=False, due_before=None)
    make_review(card, on=TODAY, passed=False, repetition=True)
    make_review(card, on=TODAY - 30 * DAY, passed=False)
    assert home_facts(alice, TODAY).retention == 100


def test_days_with_reviews_come_once_each_and_latest_first(alice: User, charlie: User) -> None:
    card, foreign = make_card(alice, due=TODAY), make_card(charlie, due=TODAY)
    for back in (0, 0, 0, 1, 5, 5):
        make_review(card, on=TODAY - back * DAY)
    make_review(card, on=TODAY + DAY)
    make_review(foreign, on=TODAY - 2 * DAY)
    assert list(days_with_reviews(alice, TODAY)) == [TODAY, TODAY - DAY, TODAY - 5 * DAY]


def test_facts_are_asked_for_once_until_the_learner_writes(
    alice: User, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(3):
        home_facts(alice, TODAY)
    with django_assert_num_queries(0):
        home_facts(alice, TODAY)
    with writing(alice):
        make_review(make_card(alice, due=TODAY), on=TODAY)
    alice.refresh_from_db()
    assert home_facts(alice, TODAY).streak == 1


@pytest.mark.parametrize("hour", [0, 23])
def test_the_streak_follows_the_date_that_it_is_asked_for(alice: User, hour: int) -> None:
    answered_at = dt.datetime(2026, 3, 10, hour, tzinfo=dt.UTC)
    make_review(make_card(alice, due=TODAY), answered_at=answered_at)
    assert home_facts(alice, alice.today(answered_at)).streak == 1
