"""A question and its answer, with plain forms, as without JavaScript."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from cards.models import Card, Review
from tests.factories import make_cards
from tests.sessions import ANSWER, REVIEW, UNDO, answer_form, give, make_due, soup, today


def test_the_question_is_shown_and_the_answer_is_folded_away(
    alice: User, alice_client: Client
) -> None:
    make_due(alice, front="What is *up*?", back="the **sky**")
    page = soup(alice_client)
    front = page.select_one(".front")
    answer = page.select_one("details.answer")
    assert front is not None
    assert answer is not None
    assert front.get_text(strip=True) == "What isup?"
    assert front["dir"] == "auto"
    assert not answer.has_attr("open")
    assert "the sky" in answer.get_text()


def test_the_buttons_say_where_the_card_would_go_and_when_it_returns(
    alice: User, alice_client: Client
) -> None:
    make_due(alice, box=3)
    again, knew = soup(alice_client).select("form.answers button")
    assert "to box 1, tomorrow" in again.get_text()
    assert "to box 4, in 14 days" in knew.get_text()


def test_a_pass_is_stored_before_the_next_card_is_asked_for(
    alice: User, alice_client: Client
) -> None:
    card = make_due(alice, box=2)
    response = alice_client.post(ANSWER, answer_form(alice_client) | {"passed": "1"})
    assert response.headers["Location"] == REVIEW
    card.refresh_from_db()
    assert (card.box, card.due) == (3, today(alice) + dt.timedelta(days=7))
    assert Review.objects.get().passed


def test_sending_the_same_form_twice_counts_once(alice: User, alice_client: Client) -> None:
    make_due(alice, box=2)
    data = give(alice_client, passed=True)
    assert alice_client.post(ANSWER, data, follow=True).status_code == 200
    assert Review.objects.count() == 1
    assert Card.objects.get().box == 3


def test_a_second_tab_is_told_that_the_card_has_moved(alice: User, alice_client: Client) -> None:
    make_due(alice, box=2)
    other_tab = answer_form(alice_client) | {"id": str(uuid.uuid4()), "passed": "0"}
    give(alice_client, passed=True)
    response = alice_client.post(ANSWER, other_tab, follow=True)
    assert "was not counted" in response.content.decode()
    assert Review.objects.count() == 1


def test_a_deleted_card_is_said_to_be_changed_and_an_unknown_one_is_404(
    alice: User, alice_client: Client
) -> None:
    card = make_due(alice)
    data = answer_form(alice_client) | {"passed": "1"}
    Card.objects.filter(pk=card.pk).update(deleted_at=timezone.now())
    assert "was not counted" in alice_client.post(ANSWER, data, follow=True).content.decode()
    assert alice_client.post(ANSWER, data | {"card": "999999"}).status_code == 404


def test_a_stranger_can_neither_answer_nor_undo(
    alice: User, alice_client: Client, charlie_client: Client
) -> None:
    card = make_due(alice)
    data = answer_form(alice_client) | {"passed": "1"}
    assert charlie_client.post(ANSWER, data).status_code == 404
    give(alice_client, passed=True)
    charlie_client.post(UNDO, {"id": str(Review.objects.get().pk)})
    assert Review.objects.count() == 1
    card.refresh_from_db()
    assert card.box == 3
    assert soup(charlie_client).select_one("form.answers") is None


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "x"},
        {"card": "-1"},
        {"card": "9" * 40},
        {"box": "0"},
        {"box": "11"},
        {"due": "2026-02-30"},
        {"passed": "banana"},
        {"passed": ""},
        {"id": "\x00"},
    ],
)
def test_a_malformed_answer_is_refused_and_changes_nothing(
    alice: User, alice_client: Client, changes: dict[str, str]
) -> None:
    make_due(alice)
    data = answer_form(alice_client) | {"passed": "1"} | changes
    assert alice_client.post(ANSWER, data).status_code == 400
    assert not Review.objects.exists()


@pytest.mark.parametrize(
    "query", ["?deck=x", "?deck=999999999999999999999", "?tag=%00", "?card=-1"]
)
def test_a_query_that_makes_no_sense_never_breaks_the_page(
    alice: User, alice_client: Client, query: str
) -> None:
    make_due(alice)
    assert alice_client.get(REVIEW + query).status_code == 200


def test_get_never_answers(alice: User, alice_client: Client) -> None:
    make_due(alice)
    assert alice_client.get(ANSWER).status_code == 405
    assert alice_client.get(UNDO).status_code == 405


def test_how_long_it_took_is_kept_within_reason(alice: User, alice_client: Client) -> None:
    make_due(alice, days=1)
    make_due(alice)
    data = answer_form(alice_client)
    alice_client.post(ANSWER, data | {"passed": "1", "shown": str(int(data["shown"]) - 5_000)})
    alice_client.post(ANSWER, answer_form(alice_client) | {"passed": "1", "shown": "0"})
    first, second = Review.objects.order_by("answered_at")
    assert first.took_ms is not None
    assert 5_000 <= first.took_ms < 60_000
    assert second.took_ms is None


def test_an_answer_takes_at_most_eight_queries(
    alice: User, alice_client: Client, django_assert_max_num_queries: Any
) -> None:
    make_cards(alice, 3, box=2, due=today(alice))
    data = answer_form(alice_client) | {"passed": "1"}
    # Inside the test's transaction ours is a savepoint, which takes two statements more.
    with django_assert_max_num_queries(8 + 2):
        alice_client.post(ANSWER, data)


def test_the_page_asks_as_much_for_two_hundred_cards_as_for_two(
    alice: User, alice_client: Client, django_assert_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    make_cards(alice, 2, box=2, due=today(alice))
    with CaptureQueriesContext(connection) as few:
        alice_client.get(REVIEW)
    make_cards(alice, 198, box=2, due=today(alice))
    with django_assert_num_queries(len(few)):
        alice_client.get(REVIEW)


def test_a_stranger_is_sent_to_sign_in(client: Client) -> None:
    response = client.get(REVIEW)
    assert response.headers["Location"] == f"{reverse('account_login')}?next={REVIEW}"
