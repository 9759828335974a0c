"""Whatever two databases hold: the one takes in the other, loses nothing, and twice is as once."""

from __future__ import annotations

import datetime as dt
import tempfile
import uuid
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.db import models, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import User
from backups.tables import tables
from cards.models import Box, Card, Deck, Review, Tag, UndoneReview
from tests.answers import NOON, TODAY
from tests.backups.leitner_files import checksums, empty_file, living_in, merge
from tests.factories import make_boxes, make_deck, make_review, make_user

pytestmark = pytest.mark.django_db
IDS = [uuid.UUID(int=number) for number in range(5)]


@dataclass(frozen=True)
class Made:
    """A card and what belongs to it, as one of the two databases may have it."""

    owner: int
    guid: int
    deck: int
    deck_deleted: bool
    box: int
    last: int | None
    edited: int | None
    deleted: bool
    review: int | None
    undone: int | None


small = st.integers(0, 2)
maybe = st.none() | st.integers(0, 4)
cards = st.builds(
    Made, small, small, small, st.booleans(), st.integers(1, 5), maybe, maybe, st.booleans(), maybe,
    maybe,
)  # fmt: skip
databases = st.tuples(st.lists(cards, max_size=6), st.integers(2, 7), st.booleans())


def hours(number: int | None) -> dt.datetime | None:
    return None if number is None else NOON + dt.timedelta(hours=6 * number)


def fill(database: tuple[list[Made], int, bool], where: str) -> None:
    made, boxes, signed_in = database
    for each in made:
        email = f"learner{each.owner}@example.org"
        owner = User.objects.filter(email=email).first()
        if owner is None:
            owner = make_user(email, intervals=(), last_login=NOON if signed_in else None)
            make_boxes(owner, [1, 3, 7, 14, 30, 60, 120][:boxes])
        if Card.objects.filter(owner=owner, guid=str(each.guid)).exists():
            continue
        decks = Deck.objects.filter(owner=owner, name=f"deck {each.deck}")
        deleted = NOON if each.deck_deleted else None
        deck = decks.filter(deleted_at=deleted).first() or make_deck(
            owner, f"deck {each.deck}", created_at=hours(each.deck), deleted_at=deleted
        )
        card = Card.objects.create(
            owner=owner, deck=deck, guid=str(each.guid), box=min(each.box, boxes),
            front=f"{where} {each.edited}", due=None if each.last is None else TODAY,
            last_reviewed=hours(each.last), edited_at=hours(each.edited),
            deleted_at=NOON if each.deleted or each.deck_deleted else None, created_at=NOON,
        )  # fmt: skip
        Tag.objects.get_or_create(owner=owner, name=f"tag{each.deck}")
        if each.review is not None and not Review.objects.filter(pk=IDS[each.review]).exists():
            answered = hours(each.last) or NOON
            make_review(card, id=IDS[each.review], answered_at=answered)
        if each.undone is not None and not Review.objects.filter(pk=IDS[each.undone]).exists():
            UndoneReview.objects.get_or_create(pk=IDS[each.undone], defaults={"owner": owner})
    UndoneReview.objects.filter(pk__in=Review.objects.values("pk")).delete()


def ids(model: type[models.Model]) -> set[object]:
    return set(model._default_manager.values_list("pk", flat=True))


def known() -> set[tuple[str, str]]:
    return set(Card.objects.values_list("owner__email", "guid"))


def every_model() -> list[type[models.Model]]:
    return [table.model for table in tables()]


@settings(max_examples=25)
@given(there=databases, here=databases, kind=st.sampled_from(["leitner", "legacy"]))
def test_nothing_is_lost_everything_is_there_and_twice_is_as_once(
    there: tuple[list[Made], int, bool], here: tuple[list[Made], int, bool], kind: str
) -> None:
    with tempfile.TemporaryDirectory() as folder, transaction.atomic():
        file = empty_file(Path(folder))
        with living_in(file):
            fill(there, "there")
            cards_there, reviews_there, tags_there = known(), ids(Review), Tag.objects.count()
        fill(here, "here")
        before = {model: ids(model) for model in every_model()}
        cards_here, mine = known(), dict(Card.objects.values_list("pk", "last_reviewed"))
        report, aside = merge(file, kind=kind)
        assert not aside
        for model, rows in before.items():
            assert rows <= ids(model), model
        assert known() == cards_here | cards_there
        undone_here = before[UndoneReview]
        assert ids(Review) == before[Review] | (reviews_there - undone_here)
        assert not ids(Review) & ids(UndoneReview)
        assert report.tables["tags"].written == tags_there
        check_boxes_and_decks(mine)
        once = checksums()
        merge(file, kind=kind)
        assert checksums() == once
        transaction.set_rollback(True)


def check_boxes_and_decks(before: dict[int, dt.datetime | None]) -> None:
    """What every database of ours keeps to, and nobody stepped back to an earlier answer."""
    for card in Card.objects.select_related("deck"):
        assert card.deck.owner_id == card.owner_id
        assert card.deleted_at or not card.deck.deleted_at, "a card that is seen, in no deck"
        assert card.box <= Box.objects.filter(owner=card.owner_id).count()
        earlier = before.get(card.pk)
        assert earlier is None or (card.last_reviewed and card.last_reviewed >= earlier)
    for user in User.objects.all():
        boxes = Box.objects.filter(owner=user).order_by("number")
        assert [box.number for box in boxes] == list(range(1, len(boxes) + 1))
        days = [box.interval_days for box in boxes]
        assert days == sorted(set(days))
