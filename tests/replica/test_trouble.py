"""A replica that lags, is paused or dead: everything goes on, and the admins are told once."""

from __future__ import annotations

import threading
import time
from typing import Any

import psycopg2
import pytest
from django.core import mail
from django.db import OperationalError, connections
from django.test import Client

from accounts.models import User
from cards import history
from cards.models import Card
from cards.writing import writing
from leitner import replica, replica_health
from tests.factories import make_card, make_cards
from tests.replica.servers import Pair

PAGES = "/cards/", "/statistics/", "/export/?format=csv"


@pytest.fixture
def client(alice: User) -> Client:
    make_cards(alice, 3)
    client = Client()
    client.force_login(alice)
    return client


def everything_goes_on(client: Client, alice: User) -> None:
    """A write, and every kind of page that shows it."""
    with writing(alice):
        card = make_card(alice)
    alice.refresh_from_db()
    for page in PAGES:
        response = client.get(page)
        assert response.status_code == 200
        content = b"".join(response) if response.streaming else response.content
        assert page == "/statistics/" or card.front.encode() in content


def told() -> list[str]:
    """The mails to the admins, when all are written."""
    for thread in threading.enumerate():
        if thread.name == "replica-mail":
            thread.join(timeout=20)
    return [str(message.body).splitlines()[0] for message in mail.outbox]


def test_a_replica_that_is_paused(site: Pair, client: Client, alice: User) -> None:
    site.pause()
    everything_goes_on(client, alice)
    everything_goes_on(client, alice)
    assert told() == ["The read replica does not follow: its replay is paused."]
    state = replica_health.state()
    assert state
    assert state.alive
    assert "paused" in state.trouble


def test_a_replica_that_lags(
    site: Pair, client: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.lag()
    everything_goes_on(client, alice)
    # For a moment every replica is behind.
    assert told() == []
    monkeypatch.setattr(time, "monotonic", later(61))
    everything_goes_on(client, alice)
    (sentence,) = told()
    assert sentence.startswith("The read replica has been behind for 6")
    state = replica_health.state()
    assert state
    assert 61 <= state.lag < 120


def later(seconds: float) -> Any:
    real = time.monotonic
    return lambda: real() + seconds


def test_a_replica_that_is_dead(site: Pair, client: Client, alice: User) -> None:
    site.follow()
    site.replica.die()
    everything_goes_on(client, alice)
    everything_goes_on(client, alice)
    (sentence,) = told()
    assert sentence.startswith("The read replica does not answer")
    state = replica_health.state()
    assert state
    assert not state.alive


def test_a_dead_replica_is_not_tried_again_by_every_request(
    site: Pair, client: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.replica.die()
    tries: list[str] = []
    real = psycopg2.connect

    def connect(**how: Any) -> Any:
        tries.append(how["host"])
        return real(**how)

    monkeypatch.setattr(psycopg2, "connect", connect)
    for _ in range(3):
        everything_goes_on(client, alice)
    assert tries.count(site.replica.host) <= 1
    monkeypatch.setattr(time, "monotonic", later(replica_health.RETRY_SECONDS + 1))
    for _ in range(3):
        everything_goes_on(client, alice)
    assert tries.count(site.replica.host) <= 2


def test_a_replica_that_dies_in_the_middle_of_a_page(
    site: Pair, client: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, dying = history.review_rows, [site.replica]

    def rows(owner: User) -> Any:
        if dying:
            dying.pop().die()
        return real(owner)

    monkeypatch.setattr(history, "review_rows", rows)
    site.follow()
    assert client.get("/statistics/").status_code == 200
    assert dying == []
    assert len(told()) == 1


def test_a_replica_that_dies_in_the_middle_of_a_learners_export(
    site: Pair, client: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cards.exporting.text.CHUNK", 1)
    site.follow()
    pieces: Any = client.get("/export/?format=csv")
    lines = []
    for number, piece in enumerate(pieces):
        lines.append(piece)
        if number == 2:
            site.replica.die()
    fronts = Card.objects.of(alice).order_by("id").values_list("front", flat=True)
    assert [line.split(b'"')[1].decode() for line in lines[1:]] == list(fronts)


def test_a_replica_that_is_well_again_is_used_again(
    site: Pair, client: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.replica.die()
    everything_goes_on(client, alice)
    site.mend()
    site.follow()
    assert replica.read(alice, where_cards_are_read) == "default"
    monkeypatch.setattr(time, "monotonic", later(replica_health.RETRY_SECONDS + 1))
    assert replica.read(alice, where_cards_are_read) == "replica"
    assert replica_health.state() == replica_health.State(alive=True)


def where_cards_are_read() -> str:
    return str(Card.objects.all().db)


def test_a_server_that_is_no_replica_any_more_is_left_alone(
    site: Pair, client: Client, alice: User
) -> None:
    """It was made the primary by somebody: what it holds may be another story."""
    connections.settings["replica"] = connections.settings["default"]
    connections["replica"].close()
    del connections["replica"]
    everything_goes_on(client, alice)
    state = replica_health.state()
    assert state
    assert "no replica of this database" in state.trouble


def test_a_replica_of_something_else_is_never_read(site: Pair, client: Client, alice: User) -> None:
    """Staging's, say, which has learners of the same numbers."""
    site.follow()
    elsewhere = {**connections.settings["replica"], "NAME": "postgres"}
    connections.settings["replica"] = elsewhere
    connections["replica"].close()
    del connections["replica"]
    everything_goes_on(client, alice)
    (sentence,) = told()
    assert "no replica of this database" in sentence


def test_an_error_of_the_primary_is_not_blamed_on_the_replica(site: Pair, alice: User) -> None:
    def work() -> None:
        raise OperationalError("the primary")

    site.follow()
    with pytest.raises(OperationalError, match="the primary"):
        replica.read(alice, work)
    assert replica_health.usable()
    assert told() == []


def test_without_a_replica_there_is_nothing_to_tell(site: Pair, alice: User) -> None:
    del connections.settings["replica"]
    assert replica_health.state() is None
    assert replica.read(alice, where_cards_are_read) == "default"
