"""/cards/<id>/...: edit, suspend, delete, and taking a deletion back."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from accounts.models import User
from cards import editing
from cards.models import Card
from tests.factories import make_card, make_deck, make_review

DUE = dt.date(2026, 3, 1)


def edit_url(card: Card) -> str:
    return f"/cards/{card.pk}/edit/"


def fields(card: Card, **changes: str) -> dict[str, str]:
    """What the browser sends when the form of this card is saved with these changes."""
    seen = editing.version(editing.text_of(card))
    kept = {"front": card.front, "back": card.back, "link": card.link, "seen": seen}
    return kept | {"tags": card.tags, "deck": card.deck.name} | changes


def token(page: Any) -> str:
    """What the Undo button of the page sends."""
    button = BeautifulSoup(page.content, "html.parser").find("input", attrs={"name": "deletion"})
    assert button is not None
    return str(button["value"])


def test_a_card_is_changed_and_the_page_before_comes_back(
    alice: User, alice_client: Client
) -> None:
    card = make_card(alice, box=3, due=DUE)
    page = alice_client.get(f"{edit_url(card)}?next=/review/%3Fdeck%3D1")
    assert 'name="next" value="/review/?deck=1"' in page.text
    data = fields(card, front="New front", tags="x", deck="Other", next="/review/?deck=1")
    response = alice_client.post(edit_url(card), data)
    assert response["Location"] == "/review/?deck=1"
    card.refresh_from_db()
    assert (card.front, card.tags, card.deck.name) == ("New front", " x ", "Other")
    assert (card.box, card.due) == (3, DUE)


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:x", "x", ""],
)
def test_next_leads_to_this_site_only(alice: User, alice_client: Client, target: str) -> None:
    card = make_card(alice)
    response = alice_client.post(edit_url(card), fields(card, next=target))
    assert response["Location"] == "/cards/"


def test_the_page_says_where_the_card_is_and_what_was_answered(
    alice: User, alice_client: Client
) -> None:
    card = make_card(alice, box=3, due=DUE)
    for day in range(25):
        when = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC) + dt.timedelta(days=day)
        make_review(card, answered_at=when)
    page = alice_client.get(edit_url(card))
    assert "In box 3" in page.text
    assert "25 Jan 2026" in page.text
    assert len(BeautifulSoup(page.content, "html.parser").select("tbody tr")) == 20


def test_a_change_from_another_tab_is_pointed_out_and_not_overwritten(
    alice: User, alice_client: Client
) -> None:
    card = make_card(alice)
    stale = fields(card, back="from the second tab")
    alice_client.post(edit_url(card), fields(card, back="from the first tab"))
    response = alice_client.post(edit_url(card), stale)
    assert response.status_code == 409
    assert "from the first tab" in response.text
    assert "from the second tab" in response.text
    card.refresh_from_db()
    assert card.back == "from the first tab"
    seen = BeautifulSoup(response.content, "html.parser").find("input", attrs={"name": "seen"})
    assert seen is not None
    assert (
        alice_client.post(edit_url(card), stale | {"seen": str(seen["value"])}).status_code == 302
    )
    card.refresh_from_db()
    assert card.back == "from the second tab"


def test_a_new_double_is_pointed_out_and_an_old_one_is_not(
    alice: User, alice_client: Client
) -> None:
    card, other = make_card(alice, front="A"), make_card(alice, front="B")
    response = alice_client.post(edit_url(card), fields(card, front="B"))
    assert response.status_code == 409
    assert f'href="/cards/{other.pk}/edit/"' in response.text
    data = fields(card, front="B", anyway="1")
    assert alice_client.post(edit_url(card), data).status_code == 302
    card.refresh_from_db()
    assert alice_client.post(edit_url(card), fields(card, back="more")).status_code == 302


def test_what_does_not_fit_is_said(alice: User, alice_client: Client) -> None:
    card = make_card(alice)
    response = alice_client.post(edit_url(card), fields(card, link="ftp://example.org"))
    assert response.status_code == 422
    card.refresh_from_db()
    assert card.link == ""


@pytest.mark.parametrize("what", ["edit", "delete", "suspend"])
def test_a_stranger_gets_404(alice: User, charlie_client: Client, what: str) -> None:
    card = make_card(alice)
    response = charlie_client.post(f"/cards/{card.pk}/{what}/", fields(card, front="Stolen"))
    assert response.status_code == 404
    assert charlie_client.get(edit_url(card)).status_code == 404
    assert Card.objects.values().get(pk=card.pk) == Card.objects.values().get(
        pk=card.pk, front=card.front, suspended=False, deleted_at=None
    )


def test_a_deleted_card_is_404(alice: User, alice_client: Client) -> None:
    card = make_card(alice)
    alice_client.post(f"/cards/{card.pk}/delete/")
    assert alice_client.get(edit_url(card)).status_code == 404
    assert alice_client.get(f"/cards/{10**30}/edit/").status_code == 404


def test_a_get_neither_deletes_nor_suspends(alice: User, alice_client: Client) -> None:
    card = make_card(alice)
    for what in "delete", "suspend":
        assert alice_client.get(f"/cards/{card.pk}/{what}/").status_code == 405
    assert alice_client.get("/cards/undo-delete/").status_code == 405


def test_a_deletion_is_undone_by_the_button_of_its_message(
    alice: User, alice_client: Client
) -> None:
    card = make_card(alice)
    page = alice_client.post(f"/cards/{card.pk}/delete/", {"next": "/cards/"}, follow=True)
    assert not Card.objects.of(alice).exists()
    data = {"deletion": token(page), "next": "/cards/add/"}
    response = alice_client.post("/cards/undo-delete/", data)
    assert response["Location"] == "/cards/add/"
    assert Card.objects.of(alice).get() == card


def test_an_undo_works_for_its_owner_only_and_only_as_it_was_given_out(
    alice: User, alice_client: Client, charlie_client: Client
) -> None:
    card = make_card(alice)
    deletion = token(alice_client.post(f"/cards/{card.pk}/delete/", follow=True))
    charlie_client.post("/cards/undo-delete/", {"deletion": deletion})
    alice_client.post("/cards/undo-delete/", {"deletion": deletion + "x"})
    alice_client.post("/cards/undo-delete/", {})
    assert not Card.objects.of(alice).exists()


def test_suspending_and_taking_back(alice: User, alice_client: Client) -> None:
    card = make_card(alice, box=2, due=DUE)
    response = alice_client.post(f"/cards/{card.pk}/suspend/", {"next": "/review/"})
    assert response["Location"] == "/review/"
    card.refresh_from_db()
    assert (card.suspended, card.box, card.due) == (True, 2, DUE)
    alice_client.post(f"/cards/{card.pk}/suspend/", {"suspended": "0"})
    card.refresh_from_db()
    assert not card.suspended


def test_the_number_of_queries_does_not_grow_with_the_reviews(
    alice: User, alice_client: Client, django_assert_num_queries: Any
) -> None:
    card = make_card(alice)
    make_review(card)
    with django_assert_num_queries(6):
        alice_client.get(edit_url(card))
    for _ in range(5):
        make_review(card)
        make_deck(alice)
    with django_assert_num_queries(6):
        alice_client.get(edit_url(card))
