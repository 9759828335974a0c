"""What leaves for Sentry, as a real server receives it: what broke, and nothing of a learner."""

from __future__ import annotations

import gzip
import http.server
import logging
import threading
from collections.abc import Iterator
from typing import Any

import brotli  # type: ignore[import-untyped]
import pytest
import sentry_sdk
from django.test import Client
from django.utils import timezone

from accounts.models import User
from backups.runs.alarms import raise_alarms
from backups.runs.status import Trouble
from leitner import sentry

pytestmark = pytest.mark.django_db

CARD, PASSWORD, ADDRESS = "el secreto de Alicia", "correct-horse-battery", "203.0.113.77"


class Receiver(http.server.BaseHTTPRequestHandler):
    """A Sentry that keeps what it is sent."""

    received: list[str] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        packed = self.headers.get("Content-Encoding")
        body = {"gzip": gzip.decompress, "br": brotli.decompress}[packed or ""](body)
        self.received.append(str(self.headers) + body.decode())
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def received() -> Iterator[list[str]]:
    """What the server has received, once `sentry_sdk.flush` has returned."""
    Receiver.received = []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    sentry.start(f"http://key@127.0.0.1:{server.server_port}/1", "1.2.3")
    try:
        yield Receiver.received
    finally:
        sentry_sdk.get_client().close()
        sentry_sdk.init()
        server.shutdown()
        thread.join()
        server.server_close()


def flushed(received: list[str]) -> str:
    sentry_sdk.flush(30)
    assert received
    return "\n".join(received)


def test_a_broken_page_tells_where_and_nothing_of_the_learner(
    alice: User, received: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(request: Any, *args: Any, **kwargs: Any) -> None:
        front, mail = CARD, alice.email  # Local variables.
        logging.getLogger("some.service").warning("Looked for %s of %s", front, mail)
        raise ValueError(f"Key (email)=({mail}) with {front} and {PASSWORD} exists")

    monkeypatch.setattr("cards.views.browse.render", fail)
    client = Client(raise_request_exception=False, REMOTE_ADDR=ADDRESS)
    client.force_login(alice)
    client.get(
        "/cards/", {"q": CARD, "password": PASSWORD}, headers={"x-request-id": "number-4711"}
    )
    text = flushed(received)
    assert "ValueError" in text
    assert "test_sentry.py" in text
    assert "number-4711" in text
    assert "cards:browse" in text
    session = client.cookies["sessionid"].value
    found = [word for word in (alice.email, ADDRESS, session, "?q=") if word in text]
    # The lines of this very test, which are source code, hold the words' names only.
    found += [word for word in (CARD, PASSWORD) if word in text]
    assert found == []


def test_what_was_sent_stays_here(alice: User, received: list[str], monkeypatch: Any) -> None:
    def fail(request: Any, *args: Any, **kwargs: Any) -> None:
        raise RuntimeError(request.POST["front"])

    monkeypatch.setattr("cards.views.add.render", fail)
    client = Client(raise_request_exception=False)
    client.force_login(alice)
    client.post("/cards/add/", {"front": CARD, "back": ""})
    text = flushed(received)
    assert "RuntimeError" in text
    assert CARD not in text


def test_trouble_with_backups_arrives_without_what_a_database_said(
    received: list[str],
) -> None:
    said = f"The last backup failed: Key (email)=(alice@example.org), {CARD}"
    raise_alarms([Trouble("failed", said), Trouble("stale", "Old.")], timezone.now())
    text = flushed(received)
    assert "Backups: the last one failed, there is no fresh one" in text
    assert CARD not in text
    assert "alice@" not in text


def test_what_is_kept_is_a_list_and_nothing_else() -> None:
    event = {
        "level": "error",
        "user": {"email": "a@example.org"},
        "request": {"url": "https://x/?q=1", "cookies": "c", "data": "d"},
        "extra": {"sys.argv": ["restore_backup", "--user", "a@example.org"]},
        "breadcrumbs": {"values": [{"message": "SELECT 'a@example.org'"}]},
        "logentry": {"message": "Told a@example.org of %s", "params": ["x"]},
        "exception": {
            "values": [
                {
                    "type": "E",
                    "value": "v",
                    "stacktrace": {"frames": [{"lineno": 3, "vars": {"password": "p"}}]},
                }
            ]
        },
    }
    found = sentry.scrubbed(event, {})
    assert set(found) == {"level", "tags", "transaction", "logentry", "exception"}
    assert found["logentry"] == {"message": "Told [address] of %s"}
    assert found["exception"]["values"][0]["stacktrace"] == {"frames": [{"lineno": 3}]}


@pytest.mark.parametrize(
    "forged",
    [
        {"HTTP_HOST": "evil.example"},
        {
            "data": {f"field{number}": "x" for number in range(6_000)},
            "HTTP_COOKIE": f"csrftoken={'x' * 32}",
        },
    ],
)
def test_strangers_cause_no_reports_and_no_pages_of_log(
    received: list[str], caplog: pytest.LogCaptureFixture, forged: dict[str, Any]
) -> None:
    answer = Client(enforce_csrf_checks=True).post("/accounts/login/", **forged)
    assert answer.status_code in (400, 403)
    sentry_sdk.flush(30)
    assert not received
    assert not [record for record in caplog.records if record.exc_info]
