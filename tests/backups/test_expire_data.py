"""`manage.py expire_data`: what is kept for a time only goes, and nothing else does."""

from __future__ import annotations

import datetime as dt
import json
from io import StringIO
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from accounts.models import User
from backups import maintenance
from backups.models import Maintenance, Upload, UploadPart
from backups.runs.lock import hold
from cards import trash
from cards.models import Card, Deck, Import, Review
from tests.backups.own_data import rows_by_owner
from tests.factories import PASSWORD, make_card, make_cards, make_deck, make_review, make_user

pytestmark = pytest.mark.django_db(transaction=True)
DAY = dt.timedelta(days=1)


def expire(*arguments: str) -> dict[str, int]:
    """Runs the command; how many of each are gone, without the zeros."""
    out = StringIO()
    call_command("expire_data", "--json", *arguments, stdout=out)
    gone: dict[str, int] = json.loads(out.getvalue())["gone"]
    return {name: number for name, number in gone.items() if number}


def ago(days: float) -> dt.datetime:
    return timezone.now() - days * DAY


def test_trash_goes_after_its_days_with_its_answers(alice: User, charlie: User) -> None:
    old = make_card(alice, deleted_at=ago(31))
    make_review(old)
    fresh, kept = make_card(alice, deleted_at=ago(29)), make_card(alice)
    make_review(kept)
    make_card(charlie)
    strangers, version = rows_by_owner(charlie), alice.data_version
    assert expire("--dry-run") == {"cards": 1}
    assert Card.objects.filter(pk=old.pk).exists()
    assert expire() == {"cards": 1}
    assert set(Card.objects.filter(owner=alice)) == {fresh, kept}
    assert Review.objects.get().card == kept
    assert rows_by_owner(charlie) == strangers
    alice.refresh_from_db()
    assert alice.data_version > version
    assert expire() == {}


def test_a_deck_goes_when_nothing_lies_in_it_any_more(alice: User) -> None:
    empty = make_deck(alice, "Empty", deleted_at=ago(40))
    held = make_deck(alice, "Held", deleted_at=ago(40))
    make_card(alice, deck=held, deleted_at=ago(2))
    make_card(alice, deck=empty, deleted_at=ago(40))
    assert expire("--dry-run") == {"cards": 1, "decks": 1}
    assert expire() == {"cards": 1, "decks": 1}
    assert Deck.objects.get() == held


def test_much_trash_goes_in_batches(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trash, "BATCH", 2)
    make_cards(alice, 5, deleted_at=ago(31))
    assert expire() == {"cards": 5}


def test_with_no_days_trash_stays(alice: User, settings: Any) -> None:
    settings.TRASH_DAYS = 0
    make_card(alice, deleted_at=ago(4000))
    assert expire() == {}


def test_expired_login_sessions_go_and_live_ones_stay(alice: User) -> None:
    clients = [Client(), Client()]
    for client in clients:
        client.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
    key = clients[0].session.session_key
    Session.objects.filter(session_key=key).update(expire_date=ago(1))
    UserSession.objects.update(created_at=ago(91))
    assert expire() == {"login sessions": 1, "listed login sessions": 1}
    assert clients[1].get("/accounts/settings/").status_code == 200
    assert UserSession.objects.get().session_key == clients[1].session.session_key


def test_files_nobody_decided_on_go(alice: User, charlie: User) -> None:
    upload = Upload.objects.create(owner=alice, created_at=ago(2))
    UploadPart.objects.create(upload=upload, number=0, data=b"x")
    Upload.objects.create(owner=charlie, created_at=ago(0))
    Import.objects.create(owner=alice, created_at=ago(8), data=b"x")
    Import.objects.create(owner=alice, created_at=ago(8), applied_at=ago(8))
    Import.objects.create(owner=alice, created_at=ago(1), data=b"x")
    assert expire() == {"uploads": 1, "imports not made": 1}
    assert Upload.objects.get().owner == charlie
    assert not UploadPart.objects.exists()


def test_old_lines_of_the_admin_log_go(admin: User) -> None:
    for days in (366, 364):
        entry = LogEntry.objects.create(user=admin, action_flag=1, object_repr=str(days))
        LogEntry.objects.filter(pk=entry.pk).update(action_time=ago(days))
    assert expire() == {"lines of the admin log": 1}
    assert LogEntry.objects.get().object_repr == "364"


def sign_up(email: str, **fields: Any) -> User:
    """An account as a sign-up leaves it: not confirmed, never signed in."""
    user = make_user(email, **({"date_joined": ago(31)} | fields))
    EmailAddress.objects.filter(user=user).update(verified=False)
    return user


def test_accounts_that_were_never_confirmed_go(db: None) -> None:
    sign_up("never@example.org")
    kept = [
        sign_up("fresh@example.org", date_joined=ago(29)),
        sign_up("signed-in@example.org", last_login=ago(31)),
        sign_up("staff@example.org", is_staff=True),
        sign_up("root@example.org", is_superuser=True),
        make_user("confirmed@example.org", date_joined=ago(31)),
    ]
    make_card(sign_up("has-cards@example.org"))
    by_admin = make_user("by-admin@example.org", date_joined=ago(31))
    EmailAddress.objects.filter(user=by_admin).delete()
    assert expire("--dry-run") == {"unconfirmed accounts": 1}
    assert expire() == {"unconfirmed accounts": 1}
    assert not User.objects.filter(email="never@example.org").exists()
    assert User.objects.count() == len(kept) + 2


def test_in_maintenance_nothing_goes(alice: User) -> None:
    make_card(alice, deleted_at=ago(31))
    maintenance.switch_on(message=None, until=None, now=timezone.now())
    with pytest.raises(CommandError, match="in maintenance"):
        expire()
    assert Card.objects.count() == 1
    assert Maintenance.objects.get().on


def test_beside_a_restore_nothing_goes(alice: User) -> None:
    make_card(alice, deleted_at=ago(31))
    with hold("default"), pytest.raises(CommandError, match="restore or drill runs"):
        expire()
    assert Card.objects.count() == 1


def test_two_at_once_are_one(alice: User) -> None:
    with hold("default", 0), pytest.raises(CommandError, match="another one"):
        expire()


def test_a_step_that_fails_keeps_no_other_from_its_work(
    alice: User, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*arguments: Any) -> None:
        raise OSError("the disk is gone")

    monkeypatch.setattr("backups.expiring.leftovers.empty_trash", broken)
    Upload.objects.create(owner=alice, created_at=ago(2))
    with pytest.raises(CommandError, match=r"These steps failed.*trash"):
        call_command("expire_data", stdout=StringIO())
    assert not Upload.objects.exists()


def test_people_read_what_happened(alice: User) -> None:
    make_card(alice, deleted_at=ago(31))
    out = StringIO()
    call_command("expire_data", "--dry-run", stdout=out)
    assert "cards: 1 would be deleted" in out.getvalue()
    assert "inactive accounts: 0 would be told" in out.getvalue()
