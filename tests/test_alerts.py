"""Mail to ADMINS when pages break: one of a kind, no learner's words, never in the way."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import User
from leitner import alerts as module
from leitner.alerts import AGAIN_SECONDS, MOST_AN_HOUR, AdminsHandler, Alerts, errors_of_the_day


@pytest.fixture
def alerts(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Alerts]:
    settings.ADMINS = [("", "admin@example.org")]
    fresh = Alerts()
    monkeypatch.setattr(module, "alerts", fresh)
    yield fresh
    fresh.wait()  # Its mails belong to this test.


@pytest.fixture
def broken(alice: User, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Alice's browser, for which the page of cards breaks."""

    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("It broke.")

    monkeypatch.setattr("cards.views.browse.render", fail)
    client = Client(raise_request_exception=False)
    client.force_login(alice)
    return client


def test_a_dead_database_sends_one_mail_and_not_ten_thousand(
    alerts: Alerts, broken: Client
) -> None:
    for _ in range(20):
        broken.get(
            "/cards/", {"q": "what Alice looks for"}, headers={"x-request-id": "id-of-first"}
        )
    alerts.wait()
    (message,) = mail.outbox
    assert "RuntimeError in " in message.subject
    text = str(message.body)
    assert "id-of-first" in text
    assert "cards:browse" in text
    assert "Alice looks" not in text
    assert "alice@" not in text
    assert "sessionid" not in text


def test_the_next_mail_says_how_many_there_were_meanwhile(alerts: Alerts) -> None:
    assert alerts.tell("kind", "It broke", "text")
    assert not alerts.tell("kind", "It broke", "text")
    assert not alerts.tell("kind", "It broke", "text")
    alerts._kinds["kind"].told_at -= AGAIN_SECONDS
    assert alerts.tell("kind", "It broke", "text")
    alerts.wait()
    assert len(mail.outbox) == 2
    assert "came 2 more times" in mail.outbox[1].body


def test_many_kinds_at_once_are_bounded_too(alerts: Alerts) -> None:
    told = [alerts.tell(f"kind {number}", "It broke", "text") for number in range(50)]
    assert sum(told) == MOST_AN_HOUR


def test_a_mail_server_that_hangs_holds_up_no_answer(
    alerts: Alerts, broken: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached, go_on = threading.Event(), threading.Event()

    def hangs(*args: Any) -> None:
        reached.set()
        assert go_on.wait(60)
        raise OSError("no route")

    monkeypatch.setattr(module, "mail_admins", hangs)
    # The answer comes while the mail server has not said a word.
    assert broken.get("/cards/").status_code == 500
    assert reached.wait(60)
    go_on.set()
    alerts.wait()


def test_without_admins_nothing_is_sent_but_it_is_counted(
    alerts: Alerts, broken: Client, settings: Any
) -> None:
    settings.ADMINS = []
    broken.get("/cards/")
    count, last = errors_of_the_day(timezone.now())
    assert (count, mail.outbox) == (1, [])
    assert last is not None
    assert last["view"] == "cards:browse"


def test_a_record_without_an_exception_is_told_by_its_words(alerts: Alerts) -> None:
    record = logging.LogRecord("x", logging.ERROR, "", 1, "Something: %s", ("odd",), None)
    AdminsHandler().emit(record)
    alerts.wait()
    assert mail.outbox[0].subject.endswith("A page broke: Something")
    assert "Something: odd" in mail.outbox[0].body


def test_words_that_are_only_a_place_for_others_are_told_by_their_logger(alerts: Alerts) -> None:
    record = logging.LogRecord("django.request", logging.ERROR, "", 1, "%s: %s", ("a", "b"), None)
    AdminsHandler().emit(record)
    alerts.wait()
    assert mail.outbox[0].subject.endswith("A page broke: django.request")


def test_the_words_of_an_error_stay_in_the_log(
    alerts: Alerts, broken: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def repeats_a_value(*args: Any, **kwargs: Any) -> None:
        try:
            with transaction.atomic():
                User.objects.create_user(alice.email)
        except IntegrityError as error:
            raise RuntimeError(f"There is {alice.email} already.") from error

    monkeypatch.setattr("cards.views.browse.render", repeats_a_value)
    broken.get("/cards/")
    alerts.wait()
    text = str(mail.outbox[0].body)
    assert "raise RuntimeError(" in text
    assert text.index("IntegrityError (its") < text.index("RuntimeError (its words")
    assert alice.email not in text
