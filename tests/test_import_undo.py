"""An import is taken back as a whole, and what the learner did since is left alone."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from bs4 import BeautifulSoup
from django.test import Client
from django.utils import timezone

from accounts.models import User
from cards.models import Card, Deck, Import, ImportUpdate, Review
from tests.factories import make_card, make_deck, make_review
from tests.importing.pages import apply, page, upload

FILE = b"front,back,tags\nold 1,new,t\nold 2,new,t\nold 3,new,t\nfresh 1,new,t\nfresh 2,new,t\n"


def imported(alice: User, client: Client) -> Import:
    """Three old cards updated, two fresh ones added."""
    deck = make_deck(alice, "words")
    for number in (1, 2, 3):
        make_card(alice, deck=deck, front=f"old {number}", back="old", link="https://x.org/")
    source = upload(client, FILE)
    apply(client, source, duplicates="update")
    source.refresh_from_db()
    assert (source.added, source.updated) == (2, 3)
    return source


def undo(client: Client, source: Import) -> str:
    return client.post(f"/import/{source.pk}/undo/", follow=True).content.decode()


def test_all_is_as_before(alice: User, alice_client: Client) -> None:
    source = imported(alice, alice_client)
    assert "5 cards were taken back." in undo(alice_client, source)
    cards = Card.objects.of(alice).order_by("id")
    assert [(card.front, card.back, card.tags, card.link) for card in cards] == [
        (f"old {number}", "old", "", "https://x.org/") for number in (1, 2, 3)
    ]
    source.refresh_from_db()
    assert source.undone_at is not None
    assert not ImportUpdate.objects.exists()


def test_cards_changed_or_deleted_since_are_kept_and_named(
    alice: User, alice_client: Client
) -> None:
    source = imported(alice, alice_client)
    Card.objects.filter(front="old 1").update(back="my own words")
    Card.objects.filter(front="old 2").update(deleted_at=timezone.now())
    assert "3 cards were taken back." in undo(alice_client, source)
    assert Card.objects.get(front="old 1").back == "my own words"
    assert Card.objects.get(front="old 3").back == "old"
    soup = page(alice_client, source)
    assert "2 cards were not given their old text" in soup.text
    assert [li.text for li in soup.select(".plain li")] == ["old 1", "old 2"]


def test_the_schedule_and_the_reviews_stay(alice: User, alice_client: Client) -> None:
    source = imported(alice, alice_client)
    old, fresh = Card.objects.get(front="old 1"), Card.objects.get(front="fresh 1")
    Card.objects.filter(pk=old.pk).update(box=2, due=dt.date(2030, 1, 1))
    make_review(old)
    make_review(fresh)
    undo(alice_client, source)
    old.refresh_from_db()
    assert (old.back, old.box, old.due) == ("old", 2, dt.date(2030, 1, 1))
    assert Review.objects.of(alice).count() == 2


def test_decks_that_it_made_go_unless_something_lies_in_them(
    alice: User, alice_client: Client
) -> None:
    source = upload(alice_client, b"front,deck\na,One\nb,Two\n")
    apply(alice_client, source)
    make_card(alice, deck=Deck.objects.get(name="Two"), front="mine")
    undo(alice_client, source)
    assert list(Deck.objects.of(alice).values_list("name", flat=True)) == ["Two"]


def test_a_second_time_changes_nothing(alice: User, alice_client: Client) -> None:
    source = imported(alice, alice_client)
    undo(alice_client, source)
    first = Import.objects.get().undone_at
    Card.objects.filter(front="fresh 1").update(deleted_at=None)
    undo(alice_client, source)
    assert Import.objects.get().undone_at == first
    assert Card.objects.of(alice).filter(front="fresh 1").exists()


def test_what_waits_cannot_be_taken_back(alice: User, alice_client: Client) -> None:
    source = upload(alice_client, FILE)
    undo(alice_client, source)
    source.refresh_from_db()
    assert source.undone_at is None


def test_the_same_file_can_be_imported_again(alice: User, alice_client: Client) -> None:
    text = b"front,back,guid\na,b,g1\nc,d,g2\n"
    for _ in range(2):
        source = upload(alice_client, text)
        apply(alice_client, source)
        assert set(Card.objects.of(alice).values_list("guid", flat=True)) == {"g1", "g2"}
        undo(alice_client, source)
        assert not Card.objects.of(alice).exists()


def test_added_cards_that_were_changed_since_come_back_with_one_click(
    alice: User, alice_client: Client
) -> None:
    source = imported(alice, alice_client)
    assert "also those you changed or answered since" in page(alice_client, source).text
    Card.objects.filter(front="fresh 1").update(back="my own words", box=3)
    soup = BeautifulSoup(undo(alice_client, source), "html.parser")
    field = soup.select_one("input[name=deletion]")
    assert field is not None
    alice_client.post("/cards/undo-delete/", {"deletion": field["value"]})
    card = Card.objects.of(alice).get(front="fresh 1")
    assert (card.back, card.box) == ("my own words", 3)
    assert Card.objects.of(alice).filter(added_by=source).count() == 2


def test_the_page_says_when_without_a_double_full_stop(alice: User, alice_client: Client) -> None:
    source = imported(alice, alice_client)
    undo(alice_client, source)
    when = dt.datetime(2026, 3, 1, 17, 27, tzinfo=ZoneInfo(alice.time_zone))
    Import.objects.update(applied_at=when, undone_at=when)
    text = page(alice_client, source).text
    assert "Taken back on 1 Mar 2026, 17:27. The cards" in text
