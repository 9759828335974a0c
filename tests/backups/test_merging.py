"""A database in use takes in what it lacks, keeps what it has, and does so once."""

from __future__ import annotations

from pathlib import Path

import pytest

from backups.tables import tables
from tests.backups.leitner_files import (
    checksums,
    empty_file,
    fill_with_everything,
    living_in,
    merge,
)
from tests.factories import make_card, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def full(tmp_path: Path) -> Path:
    """A file with rows of every kind."""
    path = empty_file(tmp_path)
    with living_in(path):
        fill_with_everything()
    return path


def test_into_an_empty_database_everything_comes(full: Path) -> None:
    report, aside = merge(full)
    assert not aside
    with living_in(full):
        there = checksums()
    here = checksums()
    for table in tables():
        counts = report.tables[table.label]
        assert counts.read == counts.written == here[table.name].rows, table.label
        assert here[table.name].rows == there[table.name].rows, table.label
        assert counts.read, f"the test has none of the {table.label}"


def test_twice_gives_what_once_gives(full: Path) -> None:
    make_card(make_user("somebody@example.org"))
    merge(full)
    once = checksums()
    report, _ = merge(full)
    assert checksums() == once
    assert any("there already" in note for note in report.notes)
