"""A database in use takes in what it lacks, keeps what it has, and does so once."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from django.db import connection, transaction

from accounts.models import User
from backups.display import Display
from backups.errors import TransferError
from backups.report import Report
from backups.sinks import Sink
from backups.sinks.filling import Filling
from backups.sinks.mapping import Key, natural_key
from backups.sinks.merging import Merging
from backups.sources.leitner import LeitnerSource
from backups.sources.sqlite_file import open_snapshot
from backups.tables import table, tables
from backups.transfer import transfer
from cards.models import Card
from tests.backups.leitner_files import (
    Aside,
    changed,
    checksums,
    living_in,
    merge,
)
from tests.factories import make_card, make_user

pytestmark = pytest.mark.django_db


def run(path: Path, sink: Sink, *, dry_run: bool = False) -> Report:
    with open_snapshot(path) as snapshot, LeitnerSource(snapshot) as source:
        report = Report("leitner", Aside())
        transfer(source, sink, report, Display(None), using="default", dry_run=dry_run)
    return report


def content() -> dict[str, Counter[tuple[str, ...]]]:
    """Every row of every table, with what it refers to in place of ids."""
    found = {}
    for each in tables():
        fields = [field for field in each.model._meta.concrete_fields if not field.primary_key]
        rows = each.model._default_manager.all()
        found[each.label] = Counter(
            tuple(
                str(bytes(value) if isinstance(value, memoryview) else value)
                for value in (getattr(row, field.name) for field in fields)
            )
            for row in rows
        )
    return found


def filled(path: Path) -> dict[str, Counter[tuple[str, ...]]]:
    """The content after filling, which is taken back."""
    with transaction.atomic():
        run(path, Filling())
        found = content()
        transaction.set_rollback(True)
    return found


def test_merged_into_an_empty_database_it_is_as_filled(full: Path) -> None:
    expected = filled(full)
    assert not User.objects.exists()
    merge(full)
    assert content() == expected


def test_into_an_empty_database_everything_comes(full: Path) -> None:
    report, aside = merge(full)
    assert not aside
    with living_in(full):
        there = checksums()
    here = checksums()
    for each in tables():
        counts = report.tables[each.label]
        assert counts.read == counts.written == here[each.name].rows, each.label
        assert here[each.name].rows == there[each.name].rows, each.label
        assert counts.read, f"the test has none of the {each.label}"


def test_twice_gives_what_once_gives(full: Path) -> None:
    make_card(make_user("somebody@example.org"))
    merge(full)
    once = checksums()
    report, _ = merge(full)
    assert checksums() == once
    assert any("there already" in note for note in report.notes)


def test_ids_here_and_there_may_be_the_same_for_different_rows(full: Path) -> None:
    mine = make_card(make_user("somebody@example.org"), front="mine")
    merge(full)
    mine.refresh_from_db()
    assert mine.front == "mine"
    assert mine.deck.owner == mine.owner
    assert Card.objects.count() == 4
    make_card(mine.owner)  # The sequence goes on behind what came.


@pytest.mark.parametrize(
    ("name", "columns", "unique"),
    [
        ("accounts_user", ("email",), True),
        ("auth_group", ("name",), True),
        ("account_emailaddress", ("user_id", "email"), True),
        ("cards_card", ("owner_id", "guid"), True),
        ("cards_box", ("owner_id", "number"), True),
        ("cards_tag", ("owner_id", "name"), True),
        ("cards_review", ("id",), True),
        ("cards_importupdate", ("source_id", "card_id"), True),
        ("cards_import", ("owner_id", "created_at", "file_name"), False),
    ],
)
def test_rows_are_recognised_by_what_the_model_says(
    name: str, columns: tuple[str, ...], unique: bool
) -> None:
    assert natural_key(table(name)) == Key(columns, unique)


@pytest.mark.parametrize(
    "harm",
    [
        "DELETE FROM cards_review",
        "UPDATE cards_card SET back = 'other' WHERE guid = 'one'",
        "UPDATE cards_card SET owner_id = (SELECT max(id) FROM accounts_user) WHERE guid = 'one'",
        "UPDATE accounts_user SET theme = 'dark' WHERE email = 'alice@example.org'",
        "DELETE FROM mapped_cards_tag",
    ],
)
def test_what_is_not_as_the_source_gave_it_is_taken_back(full: Path, harm: str) -> None:
    changed(full, "UPDATE cards_card SET guid = 'one' WHERE id = 1")
    make_user("somebody@example.org")
    before = checksums()

    class Harmed(Merging):
        def finish(self, report: Report) -> None:
            super().finish(report)
            with connection.cursor() as cursor:
                cursor.execute(harm)

    with pytest.raises(TransferError, match="Nothing was changed"):
        run(full, Harmed())
    assert checksums() == before


def test_a_dry_run_leaves_nothing_and_can_be_repeated(full: Path) -> None:
    make_user("somebody@example.org")
    before = checksums()
    for _ in range(2):
        report = run(full, Merging(), dry_run=True)
        assert report.tables["cards"].written == 3
        assert checksums() == before


def test_what_this_site_has_no_name_for_is_set_aside(full: Path) -> None:
    changed(full, "UPDATE django_content_type SET app_label = 'shop' WHERE model = 'deck'")
    make_user("somebody@example.org")
    report, aside = merge(full)
    [(label, _, reason, _)] = aside
    assert label == table("auth_group_permissions").label
    assert "not part of this site" in reason
    assert report.tables[label].written == 1
