"""An account that is deleted is gone with every row; nobody else's is touched."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from backups.models import Upload
from backups.own.deleting import LastAdmin, delete_account
from cards.models import Card
from cards.summary import summary
from tests.backups.own_data import furnish, rows_by_owner
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)
ADDRESS = "/your-data/delete/"


def confirm(client: Client, password: str = PASSWORD) -> str:
    """Press the button and say who one is; the address where that leads."""
    asked = client.post(ADDRESS)
    assert asked.status_code == 302
    assert asked.headers["Location"].startswith(reverse("account_reauthenticate"))
    there = client.post(asked.headers["Location"], {"password": password, "next": ADDRESS})
    return str(there.headers.get("Location", ""))


def test_everything_goes_and_a_last_mail_says_so(
    alice: User, charlie: User, alice_client: Client
) -> None:
    furnish(alice)
    furnish(charlie)
    alice_client.get(reverse("cards:home"))
    elsewhere = Client()
    elsewhere.force_login(alice)
    elsewhere.get(reverse("accounts:settings"))
    Upload.objects.create(owner=alice, created_at=timezone.now())
    strangers = rows_by_owner(charlie)
    page = alice_client.get(ADDRESS)
    assert reverse("backups:download") in page.content.decode()
    assert "30 days" in page.content.decode()
    mail.outbox.clear()
    assert confirm(alice_client) == reverse("backups:deleted")
    assert not any(rows_by_owner(alice).values())
    assert rows_by_owner(charlie) == strangers
    assert mail.outbox[-1].to == [alice.email]
    assert "deleted" in mail.outbox[-1].subject
    for client in (alice_client, elsewhere):
        assert client.get(reverse("accounts:settings")).status_code == 302
    assert alice_client.get(reverse("backups:deleted")).status_code == 200


def test_who_is_asked_for_the_password_knows_that_the_account_goes(alice_client: Client) -> None:
    said = "This deletes your account"
    asked = alice_client.post(ADDRESS).headers["Location"]
    assert said in alice_client.get(asked).content.decode()
    wrong = alice_client.post(asked, {"password": "wrong", "next": ADDRESS})
    assert said in wrong.content.decode()
    other = alice_client.get(reverse("account_reauthenticate"))
    assert said not in other.content.decode()


def test_without_the_password_nothing_goes(alice: User, alice_client: Client) -> None:
    furnish(alice)
    before = rows_by_owner(alice)["cards_card"]
    assert confirm(alice_client, "wrong") == ""
    assert rows_by_owner(alice)["cards_card"] == before


def test_somebody_elses_account_cannot_be_named(
    alice: User, charlie: User, charlie_client: Client
) -> None:
    furnish(alice)
    before = rows_by_owner(alice)
    asked = charlie_client.post(ADDRESS, {"user": alice.pk, "email": alice.email})
    charlie_client.post(asked.headers["Location"], {"password": PASSWORD, "next": ADDRESS})
    assert rows_by_owner(alice) == before
    assert not User.objects.filter(pk=charlie.pk).exists()


def test_the_last_superuser_stays(admin: User, admin_client: Client) -> None:
    asked = admin_client.post(ADDRESS)
    page = admin_client.post(asked.headers["Location"], {"password": PASSWORD, "next": ADDRESS})
    assert page.status_code == 409
    assert User.objects.filter(pk=admin.pk).exists()
    with pytest.raises(LastAdmin):
        delete_account(admin)
    User.objects.create_superuser("second@example.org")
    delete_account(admin)
    assert not User.objects.filter(pk=admin.pk).exists()


def test_a_superuser_who_is_locked_out_is_none(admin: User) -> None:
    User.objects.create_superuser("second@example.org", is_active=False)
    with pytest.raises(LastAdmin):
        delete_account(admin)


def test_the_admin_log_says_nothing_of_them_any_more(alice: User, admin: User) -> None:
    card = furnish(alice)
    for row in (alice, card):
        LogEntry.objects.create(
            user=admin,
            action_flag=CHANGE,
            content_type=ContentType.objects.get_for_model(type(row)),
            object_id=str(row.pk),
            object_repr=str(row),
            change_message="changed",
        )
    delete_account(alice)
    assert set(LogEntry.objects.values_list("object_repr", "change_message")) == {("", "")}


def test_what_was_cached_is_gone(alice: User) -> None:
    today = alice.today(timezone.now())
    Card.objects.filter(owner=alice).delete()
    summary(alice, today)
    key = f"summary:1:{alice.pk}:{alice.data_version}:{today}"
    assert cache.get(key) is not None
    delete_account(alice)
    assert cache.get(key) is None
