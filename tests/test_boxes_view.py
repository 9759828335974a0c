"""The boxes page: what lies where, and a change that is shown before it is made."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from cards.answering import intervals_of
from cards.box_plan import Slot
from cards.boxes import apply_change
from cards.models import Card
from cards.scheduling import CLASSIC, LONG_RUN
from tests.factories import make_card, make_cards, make_user

BOXES, CHANGE = "/boxes/", "/boxes/change/"
LONG_AGO, FAR_OFF = dt.date(2000, 1, 1), dt.date(2999, 1, 1)
CLASSIC_PLAN = {"seen": "1 3 7 14 30 60 120", "after": "1:1 2:3 3:7 4:14 5:30"}


def fields(intervals: Any = LONG_RUN, **more: Any) -> dict[str, str]:
    """What the form on the page sends."""
    return {f"interval_{n}": str(days) for n, days in enumerate(intervals, start=1)} | more


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def test_the_page_shows_the_owners_cards_and_no_others(
    alice: User, charlie: User, alice_client: Client, charlie_client: Client
) -> None:
    make_cards(alice, 3, box=4, due=LONG_AGO)
    make_cards(alice, 2, box=4, due=FAR_OFF)
    make_card(alice)
    page = text(alice_client.get(BOXES))
    assert "5 cards</a>" in page
    assert "3 due</span>" in page
    assert "1 new card waits" in page
    assert "5 cards" not in text(charlie_client.get(BOXES))


def test_a_visitor_signs_in_first(client: Client, db: None) -> None:
    for address in (BOXES, CHANGE):
        response = client.get(address)
        assert response.status_code == 302
        assert response["Location"].startswith(reverse("account_login"))


def test_removing_a_box_says_what_moves_where_and_changes_nothing_yet(
    alice: User, alice_client: Client
) -> None:
    make_cards(alice, 12, box=4, due=FAR_OFF)
    make_card(alice, box=7, due=FAR_OFF)
    response = alice_client.get(CHANGE, fields(remove_4="on", interval_3="9"))
    page = text(response)
    assert response.status_code == 200
    assert "12 cards of box 4 will lie in box 3." in page
    assert "Box 7 becomes box 6, with its 1 card." in page
    assert "until now </span>7</del>" in page
    assert intervals_of(alice) == list(LONG_RUN)
    assert Card.objects.filter(box=4).count() == 12


def test_the_confirmed_change_is_made(alice: User, alice_client: Client) -> None:
    card = make_card(alice, box=4, due=FAR_OFF)
    page = alice_client.get(CHANGE, fields(remove_4="on", add="45"))
    confirm = page.context["confirm"]
    response = alice_client.post(CHANGE, confirm, follow=True)
    assert response.redirect_chain == [(BOXES, 302)]
    assert "Your boxes are changed" in text(response)
    assert intervals_of(alice) == [1, 3, 7, 30, 45, 60, 120]
    card.refresh_from_db()
    assert (card.box, card.due) == (3, FAR_OFF)


@pytest.mark.parametrize(("name", "intervals"), [("classic", CLASSIC), ("long-run", LONG_RUN)])
@pytest.mark.django_db
def test_a_preset_is_one_click_from_its_plan(name: str, intervals: tuple[int, ...]) -> None:
    owner = make_user(intervals=[2, 4, 8])
    client = Client()
    client.force_login(owner)
    assert f"{CHANGE}?preset={name}" in text(client.get(BOXES))
    client.post(CHANGE, client.get(CHANGE, {"preset": name}).context["confirm"])
    assert intervals_of(owner) == list(intervals)


def test_boxes_changed_in_another_tab_show_the_plan_again(
    alice: User, alice_client: Client
) -> None:
    make_card(alice, box=7, due=FAR_OFF)
    others = [Slot(d, n) for n, d in enumerate(LONG_RUN, start=1) if n != 2]
    apply_change(owner=alice, after=others, seen=LONG_RUN, now=timezone.now())
    response = alice_client.post(CHANGE, CLASSIC_PLAN)
    assert response.status_code == 409
    assert "changed elsewhere meanwhile" in text(response)
    assert intervals_of(alice) == [1, 7, 14, 30, 60, 120]
    again = alice_client.post(CHANGE, response.context["confirm"])
    assert again.status_code == 302
    assert intervals_of(alice) == list(CLASSIC)
    assert Card.objects.get(owner=alice).box == 5


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (fields(), "Nothing would change"),
        (fields([1, 3]), "This field is required"),
        (fields([1, 3, 3, 14, 30, 60, 120]), "more than 3 days here"),
        (fields([1, 3, 7, 14, 30, 60, 4000]), "less than or equal to 3650"),
        (fields([0, 3, 7, 14, 30, 60, 120]), "greater than or equal to 1"),
        (fields(add="7"), "There is a box of 7 days already"),
        (fields([5, 6, 7, 14, 30, 60, 120], add="2"), "New cards begin in box 1"),
        (fields(**{f"remove_{n}": "on" for n in range(1, 7)}), "There can be 2 to 10 boxes"),
        (fields([1, "x\x00", 7, 14, 30, 60, 120]), "Enter a whole number"),
        ({"preset": "nonsense"}, "not one of the available choices"),
    ],
)
def test_a_change_that_cannot_be_is_explained(
    alice_client: Client, sent: dict[str, str], said: str
) -> None:
    response = alice_client.get(CHANGE, sent)
    assert response.status_code == 422
    assert said in text(response)


def test_a_box_that_goes_needs_no_interval(alice_client: Client) -> None:
    response = alice_client.get(CHANGE, fields(interval_7="", remove_7="on"))
    assert response.status_code == 200


@pytest.mark.parametrize(
    "sent",
    [
        {},
        CLASSIC_PLAN | {"after": "1:1 2:x"},
        CLASSIC_PLAN | {"after": "1:7 2:3"},
        CLASSIC_PLAN | {"after": "1:1 9:3"},
        CLASSIC_PLAN | {"seen": "1 3 x"},
        CLASSIC_PLAN | {"seen": "\x00"},
    ],
)
def test_a_plan_that_was_tampered_with_is_refused(
    alice: User, alice_client: Client, sent: dict[str, str]
) -> None:
    assert alice_client.post(CHANGE, sent).status_code == 400
    assert intervals_of(alice) == list(LONG_RUN)


def test_one_learners_change_leaves_the_others_boxes_alone(
    alice: User, charlie: User, charlie_client: Client
) -> None:
    card = make_card(alice, box=7, due=FAR_OFF)
    assert charlie_client.post(CHANGE, CLASSIC_PLAN).status_code == 302
    card.refresh_from_db()
    assert card.box == 7
    assert intervals_of(alice) == list(LONG_RUN)


def test_the_page_asks_the_same_number_of_questions_for_more_cards(
    alice: User, alice_client: Client, django_assert_max_num_queries: Any
) -> None:
    make_cards(alice, 40, box=2, due=LONG_AGO)
    with django_assert_max_num_queries(4):
        alice_client.get(BOXES)
