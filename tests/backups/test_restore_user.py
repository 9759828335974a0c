"""One learner comes back from a whole backup; everybody else's rows are the same as before."""

from __future__ import annotations

from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection

from accounts.models import User
from backups.archives.archive import Reader
from backups.checksum import checksum_of
from backups.errors import TransferError
from backups.own.deleting import delete_account
from backups.own.owned import owned, travelling
from backups.restores.bringing_back import restore_user
from backups.wire import Checksum
from cards.deck_editing import delete_deck
from cards.models import Card, Deck, Review
from tests.backups.own_data import AT, DAY, file_of, furnish, rows_by_owner, whole_archive
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)


def everybody_else(user: User) -> dict[str, Checksum]:
    """By table, over all rows that are not this learner's."""
    sums = {}
    for table, _ in travelling():
        where = f"NOT ({owned()[table.name].condition(user.pk)})"
        sums[table.name] = checksum_of(connection, table, table.columns, where)
    return sums


def bring_back(path: Path, email: str) -> None:
    with Reader(path) as reader:
        reader.check()
        restore_user(reader, email)


def test_a_deck_deleted_yesterday_comes_back(alice: User, charlie: User, tmp_path: Path) -> None:
    card = furnish(alice)
    theirs = furnish(charlie)
    before = rows_by_owner(alice)
    path = whole_archive(tmp_path)
    delete_deck(owner=alice, deck_id=card.deck_id, now=AT + DAY)
    Card.objects.filter(pk=theirs.pk).update(box=6, back="answered since")
    others = everybody_else(alice)
    bring_back(path, "ALICE@example.org ")
    after = rows_by_owner(alice)
    assert [after[name] for name in after if name != "accounts_user"] == [
        before[name] for name in before if name != "accounts_user"
    ]
    assert everybody_else(alice) == others


def test_an_account_that_is_gone_is_made_again_with_its_password_and_no_rights(
    alice: User, charlie: User, admin: User, tmp_path: Path
) -> None:
    furnish(alice)
    furnish(charlie)
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    path = whole_archive(tmp_path)
    delete_account(alice)
    others = everybody_else(alice)
    bring_back(path, alice.email)
    again = User.objects.get(email=alice.email)
    assert again.check_password(PASSWORD)
    assert not again.is_staff
    assert Authenticator.objects.get(user=again).data == {"secret": "geheim"}
    assert Review.objects.get(owner=again).card == Card.objects.get(owner=again)
    assert everybody_else(again) == others


def test_whoever_changed_their_address_is_known(alice: User, tmp_path: Path) -> None:
    card = furnish(alice)
    path = whole_archive(tmp_path)
    User.objects.filter(pk=alice.pk).update(email="new@example.org")
    delete_deck(owner=alice, deck_id=card.deck_id, now=AT + DAY)
    bring_back(path, "alice@example.org")
    assert User.objects.count() == 1
    assert User.objects.get().email == "new@example.org"
    assert Card.objects.of(alice).get() == card


def test_a_password_changed_since_stays(alice: User, tmp_path: Path) -> None:
    furnish(alice)
    path = whole_archive(tmp_path)
    alice.set_unusable_password()
    alice.save()
    Deck.objects.filter(owner=alice).delete()
    bring_back(path, alice.email)
    locked = User.objects.get(pk=alice.pk)
    assert locked.password == alice.password
    assert Card.objects.of(locked).count() == 1


def test_a_dry_run_changes_nothing(alice: User, tmp_path: Path) -> None:
    card = furnish(alice)
    path = whole_archive(tmp_path)
    delete_deck(owner=alice, deck_id=card.deck_id, now=AT + DAY)
    before = rows_by_owner(alice)
    with Reader(path) as reader:
        report = restore_user(reader, alice.email, dry_run=True)
    assert any("came out of the trash" in note for note in report.notes)
    assert rows_by_owner(alice) == before


def test_an_address_that_is_not_in_the_backup_is_one_sentence(alice: User, tmp_path: Path) -> None:
    with pytest.raises(TransferError, match="has no account bob"):
        bring_back(whole_archive(tmp_path), "bob@example.org")


def test_a_learners_own_file_cannot_make_an_account(alice: User, tmp_path: Path) -> None:
    furnish(alice)
    path = file_of(alice, tmp_path)
    delete_account(alice)
    with pytest.raises(TransferError, match="has no password"):
        bring_back(path, alice.email)
    assert not User.objects.exists()
