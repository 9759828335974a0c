"""Undo: box, due date, last review and log are as they were, and nothing else is touched."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest

from accounts.models import User
from cards.answering import Outcome, last_review, undo
from cards.models import Box, Card, Review
from cards.scheduling import Placement
from tests.answers import NOON, TODAY, YESTERDAY, missed, placed, respond
from tests.factories import make_card

pytestmark = pytest.mark.django_db


def take_back(review: Review | None, owner: User | None = None) -> Outcome:
    assert review is not None
    return undo(owner=owner or review.owner, review_id=review.pk, now=NOON)


def test_undo_restores_box_due_date_last_review_and_log(alice: User) -> None:
    before = NOON - dt.timedelta(days=9, microseconds=123_457)
    card = make_card(alice, box=3, due=YESTERDAY, last_reviewed=before)
    outcome = respond(card)
    assert take_back(outcome.review) == Outcome("applied", outcome.review)
    card.refresh_from_db()
    assert (card.box, card.due, card.last_reviewed) == (3, YESTERDAY, before)
    assert not Review.objects.exists()


def test_undo_of_the_first_answer_makes_a_card_new_again(alice: User) -> None:
    card = make_card(alice)
    take_back(respond(card).review)
    card.refresh_from_db()
    assert (card.is_new, card.box, card.last_reviewed) == (True, 1, None)


def test_undo_takes_back_one_answer_after_the_other(alice: User) -> None:
    cards = [make_card(alice, due=TODAY), make_card(alice)]
    for minute, card in enumerate(cards):
        respond(card, now=NOON + dt.timedelta(minutes=minute))
    for card in reversed(cards):
        last = last_review(alice, NOON + dt.timedelta(minutes=5))
        assert last is not None
        assert last.card == card
        assert take_back(last).status == "applied"
    assert last_review(alice, NOON + dt.timedelta(minutes=5)) is None
    assert [placed(card) for card in Card.objects.order_by("id")] == [placed(c) for c in cards]


def test_undo_of_a_repetition_leaves_the_miss_standing(alice: User) -> None:
    card = missed(alice)
    there, reviewed = placed(card), card.last_reviewed
    assert take_back(respond(card).review).status == "applied"
    card.refresh_from_db()
    assert (placed(card), card.last_reviewed) == (there, reviewed)
    assert respond(card).status == "applied"


def test_undo_twice_changes_nothing_the_second_time(alice: User) -> None:
    card = make_card(alice, due=TODAY)
    review_id = uuid.uuid4()
    respond(card, review_id=review_id)
    assert undo(owner=alice, review_id=review_id, now=NOON).status == "applied"
    assert undo(owner=alice, review_id=review_id, now=NOON) == Outcome("repeated")


def test_a_late_retry_of_an_undone_answer_does_not_count(alice: User) -> None:
    card = make_card(alice, due=TODAY)
    review_id = uuid.uuid4()
    respond(card, review_id=review_id)
    undo(owner=alice, review_id=review_id, now=NOON)
    assert respond(card, review_id=review_id) == Outcome("repeated")
    card.refresh_from_db()
    assert placed(card) == Placement(1, TODAY)
    assert respond(card).status == "applied"


def test_only_the_last_answer_to_a_card_can_be_undone(alice: User) -> None:
    card = missed(alice)
    first = Review.objects.get()
    respond(card)
    assert take_back(first) == Outcome("stale", first)
    assert Review.objects.count() == 2


def test_a_card_that_moved_since_keeps_its_place_when_an_answer_is_undone(alice: User) -> None:
    card = make_card(alice, box=7, due=TODAY)
    review = respond(card).review
    Box.objects.filter(owner=alice, number=7).delete()
    Card.objects.filter(pk=card.pk).update(box=6)
    assert take_back(review) == Outcome("stale", review)
    card.refresh_from_db()
    assert card.box == 6
    assert Review.objects.count() == 1


def test_a_changed_interval_does_not_stand_in_the_way_of_undo(alice: User) -> None:
    card = make_card(alice, box=2, due=TODAY)
    review = respond(card).review
    Box.objects.filter(owner=alice, number=3).update(interval_days=9)
    assert take_back(review).status == "applied"
    card.refresh_from_db()
    assert placed(card) == Placement(2, TODAY)


def test_a_strangers_answer_cannot_be_undone(alice: User, charlie: User) -> None:
    review = respond(make_card(alice, due=TODAY)).review
    assert take_back(review, owner=charlie) == Outcome("stale")
    assert Review.objects.count() == 1


def test_an_answer_is_not_taken_back_over_a_later_one_whatever_their_clocks_said(
    alice: User,
) -> None:
    card = make_card(alice, box=4, due=TODAY)
    miss = respond(card, passed=False).review
    card.refresh_from_db()
    respond(card, now=NOON - dt.timedelta(milliseconds=50))
    assert take_back(miss).status == "stale"
    assert Review.objects.count() == 2
