"""Mail servers refuse, break off and go away: the rest is served, nobody twice."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.mail.backends.smtp import EmailBackend
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection

from accounts.models import REFUSALS_MAX
from tests.mail_server import MailServer
from tests.reminders.learners import DAY, HOUR, MORNING, NOW, asked, job, wish

pytestmark = pytest.mark.django_db
PEOPLE = [f"{name}@example.org" for name in "abcde"]


@pytest.fixture
def people() -> None:
    for address in PEOPLE:
        asked(address)


@pytest.mark.usefixtures("people")
def test_one_connection_serves_all(post: MailServer) -> None:
    assert job().sent == 5
    assert (post.recipients, post.connections) == (PEOPLE, 1)


@pytest.mark.usefixtures("people")
def test_a_server_that_takes_two_mails_a_connection_is_asked_again(post: MailServer) -> None:
    post.most_per_connection = 2
    assert job().sent == 5
    assert (post.recipients, post.connections) == (PEOPLE, 3)


@pytest.mark.usefixtures("people")
def test_one_refused_address_does_not_stop_the_rest(post: MailServer) -> None:
    post.at_recipient["b@example.org"] = "550 5.1.1 No such person"
    tally = job()
    assert (tally.sent, tally.refused) == (4, 1)
    assert job().refused == 0, "it is not tried again today"


def test_an_address_that_is_refused_three_times_gets_no_more_until_its_learner_asks(
    post: MailServer, client: Any
) -> None:
    bob = asked("bob@example.org")
    post.at_recipient["bob@example.org"] = "550 5.1.1 No such person"
    for days in range(REFUSALS_MAX):
        tally = job(NOW + days * DAY)
        assert tally.refused == 1
    assert tally.turned_off == 1
    assert job(NOW + 3 * DAY).refused == 0
    bob.refresh_from_db()
    assert (bob.remind_at, bob.next_reminder) == (None, None)
    client.force_login(bob)
    assert "was refused three times" in client.get("/accounts/settings/").content.decode()
    wish(bob, 18, MORNING + 4 * DAY)
    assert "was refused" not in client.get("/accounts/settings/").content.decode()
    post.at_recipient.clear()
    assert job(NOW + 4 * DAY).sent == 1


def test_a_mail_that_arrives_makes_up_for_refusals_before(post: MailServer) -> None:
    bob = asked("bob@example.org")
    post.at_recipient["bob@example.org"] = "550 5.1.1 No such person"
    job()
    post.at_recipient.clear()
    job(NOW + DAY)
    bob.refresh_from_db()
    assert bob.reminder_refusals == 0


@pytest.mark.parametrize("where", ["at_recipient", "at_data"])
@pytest.mark.usefixtures("people")
def test_a_server_that_says_not_now_is_asked_again_by_the_next_run(
    post: MailServer, where: str
) -> None:
    getattr(post, where)["b@example.org"] = "451 4.7.1 Greylisted, come back later"
    tally = job()
    assert (tally.sent, tally.later) == (4, 1)
    getattr(post, where).clear()
    assert job(NOW + HOUR).sent == 1
    assert sorted(post.recipients) == PEOPLE


@pytest.mark.usefixtures("people")
def test_a_line_that_breaks_after_the_mail_was_handed_over_sends_it_no_second_time(
    post: MailServer,
) -> None:
    post.broken_off.add("b@example.org")
    tally = job()
    assert (tally.sent, tally.unsure) == (4, 1)
    assert job(NOW + HOUR).sent == 0
    assert post.recipients == PEOPLE


@pytest.mark.usefixtures("people")
def test_a_server_that_breaks_off_each_time_is_left_alone(post: MailServer) -> None:
    post.broken_off.update(PEOPLE)
    tally = job()
    assert (tally.unsure, len(post.messages)) == (3, 3)
    assert tally.stopped
    post.broken_off.clear()
    assert job(NOW + HOUR).sent == 2


@pytest.mark.usefixtures("people")
def test_a_server_that_takes_nothing_from_us_ends_the_run_and_costs_nobody_a_mail(
    post: MailServer,
) -> None:
    post.most_per_connection = 0
    tally = job()
    assert (tally.sent, tally.later) == (0, 1)
    assert "Enough for now" in tally.stopped
    post.most_per_connection = 99
    assert job(NOW + HOUR).sent == 5


class Watching(EmailBackend):
    """Sends as always, and notes whether the database is kept waiting meanwhile."""

    held: list[bool] = []

    def send_messages(self, messages: Any) -> int:
        self.held.append(connection.in_atomic_block)
        return super().send_messages(messages)


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_the_server_takes_its_time(
    post: MailServer, settings: Any
) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.Watching"
    asked("alice@example.org")
    Watching.held.clear()
    assert job().sent == 1
    assert Watching.held == [False]


def test_a_database_that_is_away_ends_the_run_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def away(*_: object, **__: object) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr("accounts.management.commands.send_reminders.send_reminders", away)
    with pytest.raises(CommandError, match=r"database does not answer.*\(connection refused\)"):
        call_command("send_reminders")
