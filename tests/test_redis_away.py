"""Redis killed, frozen, full, never there: pages go on, sessions hold, one line in the log."""

from __future__ import annotations

import logging
from typing import Any

import pytest
import time_machine
from django.core.cache import caches
from django.test import Client
from django.utils import timezone
from redis.exceptions import RedisError

from accounts.models import User
from cards.models import Card, Review
from leitner import cache as steady
from tests.factories import PASSWORD
from tests.sessions import give, make_due, soup
from tests.valkey import Valkey, ask_again, server, use, valkey

__all__ = ["server", "valkey"]
pytestmark = pytest.mark.django_db


def sign_in(email: str) -> Client:
    client = Client()
    response = client.post("/accounts/login/", {"login": email, "password": PASSWORD})
    assert response["Location"] == "/"
    return client


def use_the_site(client: Client, alice: User) -> None:
    """Home, a session with an answer, a new card, signing in elsewhere."""
    answers = Review.objects.filter(owner=alice).count()
    make_due(alice)
    assert client.get("/").status_code == 200
    give(client, passed=True)
    assert Review.objects.filter(owner=alice).count() == answers + 1
    front = f"front {answers}"
    client.post("/cards/add/", {"front": front, "back": "b", "deck": "Deck"})
    assert Card.objects.filter(owner=alice, front=front).exists()
    sign_in(alice.email)


def errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [each.message for each in caplog.records if each.levelno >= logging.WARNING]


def test_killed_between_two_answers(
    alice: User, valkey: Valkey, caplog: pytest.LogCaptureFixture
) -> None:
    client = sign_in(alice.email)
    use_the_site(client, alice)
    valkey.kill()
    for _ in range(3):
        use_the_site(client, alice)
        ask_again()
    [line] = errors(caplog)
    assert line.startswith("Redis does not answer (ConnectionError")


def test_killed_in_the_middle_of_a_request(
    alice: User, valkey: Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = sign_in(alice.email)
    make_due(alice)
    asked = User.today

    def today(user: User, now: Any) -> Any:
        valkey.kill()
        return asked(user, now)

    with monkeypatch.context() as patch:
        patch.setattr(User, "today", today)
        give(client, passed=True)
    assert Review.objects.filter(owner=alice).count() == 1


def test_never_there(
    alice: User,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    use("redis://user:secret@127.0.0.1:1/0", settings, monkeypatch)
    use_the_site(sign_in(alice.email), alice)
    [line] = errors(caplog)
    assert "secret" not in line
    assert not steady.status().answers
    assert "secret" not in steady.status().reason


def test_a_frozen_one_is_waited_for_once(
    alice: User, valkey: Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = sign_in(alice.email)
    asked: list[str] = []
    get_client = steady.Client.get_client

    def noted(client: steady.Client, *key: Any, **options: Any) -> Any:
        asked.append(str(key))
        return get_client(client, *key, **options)

    monkeypatch.setattr(steady.Client, "get_client", noted)
    with valkey.frozen():
        use_the_site(client, alice)
        assert len(asked) == 1
        assert steady.status().reason.startswith("TimeoutError")
    ask_again()
    use_the_site(client, alice)
    assert steady.status().answers


def test_a_full_one_is_left_in_peace(
    alice: User, valkey: Valkey, caplog: pytest.LogCaptureFixture
) -> None:
    client = sign_in(alice.email)
    with valkey.full():
        for _ in range(3):
            use_the_site(client, alice)
            ask_again()
        assert not steady.status().answers
    [line] = errors(caplog)
    assert "OutOfMemoryError" in line
    ask_again()
    assert steady.status().answers


def test_one_that_wants_a_password_answers_with_errors(
    alice: User, valkey: Valkey, caplog: pytest.LogCaptureFixture
) -> None:
    with valkey.ask() as control:
        control.config_set("requirepass", "secret")
        try:
            use_the_site(sign_in(alice.email), alice)
        finally:
            control.config_set("requirepass", "")
    [line] = errors(caplog)
    assert "AuthenticationError" in line


def test_when_it_is_back_it_is_used_again(alice: User, valkey: Valkey) -> None:
    client = sign_in(alice.email)
    valkey.kill()
    client.get("/")
    since = steady.status().since
    assert since is not None
    valkey.start()
    assert steady.status().since == since, "It is asked every five seconds only."
    ask_again()
    client.get("/")
    assert steady.status() == steady.Status(used=True)
    with valkey.ask() as control:
        assert control.dbsize()


def test_a_restart_between_two_requests_is_not_noticed(
    alice: User, valkey: Valkey, caplog: pytest.LogCaptureFixture
) -> None:
    client = sign_in(alice.email)
    valkey.kill()
    valkey.start()
    use_the_site(client, alice)
    assert not errors(caplog)
    assert steady.status().answers


def test_without_redis_url_there_is_nothing_to_ask() -> None:
    assert steady.status() == steady.Status(used=False)


def test_who_empties_the_cache_learns_that_it_could_not_be(valkey: Valkey) -> None:
    caches["default"].set("old", 1)
    valkey.keep()
    valkey.kill()
    with pytest.raises(RedisError):
        caches["default"].clear()
    valkey.start()
    ask_again()
    assert caches["default"].get("old") is None


def test_pages_look_right_meanwhile(alice: User, valkey: Valkey) -> None:
    client = sign_in(alice.email)
    make_due(alice)
    before = soup(client, "/").get_text()
    valkey.kill()
    assert soup(client, "/").get_text() == before


def test_limits_go_on_in_memory(alice: User, valkey: Valkey, settings: Any) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"write": "2/m"}
    client = sign_in(alice.email)
    valkey.kill()
    with time_machine.travel(timezone.now(), tick=False):
        statuses = [client.post("/decks/", {"name": name}).status_code for name in "abcd"]
    assert statuses[2:] == [429, 429]


def test_an_outage_gives_nobody_a_429(alice: User, valkey: Valkey, settings: Any) -> None:
    """Who has one left before it has one left after it, at the least."""
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"write": "2/m"}
    client = sign_in(alice.email)
    with time_machine.travel(timezone.now(), tick=False):
        assert client.post("/decks/", {"name": "a"}).status_code == 302
        valkey.kill()
        assert client.post("/decks/", {"name": "b"}).status_code == 302


def test_passwords_are_not_guessed_meanwhile(alice: User, valkey: Valkey) -> None:
    valkey.kill()
    for _ in range(5):
        Client().post("/accounts/login/", {"login": alice.email, "password": "x"})
    right = {"login": alice.email, "password": PASSWORD}
    response = Client().post("/accounts/login/", right)
    assert "Too many attempts" in str(response.context["form"].errors)


def test_a_counter_that_redis_lost_between_two_steps_is_begun_anew(valkey: Valkey) -> None:
    counter = caches["limits"]
    counter.add("count", 1)
    valkey.kill()
    assert [counter.incr("count"), counter.incr("count")] == [1, 2]
    valkey.start()
    ask_again()
    with pytest.raises(ValueError, match="not found"):
        counter.incr("count")
    assert counter.get("count") is None
