"""The writes to cards and decks: what each changes, and that it stays within one learner's."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from accounts.models import User
from cards import editing
from cards.editing import CardText
from cards.models import Card, Deck, Review, Tag
from cards.models.card import TAGS_MAX
from tests.factories import make_card, make_cards, make_deck, make_review

pytestmark = pytest.mark.django_db
DUE = dt.date(2026, 3, 1)
NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


def text(**changes: str) -> CardText:
    fields = {"front": "Q", "back": "A", "link": "", "tags": "", "deck": "Words"}
    return CardText(**(fields | changes))


def of(owner: User) -> list[Card]:
    return list(Card.objects.of(owner).order_by("id"))


def test_a_card_is_added_new_with_its_deck_and_its_tags(alice: User) -> None:
    card, added = editing.add_card(owner=alice, text=text(tags=" verb b1 "))
    assert added
    card.refresh_from_db()
    assert (card.box, card.due, card.deck.name, card.tag_list) == (1, None, "Words", ["verb", "b1"])
    assert set(Tag.objects.filter(owner=alice).values_list("name", flat=True)) == {"verb", "b1"}
    editing.add_card(owner=alice, text=text(front="Q2", tags=" verb "))
    assert Deck.objects.of(alice).count() == 1
    assert Tag.objects.count() == 2


def test_the_same_front_or_link_in_the_same_deck_is_found_and_nothing_is_added(alice: User) -> None:
    first, _ = editing.add_card(owner=alice, text=text(link="https://example.org/a/"))
    assert editing.add_card(owner=alice, text=text(back="other")) == (first, False)
    link_again = text(front="other", link="https://example.org/a")
    assert editing.add_card(owner=alice, text=link_again) == (first, False)
    assert editing.add_card(owner=alice, text=text(deck="Other"))[1]
    assert editing.add_card(owner=alice, text=text(), anyway=True)[1]
    assert len(of(alice)) == 3


def test_a_card_without_a_link_is_no_double_of_another_without(alice: User) -> None:
    editing.add_card(owner=alice, text=text())
    assert editing.add_card(owner=alice, text=text(front="Q2"))[1]


def test_the_doubles_of_others_and_of_deleted_cards_do_not_count(
    alice: User, charlie: User
) -> None:
    editing.add_card(owner=charlie, text=text())
    make_card(alice, deck=make_deck(alice, "Words"), front="Q", deleted_at=timezone.now())
    assert editing.add_card(owner=alice, text=text())[1]


def test_editing_changes_the_text_and_not_the_place(alice: User) -> None:
    card = make_card(alice, box=3, due=DUE)
    seen = editing.version(editing.text_of(card))
    assert editing.edit_card(
        owner=alice, card_id=card.pk, text=text(tags=" x "), seen=seen, now=NOW
    )
    card.refresh_from_db()
    assert (card.front, card.back, card.deck.name, card.tags) == ("Q", "A", "Words", " x ")
    assert (card.box, card.due) == (3, DUE)


def test_a_card_that_changed_meanwhile_is_not_overwritten(alice: User) -> None:
    card = make_card(alice)
    seen = editing.version(editing.text_of(card))
    assert editing.edit_card(owner=alice, card_id=card.pk, text=text(), seen=seen, now=NOW)
    late = text(front="late", deck="Never made")
    assert not editing.edit_card(owner=alice, card_id=card.pk, text=late, seen=seen, now=NOW)
    card.refresh_from_db()
    assert card.front == "Q"
    assert not Deck.objects.filter(name="Never made").exists()


def test_each_part_of_the_text_counts_for_its_version() -> None:
    versions = {
        editing.version(text(**{name: "changed"})) for name in ("front", "back", "link", "tags")
    }
    assert len(versions | {editing.version(text())}) == 5
    assert editing.version(text(front="a", back="b")) != editing.version(text(front="ab", back=""))


def test_no_bulk_write_reaches_anothers_cards(alice: User, charlie: User) -> None:
    card = make_card(alice, box=3, due=DUE, tags=["mine"])
    before = Card.objects.values().get(pk=card.pk)
    everything = Card.objects.all()
    now = timezone.now()
    assert editing.delete_cards(owner=charlie, cards=everything, now=now) == 0
    assert editing.set_suspended(owner=charlie, cards=everything, suspended=True) == 0
    assert editing.move_cards(owner=charlie, cards=everything, deck="Stolen") == 0
    assert editing.add_tags(owner=charlie, cards=everything, names=["x"]) == 0
    assert editing.remove_tags(owner=charlie, cards=everything, names=["mine"]) == 0
    assert editing.reset_cards(owner=charlie, cards=everything) == 0
    seen = editing.version(editing.text_of(card))
    assert not editing.edit_card(owner=charlie, card_id=card.pk, text=text(), seen=seen, now=NOW)
    assert Card.objects.values().get(pk=card.pk) == before


def test_suspending_counts_what_changed(alice: User) -> None:
    make_card(alice, suspended=True)
    make_card(alice)
    assert editing.set_suspended(owner=alice, cards=Card.objects.all(), suspended=True) == 1
    assert editing.set_suspended(owner=alice, cards=Card.objects.all(), suspended=False) == 2


def test_cards_move_to_a_deck_that_is_made_for_them(alice: User) -> None:
    make_cards(alice, 2)
    make_card(alice, deck=make_deck(alice, "Target"))
    assert editing.move_cards(owner=alice, cards=Card.objects.all(), deck="Target") == 2
    assert {card.deck.name for card in of(alice)} == {"Target"}


def test_tags_are_added_where_they_are_missing(alice: User) -> None:
    make_card(alice)
    make_card(alice, tags=["b1"])
    make_card(alice, tags=["verb", "b1"])
    assert editing.add_tags(owner=alice, cards=Card.objects.all(), names=["verb", "b1"]) == 2
    assert [card.tags for card in of(alice)] == [" verb b1 ", " b1 verb ", " verb b1 "]
    assert Tag.objects.filter(owner=alice).count() == 2


@pytest.mark.parametrize(("has", "added"), [("verb", "Verb"), ("Äpfel", "äpfel")])
def test_a_tag_in_another_case_is_not_added_beside_it(alice: User, has: str, added: str) -> None:
    editing.add_card(owner=alice, text=text(tags=f" {has} "))
    make_card(alice)
    assert editing.add_tags(owner=alice, cards=Card.objects.all(), names=[added, "b1"]) == 2
    assert [card.tags for card in of(alice)] == [f" {has} b1 ", f" {added} b1 "]
    assert editing.add_tags(owner=alice, cards=Card.objects.all(), names=[added]) == 0


def test_a_card_with_no_room_for_another_tag_stays_as_it_is(alice: User) -> None:
    full = f" {'x' * 99} " + "".join(f"{number:099d} " for number in range(18)) + "y" * 90 + " "
    card = make_card(alice, tags=full)
    assert editing.add_tags(owner=alice, cards=Card.objects.all(), names=["z" * 100]) == 0
    assert editing.add_tags(owner=alice, cards=Card.objects.all(), names=["z"]) == 1
    card.refresh_from_db()
    assert card.tags == f"{full}z "
    assert len(card.tags) <= TAGS_MAX


def test_tags_are_taken_off_even_when_they_are_what_was_searched_for(alice: User) -> None:
    make_card(alice, tags=["verb", "b1", "strong"])
    make_card(alice, tags=["verb"])
    make_card(alice, tags=["verbal"])
    tagged = Card.objects.all().tagged("verb")
    assert editing.remove_tags(owner=alice, cards=tagged, names=["verb", "strong"]) == 2
    assert [card.tags for card in of(alice)] == [" b1 ", "", " verbal "]


def test_a_reset_card_is_new_again_and_its_record_stays(alice: User) -> None:
    card = make_card(alice, box=4, due=DUE)
    make_review(card)
    make_card(alice)
    assert editing.reset_cards(owner=alice, cards=Card.objects.all()) == 1
    card.refresh_from_db()
    assert (card.box, card.due) == (1, None)
    assert Review.objects.count() == 1
