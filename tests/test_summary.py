"""The counts of the home page: right, cheap the second time, and never stale."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from cards.answering import undo
from cards.models import Card, Review
from cards.summary import Tally, summary
from cards.writing import writing
from tests.answers import NOON, TODAY, respond
from tests.factories import make_card, make_deck

DAY = dt.timedelta(days=1)
pytestmark = pytest.mark.django_db


def seen(owner: User, on: dt.date = TODAY) -> Tally:
    """What the next request shows: it loads the learner anew."""
    return summary(User.objects.get(pk=owner.pk), on).all


def test_it_counts_all_per_deck_and_per_box(alice: User, charlie: User) -> None:
    verbs, nouns = make_deck(alice, "Verbs"), make_deck(alice, "Nouns")
    make_card(alice, deck=verbs)
    make_card(alice, deck=verbs, box=2, due=TODAY)
    make_card(alice, deck=nouns, box=2, due=TODAY + DAY)
    make_card(alice, deck=nouns, box=2, due=TODAY, suspended=True)
    make_card(alice, deck=nouns, deleted_at=NOON)
    make_card(charlie, due=TODAY)
    counts = summary(alice, TODAY)
    assert counts.all == Tally(total=4, due=1, new=1, suspended=1)
    assert counts.decks[verbs.pk] == Tally(total=2, due=1, new=1)
    assert counts.decks[nouns.pk] == Tally(total=2, suspended=1)
    assert counts.boxes[2] == Tally(total=3, due=1, suspended=1)
    assert 1 not in counts.boxes


def test_who_has_no_cards_has_zeros(alice: User) -> None:
    assert summary(alice, TODAY).all == Tally()


def test_the_second_look_costs_no_query(alice: User, django_assert_num_queries: Any) -> None:
    make_card(alice)
    with django_assert_num_queries(1):
        summary(alice, TODAY)
    with django_assert_num_queries(0):
        summary(alice, TODAY)


def test_the_next_day_is_counted_anew(alice: User) -> None:
    make_card(alice, due=TODAY + DAY)
    assert seen(alice).due == 0
    assert seen(alice, TODAY + DAY).due == 1


def test_learners_do_not_see_each_others_counts(alice: User, charlie: User) -> None:
    make_card(alice)
    assert (seen(alice).total, seen(charlie).total) == (1, 0)


def _suspend(card: Card) -> None:
    with writing(card.owner):
        Card.objects.filter(pk=card.pk).update(suspended=True)


def _add(card: Card) -> None:
    with writing(card.owner):
        make_card(card.owner)


WRITES: dict[str, tuple[Callable[[Card], Any], Tally]] = {
    "an answer": (lambda card: respond(card), Tally(total=1)),
    "a change": (_suspend, Tally(total=1, suspended=1)),
    "an addition": (_add, Tally(total=2, due=1, new=1)),
}


@pytest.mark.parametrize("name", WRITES)
def test_it_is_never_stale_after(alice: User, name: str) -> None:
    card = make_card(alice, due=TODAY)
    assert seen(alice) == Tally(total=1, due=1)
    write, after = WRITES[name]
    write(card)
    assert seen(alice) == after


def test_it_is_never_stale_after_undo(alice: User) -> None:
    review_id = uuid.uuid4()
    respond(make_card(alice, due=TODAY), review_id=review_id)
    assert seen(alice).due == 0
    undo(owner=alice, review_id=review_id, now=NOON)
    assert seen(alice).due == 1
    assert not Review.objects.exists()


def test_a_write_that_failed_leaves_the_counts_as_they_were(alice: User) -> None:
    card = make_card(alice, due=TODAY)

    def half_a_write() -> None:
        with writing(alice):
            Card.objects.filter(pk=card.pk).update(suspended=True)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half_a_write()
    assert seen(alice) == Tally(total=1, due=1)


@pytest.mark.usefixtures("redis_cache")
def test_it_is_kept_in_valkey_too(alice: User, django_assert_num_queries: Any) -> None:
    make_card(alice, due=TODAY)
    assert seen(alice).due == 1
    with django_assert_num_queries(0):
        assert summary(alice, TODAY).all == Tally(total=1, due=1)
    respond(Card.objects.get())
    assert seen(alice).due == 0
