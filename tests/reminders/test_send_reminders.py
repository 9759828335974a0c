"""`send_reminders`: who gets one, when, and never twice."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core.mail import EmailMessage
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import User
from backups import maintenance
from backups.own.deleting import delete_account
from cards.models import Card
from tests.factories import make_card, make_deck
from tests.mail_server import MailServer
from tests.reminders.learners import DAY, HOUR, NOW, asked, job, wish

pytestmark = pytest.mark.django_db


def test_who_asked_and_has_cards_due_is_reminded_once(post: MailServer) -> None:
    asked("alice@example.org", cards=2)
    asked("idle@example.org", cards=0)
    asked("later@example.org", hour=19)
    asked("never@example.org", hour=None)
    assert job().sent == 1
    assert job().sent == job(NOW + HOUR / 2).sent == 0
    assert post.recipients == ["alice@example.org"]
    assert job(NOW + HOUR).sent == 1
    assert job(NOW + DAY).sent == 1
    assert post.recipients == ["alice@example.org", "later@example.org", "alice@example.org"]


def test_each_learner_has_an_hour_and_a_date_of_their_own(post: MailServer) -> None:
    asked("tokyo@example.org", hour=3, time_zone="Asia/Tokyo")
    asked("berlin@example.org", hour=19, time_zone="Europe/Berlin")
    asked("kathmandu@example.org", hour=23, time_zone="Asia/Kathmandu", cards=0)
    job()
    assert sorted(post.recipients) == ["berlin@example.org", "tokyo@example.org"]


def test_the_cards_are_those_that_are_due_on_the_page(post: MailServer) -> None:
    alice = asked("alice@example.org", cards=0)
    today = alice.today(NOW)
    make_card(alice)
    make_card(alice, due=today + DAY)
    make_card(alice, due=today, suspended=True)
    make_card(alice, due=today, deleted_at=NOW)
    assert job().nothing_due == 1
    make_card(alice, due=today - 5 * DAY, deck=make_deck(alice, "Latin"))
    assert job(NOW + DAY).sent == 1
    [message] = post.messages
    shown = Card.objects.of(alice).due(alice.today(NOW + DAY)).count()
    assert message["Subject"] == f"{shown} cards are due"


def test_a_missed_hour_is_caught_up_for_three_hours(post: MailServer) -> None:
    asked("alice@example.org")
    assert job(NOW + 2.5 * HOUR).sent == 1
    asked("bob@example.org")
    assert job(NOW + 4 * HOUR).too_late == 1
    assert job(NOW + DAY).sent == 2


def test_a_later_hour_on_the_same_day_brings_no_second_mail(post: MailServer) -> None:
    alice = asked("alice@example.org")
    job()
    wish(alice, 20, NOW)
    assert job(NOW + 2 * HOUR).sent == 0
    wish(alice, 20, NOW, time_zone="America/Los_Angeles")  # It is the same date there.
    assert job(NOW + 10 * HOUR).sent == 0
    assert job(NOW + DAY + 10 * HOUR).sent == 1


def test_only_a_confirmed_address_gets_mail(post: MailServer) -> None:
    alice = asked("alice@example.org")
    EmailAddress.objects.filter(user=alice).update(verified=False)
    assert job().unconfirmed == 1
    EmailAddress.objects.filter(user=alice).update(verified=True)
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert job(NOW + DAY).unconfirmed == 1
    assert not post.messages


def test_who_left_or_changed_their_mind_meanwhile_gets_nothing(
    post: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the query that finds them and the mail."""
    gone, quiet, moved = asked("a@example.org"), asked("b@example.org"), asked("c@example.org")
    asked("d@example.org")

    def meanwhile(user: User, decks: Any) -> EmailMessage:
        if user.pk == gone.pk:
            delete_account(gone)
            wish(quiet, None)
            User.objects.filter(pk=moved.pk).update(email="new@example.org")
        return EmailMessage("x", "x", "leitner@example.org", [user.email])

    monkeypatch.setattr("accounts.reminders.sending.reminder", meanwhile)
    assert job().sent == 1
    assert post.recipients == ["d@example.org"]


def test_a_run_that_dies_sends_nobody_a_second_mail(
    post: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in "abc":
        asked(f"{name}@example.org")
    from accounts.reminders.post import Post

    real = Post.send

    def dies(self: Post, message: EmailMessage) -> Any:
        real(self, message)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Post, "send", dies)
        with pytest.raises(KeyboardInterrupt):
            job()
    assert post.recipients == ["a@example.org"]
    assert job().sent == 2
    assert post.recipients == ["a@example.org", "b@example.org", "c@example.org"]


def test_a_dry_run_counts_and_changes_nothing(post: MailServer) -> None:
    asked("alice@example.org")
    asked("idle@example.org", cards=0)
    before = list(User.objects.order_by("pk").values())
    tally = job(dry_run=True)
    assert (tally.sent, tally.nothing_due) == (1, 1)
    assert list(User.objects.order_by("pk").values()) == before
    assert not post.connections


def test_the_command_tells_people_and_machines(post: MailServer) -> None:
    asked("alice@example.org")
    asked("idle@example.org", cards=0)
    out = io.StringIO()
    with time_machine.travel(NOW, tick=False):
        call_command("send_reminders", "--json", stdout=out)
    words, said = out.getvalue().splitlines()
    assert words == "1 reminded, 1 with nothing due."
    assert json.loads(said) | {"sent": 1, "nothing_due": 1, "stopped": ""} == json.loads(said)


def test_during_maintenance_reminders_wait(post: MailServer) -> None:
    asked("alice@example.org")
    maintenance.switch_on(message=None, until=None, now=NOW)
    out = io.StringIO()
    with time_machine.travel(NOW, tick=False):
        call_command("send_reminders", stdout=out)
    assert "Maintenance is on" in out.getvalue()
    assert not post.messages
    maintenance.switch_off()
    assert job(NOW + HOUR).sent == 1


def test_without_a_mail_server_the_command_says_so(settings: Any, post: MailServer) -> None:
    asked("alice@example.org")
    settings.EMAIL_PORT = 1
    with time_machine.travel(NOW, tick=False):
        with pytest.raises(CommandError, match="took nothing any more"):
            call_command("send_reminders", stdout=io.StringIO())
        settings.EMAIL_PORT = post.port
        call_command("send_reminders", stdout=io.StringIO())
    assert len(post.messages) == 1


def test_queries_grow_with_batches_and_by_one_for_each_mail(
    post: MailServer,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_num_queries: Callable[[int], Any],
) -> None:
    monkeypatch.setattr("accounts.reminders.claims.BATCH", 10)
    for _ in range(10):
        asked()
    with django_assert_num_queries(2 + 1 + 1 + 10 + 1):  # the state, who, what, claims, the end
        assert job().sent == 10
    for number in range(20):
        asked(cards=number % 2)
    with django_assert_num_queries(2 + 2 * (1 + 1 + 1) + 10 + 1):
        assert job().sent == 10


def test_the_hourly_query_reads_only_those_whose_hour_has_come(alice: User) -> None:
    users = User.objects.filter(next_reminder__lte=NOW).order_by("next_reminder", "pk").only("pk")
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
    assert "user_next_reminder" in users.explain()
