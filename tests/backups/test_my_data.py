"""What a learner downloads is all of theirs, of one instant, and nobody's secret."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from backups.archives.archive import Reader
from backups.runs.lock import hold
from tests.backups.own_data import file_of, furnish

pytestmark = pytest.mark.django_db(transaction=True)


def downloaded(client: Client) -> bytes:
    response = client.post(reverse("backups:download"))
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/zip"
    assert response.headers["Content-Encoding"] == "identity"
    return b"".join(response)


def test_it_holds_every_row_of_the_learner_and_none_of_others(
    alice: User, charlie: User, alice_client: Client, tmp_path: Path
) -> None:
    furnish(alice)
    furnish(charlie)
    path = tmp_path / "mine.zip"
    path.write_bytes(downloaded(alice_client))
    with Reader(path) as reader:
        reader.check()
        rows = {member.table: member.rows for member in reader.manifest.tables}
        assert reader.manifest.owner == alice.email
    assert rows == {
        "accounts_user": 1,
        "account_emailaddress": 1,
        "cards_box": 7,
        "cards_deck": 1,
        "cards_import": 1,
        "cards_tag": 1,
        "cards_undonereview": 1,
        "cards_card": 1,
        "cards_importupdate": 1,
        "cards_review": 1,
    }
    assert b"charlie" not in b"".join(
        zipfile.ZipFile(path).read(name) for name in zipfile.ZipFile(path).namelist()
    )


def test_no_secret_is_in_it_and_the_manifest_says_so(alice: User, tmp_path: Path) -> None:
    furnish(alice)
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    with zipfile.ZipFile(file_of(alice, tmp_path)) as file:
        texts = {name: file.read(name).decode() for name in file.namelist()}
    together = "".join(texts.values())
    assert alice.password not in together
    assert "geheim" not in together
    columns, row = (line.split(",") for line in texts["accounts_user.csv"].split("\r\n")[:2])
    said = dict(zip(columns, row, strict=True))
    assert (said["password"], said["is_staff"], said["is_superuser"]) == ('""', "f", "f")
    left_out = json.loads(texts["manifest.json"])["left_out"]
    assert {"mfa_authenticator", "accounts_user.password", "accounts_user.is_staff"} <= set(
        left_out
    )


def test_the_settings_are_told_in_words(alice: User, tmp_path: Path) -> None:
    User.objects.filter(pk=alice.pk).update(time_zone="Asia/Tehran", again_rule="half")
    alice.refresh_from_db()
    with zipfile.ZipFile(file_of(alice, tmp_path)) as file:
        said = json.loads(file.read("settings.json"))
    assert said["time zone"] == "Asia/Tehran"
    assert said["a missed card goes"] == "half-way down"
    assert said["a new day starts at"] == "04:00"


def test_nothing_stays_on_the_disk(
    alice: User, alice_client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    response = alice_client.post(reverse("backups:download"))
    assert list(tmp_path.iterdir()) == []
    assert zipfile.ZipFile(io.BytesIO(b"".join(response))).testzip() is None


def test_two_at_once_are_one(alice: User, alice_client: Client) -> None:
    with hold("default", alice.pk):
        response = alice_client.post(reverse("backups:download"), follow=True)
    assert response.redirect_chain == [(reverse("accounts:settings"), 302)]
    assert "already" in response.content.decode()
    assert downloaded(alice_client)


def test_a_get_downloads_nothing_and_neither_does_another_site(alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    assert client.get(reverse("backups:download")).status_code == 405
    assert client.post(reverse("backups:download")).status_code == 403
