"""The admin's pages about cards: no row asks again, nothing is counted or listed without end."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from cards.admin import lists
from cards.models import Card, Import, Review, Tag
from tests.factories import make_card, make_review, make_user

CARDS = "/admin/cards/card/"
LISTS = [f"/admin/cards/{name}/" for name in ("card", "deck", "box", "review", "import", "tag")]
LONG_AGO, FAR_OFF = dt.date(2000, 1, 1), dt.date(2999, 1, 1)


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def make_rows(number: int) -> None:
    """A learner with a row of every kind, so many times."""
    for _ in range(number):
        owner = make_user()
        card = make_card(owner, due=LONG_AGO)
        make_review(card)
        Import.objects.create(owner=owner, file_name="words.csv")
        Tag.objects.create(owner=owner, name="verb")


def act(client: Client, action: str, cards: list[Card], **more: str) -> Any:
    chosen = [str(card.pk) for card in cards]
    data = {"action": action, "_selected_action": chosen, **more}
    return client.post(CARDS, data, follow=True)


@pytest.mark.parametrize("address", LISTS)
def test_a_list_asks_as_often_for_more_rows(admin_client: Client, address: str) -> None:
    make_rows(2)
    with CaptureQueriesContext(connection) as few:
        assert admin_client.get(address).status_code == 200
    make_rows(4)
    with CaptureQueriesContext(connection) as more:
        admin_client.get(address)
    assert len(more) == len(few) <= 8


@pytest.mark.parametrize("address", LISTS)
def test_lists_are_for_admins_only(
    client: Client, alice_client: Client, address: str, db: None
) -> None:
    for stranger in (client, alice_client):
        assert stranger.get(address).status_code in {302, 403}


@pytest.mark.parametrize("address", LISTS)
def test_nothing_is_added_or_deleted_here(admin_client: Client, address: str) -> None:
    make_rows(1)
    assert admin_client.get(f"{address}add/").status_code == 403
    assert "delete_selected" not in text(admin_client.get(address))


@pytest.mark.parametrize("address", LISTS)
def test_a_search_by_e_mail_shows_the_rows_of_that_learner(
    admin_client: Client, address: str
) -> None:
    for email in ("dora@example.org", "emil@example.org"):
        owner = make_user(email)
        make_review(make_card(owner, tags=["verb"]))
        Import.objects.create(owner=owner)
        Tag.objects.create(owner=owner, name="verb")
    page = text(admin_client.get(address, {"q": "Dora@"}))
    assert "dora@example.org" in page
    assert "emil@example.org" not in page
    assert "dora@example.org" not in text(admin_client.get(address, {"q": "nobody@"}))


@pytest.mark.parametrize("address", LISTS)
@pytest.mark.parametrize("term", ["0", "9" * 18, "9" * 40, "\x00", "’;--", "ä@", "٣"])
def test_no_search_breaks_a_list(admin_client: Client, address: str, term: str) -> None:
    assert admin_client.get(address, {"q": term}).status_code == 200


def test_cards_are_found_by_number_front_and_filters(admin_client: Client, alice: User) -> None:
    card = make_card(alice, front="Canberra", box=3, due=FAR_OFF)
    make_card(alice, front="Ottawa", suspended=True)
    for query in ({"q": "canber"}, {"q": str(card.pk)}, {"box": "3"}, {"suspended__exact": "0"}):
        page = text(admin_client.get(CARDS, query))
        assert "Canberra" in page
        assert "Ottawa" not in page


def test_rows_are_counted_up_to_a_limit(
    admin_client: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "COUNT_LIMIT", 3)
    monkeypatch.setattr(lists.LargeTableAdmin, "count_limit", 3)
    for _ in range(6):
        make_card(alice)
    with CaptureQueriesContext(connection) as queries:
        page = text(admin_client.get(CARDS))
    assert "more than 3 cards" in page
    counts = [q["sql"] for q in queries if "COUNT(" in q["sql"]]
    assert counts
    assert all("LIMIT 4" in sql for sql in counts)


def test_a_cards_page_has_no_select_box_and_its_place_is_read_only(
    admin_client: Client, alice: User
) -> None:
    card = make_card(alice, front="Canberra", box=3, due=FAR_OFF)
    page = text(admin_client.get(f"{CARDS}{card.pk}/change/"))
    assert "<select" not in page
    data = {"front": "Kanberra", "back": "", "link": "", "box": "1", "due": "2026-01-01"}
    assert admin_client.post(f"{CARDS}{card.pk}/change/", data).status_code == 302
    version = alice.data_version
    card.refresh_from_db()
    alice.refresh_from_db()
    assert (card.front, card.box, card.due) == ("Kanberra", 3, FAR_OFF)
    assert alice.data_version > version


@pytest.mark.parametrize(
    "wrong",
    [{"front": ""}, {"link": "javascript:alert(1)"}, {"back": "\x00"}, {"front": "x" * 20_001}],
)
def test_a_cards_text_is_checked_as_on_the_learners_page(
    admin_client: Client, alice: User, wrong: dict[str, str]
) -> None:
    card = make_card(alice, front="Canberra")
    data = {"front": "Canberra", "back": "", "link": ""} | wrong
    response = admin_client.post(f"{CARDS}{card.pk}/change/", data)
    assert response.status_code == 200
    assert "errorlist" in text(response)
    card.refresh_from_db()
    assert card.front == "Canberra"


def test_a_deleted_card_is_not_changed(admin_client: Client, alice: User) -> None:
    card = make_card(alice, front="Canberra", deleted_at=timezone.now())
    data = {"front": "Kanberra", "back": "", "link": ""}
    response = admin_client.post(f"{CARDS}{card.pk}/change/", data, follow=True)
    assert "This card is deleted" in text(response)
    card.refresh_from_db()
    assert card.front == "Canberra"


def test_answers_move_cards_as_the_learners_own_do(
    admin_client: Client, alice: User, charlie: User
) -> None:
    due = make_card(alice, box=2, due=LONG_AGO)
    new, resting = make_card(charlie), make_card(charlie, box=4, due=FAR_OFF)
    response = act(admin_client, "answer_pass", [due, new, resting])
    assert "2 cards were answered" in text(response)
    assert Review.objects.count() == 2
    places = {card.pk: card.box for card in Card.objects.all()}
    assert places == {due.pk: 3, new.pk: 2, resting.pk: 4}
    act(admin_client, "answer_again", [resting])
    resting.refresh_from_db()
    assert resting.box == 4


def test_again_sends_a_due_card_back(admin_client: Client, alice: User) -> None:
    card = make_card(alice, box=5, due=LONG_AGO)
    act(admin_client, "answer_again", [card])
    card.refresh_from_db()
    assert card.box == 1


def test_reset_and_delete_are_those_of_the_learner(admin_client: Client, alice: User) -> None:
    card, other = make_card(alice, box=5, due=FAR_OFF), make_card(alice, box=5, due=FAR_OFF)
    assert "1 card is new." in text(act(admin_client, "reset", [card]))
    assert "1 card deleted." in text(act(admin_client, "delete", [card]))
    card.refresh_from_db()
    other.refresh_from_db()
    assert (card.box, card.due) == (1, None)
    assert card.deleted_at is not None
    assert (other.box, other.deleted_at) == (5, None)


def test_an_action_on_too_many_cards_changes_nothing(
    admin_client: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cards.admin.cards.ACTION_LIMIT", 2)
    cards = [make_card(alice, box=5, due=FAR_OFF) for _ in range(3)]
    page = text(act(admin_client, "reset", cards, select_across="1"))
    assert "At most 2 cards at a time" in page
    assert set(Card.objects.values_list("box", flat=True)) == {5}


def test_reviews_can_only_be_looked_at(admin_client: Client, alice: User) -> None:
    review = make_review(make_card(alice, due=LONG_AGO))
    address = f"/admin/cards/review/{review.pk}/change/"
    assert admin_client.get(address).status_code == 200
    assert admin_client.post(address, {"passed": ""}).status_code == 403
    assert admin_client.post(f"/admin/cards/review/{review.pk}/delete/").status_code == 403
    assert Review.objects.get().passed


def test_learners_text_shows_in_its_own_direction_and_escaped(
    admin_client: Client, alice: User
) -> None:
    make_card(alice, front="<script>alert(1)</script>")
    page = text(admin_client.get(CARDS))
    assert '<span dir="auto">&lt;script&gt;' in page


def test_the_pages_carry_no_inline_style_or_script(admin_client: Client, alice: User) -> None:
    card = make_card(alice)
    for address in ("/admin/", *LISTS, f"{CARDS}{card.pk}/change/"):
        page = admin_client.get(address).content.decode()
        assert "style=" not in page
        assert "<script>" not in page
        assert "onclick=" not in page
