"""Files of the legacy app and of Leitner, and where what is set aside may go."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from leitner.storages import folder
from tests.backups.legacy_files import copy_of
from tests.backups.leitner_files import empty_file, fill_with_everything, living_in


@pytest.fixture
def given(tmp_path: Path) -> Callable[[str], Path]:
    """`given("small")`: a copy of that file of the legacy app, alone in a folder."""

    def given(name: str) -> Path:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        return copy_of(name, folder)

    return given


@pytest.fixture
def rejects(tmp_path: Path) -> Path:
    return tmp_path / "rejects.csv"


@pytest.fixture
def backup_folder(tmp_path: Path, settings: Any) -> Path:
    """The only destination: a folder of this test's own, not there yet."""
    place = tmp_path / "backups"
    settings.BACKUP_DIR = place
    settings.STORAGES = {**settings.STORAGES, "backups": folder(place)}
    return place


@pytest.fixture
def full(tmp_path: Path) -> Path:
    """Leitner's own file with rows of every kind."""
    path = empty_file(tmp_path)
    with living_in(path):
        fill_with_everything()
    return path
