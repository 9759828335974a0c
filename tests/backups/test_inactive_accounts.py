"""Accounts that nobody uses: two mails, time to come back, then what their owner could do too."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from io import StringIO
from smtplib import SMTPRecipientsRefused
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.mail import EmailMessage
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.models import User
from backups.models import InactivityNotice
from backups.own.deleting import delete_account
from tests.backups.own_data import furnish, rows_by_owner
from tests.factories import PASSWORD, make_card, make_review, make_user

pytestmark = pytest.mark.django_db(transaction=True)
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def a_year(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of accounts that nobody has used for so long, on a site that others use."""
    monkeypatch.setattr("backups.expiring.clock.doubtful", lambda now: False)
    settings.INACTIVE_ACCOUNT_DAYS = 365
    settings.EMAIL_HOST = "smtp.example.org"


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(dt.datetime(2026, 3, 1, 3, 37, tzinfo=dt.UTC), tick=False) as clock:
        yield clock


def learner(email: str = "quiet@example.org", days: float = 340, **fields: Any) -> User:
    """Somebody who was here last so many days ago."""
    then = timezone.now() - days * DAY
    return make_user(email, **({"date_joined": then - DAY, "last_login": then} | fields))


def expire(*arguments: str) -> tuple[int, int]:
    """Runs the command: (told, deleted)."""
    out = StringIO()
    call_command("expire_data", "--json", *arguments, stdout=out)
    gone = json.loads(out.getvalue())["gone"]
    return gone["inactive accounts told"], gone["inactive accounts"]


def test_told_30_days_ahead_and_7_and_then_deleted(
    alice: User, clock: time_machine.Traveller
) -> None:
    make_card(alice)
    quiet = learner()
    furnish(quiet)
    User.objects.filter(pk=quiet.pk).update(last_login=timezone.now() - 340 * DAY)
    quiet.card_set.update(created_at=timezone.now() - 340 * DAY)
    quiet.review_set.update(answered_at=timezone.now() - 340 * DAY)
    others = rows_by_owner(alice)
    history = []
    for day in range(33):
        history += [(day, done) for done in [expire(), expire()] if done != (0, 0)]
        clock.shift(DAY)
    assert history == [(0, (1, 0)), (23, (1, 0)), (30, (0, 1))]
    first, second = mail.outbox
    assert first.to == second.to == ["quiet@example.org"]
    assert first.subject == second.subject
    assert first.subject == "Your account will be deleted on 31 March 2026, unless you sign in"
    assert "/accounts/login/" in first.body
    assert not any(rows_by_owner(quiet).values())
    assert rows_by_owner(alice) == others


def test_a_sign_in_stops_it_and_it_would_begin_anew(clock: time_machine.Traveller) -> None:
    quiet = learner()
    assert expire() == (1, 0)
    clock.shift(24 * DAY)
    assert expire() == (1, 0)
    Client().post("/accounts/login/", {"login": quiet.email, "password": PASSWORD})
    clock.shift(8 * DAY)
    assert expire() == (0, 0)
    assert not InactivityNotice.objects.exists()
    clock.shift(330 * DAY)
    assert expire() == (1, 0)


def test_whoever_answers_or_adds_cards_is_not_meant(clock: time_machine.Traveller) -> None:
    make_review(make_card(learner("answers@example.org"), created_at=timezone.now() - 340 * DAY))
    make_card(learner("adds@example.org"))
    learner("recent@example.org", days=334)
    assert expire() == (0, 0)


def test_staff_are_never_meant(clock: time_machine.Traveller) -> None:
    learner("staff@example.org", is_staff=True)
    learner("root@example.org", is_superuser=True)
    for _ in range(3):
        assert expire() == (0, 0)
        clock.shift(40 * DAY)
    assert User.objects.count() == 2


def test_off_by_default_and_where_no_mail_is_sent(
    clock: time_machine.Traveller, settings: Any
) -> None:
    learner()
    settings.EMAIL_HOST = ""
    assert expire() == (0, 0)
    settings.EMAIL_HOST, settings.INACTIVE_ACCOUNT_DAYS = "smtp.example.org", 0
    assert expire() == (0, 0)


def test_a_dry_run_tells_nobody(clock: time_machine.Traveller) -> None:
    learner()
    assert expire("--dry-run") == (1, 0)
    assert not mail.outbox
    assert not InactivityNotice.objects.exists()


def test_however_late_the_job_runs_both_mails_come_first(clock: time_machine.Traveller) -> None:
    learner(days=3000)
    assert expire() == (1, 0)
    clock.shift(100 * DAY)
    assert expire() == (1, 0)
    clock.shift(6 * DAY)
    assert expire() == (0, 0)
    clock.shift(2 * DAY)
    assert expire() == (0, 1)


def test_who_could_not_be_told_stays_and_stops_nobody_else(
    clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused, other = learner("refused@example.org"), learner("other@example.org")
    send = EmailMessage.send

    def sometimes(message: EmailMessage, *arguments: Any) -> int:
        if message.to == [refused.email]:
            raise SMTPRecipientsRefused({})
        return send(message, *arguments)

    monkeypatch.setattr(EmailMessage, "send", sometimes)
    assert expire() == (1, 0)
    assert InactivityNotice.objects.get().user == other
    for days in (24, 8):
        clock.shift(days * DAY)
        expire()
    assert User.objects.get() == refused


def test_a_mail_server_that_is_away_ends_the_mails_of_this_run(
    clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    learner("one@example.org")
    learner("two@example.org")
    tried: list[str] = []

    def away(message: EmailMessage, *arguments: Any) -> int:
        tried.extend(message.to)
        raise ConnectionRefusedError

    monkeypatch.setattr(EmailMessage, "send", away)
    assert expire() == (0, 0)
    assert tried == ["one@example.org"]
    assert not InactivityNotice.objects.exists()


def test_so_many_mails_a_run_and_no_more(
    clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backups.expiring.accounts.MAILS_MAX", 2)
    for number in range(3):
        learner(f"quiet{number}@example.org")
    assert [expire(), expire(), expire()] == [(2, 0), (1, 0), (0, 0)]


def test_who_signs_in_while_others_are_deleted_stays(
    clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = learner("first@example.org"), learner("second@example.org")
    expire()
    clock.shift(24 * DAY)
    expire()
    clock.shift(8 * DAY)
    deleted: list[int] = []

    def slowly(user: User) -> None:
        deleted.append(user.pk)
        other = ({first.pk, second.pk} - {user.pk}).pop()
        User.objects.filter(pk=other).update(last_login=timezone.now())
        delete_account(user)

    monkeypatch.setattr("backups.expiring.accounts.delete_account", slowly)
    assert expire() == (0, 1)
    assert len(deleted) == 1
    assert User.objects.exclude(pk__in=deleted).count() == 1
