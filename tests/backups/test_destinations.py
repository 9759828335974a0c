"""Folders and foreign storages hold backups: whole and unchanged, or not at all."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from backups.errors import TransferError
from backups.places.destinations import Destination, destinations, get, names, put, remove
from backups.places.folder import LocalFolder

NAME, OLDER = "leitner-20251015-131028Z.zip", "leitner-20251014-131028Z.zip.age"
DATA = bytes(range(256)) * 10_000


@pytest.fixture
def place(tmp_path: Path) -> Destination:
    return Destination("backups", LocalFolder(tmp_path / "kept" / "here"))


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    path = tmp_path / "backup"
    path.write_bytes(DATA)
    return path


def files(place: Destination) -> list[str]:
    assert isinstance(place.storage, LocalFolder)
    folder = Path(place.storage.location)
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def path_in(place: Destination, name: str) -> Path:
    return Path(place.storage.path(name))


def test_the_settings_name_a_folder_of_their_own(settings: Any) -> None:
    (only,) = destinations()
    assert only.alias == "backups"
    assert only.place == f"the folder {settings.BACKUP_DIR}"


def test_a_storage_that_cannot_be_had_is_named_by_its_variable(settings: Any) -> None:
    second = {"BACKEND": "storages.backends.gone.Storage", "OPTIONS": {"key": "secret"}}
    settings.STORAGES = {**settings.STORAGES, "backups_second": second}
    with pytest.raises(TransferError, match="BACKUP_SECOND_URL names a storage that") as caught:
        destinations()
    assert "secret" not in str(caught.value)


def test_a_backup_is_its_owners_alone_and_comes_back_as_it_was(
    place: Destination, backup: Path, tmp_path: Path
) -> None:
    stored = put(place, backup, NAME)
    kept = path_in(place, NAME)
    assert kept.stat().st_mode & 0o777 == 0o600
    assert kept.parent.stat().st_mode & 0o777 == 0o700
    assert get(place, NAME, tmp_path / "back") == stored
    assert (tmp_path / "back").read_bytes() == DATA
    assert stored.size == len(DATA)


def test_only_our_names_are_listed_oldest_first(place: Destination, backup: Path) -> None:
    assert names(place) == []
    put(place, backup, NAME)
    put(place, backup, OLDER)
    (path_in(place, NAME).parent / "notes.txt").write_text("theirs")
    assert names(place) == [OLDER, NAME]
    remove(place, NAME)
    remove(place, NAME)
    assert names(place) == [OLDER]
    assert files(place) == [OLDER, "notes.txt"]


@pytest.mark.parametrize("name", ["notes.txt", "../leitner-20251015-131028Z.zip", "", "latest"])
def test_other_names_are_neither_written_nor_read_nor_removed(
    place: Destination, backup: Path, tmp_path: Path, name: str
) -> None:
    for operation in (
        lambda: put(place, backup, name),
        lambda: get(place, name, tmp_path / "back"),
        lambda: remove(place, name),
    ):
        with pytest.raises(TransferError, match="is not the name of a backup"):
            operation()
    assert files(place) == []


def test_a_backup_that_is_there_is_never_written_over(place: Destination, backup: Path) -> None:
    put(place, backup, NAME)
    backup.write_bytes(b"another")
    with pytest.raises(TransferError, match="there is one of this name already"):
        put(place, backup, NAME)
    assert path_in(place, NAME).read_bytes() == DATA


def test_what_is_not_there_cannot_be_fetched(place: Destination, tmp_path: Path) -> None:
    with pytest.raises(TransferError, match=f"There is no {NAME} in the folder"):
        get(place, NAME, tmp_path / "back")
    assert not (tmp_path / "back").exists()


def test_a_file_here_is_not_overwritten_by_one_from_there(place: Destination, backup: Path) -> None:
    put(place, backup, NAME)
    with pytest.raises(TransferError, match="cannot be written: File exists"):
        get(place, NAME, backup)
    assert backup.read_bytes() == DATA


def test_a_source_that_is_gone_is_named(place: Destination, tmp_path: Path) -> None:
    with pytest.raises(TransferError, match=r"gone cannot be read: No such file or directory\."):
        put(place, tmp_path / "gone", NAME)


def test_a_folder_that_cannot_be_made_is_told(backup: Path) -> None:
    place = Destination("backups", LocalFolder(backup / "inside a file"))
    with pytest.raises(TransferError, match=f"{NAME} was not kept in the folder .*: Not a dir"):
        put(place, backup, NAME)


def test_what_comes_back_otherwise_is_removed(
    place: Destination, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged(self: LocalFolder, name: str, out: Any) -> None:
        out.write(DATA[:-1] + b"\0")

    monkeypatch.setattr(LocalFolder, "download", damaged)
    with pytest.raises(TransferError, match="what was read back is not what was sent"):
        put(place, backup, NAME)
    assert files(place) == []


def test_an_interrupted_one_is_removed(
    place: Destination, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    for target in ("backups.places.folder._settle", "backups.places.folder.LocalFolder.download"):
        with monkeypatch.context() as patch:
            patch.setattr(target, interrupted)
            with pytest.raises(KeyboardInterrupt):
                put(place, backup, NAME)
        assert files(place) == []


KILLED = """
import os, signal, sys
from pathlib import Path
import django
django.setup()
from backups.places import destinations
from backups.places import folder
folder._settle = lambda _: os.kill(os.getpid(), signal.SIGKILL)
place = destinations.Destination("backups", folder.LocalFolder(sys.argv[1]))
destinations.put(place, Path(sys.argv[2]), sys.argv[3])
"""
LIMITED = """
import resource, sys
from pathlib import Path
import django
django.setup()
from backups.places import destinations
from backups.places import folder
from backups.errors import TransferError
place = destinations.Destination("backups", folder.LocalFolder(sys.argv[1]))
work = getattr(destinations, sys.argv[4])
arguments = (Path(sys.argv[2]), sys.argv[3]) if sys.argv[4] == "put" else sys.argv[3:1:-1]
if sys.argv[4] == "get":
    arguments[1] = Path(arguments[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    work(place, *arguments)
except TransferError as error:
    print(error)
"""


def elsewhere(script: str, place: Destination, *more: str) -> subprocess.CompletedProcess[str]:
    """Run this in a process of its own, with the destination's folder as first argument."""
    assert isinstance(place.storage, LocalFolder)
    return subprocess.run(
        [sys.executable, "-c", script, str(place.storage.location), *more],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "leitner.settings"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_killed_one_has_no_name_and_is_swept_up_a_day_later(
    place: Destination, backup: Path
) -> None:
    assert elsewhere(KILLED, place, str(backup), NAME).returncode == -9
    assert files(place) == [f".{NAME}.partial"]
    assert names(place) == []
    put(place, backup, OLDER)
    assert files(place) == [f".{NAME}.partial", OLDER]
    remove(place, OLDER)
    yesterday = time.time() - 90_000
    os.utime(path_in(place, f".{NAME}.partial"), (yesterday, yesterday))
    put(place, backup, OLDER)
    assert files(place) == [OLDER]


def test_a_full_disk_is_told_and_left_as_it_was(
    place: Destination, backup: Path, tmp_path: Path
) -> None:
    done = elsewhere(LIMITED, place, str(backup), NAME, "put")
    assert done.stdout.startswith(f"{NAME} was not kept in the folder {place.storage.path('')}"), (
        done.stderr
    )
    assert "no room is left (File too large). Make room" in done.stdout
    assert files(place) == []
    put(place, backup, NAME)
    done = elsewhere(LIMITED, place, str(tmp_path / "back"), NAME, "get")
    assert done.stdout.startswith(f"{tmp_path / 'back'} cannot be written: no room is left")
    assert not (tmp_path / "back").exists()
