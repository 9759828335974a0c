"""`manage.py check` finds what would make backups fail, or hand them to others."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyrage
import pytest
from django.core.checks import run_checks

from leitner.storages import folder, storage

BUCKET = storage("s3://key:secret@s3.example.org/backups")
IN_MEMORY = {"BACKEND": "django.core.files.storage.InMemoryStorage"}
ANY_FOLDER = {"BACKEND": "django.core.files.storage.FileSystemStorage"}


def found(settings: Any, *, deploy: bool = True, **destinations: dict[str, Any]) -> dict[str, str]:
    """The messages about backups by their number, with these destinations."""
    settings.STORAGES = {**settings.STORAGES, **destinations}
    messages = run_checks(include_deployment_checks=deploy)
    return {
        str(one.id): f"{one.msg} {one.hint or ''}"
        for one in messages
        if str(one.id).startswith("backups.")
    }


@pytest.fixture
def public() -> str:
    return str(pyrage.x25519.Identity.generate().to_public())


def test_a_folder_beside_the_data_is_fine(settings: Any) -> None:
    assert found(settings) == {}


def test_a_second_place_that_is_the_first_is_none(settings: Any, tmp_path: Path) -> None:
    place, other = folder(tmp_path / "a"), folder(tmp_path / "b")
    assert list(found(settings, backups=place, backups_second=dict(place))) == ["backups.E005"]
    assert found(settings, backups=place, backups_second=other) == {}


@pytest.mark.parametrize("entry", [BUCKET, IN_MEMORY])
@pytest.mark.parametrize("alias", ["backups", "backups_second"])
def test_backups_that_leave_the_machine_should_be_encrypted(
    settings: Any, public: str, entry: dict[str, Any], alias: str
) -> None:
    settings.STORAGES = {**settings.STORAGES, alias: entry}
    messages = found(settings)
    assert list(messages) == ["backups.W001"]
    assert "put its public part into BACKUP_AGE_RECIPIENTS" in messages["backups.W001"]
    assert "secret" not in messages["backups.W001"]
    settings.BACKUP_AGE_RECIPIENTS = [public]
    assert found(settings) == {}


def test_a_foreign_folder_is_this_machine_too(settings: Any, tmp_path: Path) -> None:
    assert found(settings, backups={**ANY_FOLDER, "OPTIONS": {"location": str(tmp_path)}}) == {}


@pytest.mark.parametrize("deploy", [True, False])
def test_keys_that_are_none_stop_every_command(settings: Any, public: str, deploy: bool) -> None:
    settings.BACKUP_AGE_RECIPIENTS = [public, "age1nonsense"]
    settings.BACKUP_AGE_IDENTITY_KEY = "nonsense"
    messages = found(settings, deploy=deploy)
    assert "'age1nonsense' is no public key of age" in messages["backups.E001"]
    assert "BACKUP_AGE_IDENTITY is no secret key" in messages["backups.E002"]


def test_real_keys_are_fine(settings: Any, public: str) -> None:
    settings.BACKUP_AGE_RECIPIENTS = [public]
    settings.BACKUP_AGE_IDENTITY_KEY = str(pyrage.x25519.Identity.generate())
    assert found(settings) == {}


def test_backups_are_never_where_everybody_can_download_them(settings: Any, tmp_path: Path) -> None:
    for inside in (".", "backups", "../static/b"):
        entry = folder(Path(settings.STATIC_ROOT) / inside)
        messages = found(settings, deploy=False, backups_second=entry)
        assert "where everybody can download them" in messages["backups.E003"]
    link = tmp_path / "link"
    link.symlink_to(settings.STATIC_ROOT)
    assert list(found(settings, backups_second=folder(link))) == ["backups.E003"]


def test_a_folder_that_cannot_be_written_is_named(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("no folder")
    messages = found(settings, backups=folder(tmp_path / "file" / "backups"))
    assert list(messages) == ["backups.W002"]
    assert found(settings, backups=folder(tmp_path / "not" / "made" / "yet")) == {}
    monkeypatch.setattr("backups.checks.os.access", lambda path, _: path != tmp_path)
    messages = found(settings, backups=folder(tmp_path / "backups"))
    assert f"Backups cannot be kept in {tmp_path / 'backups'}" in messages["backups.W002"]
    assert not (tmp_path / "backups").exists()


def test_a_storage_that_cannot_be_had_is_told(settings: Any) -> None:
    messages = found(settings, backups={"BACKEND": "nowhere.Storage", "OPTIONS": {}})
    assert "BACKUP_URL names a storage that cannot be used" in messages["backups.E004"]


def test_who_keeps_backups_in_a_folder_imports_neither_boto3_nor_pyrage() -> None:
    script = (
        "import django, json, sys; django.setup()\n"
        "from django.core.checks import run_checks; run_checks()\n"
        "from backups.places.destinations import destinations, names\n"
        "print(json.dumps([names(destinations()[0]), *{'boto3', 'pyrage'} & set(sys.modules)]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == [[]]
