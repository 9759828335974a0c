"""Files of the legacy app, and where what is set aside may go."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.backups.legacy_files import copy_of


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
