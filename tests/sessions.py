"""What the tests of a session do as a learner with plain forms would."""

from __future__ import annotations

import datetime as dt
from typing import Any

from bs4 import BeautifulSoup, Tag
from django.test import Client
from django.utils import timezone

from accounts.models import User
from cards.models import Card
from tests.factories import make_card

REVIEW, ANSWER, UNDO = "/review/", "/review/answer/", "/review/undo/"


def today(user: User) -> dt.date:
    return user.today(timezone.now())


def make_due(user: User, box: int = 2, days: int = 0, **fields: Any) -> Card:
    return make_card(user, box=box, due=today(user) - dt.timedelta(days=days), **fields)


def soup(client: Client, url: str = REVIEW) -> BeautifulSoup:
    response = client.get(url)
    assert response.status_code == 200
    return BeautifulSoup(response.content, "html.parser")


def fields_of(form: Tag) -> dict[str, str]:
    return {str(field["name"]): str(field.get("value", "")) for field in form.select("input")}


def answer_form(client: Client, url: str = REVIEW) -> dict[str, str]:
    form = soup(client, url).select_one("form.answers")
    assert form is not None
    return fields_of(form)


def give(client: Client, passed: bool, url: str = REVIEW) -> dict[str, str]:
    """Answer the card on the page as the plain form would; what was sent."""
    data = answer_form(client, url) | {"passed": "1" if passed else "0"}
    assert client.post(ANSWER, data).status_code == 302
    return data
