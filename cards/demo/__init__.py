"""The demo learner: three decks written from facts, and half a year of plausible answers."""

from __future__ import annotations

import csv
import datetime as dt
import random
from importlib import resources
from typing import TYPE_CHECKING

from django.contrib.auth import get_user_model
from django.db import transaction

from cards import tags
from cards.boxes import create_default_boxes
from cards.models import Card, Deck, Review, Tag
from cards.scheduling import LONG_RUN, Placement, place

if TYPE_CHECKING:
    from accounts.models import User

EMAIL, PASSWORD = "demo@leitner.example", "leitner-demo"
# Deck name, file, how many of its cards have been begun so far.
DECKS = [
    ("Capitals of the world", "capitals.csv", 150),
    ("Periodic table", "elements.csv", 70),
    ("Algorithms", "algorithms.csv", 24),
]
DAYS = 200
LATELY = dt.timedelta(days=4)
SEED = 1972


def make_demo(now: dt.datetime) -> bool:
    """Make the demo learner with decks and history up to `now`; False when it is there already."""
    users = get_user_model().objects
    if users.filter(email=EMAIL).exists():
        return False
    with transaction.atomic():
        owner = users.create_user(EMAIL, PASSWORD)
        create_default_boxes(owner)
        chance = random.Random(SEED)
        for name, file, begun in DECKS:
            _play(owner, _load(owner, name, file)[:begun], now, chance)
    return True


def _load(owner: User, name: str, file: str) -> list[Card]:
    deck = Deck.objects.create(owner=owner, name=name)
    text = resources.files(__name__).joinpath(file).read_text(encoding="utf-8")
    cards = [
        Card(
            owner=owner,
            deck=deck,
            front=row["front"],
            back=row["back"],
            link=row["link"],
            tags=tags.join(tags.split(row["tags"])),
        )
        for row in csv.DictReader(text.splitlines(keepends=True))
    ]
    names = sorted({name for card in cards for name in card.tag_list})
    Tag.objects.bulk_create([Tag(owner=owner, name=name) for name in names], ignore_conflicts=True)
    return Card.objects.bulk_create(cards)


def _play(owner: User, cards: list[Card], now: dt.datetime, chance: random.Random) -> None:
    """Answer `cards` day by day, as a diligent learner would who skips a day now and then."""
    reviews = []
    today = owner.today(now)
    for index, card in enumerate(cards):
        day = today - dt.timedelta(days=DAYS - index * (DAYS - 3) // len(cards))
        while day < today:
            # Lately there was little time, so that more than one day's cards are due.
            if chance.random() < (0.4 if today - day <= LATELY else 0.06):
                day += dt.timedelta(days=1)
                continue
            review = _answer(owner, card, day, now, chance)
            reviews.append(review)
            day = review.due_after
    Card.objects.bulk_update(cards, ["box", "due", "last_reviewed"], batch_size=200)
    Review.objects.bulk_create(reviews, batch_size=500)


def _answer(
    owner: User, card: Card, day: dt.date, now: dt.datetime, chance: random.Random
) -> Review:
    """One answer on the local date `day`, about this time of day; moves the card in memory."""
    passed = chance.random() < (0.82 if card.box == 1 else 0.9)
    at = now - (owner.today(now) - day) - dt.timedelta(seconds=chance.randrange(60))
    seen = Placement(card.box, card.due)
    target = place(card.box, passed, day, LONG_RUN)
    review = Review(
        owner=owner,
        card=card,
        passed=passed,
        box_before=seen.box,
        box_after=target.box,
        due_before=seen.due,
        due_after=target.due,
        reviewed_before=card.last_reviewed,
        answered_at=at,
        on=day,
        took_ms=chance.randrange(2_000, 14_000),
    )
    card.box, card.due, card.last_reviewed = target.box, target.due, at
    return review
