"""Which card is the newer one: what a learner did last counts, wherever it was."""

from __future__ import annotations

import datetime as dt
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from cards.answering import undo
from cards.models import Card, Review, UndoneReview
from tests.answers import NOON, TODAY, YESTERDAY, respond
from tests.backups.leitner_files import checksums, empty_file, living_in, merge
from tests.factories import make_card, make_review, make_user

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return empty_file(tmp_path)


def alice() -> User:
    return User.objects.filter(email="alice@example.org").first() or make_user("alice@example.org")


def twins(file: Path, *, here: dict[str, Any], there: dict[str, Any]) -> Card:
    """The same card (guid "one") in the tests' database, which is returned, and in the file."""
    both = {"guid": "one", "front": "same", "back": "same", "created_at": NOON - 90 * DAY}
    with living_in(file):
        make_card(alice(), **both | there)
    return make_card(alice(), **both | here)


def place(card: Card) -> tuple[int, dt.date | None, dt.datetime | None]:
    card.refresh_from_db()
    return card.box, card.due, card.last_reviewed


def at(box: int, last: dt.datetime | None) -> dict[str, Any]:
    return {"box": box, "due": TODAY + box * DAY, "last_reviewed": last}


def test_text_comes_while_nobody_edited_it_here(file: Path) -> None:
    card = twins(
        file, here={}, there={"front": "new", "link": "https://a.example/", "solved_on": TODAY}
    )
    report, _ = merge(file, kind="legacy")
    card.refresh_from_db()
    assert (card.front, card.link, card.solved_on) == ("new", "https://a.example/", TODAY)
    assert (
        "1 of the cards were there already; 1 of them took something from the source."
        in report.notes
    )


def test_text_that_was_edited_here_stays(file: Path) -> None:
    card = twins(file, here={"front": "mine", "edited_at": NOON}, there={"front": "new"})
    merge(file, kind="legacy")
    card.refresh_from_db()
    assert card.front == "mine"


@pytest.mark.parametrize(("there", "front"), [(-HOUR, "here"), (HOUR, "there")])
def test_of_two_edits_the_later_counts(file: Path, there: dt.timedelta, front: str) -> None:
    card = twins(
        file,
        here={"front": "here", "edited_at": NOON},
        there={"front": "there", "edited_at": NOON + there},
    )
    merge(file)
    card.refresh_from_db()
    assert card.front == front


def test_a_later_day_in_the_legacy_app_brings_its_place(file: Path) -> None:
    card = twins(file, here=at(2, NOON - DAY), there=at(4, NOON))
    merge(file, kind="legacy")
    assert place(card) == (4, TODAY + 4 * DAY, NOON)


def test_an_older_file_steps_nothing_back(file: Path) -> None:
    card = twins(file, here=at(4, NOON), there=at(2, NOON - DAY))
    before = place(card)
    merge(file, kind="legacy")
    assert place(card) == before


@pytest.mark.parametrize("hours", [-11, 0, 11], ids=["morning", "noon", "night"])
def test_of_one_day_the_answer_given_here_counts(file: Path, hours: int) -> None:
    card = twins(file, here=at(2, NOON - DAY) | {"due": TODAY}, there=at(5, NOON))
    card.owner.day_starts_at = 0  # As for everybody who comes from there.
    card.owner.save()
    respond(card, now=NOON + hours * HOUR)
    before = place(card)
    assert before[0] == 3
    merge(file, kind="legacy")
    assert place(card) == before


def test_the_day_of_an_answer_is_the_learners_own(file: Path) -> None:
    """In Honolulu it is still the 27th when an answer is given at four in the morning of UTC."""
    card = twins(file, here=at(2, NOON - 3 * DAY) | {"due": YESTERDAY}, there=at(5, NOON))
    User.objects.filter(pk=card.owner_id).update(time_zone="Pacific/Honolulu")
    card.owner.refresh_from_db()
    respond(card, now=NOON - 8 * HOUR)
    assert Review.objects.get().on == YESTERDAY
    merge(file, kind="legacy")
    assert place(card) == (5, TODAY + 5 * DAY, NOON)


def test_a_later_answer_in_another_leitner_brings_its_place_and_record(file: Path) -> None:
    card = twins(file, here=at(2, NOON - HOUR), there={"box": 2, "due": TODAY})
    with living_in(file):
        respond(Card.objects.get())
        there = place(Card.objects.get())
    merge(file)
    assert place(card) == there
    assert Review.objects.get().card_id == card.pk


def test_an_answer_that_was_taken_back_here_does_not_return(file: Path) -> None:
    card, answer = (
        twins(file, here={"box": 2, "due": TODAY}, there={"box": 2, "due": TODAY}),
        uuid.uuid4(),
    )
    for where in (file, None):
        if where:
            with living_in(where):
                respond(Card.objects.get(), review_id=answer)
        else:
            respond(card, review_id=answer)
    undo(owner=card.owner, review_id=answer, now=NOON)
    before = place(card)
    merge(file)
    assert place(card) == before
    assert not Review.objects.exists()


def test_an_answer_that_counts_here_is_not_taken_back_from_outside(file: Path) -> None:
    card, answer = twins(file, here={"due": TODAY}, there={"due": TODAY}), uuid.uuid4()
    respond(card, review_id=answer)
    with living_in(file):
        respond(Card.objects.get(), review_id=answer)
        undo(owner=alice(), review_id=answer, now=NOON)
    before = place(card)
    merge(file)
    assert place(card) == before
    assert Review.objects.filter(pk=answer).exists()
    assert not UndoneReview.objects.exists()


def test_a_place_changed_by_hand_comes_until_the_learner_signs_in_here(file: Path) -> None:
    card = twins(file, here=at(2, NOON), there=at(3, NOON))
    merge(file, kind="legacy")
    assert place(card)[0] == 3
    User.objects.update(last_login=timezone.now())
    Card.objects.update(box=1)
    merge(file, kind="legacy")
    assert place(card)[0] == 1


def test_what_was_put_away_or_sorted_here_stays_so(file: Path) -> None:
    mine = {"deleted_at": NOON, "suspended": True, "tags": ["mine"]}
    card = twins(file, here=mine, there={"tags": ["theirs"], "front": "new"})
    merge(file)
    card.refresh_from_db()
    assert (card.deleted_at, card.suspended, card.tags) == (NOON, True, " mine ")
    assert Card.objects.count() == 1


def test_a_learner_with_new_rows_gets_a_new_version_and_another_does_not(file: Path) -> None:
    """What is cached about cards carries the version."""
    twins(file, here={}, there={"front": "new"})
    charlie = make_user("charlie@example.org")
    with living_in(file):
        make_user("charlie@example.org")
    before = {user.pk: user.data_version for user in User.objects.all()}
    merge(file)
    after = {user.pk: user.data_version for user in User.objects.all()}
    changed = {pk for pk in after if after[pk] != before[pk]}
    assert changed == {alice().pk}
    assert charlie.pk not in changed


def test_the_cut_over_recipe_loses_no_answer_on_either_side(file: Path) -> None:
    """Rehearse, run, switch, learn on, run again for the stragglers."""
    with living_in(file):
        for number in range(4):
            make_card(alice(), guid=f"legacy:{number}", due=TODAY, box=2, last_reviewed=NOON - DAY)
    merge(file, kind="legacy")
    here = {card.guid: card for card in Card.objects.all()}
    respond(here["legacy:0"])
    respond(here["legacy:1"])
    with living_in(file):
        for guid, last in ("legacy:1", NOON + DAY), ("legacy:2", NOON), ("legacy:3", None):
            if last:
                Card.objects.filter(guid=guid).update(box=5, last_reviewed=last)
        make_card(alice(), guid="legacy:9", due=TODAY)
        make_review(Card.objects.get(guid="legacy:0"), answered_at=NOON - 9 * DAY)
    merge(file, kind="legacy")
    assert {card.guid: card.box for card in Card.objects.all()} == {
        "legacy:0": 3, "legacy:1": 5, "legacy:2": 5, "legacy:3": 2, "legacy:9": 1
    }  # fmt: skip
    assert Review.objects.count() == 3
    once = checksums()
    merge(file, kind="legacy")
    assert checksums() == once
