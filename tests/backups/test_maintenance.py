"""The maintenance switch: reads go on, writes wait and nothing of them is lost."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.models import User
from backups import maintenance
from cards.models import Card, Review
from leitner.sent import KEPT_MAX
from tests.factories import PASSWORD, make_card, make_deck

pytestmark = pytest.mark.django_db
SOON = dt.timedelta(minutes=30)


@pytest.fixture
def on() -> maintenance.State:
    """Maintenance is on, for half an hour by what people are told."""
    now = timezone.now()
    return maintenance.switch_on(message="We move <house>.", until=now + SOON, now=now)


def soup(response: Any) -> BeautifulSoup:
    return BeautifulSoup(response.content, "html.parser")


def kept(response: Any) -> dict[str, list[str]]:
    """The hidden fields of the page that says "not now", without the CSRF token."""
    found: dict[str, list[str]] = {}
    for field in soup(response).select("form input[type=hidden]"):
        found.setdefault(str(field["name"]), []).append(str(field["value"]))
    found.pop("csrfmiddlewaretoken", None)
    return found


def answer_of(card: Card) -> dict[str, str]:
    due = card.due.isoformat() if card.due else ""
    fields = {"card": card.pk, "id": uuid.uuid4(), "passed": 1, "box": card.box, "due": due}
    return {name: str(value) for name, value in fields.items()}


def test_an_answer_is_kept_and_counts_once_when_it_is_sent_again(
    alice: User, alice_client: Client, on: maintenance.State
) -> None:
    card = make_card(alice, box=2, due=timezone.now().date() - dt.timedelta(days=2))
    data = answer_of(card)
    response = alice_client.post("/review/answer/?box=2", data)
    assert response.status_code == 503
    assert 1790 <= int(response["Retry-After"]) <= 1801
    assert set(response["Cache-Control"].split(", ")) == {"private", "no-cache"}
    assert soup(response).select_one("form")["action"] == "/review/answer/?box=2"  # type: ignore[index]
    assert kept(response) == {name: [value] for name, value in data.items()}
    assert not Review.objects.exists()

    still = alice_client.post("/review/answer/?box=2", kept(response))
    assert kept(still) == kept(response)
    maintenance.switch_off()
    for _ in range(2):
        assert alice_client.post("/review/answer/?box=2", kept(still)).status_code == 302
    card.refresh_from_db()
    assert (card.box, Review.objects.count()) == (3, 1)


def test_a_typed_card_survives_to_the_letter(alice: User, alice_client: Client) -> None:
    maintenance.switch_on(message=None, until=None, now=timezone.now())
    deck = make_deck(alice, "Wörter")
    data = {"front": '"<b>&amp;', "back": "one\r\n\r\n two ", "link": "", "tags": "a b"}
    data["deck"] = deck.name
    response = alice_client.post("/cards/add/", data)
    assert (response.status_code, response["Retry-After"]) == (503, "300")
    assert kept(response) == {name: [value] for name, value in data.items()}
    maintenance.switch_off()
    alice_client.post("/cards/add/", kept(response))
    card = Card.objects.get(owner=alice)
    assert (card.front, card.back, card.deck) == (data["front"], "one\n\n two", deck)


def test_what_is_sent_again_carries_a_token_that_fits(alice: User, on: maintenance.State) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)
    page = soup(browser.get("/cards/add/"))
    token = page.select_one("[name=csrfmiddlewaretoken]")["value"]  # type: ignore[index]
    data = {"front": "Q", "back": "A", "deck": "Words", "csrfmiddlewaretoken": token}
    response = browser.post("/cards/add/", data)
    assert response.status_code == 503
    fields = {str(i["name"]): str(i["value"]) for i in soup(response).select("form input")}
    maintenance.switch_off()
    browser.post("/cards/add/", fields)
    assert Card.objects.get(owner=alice).front == "Q"


def test_another_sites_form_is_not_offered_to_be_sent_again(
    alice: User, on: maintenance.State
) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)
    response = browser.post("/cards/add/", {"front": "planted", "deck": "x"})
    assert response.status_code == 403
    assert b"planted" not in response.content


@pytest.mark.parametrize(
    ("url", "data"),
    [
        ("/accounts/login/", {"login": "alice@example.org", "password": PASSWORD}),
        ("/accounts/signup/", {"email": "new@example.org", "password1": PASSWORD}),
        ("/accounts/password/reset/", {"email": "alice@example.org"}),
        ("/accounts/settings/", {"theme": "dark"}),
        ("/accounts/logout/", {}),
    ],
)
def test_account_pages_say_later_and_keep_nothing(
    client: Client, alice: User, on: maintenance.State, url: str, data: dict[str, str]
) -> None:
    response = client.post(url, data)
    assert response.status_code == 503
    assert kept(response) == {}
    assert "Please try again later." in response.content.decode()
    assert PASSWORD not in response.content.decode()
    assert not User.objects.filter(email="new@example.org").exists()


def test_secrets_files_and_very_long_texts_are_not_kept(
    alice_client: Client, admin_client: Client, on: maintenance.State
) -> None:
    file = SimpleUploadedFile("words.csv", b"front,back\na,b\n")
    responses = [
        alice_client.post("/import/", {"file": file}),
        alice_client.post("/cards/add/", {"front": "x" * (KEPT_MAX + 1)}),
        alice_client.post("/cards/add/", {"front": "x", "password1": "y"}),
        alice_client.post("/cards/add/", '{"front": "x"}', content_type="application/json"),
        alice_client.put("/cards/add/", "front=x"),
        alice_client.delete("/cards/add/"),
        admin_client.post("/admin/accounts/user/add/", {"email": "a@x.org", "password1": "y"}),
    ]
    for response in responses:
        assert response.status_code == 503
        assert kept(response) == {}
        assert "is not kept on this page" in response.content.decode()


def test_admins_changes_wait_too(alice: User, admin_client: Client, on: maintenance.State) -> None:
    card = make_card(alice, front="before")
    url = f"/admin/cards/card/{card.pk}/change/"
    response = admin_client.post(url, {"front": "after", "back": "", "link": ""})
    assert (response.status_code, kept(response)["front"]) == (503, ["after"])
    card.refresh_from_db()
    assert card.front == "before"


@pytest.mark.parametrize("url", ["/", "/review/", "/cards/add/", "/admin/", "/no-such-page/"])
def test_every_page_can_be_read_and_has_the_banner(
    admin_client: Client, on: maintenance.State, url: str
) -> None:
    [banner] = soup(admin_client.get(url)).select("[role=status].maintenance")
    assert on.until is not None
    assert f"until {on.until:%-d %B, %H:%M} UTC" in banner.text
    assert "We move <house>." in banner.text


@pytest.mark.parametrize("url", ["/", "/accounts/login/", "/accounts/signup/"])
def test_the_signed_out_see_it_too(client: Client, on: maintenance.State, url: str) -> None:
    [banner] = soup(client.get(url)).select(".maintenance")
    assert "Signing in and signing up have to wait until" in banner.text
    maintenance.switch_off()
    page = client.get(url)
    assert not soup(page).select_one(".maintenance")
    assert b"maintenance.css" not in page.content


def test_the_hour_is_the_learners_own(alice: User, alice_client: Client) -> None:
    alice.time_zone = "Asia/Tokyo"
    alice.save(update_fields=["time_zone"])
    until = dt.datetime(2036, 3, 1, 18, 30, tzinfo=dt.UTC)
    maintenance.switch_on(message="", until=until, now=timezone.now())
    assert "until 2 March, 03:30 JST." in soup(alice_client.get("/")).text
    assert "until 2 March, 03:30 JST." in soup(alice_client.post("/cards/bulk/")).text


def test_no_mail_tells_the_operators_what_they_did_themselves(
    alice_client: Client, on: maintenance.State, caplog: pytest.LogCaptureFixture
) -> None:
    alice_client.post("/cards/add/", {"front": "x"})
    assert not caplog.records


def test_past_its_hour_it_stays_on_and_says_so(alice_client: Client) -> None:
    past = timezone.now() - SOON
    maintenance.switch_on(message="", until=past, now=past - SOON)
    assert "It should be over any moment." in soup(alice_client.get("/")).text
    response = alice_client.post("/cards/add/", {"front": "x"})
    assert (response.status_code, response["Retry-After"]) == (503, "300")
    assert "It should be over any moment." in response.content.decode()
