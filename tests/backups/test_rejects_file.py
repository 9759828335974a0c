"""The rejects file: for its operator only, whole or not at all, and never over another file."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from backups.errors import TransferError
from backups.rejects import RejectsFile


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "rejects.csv"


def test_without_rejects_there_is_no_file(path: Path) -> None:
    rejects = RejectsFile(path)
    rejects.keep()
    rejects.discard()
    assert list(path.parent.iterdir()) == []


def test_the_file_holds_every_column_and_is_its_owners_only(path: Path) -> None:
    rejects = RejectsFile(path)
    rejects.add("users", "-7", "why", {"id": -7, "email": "=x", "reason": "theirs"})
    rejects.add(
        "cards", "1", "because", {"id": 1, "title": b"caf\xe9", "link": None, "n": "a\r\nb"}
    )
    assert not path.exists()
    rejects.keep()
    assert path.stat().st_mode & 0o777 == 0o600
    with path.open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file)) == [
            ["table", "row", "reason", "id", "email", "reason (column)", "title", "link", "n",
             "owner_email"],
            ["users", "-7", "why", "-7", "'=x", "theirs", "", "", "", ""],
            ["cards", "1", "because", "1", "", "", "caf\\xe9", "", "a\r\nb", ""],
        ]  # fmt: skip


@pytest.mark.parametrize("kept", [False, True])
def test_what_is_discarded_leaves_nothing(kept: bool, path: Path) -> None:
    rejects = RejectsFile(path)
    rejects.add("users", "1", "why", {"id": 1})
    if kept:
        rejects.keep()
    rejects.discard()
    rejects.discard()
    assert list(path.parent.iterdir()) == []


def test_a_file_that_is_there_is_never_overwritten(path: Path) -> None:
    path.write_text("mine")
    rejects = RejectsFile(path)
    rejects.add("users", "1", "why", {"id": 1})
    with pytest.raises(TransferError, match="is there already"):
        rejects.keep()
    rejects.discard()
    assert {file.name: file.read_text() for file in path.parent.iterdir()} == {path.name: "mine"}


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    rejects = RejectsFile(tmp_path / "missing" / "rejects.csv")
    rejects.add("users", "1", "why", {"id": 1})
    with pytest.raises(TransferError, match="cannot be written"):
        rejects.keep()
    rejects.discard()
