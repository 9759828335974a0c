"""A clock that is wrong deletes nothing: `expire_data` sees that nobody was there before."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import User
from cards.models import Card
from tests.backups.runs import make_run
from tests.factories import make_card, make_user

pytestmark = pytest.mark.django_db(transaction=True)
DAY = dt.timedelta(days=1)


@pytest.fixture
def learner() -> User:
    """Somebody who has been here for long, and deleted a card yesterday."""
    now = timezone.now()
    user = make_user("old@example.org", date_joined=now - 300 * DAY, last_login=now)
    make_card(user, deleted_at=now - DAY, created_at=now - 10 * DAY)
    return user


def in_days(days: int) -> time_machine.travel:
    return time_machine.travel(timezone.now() + days * DAY, tick=False)


@pytest.mark.parametrize("years", [1, 30])
def test_years_ahead_nothing_goes(learner: User, years: int) -> None:
    with in_days(365 * years):
        make_run("export")  # The clock is wrong for this one too.
        with pytest.raises(CommandError, match="If the clock is wrong, set it right"):
            call_command("expire_data")
    assert Card.objects.get().deleted_at
    call_command("expire_data")
    assert Card.objects.count() == 1


def test_what_would_go_can_be_seen_all_the_same(
    learner: User, capsys: pytest.CaptureFixture[str]
) -> None:
    with in_days(365):
        call_command("expire_data", "--dry-run")
    assert "cards: 1 would be deleted" in capsys.readouterr().out


@pytest.mark.parametrize("kind", ["export", "drill"])
def test_a_site_without_learners_that_is_backed_up_is_awake(learner: User, kind: str) -> None:
    with in_days(365):
        make_run(kind, hours_ago=20 * 24)
        call_command("expire_data")
    assert not Card.objects.exists()


def test_a_site_that_slept_goes_on_a_week_later(learner: User) -> None:
    with in_days(100):
        make_run("export")
    with in_days(108):
        call_command("expire_data")
    assert not Card.objects.exists()


def test_a_new_site_has_no_past() -> None:
    make_user("new@example.org")
    call_command("expire_data")
    with in_days(2):
        call_command("expire_data")
