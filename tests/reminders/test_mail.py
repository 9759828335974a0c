"""The mail: the number, the decks, the way to the cards and the way out."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup

from accounts.models import User
from accounts.reminders.stopping import stop_path
from tests.factories import make_card, make_deck
from tests.mail_server import MailServer
from tests.reminders.learners import NOW, asked, job

pytestmark = pytest.mark.django_db


def with_decks(**decks: int) -> User:
    user = asked("alice@example.org", cards=0)
    for name, cards in decks.items():
        deck = make_deck(user, name)
        for _ in range(cards):
            make_card(user, deck=deck, due=user.today(NOW))
    return user


def sent(post: MailServer) -> tuple[Any, str, BeautifulSoup]:
    """The only mail: itself, its text and its page."""
    assert job().sent == 1
    [message] = post.messages
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert html is not None
    text = plain.get_content().replace("\r\n", "\n")
    return message, text, BeautifulSoup(html.get_content(), "html.parser")


def test_it_tells_the_number_and_the_decks(post: MailServer, settings: Any) -> None:
    settings.SITE_URL = "https://learn.example.org"
    alice = with_decks(Latin=1, Spanish=2)
    message, text, page = sent(post)
    assert message["Subject"] == "3 cards are due"
    assert "3 cards are due today:\n\n- 2 · Spanish\n- 1 · Latin\n\n" in text
    assert "https://learn.example.org/review/\n" in text
    assert f"https://learn.example.org{stop_path(alice)}" in text
    assert [item.text for item in page.select("li")] == ["2 · Spanish", "1 · Latin"]
    button, _stop = page.select("a")
    assert (button["href"], button.text) == ("https://learn.example.org/review/", "Review now")


def test_one_card_is_not_called_cards(post: MailServer) -> None:
    with_decks(Latin=1)
    message, text, _page = sent(post)
    assert message["Subject"] == "1 card is due"
    assert "1 card is due today:" in text


def test_its_headers_let_mail_programs_stop_it_with_one_click(
    post: MailServer, settings: Any
) -> None:
    settings.SITE_URL = "https://learn.example.org"
    alice = with_decks(Latin=1)
    message, _text, _page = sent(post)
    # The line may be folded after the name.
    assert message["List-Unsubscribe"].strip() == f"<https://learn.example.org{stop_path(alice)}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["To"] == "alice@example.org"


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script> & co",
        "פעלים",
        "http://evil.example/",
        "- a list",
        "two\n\nlines\r\nBcc: x@y.z",
    ],
)
def test_the_name_of_a_deck_is_text_in_its_own_direction(post: MailServer, name: str) -> None:
    with_decks(**{name: 1})
    message, text, page = sent(post)
    [item] = page.select("li")
    assert item.text == f"1 · {' '.join(name.split())}"
    assert item["dir"] == "auto"
    assert f"- {item.text}\n" in text
    assert not page.select("script")
    assert len(page.select("a")) == 2
    assert message["Bcc"] is None


def test_of_many_decks_the_fullest_are_named(post: MailServer) -> None:
    with_decks(**{f"Deck {number:02}": 1 + (number == 11) for number in range(12)})
    _message, _text, page = sent(post)
    items = [item.text for item in page.select("li")]
    assert len(items) == 11
    assert items[0] == "2 · Deck 11"
    assert items[-1] == "and in 2 more decks"
