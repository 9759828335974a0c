"""Writes to decks: made, renamed, deleted with their cards, and brought back."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from accounts.models import User
from cards import deck_editing, editing
from cards.editing import CardText
from cards.models import Card, Deck
from tests.factories import make_card, make_cards, make_deck

pytestmark = pytest.mark.django_db
DUE = dt.date(2026, 3, 1)


def text(**changes: str) -> CardText:
    fields = {"front": "Q", "back": "A", "link": "", "tags": "", "deck": "Words"}
    return CardText(**(fields | changes))


def of(owner: User) -> list[Card]:
    return list(Card.objects.of(owner).order_by("id"))


def test_deleted_cards_come_back_by_their_instant_and_no_others(alice: User) -> None:
    first, second, _kept = make_cards(alice, 3)
    now = timezone.now()
    cards = Card.objects.all()
    assert editing.delete_cards(owner=alice, cards=cards.filter(pk=first.pk), now=now) == 1
    later = now + dt.timedelta(microseconds=1)
    assert editing.delete_cards(owner=alice, cards=cards.filter(pk=second.pk), now=later) == 1
    assert len(of(alice)) == 1
    assert deck_editing.restore_deleted(owner=alice, at=later) == 1
    assert second in of(alice)
    assert first not in of(alice)
    assert deck_editing.restore_deleted(owner=alice, at=later) == 0


def test_a_deletion_is_brought_back_by_its_owner_only(alice: User, charlie: User) -> None:
    make_card(alice)
    now = timezone.now()
    editing.delete_cards(owner=alice, cards=Card.objects.all(), now=now)
    assert deck_editing.restore_deleted(owner=charlie, at=now) == 0
    assert of(alice) == []


def test_each_write_retires_what_was_counted(alice: User) -> None:
    version = alice.data_version
    editing.add_card(owner=alice, text=text())
    editing.reset_cards(owner=alice, cards=Card.objects.all())
    deck_editing.add_deck(owner=alice, name="New")
    alice.refresh_from_db()
    assert alice.data_version >= version + 3


def test_a_deck_is_made_and_renamed_unless_its_name_is_taken(alice: User, charlie: User) -> None:
    make_deck(charlie, "Words")
    assert deck_editing.add_deck(owner=alice, name="Words")
    assert not deck_editing.add_deck(owner=alice, name="Words")
    other = make_deck(alice, "Other")
    assert not deck_editing.rename_deck(owner=alice, deck_id=other.pk, name="Words")
    assert deck_editing.rename_deck(owner=alice, deck_id=other.pk, name="Verbs")
    assert deck_editing.rename_deck(owner=alice, deck_id=other.pk, name="Verbs")
    assert not deck_editing.rename_deck(owner=charlie, deck_id=other.pk, name="Words") or (
        Deck.objects.get(pk=other.pk).name == "Verbs"
    )


def test_a_deck_goes_with_its_cards_and_comes_back_with_them(alice: User) -> None:
    deck = make_deck(alice, "Words")
    make_cards(alice, 2, deck=deck)
    gone_before = make_card(alice, deck=deck, deleted_at=timezone.now() - dt.timedelta(days=1))
    kept = make_card(alice, deck=make_deck(alice, "Kept"))
    now = timezone.now()
    assert deck_editing.delete_deck(owner=alice, deck_id=deck.pk, now=now) == 2
    assert of(alice) == [kept]
    make_deck(alice, "Words")
    make_deck(alice, "Words (2)")
    assert deck_editing.restore_deleted(owner=alice, at=now) == 2
    deck.refresh_from_db()
    assert (deck.name, deck.deleted_at) == ("Words (3)", None)
    assert gone_before not in of(alice)


def test_an_empty_deck_comes_back_too(alice: User) -> None:
    deck = make_deck(alice, "Words")
    now = timezone.now()
    deck_editing.delete_deck(owner=alice, deck_id=deck.pk, now=now)
    assert deck_editing.restore_deleted(owner=alice, at=now) == 0
    assert list(Deck.objects.of(alice)) == [deck]


def test_a_card_that_comes_back_brings_its_deck(alice: User) -> None:
    card = make_card(alice)
    now = timezone.now()
    editing.delete_cards(owner=alice, cards=Card.objects.all(), now=now)
    later = now + dt.timedelta(seconds=1)
    deck_editing.delete_deck(owner=alice, deck_id=card.deck_id, now=later)
    deck_editing.restore_deleted(owner=alice, at=now)
    assert of(alice) == [card]
    assert [deck.pk for deck in Deck.objects.of(alice)] == [card.deck_id]


def test_a_long_name_makes_room_for_its_number(alice: User) -> None:
    deck = make_deck(alice, "x" * deck_editing.NAME_MAX)
    now = timezone.now()
    deck_editing.delete_deck(owner=alice, deck_id=deck.pk, now=now)
    make_deck(alice, "x" * deck_editing.NAME_MAX)
    deck_editing.restore_deleted(owner=alice, at=now)
    deck.refresh_from_db()
    assert deck.name == "x" * (deck_editing.NAME_MAX - 4) + " (2)"
