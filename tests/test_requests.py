"""Each request has an id and one line in the log, which holds nothing that a learner typed."""

from __future__ import annotations

import json
import logging
import sys
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from leitner.logs import JsonFormatter, RequestIdFilter
from leitner.requests import SANE, request_id

pytestmark = pytest.mark.django_db


def lines(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return [record for record in caplog.records if record.name == "leitner.requests"]


def test_a_sane_id_is_taken_over_and_returned(client: Client) -> None:
    answer = client.get("/", headers={"x-request-id": "from-the-proxy-17"})
    assert answer["X-Request-Id"] == "from-the-proxy-17"


@pytest.mark.parametrize(
    "forged", ["", "short", "a" * 65, "two\nlines here", "<script>alert", "ä" * 9]
)
def test_another_id_is_replaced(client: Client, forged: str) -> None:
    answer = client.get("/", headers={"x-request-id": forged})
    assert len(answer["X-Request-Id"]) == 32
    assert answer["X-Request-Id"] != forged


@given(st.text())
def test_no_accepted_id_can_begin_a_new_line(text: str) -> None:
    if SANE.fullmatch(text):
        assert text.isascii()
        assert text.isprintable()


def test_the_line_names_the_view_and_not_what_was_looked_for(
    alice_client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "leitner.requests"):
        alice_client.get("/cards/", {"q": "secret words", "mail": "alice@example.org"})
    (line,) = lines(caplog)
    assert line.getMessage().startswith("GET cards:browse 200 ")
    assert "secret" not in str(line.__dict__)
    assert "alice@" not in str(line.__dict__)


def test_the_id_is_forgotten_after_the_answer(client: Client) -> None:
    client.get("/nowhere/")
    assert request_id.get() == ""


def test_probes_are_not_logged(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "leitner.requests"):
        client.get("/health/")
    assert lines(caplog) == []


def test_a_json_line_holds_all_fields_and_the_traceback_on_one_line() -> None:
    try:
        raise ValueError("two\nlines")
    except ValueError:
        error = sys.exc_info()
    record = logging.LogRecord("some.logger", logging.ERROR, "", 1, "It %s", ("broke",), error)
    record.view = "cards:home"
    token = request_id.set("0123456789")
    try:
        assert RequestIdFilter().filter(record)
    finally:
        request_id.reset(token)
    text = JsonFormatter().format(record)
    found = json.loads(text)
    assert "\n" not in text
    assert (found["message"], found["level"], found["view"]) == ("It broke", "ERROR", "cards:home")
    assert found["request_id"] == "0123456789"
    assert "ValueError: two\nlines" in found["traceback"]


def test_the_page_of_an_error_shows_the_id(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr("cards.views.browse.render", broken)
    client = Client(raise_request_exception=False)
    client.force_login(alice)
    answer = client.get("/cards/", headers={"x-request-id": "number-4711"})
    assert answer.status_code == 500
    assert answer["X-Request-Id"] == "number-4711"
    assert "number-4711" in answer.content.decode()
