"""Every process sees the switch within two seconds, and a silent database changes nothing."""

from __future__ import annotations

import datetime as dt
import json
from io import StringIO
from typing import Any
from unittest.mock import patch

import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, OperationalError, transaction
from django.test import Client
from django.utils import timezone

from backups import maintenance
from backups.maintenance import State
from backups.models import Maintenance

pytestmark = pytest.mark.django_db
SECOND, HOUR = dt.timedelta(seconds=1), dt.timedelta(hours=1)


def command(*arguments: str) -> str:
    out = StringIO()
    call_command("maintenance", *arguments, stdout=out)
    return out.getvalue()


def status() -> dict[str, Any]:
    facts: dict[str, Any] = json.loads(command("status", "--json"))
    return facts


def until() -> dt.datetime:
    return dt.datetime.fromisoformat(status()["until"])


def test_a_process_asks_once_in_two_seconds(django_assert_num_queries: Any) -> None:
    with patch("backups.maintenance.time.monotonic", return_value=100.0) as clock:
        maintenance.remember(State(), seconds=0)
        with django_assert_num_queries(1):
            assert not maintenance.current().on
            assert not maintenance.current().on
        Maintenance.objects.update_or_create(pk=1, defaults={"on": True})
        clock.return_value = 101.9
        assert not maintenance.current().on
        clock.return_value = 102.0
        with django_assert_num_queries(1):
            assert maintenance.current().on
            assert maintenance.current().on


def test_while_one_thread_asks_the_others_go_on() -> None:
    maintenance.remember(State(message="known"), seconds=-1)
    with maintenance._asking:
        assert maintenance.current().message == "known"


@pytest.mark.parametrize("known", [State(), State(on=True, message="We move.")])
def test_a_database_that_does_not_answer_changes_nothing(known: State) -> None:
    maintenance.remember(known, seconds=-1)
    with patch.object(Maintenance.objects, "filter", side_effect=OperationalError) as asking:
        assert maintenance.current() == maintenance.current() == known
    assert asking.call_count == 1


def test_a_page_that_needs_no_database_needs_none_for_the_switch(client: Client) -> None:
    maintenance.remember(State(), seconds=-1)
    with patch.object(Maintenance.objects, "filter", side_effect=OperationalError):
        assert client.get("/accounts/signup/").status_code == 200


@pytest.mark.parametrize("problem", [OperationalError("database is locked"), UpdateError()])
def test_a_page_is_shown_where_its_session_cannot_be_stored(
    client: Client, problem: Exception
) -> None:
    """The link of a reset mail keeps its key in the session."""
    maintenance.switch_on(message="", until=None, now=timezone.now())
    link = "/accounts/password/reset/key/1-abc/"
    with (
        patch("django.contrib.sessions.backends.db.SessionStore.save", side_effect=problem) as save,
        patch("allauth.account.forms.UserTokenForm.is_valid", return_value=True),
        patch("allauth.account.forms.UserTokenForm.reset_user", create=True),
    ):
        response = client.get(link)
    assert save.called
    assert response.status_code < 500


def test_there_is_one_row_at_most() -> None:
    maintenance.switch_on(message="", until=None, now=timezone.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        Maintenance.objects.create(pk=2)


def test_on_status_off() -> None:
    assert command("status") == "Maintenance is off: learners can do everything.\n"
    shown = command("on", "--message", "We move.", "--until", "+30m")
    assert shown == command("status")
    assert "nothing can be saved until" in shown
    assert "Your message to them: We move." in shown
    facts = status()
    assert (facts["on"], facts["message"], facts["overdue"]) == (True, "We move.", False)
    assert command("off") == command("status")
    assert status() == {
        "on": False,
        "message": "",
        "until": None,
        "since": None,
        "overdue": False,
    }


def test_without_an_hour_none_is_told() -> None:
    assert "says: nothing can be saved just now." in command("on")


def test_more_time_leaves_the_message_and_the_beginning() -> None:
    command("on", "--message", "We move.", "--until", "+10m")
    before = status()
    command("on", "--until", "+2h")
    after = status()
    assert after["until"] > before["until"]
    assert (after["message"], after["since"]) == (before["message"], before["since"])


@pytest.mark.parametrize(
    ("said", "ahead"), [("+30m", HOUR / 2), ("+2h", 2 * HOUR), (" +0090m ", 1.5 * HOUR)]
)
def test_from_now(said: str, ahead: dt.timedelta) -> None:
    before = timezone.now()
    command("on", "--until", said)
    assert before + ahead <= until() <= timezone.now() + ahead


def test_an_hour_is_the_next_one_of_that_name_in_utc() -> None:
    now = dt.datetime(2026, 3, 1, 23, 50, 12, tzinfo=dt.UTC)
    with patch("django.utils.timezone.now", return_value=now):
        command("on", "--until", "23:55")
        assert until() == dt.datetime(2026, 3, 1, 23, 55, tzinfo=dt.UTC)
        command("on", "--until", "0:30")
        assert until() == dt.datetime(2026, 3, 2, 0, 30, tzinfo=dt.UTC)


def test_an_instant_has_its_zone() -> None:
    command("on", "--until", "2036-01-06T18:30:00+01:00")
    assert until() == dt.datetime(2036, 1, 6, 17, 30, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    "said",
    [
        *("2020-01-01T00:00:00Z", "2036-01-06T18:30:00", "24:00", "+m", "+30s", "+99999h"),
        *("soon", "", "-5m", "0001-01-01T00:00:00+14:00", "+٣m"),
    ],
)
def test_what_is_past_or_not_clear_is_refused_and_changes_nothing(said: str) -> None:
    with pytest.raises(CommandError):
        command("on", f"--until={said}")
    assert not status()["on"]


def test_past_its_hour_it_is_still_on() -> None:
    now = timezone.now()
    maintenance.switch_on(message="", until=now - SECOND, now=now - HOUR)
    assert status()["overdue"]
    assert "it should be over any moment" in command("status")
