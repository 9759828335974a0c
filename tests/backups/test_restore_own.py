"""A learner's own file comes back into their account: as it was, and nothing newer is lost."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import User
from backups.models import Upload, UploadPart
from backups.restores.own_file import restore_own
from cards.deck_editing import delete_deck
from cards.models import Box, Card, Deck, Review
from tests.backups.own_data import AT, DAY, file_of, furnish, rows_by_owner
from tests.factories import make_card, make_deck, make_review

pytestmark = pytest.mark.django_db(transaction=True)


def upload(client: Client, path: Path) -> Any:
    file = SimpleUploadedFile(path.name, path.read_bytes(), "application/zip")
    return client.post(reverse("backups:restore"), {"file": file}, follow=True)


def test_what_was_deleted_is_previewed_comes_back_and_is_told_of(
    alice: User, charlie: User, alice_client: Client, tmp_path: Path
) -> None:
    card = furnish(alice)
    furnish(charlie)
    strangers = rows_by_owner(charlie)
    path = file_of(alice, tmp_path)
    before = rows_by_owner(alice)
    delete_deck(owner=alice, deck_id=card.deck_id, now=AT + DAY)
    trashed = rows_by_owner(alice)["cards_card"]
    page = upload(alice_client, path)
    assert page.status_code == 200
    assert [row["back"] for row in page.context["rows"]] == [1, 1, 0]
    assert rows_by_owner(alice)["cards_card"] == trashed
    assert UploadPart.objects.count() == 1
    done = alice_client.post(page.redirect_chain[-1][0], follow=True)
    assert done.redirect_chain[-1][0] == reverse("backups:restored")
    assert [row["back"] for row in done.context["rows"]] == [1, 1, 0]
    after = rows_by_owner(alice)
    for name in before:
        if name.startswith("cards_"):
            assert after[name] == before[name], name
    assert rows_by_owner(charlie) == strangers
    assert not Upload.objects.exists()


def test_who_has_everything_is_told_so(alice: User, alice_client: Client, tmp_path: Path) -> None:
    User.objects.filter(pk=alice.pk).update(time_zone="Asia/Tokyo")
    furnish(alice)
    page = upload(alice_client, file_of(alice, tmp_path))
    at = Upload.objects.get().created_at + dt.timedelta(hours=9)
    assert f"{at:%H:%M}" in page.content.decode()
    assert "already." in page.content.decode()
    done = alice_client.post(page.redirect_chain[-1][0], follow=True)
    assert "Nothing was missing" in done.content.decode()
    assert "Your data are back" not in done.content.decode()


def test_what_is_gone_for_good_comes_back_with_its_answers(alice: User, tmp_path: Path) -> None:
    card = furnish(alice)
    path = file_of(alice, tmp_path)
    Deck.objects.filter(owner=alice).delete()
    brought = restore_own(path, alice)
    assert (brought["cards_card"].new, brought["cards_review"].new) == (1, 1)
    again = Card.objects.get(owner=alice)
    assert (again.guid, again.front, again.box, again.due) == (
        str(card.guid),
        card.front,
        3,
        card.due,
    )
    assert Review.objects.get(owner=alice).card == again


def test_newer_work_here_is_never_stepped_back(alice: User, tmp_path: Path) -> None:
    card = furnish(alice)
    path = file_of(alice, tmp_path)
    Card.objects.filter(pk=card.pk).update(
        box=5, due=dt.date(2026, 2, 1), last_reviewed=AT + DAY, edited_at=AT + DAY, back="newer"
    )
    card.refresh_from_db()
    make_review(card, answered_at=AT + DAY)
    new = make_card(alice, deck=card.deck, front="made since")
    before = rows_by_owner(alice)["cards_card"], rows_by_owner(alice)["cards_review"]
    brought = restore_own(path, alice)
    assert (brought["cards_card"].new, brought["cards_card"].there) == (0, 1)
    assert (rows_by_owner(alice)["cards_card"], rows_by_owner(alice)["cards_review"]) == before
    assert Card.objects.of(alice).filter(pk=new.pk).exists()


def test_a_second_time_changes_nothing(alice: User, tmp_path: Path) -> None:
    furnish(alice)
    path = file_of(alice, tmp_path)
    Deck.objects.filter(owner=alice).delete()
    restore_own(path, alice)
    once = rows_by_owner(alice)
    restore_own(path, alice)
    assert rows_by_owner(alice) == once


def test_decks_of_one_name_become_one(alice: User, tmp_path: Path) -> None:
    card = furnish(alice)
    path = file_of(alice, tmp_path)
    delete_deck(owner=alice, deck_id=card.deck_id, now=AT + DAY)
    here = make_deck(alice, "Español")
    restore_own(path, alice)
    assert Card.objects.of(alice).get().deck == here
    assert list(Deck.objects.of(alice)) == [here]


def test_a_deck_that_was_renamed_before_it_was_deleted_comes_back(
    alice: User, tmp_path: Path
) -> None:
    card = furnish(alice)
    path = file_of(alice, tmp_path)
    Deck.objects.filter(pk=card.deck_id).update(name="Castellano")
    delete_deck(owner=alice, deck_id=card.deck_id, now=AT + DAY)
    restore_own(path, alice)
    assert Card.objects.of(alice).get().deck == Deck.objects.of(alice).get(name="Castellano")


def test_what_was_in_the_trash_stays_there(alice: User, tmp_path: Path) -> None:
    card = furnish(alice)
    delete_deck(owner=alice, deck_id=card.deck_id, now=AT + DAY)
    path = file_of(alice, tmp_path)
    restore_own(path, alice)
    assert not Card.objects.of(alice).exists()
    Deck.objects.filter(owner=alice).delete()
    restore_own(path, alice)
    assert Card.objects.filter(owner=alice).count() == 1
    assert not Card.objects.of(alice).exists()


def test_a_file_moves_to_a_second_account_of_the_same_site(
    alice: User, charlie: User, tmp_path: Path
) -> None:
    """Ids of answers are those of the first account still: they get others, always the same."""
    furnish(alice)
    path = file_of(alice, tmp_path)
    before = rows_by_owner(alice)
    boxes = list(Box.objects.filter(owner=charlie).values())
    for _ in range(2):
        restore_own(path, charlie)
        copy = Card.objects.get(owner=charlie)
        assert Review.objects.get(owner=charlie).card == copy
        assert copy.added_by is None
    User.objects.filter(pk=alice.pk).update(email="gone@example.org")
    assert list(Box.objects.filter(owner=charlie).values()) == boxes
    alice.refresh_from_db()
    User.objects.filter(pk=alice.pk).update(email="alice@example.org")
    assert rows_by_owner(alice) == before


def test_what_was_counted_is_counted_anew(alice: User, tmp_path: Path) -> None:
    card = furnish(alice)
    path = file_of(alice, tmp_path)
    delete_deck(owner=alice, deck_id=card.deck_id, now=AT + DAY)
    version = User.objects.get(pk=alice.pk).data_version
    restore_own(path, alice)
    assert User.objects.get(pk=alice.pk).data_version > version


def test_a_preview_belongs_to_its_learner(
    alice: User, alice_client: Client, charlie_client: Client, tmp_path: Path
) -> None:
    furnish(alice)
    page = upload(alice_client, file_of(alice, tmp_path))
    address = page.redirect_chain[-1][0]
    assert charlie_client.get(address).status_code == 404
    assert charlie_client.post(address).status_code == 404
    assert alice_client.get(address).status_code == 200


def test_a_second_upload_takes_the_place_of_the_first(
    alice: User, charlie: User, alice_client: Client, tmp_path: Path
) -> None:
    Upload.objects.create(owner=charlie, created_at=AT)  # Forgotten days ago.
    furnish(alice)
    path = file_of(alice, tmp_path)
    first = upload(alice_client, path).redirect_chain[-1][0]
    second = upload(alice_client, path).redirect_chain[-1][0]
    assert Upload.objects.count() == 1
    assert alice_client.post(first).status_code == 404
    assert alice_client.post(second, follow=True).status_code == 200
