"""A file from outside is not believed: it reaches nobody else, no rights, and nothing half-way."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import User
from backups.errors import TransferError
from backups.restores import own_file
from backups.restores.own_file import restore_own
from cards.models import Box, Card, Deck, Review
from tests.backups.own_data import (
    Rows,
    changed,
    file_of,
    furnish,
    rows_by_owner,
    whole_archive,
    with_value,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def mine(alice: User, charlie: User, tmp_path: Path) -> Path:
    """Alice's file; what it tells of is not there any more. Charlie has something of everything."""
    furnish(alice)
    furnish(charlie)
    path = file_of(alice, tmp_path)
    Deck.objects.filter(owner=alice).delete()
    return path


def account_of(user: User) -> dict[str, Any]:
    """The account's row, but for the number that retires what was cached."""
    (row,) = User.objects.filter(pk=user.pk).values()
    return {name: value for name, value in row.items() if name != "data_version"}


BAD = {
    "a box that is none": ("cards_card", "box", "11"),
    "no box": ("cards_card", "box", None),
    "a number that is too large": ("cards_card", "box", "99999999999"),
    "a word for a number": ("cards_card", "box", "one"),
    "NUL": ("cards_card", "front", "a\0b"),
    "an empty front": ("cards_card", "front", ""),
    "a front that is too long": ("cards_card", "front", "x" * 20_001),
    "a back that is too long": ("cards_card", "back", "x" * 100_001),
    "a link that is a script": ("cards_card", "link", "javascript:alert(1)"),
    "tags that run together": ("cards_card", "tags", "verb"),
    "spaces for tags": ("cards_card", "tags", "  "),
    "a tag without a name": ("cards_tag", "name", ""),
    "a tag of two words": ("cards_tag", "name", "a b"),
    "a date that is none": ("cards_card", "due", "2026-02-30"),
    "a date that is far": ("cards_card", "due", "9999-12-31"),
    "an instant that is far": ("cards_review", "answered_at", "0999-01-01 00:00:00+00"),
    "an answer to nothing": ("cards_review", "card_id", "4711"),
    "an answer from no box": ("cards_review", "box_before", "0"),
    "an id that is none": ("cards_review", "id", "x"),
    "a card in no deck": ("cards_card", "deck_id", "4711"),
    "a deck without a name": ("cards_deck", "name", ""),
    "a deck with a long name": ("cards_deck", "name", "x" * 201),
    "a tag with a long name": ("cards_tag", "name", "x" * 101),
}


@pytest.mark.parametrize(("table", "column", "value"), BAD.values(), ids=list(BAD))
def test_a_bad_value_is_one_sentence_and_nothing_changes(
    alice: User, charlie: User, mine: Path, table: str, column: str, value: str | None
) -> None:
    before = rows_by_owner(alice), rows_by_owner(charlie)
    with pytest.raises(TransferError) as caught:
        restore_own(changed(mine, with_value(table, column, value)), alice)
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)
    assert (rows_by_owner(alice), rows_by_owner(charlie)) == before


def twice(table: str) -> Callable[[str, list[str], Rows], Rows]:
    return lambda name, _, rows: rows * 2 if name == table else rows


@pytest.mark.parametrize("table", ["accounts_user", "cards_card", "cards_review", "cards_deck"])
def test_the_same_row_twice_is_refused(alice: User, mine: Path, table: str) -> None:
    before = rows_by_owner(alice)
    with pytest.raises(TransferError):
        restore_own(changed(mine, twice(table)), alice)
    assert rows_by_owner(alice) == before


def test_rights_passwords_and_addresses_in_a_file_say_nothing(
    alice: User, charlie: User, mine: Path
) -> None:
    account = account_of(alice)
    strangers = rows_by_owner(charlie)

    def grab(name: str, columns: list[str], rows: Rows) -> Rows:
        wanted = {
            "email": charlie.email,
            "is_staff": "t",
            "is_superuser": "t",
            "is_active": "f",
            "password": "werkzeug$pbkdf2:sha256:1$a$b",
            "time_zone": "Asia/Tokyo",
        }
        if name == "accounts_user":
            return [[wanted.get(c, v) for c, v in zip(columns, rows[0], strict=True)]]
        if name == "account_emailaddress":
            return [["5", "new@example.org", "t", "f", rows[0][columns.index("user_id")]]]
        return rows

    restore_own(changed(mine, grab), alice)
    assert Card.objects.of(alice).count() == 1
    assert account_of(alice) == account
    assert rows_by_owner(charlie) == strangers
    assert not User.objects.filter(is_staff=True).exists()
    assert EmailAddress.objects.get(user=alice).email == alice.email


def test_ids_of_somebody_elses_rows_reach_none_of_them(
    alice: User, charlie: User, mine: Path
) -> None:
    strangers = rows_by_owner(charlie)
    theirs = {
        "cards_card": {"id": str(Card.objects.get(owner=charlie).pk)},
        "cards_deck": {"id": str(Deck.objects.get(owner=charlie).pk)},
        "cards_review": {"id": str(Review.objects.get(owner=charlie).pk)},
    }
    theirs["cards_card"] |= {
        "deck_id": theirs["cards_deck"]["id"],
        "guid": str(Card.objects.get(owner=charlie).guid),
        "added_by_id": str(strangers["cards_import"][0][0]),
    }
    theirs["cards_review"] |= {"card_id": theirs["cards_card"]["id"]}

    def aim(name: str, columns: list[str], rows: Rows) -> Rows:
        new = theirs.get(name, {})
        # Everything of the file belongs to one learner; that it says Charlie's number is nothing.
        new = {**new, "id" if name == "accounts_user" else "owner_id": str(charlie.pk)}
        return [[new.get(c, v) for c, v in zip(columns, row, strict=True)] for row in rows]

    restore_own(changed(mine, aim, owner=charlie.email), alice)
    assert rows_by_owner(charlie) == strangers
    card = Card.objects.of(alice).get()
    assert card.added_by is None
    assert card.deck.owner == alice
    assert Review.objects.get(card=card).owner == alice


def test_rows_of_other_owners_in_the_file_are_passed_over(
    alice: User, charlie: User, mine: Path
) -> None:
    before = rows_by_owner(charlie)
    restore_own(changed(mine, with_value("cards_box", "owner_id", str(charlie.pk))), alice)
    assert rows_by_owner(charlie) == before
    assert Box.objects.filter(owner=alice).count() == 7


def test_a_backup_of_the_whole_site_is_no_file_of_a_learner(alice: User, tmp_path: Path) -> None:
    User.objects.create_user("bob@example.org")
    with pytest.raises(TransferError, match="one learner"):
        restore_own(whole_archive(tmp_path), alice)


def test_a_bomb_is_not_unpacked(alice: User, mine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_file, "UNPACKED_MAX", 1_000)
    with pytest.raises(TransferError, match="unpacks to more"):
        restore_own(mine, alice)


def test_a_text_that_would_fill_the_memory_is_not_read_to_its_end(alice: User, mine: Path) -> None:
    path = changed(mine, with_value("cards_card", "front", "x" * 3_000_000))
    with pytest.raises(TransferError, match="longer than 1,000,000 letters"):
        restore_own(path, alice)


def test_a_directory_of_very_many_files_is_not_read(alice: User, tmp_path: Path) -> None:
    path = tmp_path / "many.zip"
    with zipfile.ZipFile(path, "w") as file:
        for number in range(200):
            file.writestr(str(number), "")
    with pytest.raises(TransferError, match="more files"):
        restore_own(path, alice)


MANIFESTS = {
    "migrations": [1],
    "tables": "cards_card",
    "owner": 5,
    "extras": {"../x.json": "0"},
    "left_out": 7,
    "app_version": None,
    "snapshot": {},
}


@pytest.mark.parametrize("name", MANIFESTS)
def test_a_manifest_of_other_kinds_is_one_sentence(alice: User, mine: Path, name: str) -> None:
    path = mine.with_name("odd.zip")
    with zipfile.ZipFile(mine) as old, zipfile.ZipFile(path, "w") as new:
        for each in old.namelist():
            data = old.read(each)
            if each == "manifest.json":
                data = json.dumps(json.loads(data) | {name: MANIFESTS[name]}).encode()
            new.writestr(each, data)
    with pytest.raises(TransferError):
        restore_own(path, alice)


def test_the_page_says_why_and_keeps_nothing(alice: User, alice_client: Client, mine: Path) -> None:
    data = bytearray(mine.read_bytes())
    data[len(data) // 2] ^= 0xFF
    for content in (bytes(data), b"", b"no zip", mine.read_bytes()[:-30]):
        file = SimpleUploadedFile("mine.zip", content)
        page = alice_client.post(reverse("backups:restore"), {"file": file})
        assert page.status_code == 422
        assert page.context["form"].errors["file"]
    assert not Card.objects.filter(owner=alice).exists()
