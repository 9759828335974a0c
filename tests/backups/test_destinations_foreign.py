"""Any storage that Django can use holds backups; the worked-out ones have tests of their own."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.files.base import ContentFile, File
from django.core.files.storage import InMemoryStorage

from backups.errors import TransferError
from backups.places.destinations import Destination, get, names, put, put_everywhere, remove
from backups.places.folder import LocalFolder

NAME, OLDER = "leitner-20251015-131028Z.zip", "leitner-20251014-131028Z.zip.age"


class Foreign(InMemoryStorage):
    """A storage that is none of ours, with a trouble of its own."""

    def __init__(self, trouble: str = "") -> None:
        super().__init__()
        self.trouble = trouble

    def _save(self, name: str, content: File[bytes]) -> str:
        if self.trouble == "renames":
            name = "another.zip"
        saved: str = super()._save(name, content)  # type: ignore[misc]
        if self.trouble == "breaks":
            raise RuntimeError("quota")
        return saved

    def _open(self, name: str, mode: str = "rb") -> File[bytes]:
        if self.trouble == "forgets":
            return ContentFile(b"", name)
        file: File[bytes] = super()._open(name, mode)  # type: ignore[misc]
        return file


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    path = tmp_path / "backup"
    path.write_bytes(b"a backup")
    return path


def test_a_foreign_storage_does_as_well(backup: Path, tmp_path: Path) -> None:
    place = Destination("backups_second", Foreign())
    assert place.place == "the storage `backups_second`"
    stored = put(place, backup, NAME)
    assert names(place) == [NAME]
    assert get(place, NAME, tmp_path / "back") == stored
    remove(place, NAME)
    assert names(place) == []


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        ("renames", r"it would have got another name there, another\.zip"),
        ("breaks", "RuntimeError: quota"),
        ("forgets", "what was read back is not what was sent"),
    ],
)
def test_a_foreign_storage_in_trouble_keeps_nothing(backup: Path, trouble: str, words: str) -> None:
    place = Destination("backups", Foreign(trouble))
    with pytest.raises(TransferError, match=words):
        put(place, backup, NAME)
    assert place.storage.listdir("") == ([], [])


def test_a_backup_that_one_destination_lacks_is_not_good(backup: Path, tmp_path: Path) -> None:
    place = Destination("backups", LocalFolder(tmp_path / "kept"))
    broken = Destination("backups_second", Foreign("breaks"))
    kept = put_everywhere([broken, place], backup, NAME)
    assert not kept.good
    why = f"{NAME} was not kept in the storage `backups_second`: RuntimeError: quota."
    assert kept.failures == {"backups_second": why}
    assert names(place) == [NAME]
    assert put_everywhere([place], backup, OLDER).good
