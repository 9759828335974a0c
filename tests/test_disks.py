"""Leitner does not start where its database would be thrown away."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from leitner.disks import refuse_throw_away_disk

FILE = Path("/opt/render/project/src/var/leitner.sqlite3")


@pytest.fixture(autouse=True)
def _serving(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["gunicorn", "leitner.wsgi"])
    monkeypatch.setattr(os.path, "ismount", lambda path: str(path) in {"/", "/var/data"})


def test_on_renders_own_disk_it_says_why_and_what_to_do() -> None:
    with pytest.raises(ImproperlyConfigured, match=r"throws away.*set DATABASE_URL.*DATA_DIR"):
        refuse_throw_away_disk(True, FILE)


def test_on_a_disk_that_is_attached_it_starts() -> None:
    refuse_throw_away_disk(True, Path("/var/data/leitner/leitner.sqlite3"))


def test_elsewhere_it_starts() -> None:
    refuse_throw_away_disk(False, FILE)


@pytest.mark.parametrize("command", ["collectstatic", "check"])
def test_building_a_release_goes_on(monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    monkeypatch.setattr("sys.argv", ["manage.py", command])
    refuse_throw_away_disk(True, FILE)


def test_a_migration_of_what_is_thrown_away_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["manage.py", "migrate"])
    with pytest.raises(ImproperlyConfigured):
        refuse_throw_away_disk(True, FILE)
