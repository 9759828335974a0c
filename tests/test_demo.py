"""The demo learner: made once, plausible, never in production."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from accounts.models import User
from cards.demo import EMAIL, PASSWORD
from cards.models import Card, Review
from cards.summary import summary


@pytest.fixture
def demo(db: None, settings: Any) -> User:
    settings.DEMO = True
    call_command("demo", stdout=io.StringIO())
    return User.objects.get(email=EMAIL)


def test_something_is_due_something_is_new_and_there_is_a_history(demo: User) -> None:
    counts = summary(demo, demo.today(timezone.now()))
    assert counts.all.total == 195 + 118 + 40
    assert counts.all.due > 10
    assert counts.all.new > 100
    assert len(counts.boxes) >= 5
    assert Review.objects.of(demo).count() > 400


def test_every_card_lies_where_its_last_review_put_it(demo: User) -> None:
    for card in Card.objects.of(demo).exclude(due=None):
        last = Review.objects.filter(card=card).latest("answered_at")
        assert (card.box, card.due) == (last.box_after, last.due_after)
        assert last.on == demo.today(last.answered_at)


def test_a_second_run_changes_nothing(demo: User, settings: Any) -> None:
    before = list(Card.objects.order_by("pk").values())
    out = io.StringIO()
    call_command("demo", stdout=out)
    assert EMAIL in out.getvalue()
    assert list(Card.objects.order_by("pk").values()) == before


def test_the_demo_learner_signs_in(demo: User, client: Client) -> None:
    client.post("/accounts/login/", {"login": EMAIL, "password": PASSWORD})
    assert client.get("/").context["user"] == demo


@pytest.mark.parametrize(("name", "value"), [("DEMO", False), ("HTTPS", True)])
def test_production_refuses_it(db: None, settings: Any, name: str, value: bool) -> None:
    settings.DEMO = True
    setattr(settings, name, value)
    with pytest.raises(CommandError, match="production"):
        call_command("demo")
    assert not User.objects.exists()
