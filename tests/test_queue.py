"""What comes next: due cards, today's share of new ones, then the missed again; it resumes."""

from __future__ import annotations

import datetime as dt

import pytest

from accounts.models import User
from cards.models import Card
from cards.queue import COUNT_LIMIT, Narrowing, start
from tests.answers import NOON, TODAY, missed, respond
from tests.factories import make_card, make_cards, make_deck, make_review, make_user

DAY = dt.timedelta(days=1)
pytestmark = pytest.mark.django_db


def fronts(cards: list[Card]) -> list[str]:
    return [card.front for card in cards]


def test_the_longest_overdue_comes_first_then_the_lowest_box(alice: User) -> None:
    make_card(alice, front="today, box 1", due=TODAY)
    make_card(alice, front="overdue, box 3", due=TODAY - DAY, box=3)
    make_card(alice, front="overdue, box 2", due=TODAY - DAY, box=2)
    make_card(alice, front="long overdue", due=TODAY - 9 * DAY, box=7)
    assert fronts(start(alice, NOON).next_cards(9)) == [
        "long overdue",
        "overdue, box 2",
        "overdue, box 3",
        "today, box 1",
    ]


def test_new_cards_follow_the_due_ones_and_the_missed_follow_both(alice: User) -> None:
    again = missed(alice, front="missed")
    make_card(alice, front="new")
    make_card(alice, front="due", due=TODAY)
    session = start(alice, NOON)
    assert fronts(session.next_cards(9)) == ["due", "new", "missed"]
    assert session.missed_ids == (again.pk,)
    assert session.left() == 3


def test_only_so_many_new_cards_enter_a_day(alice: User) -> None:
    alice.new_per_day = 2
    alice.save()
    make_cards(alice, 5)
    first, second = start(alice, NOON).next_cards(9)
    respond(first)
    assert start(alice, NOON).next_cards(9) == [second]
    respond(second)
    assert start(alice, NOON).next_cards(9) == []
    assert len(start(alice, NOON + DAY).new()) == 2


def test_more_new_cards_come_for_who_asks(alice: User) -> None:
    alice.new_per_day = 0
    alice.save()
    make_cards(alice, 5)
    assert start(alice, NOON).left() == 0
    assert start(alice, NOON, Narrowing(more=3)).left() == 3


def test_answers_to_due_cards_take_nothing_from_the_share_of_new_ones(alice: User) -> None:
    respond(make_card(alice, due=TODAY))
    assert start(alice, NOON).new_left == alice.new_per_day


def test_cards_that_rest_are_suspended_or_deleted_do_not_come(alice: User, charlie: User) -> None:
    make_card(alice, due=TODAY + DAY)
    make_card(alice, due=TODAY, suspended=True)
    make_card(alice, due=TODAY, deleted_at=NOON)
    make_card(alice, suspended=True)
    make_card(charlie, due=TODAY)
    session = start(alice, NOON)
    assert session.next_cards(9) == []
    assert session.left() == 0


def test_the_card_missed_longest_ago_comes_round_first(alice: User) -> None:
    first, second = make_card(alice, due=TODAY), make_card(alice, due=TODAY)
    for minute, card in enumerate([second, first]):
        respond(card, passed=False, now=NOON + dt.timedelta(minutes=minute))
    assert start(alice, NOON).missed() == [second, first]
    second.refresh_from_db()
    respond(second, passed=False, now=NOON + dt.timedelta(minutes=5))
    assert start(alice, NOON).missed() == [first, second]


def test_a_missed_card_that_was_passed_since_does_not_come_again(alice: User) -> None:
    card = missed(alice)
    respond(card)
    session = start(alice, NOON)
    assert (session.missed(), session.done, session.passes) == ([], 1, 0)


def test_yesterdays_misses_do_not_come_round_today(alice: User) -> None:
    missed(alice, due=TODAY)
    tomorrow = start(alice, NOON + DAY)
    assert tomorrow.missed_ids == ()
    assert len(tomorrow.due()) == 1


def test_a_session_is_narrowed_to_a_deck_or_a_tag(alice: User) -> None:
    verbs = make_deck(alice, "Verbs")
    make_card(alice, deck=verbs, front="in the deck", due=TODAY)
    make_card(alice, deck=make_deck(alice), front="tagged", tags=["verb"], due=TODAY)
    make_card(alice, deck=make_deck(alice), front="verbose", tags=["verbose"], due=TODAY)
    assert fronts(start(alice, NOON, Narrowing(deck=verbs.pk)).next_cards(9)) == ["in the deck"]
    assert fronts(start(alice, NOON, Narrowing(tag="verb")).next_cards(9)) == ["tagged"]


def test_a_strangers_deck_narrows_to_nothing(alice: User, charlie: User) -> None:
    foreign = make_card(charlie, due=TODAY).deck
    assert start(alice, NOON, Narrowing(deck=foreign.pk)).left() == 0


def test_what_was_done_today_is_counted_by_the_learners_own_day() -> None:
    late = make_user(time_zone="America/Los_Angeles")
    card = make_card(late)
    make_review(card, answered_at=dt.datetime(2026, 3, 28, 10, tzinfo=dt.UTC))  # 3 a.m.: the 27th
    make_review(card, answered_at=NOON, passed=False)  # 5 a.m.: the 28th
    session = start(late, NOON)
    assert (session.today, session.done, session.passes) == (TODAY, 1, 0)


def test_a_huge_backlog_is_counted_only_so_far(alice: User) -> None:
    model = make_card(alice, due=TODAY)
    Card.objects.bulk_create(
        Card(owner=alice, deck=model.deck, front="x", due=TODAY) for _ in range(COUNT_LIMIT + 5)
    )
    assert start(alice, NOON).left() == COUNT_LIMIT


def test_narrowings_say_themselves_as_a_query() -> None:
    assert Narrowing().query() == ""
    assert Narrowing(deck=3, tag="a&b", more=10).query() == "?deck=3&tag=a%26b&more=10"
