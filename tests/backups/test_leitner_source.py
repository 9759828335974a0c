"""A file of Leitner's own gives everything that it holds, whichever release made it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections

from backups.errors import TransferError
from backups.report import Report
from backups.sources.leitner import LeitnerSource
from backups.sources.sqlite_file import open_snapshot
from backups.tables import tables
from backups.wire import Checksum, Row, line_of
from cards.models import Card
from tests.backups.leitner_files import (
    Aside,
    changed,
    checksums,
    living_in,
)

pytestmark = pytest.mark.django_db


def read(path: Path) -> tuple[dict[str, list[Row]], Report, list[tuple[int, int]]]:
    """All rows by table, what the report says, and cards per owner."""
    rows: dict[str, list[Row]] = {}
    report = Report("leitner", Aside())
    with open_snapshot(path) as snapshot, LeitnerSource(snapshot) as source:
        for stream in source.streams(report):
            rows[stream.table.name] = [row for batch in stream.batches for row in batch]
        owners = list(source.cards_per_owner())
    return rows, report, owners


def test_every_row_comes_as_it_is(full: Path) -> None:
    rows, report, owners = read(full)
    with living_in(full):
        expected = checksums()
        assert owners == [(Card.objects.values_list("owner_id", flat=True).distinct().get(), 3)]
    for table in tables():
        found = Checksum()
        found.add(map(line_of, rows[table.name]))
        assert found == expected[table.name], table.name
        counts = report.tables[table.label]
        assert counts.read == found.rows > 0, table.label
        assert counts.mended == counts.rejected == 0, (table.label, report.reasons)
    assert report.notes == []


def test_totals_are_the_rows_of_each_table(full: Path) -> None:
    with open_snapshot(full) as snapshot, LeitnerSource(snapshot) as source:
        totals = source.totals()
    assert totals["cards"] == 3
    assert totals["users"] == 2
    assert totals.keys() == {table.label for table in tables()}


def test_a_file_of_an_older_release_is_brought_up_to_date_in_a_copy(full: Path) -> None:
    with living_in(full):
        call_command("migrate", "cards", "0001", verbosity=0)
        call_command("migrate", "accounts", "0001", verbosity=0)
    before, aliases = hashlib.sha256(full.read_bytes()).digest(), [*connections]
    rows, report, _ = read(full)
    card = next(table for table in tables() if table.name == "cards_card")
    names = [column.name for column in card.columns]
    assert len(rows["cards_card"]) == 3
    assert all(row[names.index("edited_at")] is None for row in rows["cards_card"])
    assert report.tables["reviews"].read == 1
    assert hashlib.sha256(full.read_bytes()).digest() == before
    assert [*full.parent.iterdir()] == [full]
    assert [*connections] == [*settings.DATABASES] == aliases


def test_rows_of_an_older_release_may_be_odd_too(full: Path) -> None:
    with living_in(full):
        call_command("migrate", "cards", "0001", verbosity=0)
    changed(full, "UPDATE cards_card SET owner_id = 999 WHERE id = 1")
    rows, report, _ = read(full)
    assert len(rows["cards_card"]) == 2
    assert report.tables["cards"].rejected == 1


def test_a_file_of_a_newer_release_is_refused(full: Path) -> None:
    row = "INSERT INTO django_migrations (app, name, applied) VALUES ('cards', '0999_later', '')"
    with pytest.raises(TransferError, match=r"made by a newer Leitner.*cards\.0999_later.*Update"):
        read(changed(full, row))


@pytest.mark.parametrize(
    ("statements", "said"),
    [
        (["DROP TABLE cards_tag"], "cards_tag is missing"),
        (
            ["ALTER TABLE cards_tag RENAME TO x", "CREATE VIEW cards_tag AS SELECT * FROM x"],
            "plain",
        ),
        (["ALTER TABLE cards_deck DROP COLUMN created_at"], "no column created_at"),
    ],
)
def test_a_file_that_lacks_something_is_refused(
    full: Path, statements: list[str], said: str
) -> None:
    with pytest.raises(TransferError, match=said):
        read(changed(full, *statements))


def test_unknown_tables_and_columns_are_named(full: Path) -> None:
    changed(full, "CREATE TABLE diary (x)", "ALTER TABLE cards_card ADD COLUMN mood TEXT")
    _, report, _ = read(full)
    assert report.notes == [
        "diary is no table of Leitner's and was not read.",
        "The column mood of cards_card is none of Leitner's and was not read.",
    ]


def test_more_rows_than_a_batch_come_all(full: Path) -> None:
    changed(
        full,
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500) "
        "INSERT INTO cards_tag (owner_id, name) SELECT 1, 'tag' || i FROM n",
    )
    rows, report, _ = read(full)
    assert len(rows["cards_tag"]) == report.tables["tags"].read == 2501
