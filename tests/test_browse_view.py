"""/cards/: search, filters, order and pages."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from cards import browsing
from cards.models import Card, Tag
from cards.paging import page
from tests.factories import make_card, make_cards, make_deck

PAST = dt.date(2026, 1, 1)


def found(client: Client, **parameters: Any) -> list[str]:
    """The fronts on the page, in their order."""
    page = client.get("/cards/", parameters)
    assert page.status_code == 200
    return [element.text for element in soup(page).select(".question")]


def soup(page: Any) -> BeautifulSoup:
    return BeautifulSoup(page.content, "html.parser")


def test_without_cards_the_page_says_how_to_get_some(alice_client: Client) -> None:
    page = alice_client.get("/cards/")
    assert "No cards yet" in page.text
    assert 'href="/cards/add/"' in page.text
    assert 'href="/import/"' in page.text


def test_each_learner_sees_their_own_and_not_the_deleted(
    alice: User, alice_client: Client, charlie_client: Client
) -> None:
    make_card(alice, front="Mine")
    make_card(alice, front="Gone", deleted_at=timezone.now())
    assert found(alice_client) == ["Mine"]
    assert found(charlie_client, q="Mine") == []


@pytest.mark.parametrize("column", ["front", "back", "link", "tags"])
def test_words_are_sought_in_front_back_tags_and_link(
    alice: User, alice_client: Client, column: str
) -> None:
    make_card(alice, **{"front": "hit", column: " xNEEDLEx "})
    make_card(alice, front="miss")
    assert len(found(alice_client, q="needle")) == 1


def test_all_words_have_to_be_there_and_a_phrase_as_it_stands(
    alice: User, alice_client: Client
) -> None:
    make_card(alice, front="to be", back="or not")
    make_card(alice, front="be to")
    assert found(alice_client, q="not be") == ["to be"]
    assert sorted(found(alice_client, q="be to")) == ["be to", "to be"]
    assert found(alice_client, q='"be to"') == ["be to"]


@pytest.mark.parametrize("q", ["übung", "ÜBUNG", "Übung"])
def test_case_does_not_matter_beyond_a_to_z(alice: User, alice_client: Client, q: str) -> None:
    make_card(alice, front="Übung")
    assert found(alice_client, q=q) == ["Übung"]


@pytest.mark.parametrize("text", ["100%", "a_b", "back\\slash", "it's", '<b>"', "شنبه", "🦉"])
def test_special_characters_are_sought_as_they_are(
    alice: User, alice_client: Client, text: str
) -> None:
    make_card(alice, front=f"`x {text} y`")
    make_card(alice, front="1000 axb backslash its")
    assert found(alice_client, q=text) == [f"x {text} y"]


def test_filters_narrow_together(alice: User, alice_client: Client) -> None:
    words, verbs = make_deck(alice, "Words"), make_deck(alice, "Verbs")
    make_card(alice, front="a", deck=words, box=2, due=PAST, tags=["x"])
    make_card(alice, front="b", deck=words, box=2, due=PAST, suspended=True)
    make_card(alice, front="c", deck=verbs, box=2, due=dt.date(2999, 1, 1), tags=["xx"])
    make_card(alice, front="d", deck=verbs)
    assert found(alice_client, deck=words.pk) == ["b", "a"]
    assert found(alice_client, box=2) == ["c", "b", "a"]
    assert found(alice_client, box=1) == []
    assert found(alice_client, tag="x") == ["a"]
    assert found(alice_client, state="due") == ["a"]
    assert found(alice_client, state="new") == ["d"]
    assert found(alice_client, state="suspended") == ["b"]
    assert found(alice_client, deck=words.pk, box=2, tag="x", state="due", q="a") == ["a"]


def test_a_tag_is_sought_in_its_own_case(alice: User, alice_client: Client) -> None:
    make_card(alice, front="game", tags=["go"])
    make_card(alice, front="language", tags=["Go"])
    assert found(alice_client, tag="go") == ["game"]
    assert found(alice_client, tag="Go") == ["language"]


def test_what_makes_no_sense_narrows_nothing(alice: User, alice_client: Client) -> None:
    make_card(alice, front="a")
    nonsense = {"box": "99", "state": "x", "sort": "x", "at": "x", "tag": "a b", "q": "\0"}
    assert found(alice_client, **nonsense) == ["a"]
    assert found(alice_client, deck="x" * 300, q="y" * 300) == ["a"]


def test_a_stranger_s_deck_is_404(alice: User, charlie_client: Client) -> None:
    deck = make_deck(alice)
    assert charlie_client.get("/cards/", {"deck": deck.pk}).status_code == 404
    assert charlie_client.get("/cards/", {"deck": 2**62}).status_code == 404


def test_nothing_found_says_what_was_sought_and_how_to_go_on(
    alice: User, alice_client: Client
) -> None:
    make_card(alice)
    page = alice_client.get("/cards/", {"q": "<script>x"})
    assert "No card has" in page.text
    assert "&lt;script&gt;x" in page.text
    assert soup(page).find("a", string="Show all cards") is not None


def test_pages_follow_each_other_and_keep_the_filter(alice: User, alice_client: Client) -> None:
    deck = make_deck(alice)
    cards = make_cards(alice, 120, deck=deck)
    seen, address = [], f"/cards/?deck={deck.pk}&sort=oldest"
    while address:
        page = soup(alice_client.get(address))
        seen += [element.text for element in page.select(".question")]
        link = page.find("a", rel="next")
        address = f"/cards/{link['href']}" if link else ""
    assert seen == [card.front for card in cards]


def test_the_count_stops_where_it_would_cost(
    alice: User, alice_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browsing, "COUNT_MAX", 55)
    make_cards(alice, 60)
    assert "More than 1,000 cards" in alice_client.get("/cards/", {"q": "front"}).text
    assert "60 cards" in " ".join(soup(alice_client.get("/cards/")).text.split())


def test_what_is_due_stands_out_and_the_suspended_say_so(alice: User, alice_client: Client) -> None:
    make_card(alice, due=PAST, box=3)
    page = soup(alice_client.get("/cards/"))
    assert "box 3" in page.select(".where")[0].text
    assert page.select(".where .accent")
    Card.objects.update(suspended=True)
    page = soup(alice_client.get("/cards/"))
    assert "suspended" in page.select(".where")[0].text
    assert not page.select(".where .accent")


def test_the_tags_that_are_offered_are_the_learner_s(
    alice: User, charlie: User, alice_client: Client
) -> None:
    make_card(alice)
    Tag.objects.create(owner=alice, name="mine")
    Tag.objects.create(owner=charlie, name="theirs")
    page = alice_client.get("/cards/").text
    assert "<option>mine</option>" in page
    assert "theirs" not in page


@pytest.mark.parametrize("parameters", [{}, {"q": "front"}, {"sort": "due"}, {"sort": "name"}])
def test_the_number_of_queries_does_not_grow_with_the_cards(
    alice: User, alice_client: Client, parameters: dict[str, str]
) -> None:
    def queries() -> int:
        alice_client.get("/cards/", parameters)
        with CaptureQueriesContext(
            connection,
        ) as context:
            alice_client.get("/cards/", parameters)
        return len(context)

    make_card(alice, due=PAST)
    make_card(alice)
    few = queries()
    for number in range(30):
        make_card(alice, deck=make_deck(alice), tags=[f"tag{number}"], due=PAST)
        make_card(alice)
    assert queries() <= few + 1  # The bounded count, once there is more than one page.
    assert few <= 9


def test_a_deck_or_a_tag_leads_to_its_own_session(alice: User, alice_client: Client) -> None:
    card = make_card(alice, tags=["verb"])
    page = alice_client.get(f"/cards/?deck={card.deck_id}&tag=verb").content.decode()
    assert f"/review/?deck={card.deck_id}&amp;tag=verb" in page
    assert "/review/?" not in alice_client.get("/cards/").content.decode()


def test_the_next_page_of_long_emoji_fronts_is_reached(alice: User, alice_client: Client) -> None:
    deck = make_deck(alice)
    for number in range(60):
        make_card(alice, deck=deck, front="\U0001f600" * 80 + str(number))
    cursor = page(Card.objects.listed(alice), "name").after
    response = alice_client.get("/cards/", {"sort": "name", "at": cursor})
    assert len(response.context["page"].cards) == 10
