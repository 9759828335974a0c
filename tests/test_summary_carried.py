"""After an answer the counts are carried over, and are what counting anew would find."""

from __future__ import annotations

import random
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import User
from cards.models import Card
from cards.summary import _count, recall_summary, summary
from cards.writing import writing
from tests.factories import make_card, make_cards, make_deck
from tests.sessions import ANSWER, answer_form, give, make_due, soup, today


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def test_a_whole_session_carries_what_counting_would_find(
    alice: User, alice_client: Client
) -> None:
    chance = random.Random(7)
    decks = [make_deck(alice) for _ in range(2)]
    for box in range(1, 8):
        make_due(alice, box=box, days=chance.randrange(3), deck=decks[box % 2])
    make_cards(alice, 3, deck=decks[0])
    make_card(alice, deck=decks[1], box=3, due=today(alice), suspended=True)
    summary(fresh(alice), today(alice))
    answers = 0
    while soup(alice_client).select_one("form.answers"):
        give(alice_client, passed=chance.random() < 0.7)
        answers += 1
        carried = recall_summary(fresh(alice), today(alice))
        assert carried is not None
        counted = _count(alice, today(alice))
        assert carried.all == counted.all
        for kind in ("decks", "boxes"):
            found, wanted = getattr(carried, kind), getattr(counted, kind)
            assert all(found[key] == wanted[key] for key in {*found, *wanted})
    assert answers > 10


def test_nothing_is_carried_over_a_write_from_elsewhere(alice: User, alice_client: Client) -> None:
    make_due(alice, box=2)
    late = fresh(alice)
    with writing(alice) as first:
        assert first is not None
        assert first > late.data_version
    with writing(late) as second:
        assert second is None
    assert fresh(alice).data_version > first


def test_a_refused_answer_carries_nothing(alice: User, alice_client: Client) -> None:
    card = make_due(alice, box=2)
    summary(fresh(alice), today(alice))
    data = answer_form(alice_client) | {"passed": "1"}
    Card.objects.filter(pk=card.pk).update(box=3)
    alice_client.post(ANSWER, data)
    assert recall_summary(fresh(alice), today(alice)) is None


def test_a_cache_that_is_down_costs_nothing_but_time(
    alice: User, alice_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_due(alice)

    def gone(*args: Any, **options: Any) -> None:
        raise ConnectionError

    monkeypatch.setattr(cache, "get", gone)
    monkeypatch.setattr(cache, "set", gone)
    give(alice_client, passed=True)
    assert "Done for today" in soup(alice_client, "/").get_text()
