"""Answers: what moves a card, what does not, and what is left in the log."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from accounts.models import User
from cards.answering import Outcome
from cards.models import Card, Review
from cards.scheduling import Placement
from tests.answers import NOON, TODAY, YESTERDAY, missed, placed, respond
from tests.factories import make_card, make_review, make_user

pytestmark = pytest.mark.django_db


def test_a_pass_moves_a_due_card_one_box_on_and_logs_it(alice: User) -> None:
    card = make_card(alice, box=2, due=YESTERDAY, last_reviewed=NOON - dt.timedelta(days=4))
    before = card.last_reviewed
    outcome = respond(card, took_ms=4_200)
    assert outcome.status == "applied"
    card.refresh_from_db()
    assert (card.box, card.due, card.last_reviewed) == (3, dt.date(2026, 4, 4), NOON)
    review = Review.objects.get()
    assert review == outcome.review
    assert (review.owner, review.card, review.passed, review.repetition) == (
        alice,
        card,
        True,
        False,
    )
    assert (review.box_before, review.box_after) == (2, 3)
    assert (review.due_before, review.due_after) == (YESTERDAY, card.due)
    assert (review.reviewed_before, review.answered_at, review.on) == (before, NOON, TODAY)
    assert review.took_ms == 4_200


def test_a_new_card_enters_the_boxes_with_its_first_answer(alice: User) -> None:
    card = make_card(alice)
    assert respond(card).status == "applied"
    card.refresh_from_db()
    assert placed(card) == Placement(2, TODAY + dt.timedelta(days=3))
    assert Review.objects.counted().filter(due_before=None).count() == 1


@pytest.mark.parametrize(("rule", "box"), [("first", 1), ("half", 3), ("one", 4)])
def test_a_missed_card_goes_where_its_learner_chose(rule: str, box: int) -> None:
    learner = make_user(again_rule=rule)
    card = make_card(learner, box=5, due=TODAY)
    assert respond(card, passed=False).status == "applied"
    card.refresh_from_db()
    assert card.box == box


def test_a_card_in_the_last_box_stays_there_and_rests_again(alice: User) -> None:
    card = make_card(alice, box=7, due=TODAY)
    respond(card)
    card.refresh_from_db()
    assert placed(card) == Placement(7, TODAY + dt.timedelta(days=120))


def test_the_date_is_the_learners_own(alice: User) -> None:
    alice.time_zone, alice.day_starts_at = "Pacific/Auckland", 4
    alice.save()
    card = make_card(alice, due=TODAY)
    outcome = respond(card, now=dt.datetime(2026, 3, 28, 20, tzinfo=dt.UTC))
    assert outcome.review is not None
    assert outcome.review.on == dt.date(2026, 3, 29)


@pytest.mark.parametrize(("given", "kept"), [(-5, 0), (9_999_999, 600_000), (None, None)])
def test_a_senseless_time_taken_is_cut_and_not_refused(
    alice: User, given: int | None, kept: int | None
) -> None:
    outcome = respond(make_card(alice), took_ms=given)
    assert outcome.review is not None
    assert outcome.review.took_ms == kept


@pytest.mark.parametrize("seen", [Placement(2, TODAY), Placement(1, YESTERDAY), Placement(1, None)])
def test_a_card_that_is_not_as_it_was_seen_does_not_move(alice: User, seen: Placement) -> None:
    card = make_card(alice, box=1, due=TODAY)
    assert respond(card, seen=seen).status == "stale"
    card.refresh_from_db()
    assert placed(card) == Placement(1, TODAY)
    assert not Review.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"due": TODAY + dt.timedelta(days=1)},
        {"due": TODAY, "suspended": True},
        {"due": TODAY, "deleted_at": NOON},
    ],
    ids=["not due", "suspended", "deleted"],
)
def test_a_card_that_wants_no_answer_does_not_move(alice: User, fields: dict[str, Any]) -> None:
    card = make_card(alice, **fields)
    assert respond(card).status == "stale"
    card.refresh_from_db()
    assert placed(card) == Placement(1, fields["due"])
    assert not Review.objects.exists()


def test_a_strangers_card_is_unknown(alice: User, charlie: User) -> None:
    card = make_card(alice, due=TODAY)
    assert respond(card, owner=charlie).status == "unknown"
    card.refresh_from_db()
    assert placed(card) == Placement(1, TODAY)


def test_the_same_id_again_is_answered_as_the_first_time(alice: User) -> None:
    card = make_card(alice, due=TODAY)
    first = respond(card)
    assert first.review is not None
    again = respond(card, passed=False, review_id=first.review.pk)
    assert again == Outcome("repeated", first.review)
    later = placed(card)
    card.refresh_from_db()
    assert respond(card, review_id=first.review.pk).status == "repeated"
    assert placed(card) != later
    assert Review.objects.get().passed


def test_the_same_id_again_counts_once_even_when_the_card_is_back_where_it_was(
    alice: User,
) -> None:
    card = make_card(alice)
    first = respond(card)
    assert first.review is not None
    Card.objects.update(box=1, due=None)
    assert respond(card, review_id=first.review.pk) == Outcome("repeated", first.review)
    card.refresh_from_db()
    assert placed(card) == Placement(1, None)


@pytest.mark.parametrize("which", ["own", "foreign"])
def test_the_id_of_an_answer_to_another_card_is_refused(
    alice: User, charlie: User, which: str
) -> None:
    other = make_review(make_card(alice if which == "own" else charlie))
    card = make_card(alice, due=TODAY)
    assert respond(card, review_id=other.pk) == Outcome("stale")
    card.refresh_from_db()
    assert placed(card) == Placement(1, TODAY)
    assert Review.objects.count() == 1


@pytest.mark.parametrize("passed", [True, False])
def test_a_missed_card_that_comes_round_again_is_logged_and_stays(
    alice: User, passed: bool
) -> None:
    card = missed(alice)
    there = placed(card)
    outcome = respond(card, passed=passed)
    assert outcome.status == "applied"
    assert outcome.review is not None
    assert outcome.review.repetition
    card.refresh_from_db()
    assert placed(card) == there
    assert card.last_reviewed == NOON
    assert Review.objects.counted().count() == 1


def test_a_repetition_sent_twice_counts_once(alice: User) -> None:
    card = missed(alice)
    first = respond(card, passed=False)
    assert first.review is not None
    again = respond(card, passed=False, review_id=first.review.pk)
    assert again == Outcome("repeated", first.review)
    assert Review.objects.count() == 2


def test_a_missed_card_that_was_passed_again_is_done_for_today(alice: User) -> None:
    card = missed(alice)
    respond(card)
    card.refresh_from_db()
    assert respond(card, now=NOON + dt.timedelta(minutes=1)).status == "stale"


def test_an_answer_costs_few_statements(alice: User, django_assert_max_num_queries: Any) -> None:
    card = make_card(alice, due=TODAY)
    # Six of its own; the tests have a savepoint and its release in place of BEGIN and COMMIT.
    with django_assert_max_num_queries(8):
        respond(card)
