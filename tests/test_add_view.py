"""/cards/add/: adding cards one after the other."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from accounts.models import User
from cards.models import Card, Deck
from cards.models.card import BACK_MAX, FRONT_MAX, LINK_MAX
from tests.factories import make_card, make_cards, make_deck

URL = "/cards/add/"


def post(client: Client, **fields: str) -> Any:
    return client.post(URL, {"front": "Q", "back": "A", "deck": "Words"} | fields)


def soup(response: Any) -> BeautifulSoup:
    return BeautifulSoup(response.content, "html.parser")


def value(response: Any, name: str) -> str:
    field = soup(response).select_one(f"[name={name}]")
    assert field is not None
    return str(field.get("value") or field.text).strip()


def test_a_card_is_saved_and_the_form_keeps_deck_and_tags(
    alice: User, alice_client: Client
) -> None:
    response = post(alice_client, tags="verb b1", link="https://example.org/x")
    card = Card.objects.get(owner=alice)
    assert (card.front, card.back, card.link) == ("Q", "A", "https://example.org/x")
    assert (card.deck.name, card.tag_list, card.due) == ("Words", ["verb", "b1"], None)
    page = alice_client.get(response["Location"])
    assert (value(page, "deck"), value(page, "tags")) == ("Words", "verb b1")
    assert value(page, "front") == ""
    front = soup(page).find("textarea", attrs={"name": "front"})
    assert front is not None
    assert front.has_attr("autofocus")


def test_a_newcomer_is_offered_a_deck_and_sees_no_list(alice_client: Client) -> None:
    page = alice_client.get(URL)
    assert value(page, "deck") == "My cards"
    assert "Added last" not in page.text


def test_the_last_cards_are_shown_with_a_way_to_edit_them(
    alice: User, alice_client: Client, charlie: User
) -> None:
    cards = make_cards(alice, 7)
    make_card(charlie, front="Charlie's")
    page = alice_client.get(URL)
    for card in cards[2:]:
        assert f'href="/cards/{card.pk}/edit/' in page.text
    assert cards[0].front not in page.text
    assert "Charlie" not in page.text


def test_line_ends_become_plain_and_edges_are_trimmed(alice: User, alice_client: Client) -> None:
    post(
        alice_client, front="\r\n  two\r\nlines \r\n", back="\n    code\r\n", deck="  My \n words "
    )
    card = Card.objects.get()
    assert (card.front, card.back) == ("two\nlines", "    code")
    assert card.deck.name == "My words"


def test_a_stranger_s_deck_is_neither_used_nor_shown(
    alice: User, charlie: User, charlie_client: Client
) -> None:
    deck = make_deck(alice, "Secret")
    page = charlie_client.get(f"{URL}?deck={deck.pk}")
    assert "Secret" not in page.text
    post(charlie_client, deck="Secret")
    assert Card.objects.get().deck.owner == charlie


@pytest.mark.parametrize("deck", ["abc", "-1", "9" * 40, "٣", ""])
def test_a_deck_that_makes_no_sense_is_ignored(alice_client: Client, deck: str) -> None:
    assert alice_client.get(URL, {"deck": deck, "tags": "x" * 5_000}).status_code == 200


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"front": ""}, "A card needs a front"),
        ({"front": " \n\t "}, "A card needs a front"),
        ({"front": "x" * (FRONT_MAX + 1)}, "This has 20001 characters; at most 20000 fit."),
        ({"back": "x" * (BACK_MAX + 1)}, "This has 100001 characters; at most 100000 fit."),
        ({"back": "x" * 1_000_000}, "This has 1000000 characters"),
        ({"link": "https://example.org/" + "x" * LINK_MAX}, "at most 2000 fit"),
        ({"link": "javascript:alert(1)"}, "A link begins with http:// or https://"),
        ({"link": "https://exa mple.org"}, "A link begins with http:// or https://"),
        ({"link": "https://["}, "A link begins with http:// or https://"),
        ({"deck": ""}, "Choose a deck"),
        ({"deck": "x" * 201}, "at most 200 fit"),
        ({"tags": "x" * 101}, "has 101 characters; at most 100 fit"),
        ({"tags": "x " * 1_500}, "at most 1998 fit"),
        ({"front": "a\0b"}, "NUL"),
        ({"deck": "a\0b"}, "NUL"),
        ({"tags": "a\0b"}, "NUL"),
        ({"link": "https://example.org/a\0b"}, "NUL"),
    ],
)
def test_what_does_not_fit_is_said_and_nothing_is_kept(
    alice: User, alice_client: Client, fields: dict[str, str], message: str
) -> None:
    response = post(alice_client, **fields)
    assert response.status_code == 422
    assert message in response.text
    assert not Card.objects.exists()
    assert not Deck.objects.exists()


@pytest.mark.parametrize(
    "front", ["شنبه", "🦉\u200d", "\u202eevil", "=1+1", "x" * FRONT_MAX, "a\x01b"]
)
def test_every_script_and_the_longest_text_is_kept_as_it_is(
    alice: User, alice_client: Client, front: str
) -> None:
    assert post(alice_client, front=front).status_code == 302
    assert Card.objects.get().front == front


def test_a_link_alone_in_the_front_becomes_the_link_with_a_title(
    alice: User, alice_client: Client
) -> None:
    response = post(alice_client, front=" https://leetcode.com/problems/two-sum/ ")
    assert response.status_code == 422
    assert value(response, "front") == "Two Sum"
    assert value(response, "link") == "https://leetcode.com/problems/two-sum/"
    assert "The link has moved to its own field" in response.text
    assert not Card.objects.exists()


def test_the_same_front_is_pointed_out_and_saved_only_on_purpose(
    alice: User, alice_client: Client
) -> None:
    post(alice_client)
    found = Card.objects.get()
    response = post(alice_client, back="another")
    assert response.status_code == 409
    assert f'href="/cards/{found.pk}/edit/"' in response.text
    assert value(response, "back") == "another"
    assert Card.objects.count() == 1
    assert post(alice_client, back="another", anyway="1").status_code == 302
    assert Card.objects.count() == 2


@pytest.mark.parametrize("front", ["  caf\u00e9", "cafe\u0301 ", "\u3000cafe\u0301"])
def test_the_same_front_is_found_however_it_was_typed(
    alice: User, alice_client: Client, front: str
) -> None:
    make_card(alice, front="caf\u00e9", deck=make_deck(alice, "Words"))
    assert post(alice_client, front=front).status_code == 409
    post(alice_client, front=front, anyway="on")
    assert list(Card.objects.of(alice).values_list("front", flat=True)) == ["caf\u00e9"] * 2


@pytest.mark.parametrize("front", ["\u200b", " \u200b\ufeff ", "\u00ad", "\u2028"])
def test_a_front_that_nobody_can_see_is_none(alice_client: Client, front: str) -> None:
    response = post(alice_client, front=front)
    assert response.status_code == 422
    assert "A card needs a front" in response.content.decode()
    assert not Card.objects.exists()


def test_script_in_a_card_is_text_on_the_page(alice: User, alice_client: Client) -> None:
    make_card(alice, front="<script>alert(1)</script>", deck=make_deck(alice, '"><img src=x>'))
    page = alice_client.get(URL)
    assert soup(page).find("img") is None
    assert all(script.get("src") for script in soup(page).find_all("script"))


def test_the_preview_shows_both_sides_rendered(alice_client: Client) -> None:
    response = alice_client.post(
        "/cards/preview/", {"front": "**Q**", "back": "<script>x</script>"}
    )
    assert "<strong>Q</strong>" in response.text
    assert "<script" not in response.text


def test_the_number_of_queries_does_not_grow_with_the_cards(
    alice: User, alice_client: Client, django_assert_num_queries: Any
) -> None:
    make_cards(alice, 3)
    alice_client.get(URL)
    with django_assert_num_queries(6):
        alice_client.get(URL)
    for _ in range(3):
        make_card(alice, deck=make_deck(alice), tags=["x"])
    with django_assert_num_queries(6):
        alice_client.get(URL)
