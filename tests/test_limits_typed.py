"""The limit by the e-mail address that was typed: it may be anything, in any spelling."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db
RESET = "/accounts/password/reset/"


@pytest.fixture(autouse=True)
def _one_mail(settings: Any) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"mail": "1/30m"}


def test_what_was_typed_is_not_in_the_log(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    typed = {"email": "alice@example.org\nCRITICAL a forged line"}
    assert [client.post(RESET, typed).status_code for _ in range(2)][1] == 429
    (line,) = [record.getMessage() for record in caplog.records if "Limit" in record.msg]
    assert line == "Limit reached: mail, 1/30m, by an e-mail address."


@pytest.mark.parametrize(
    "spelling", ["JOS\u00c9@example.org", "jose\u0301@example.org", " jos\u00e9@EXAMPLE.org\t"]
)
def test_each_spelling_of_an_address_is_the_same_mailbox(client: Client, spelling: str) -> None:
    client.post(RESET, {"email": "jos\u00e9@example.org"})
    assert client.post(RESET, {"email": spelling}).status_code == 429


def test_another_address_is_another_mailbox(client: Client) -> None:
    client.post(RESET, {"email": "alice@example.org"})
    assert client.post(RESET, {"email": "charlie@example.org"}).status_code == 302
