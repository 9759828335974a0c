"""Filling an empty database: everything arrives as it was, and whatever is wrong is found."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.db import connection, transaction

from accounts.models import User
from backups.errors import TransferError
from backups.report import Report
from backups.sinks.filling import Filling
from backups.tables import tables
from backups.wire import Row
from cards.models import Card
from tests.backups.kept import (
    KeptSource,
    NoRejects,
    as_the_orm_reads,
    empty_the_tables,
    keep,
    some_of_everything,
)
from tests.factories import make_card, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def source() -> KeptSource:
    """A bit of everything, kept; the database itself is empty then."""
    some_of_everything()
    kept = keep()
    assert all(kept.rows[table.name] for table in tables()), "a table without a row tests nothing"
    empty_the_tables()
    return kept


def fill(source: KeptSource, sink: Filling | None = None) -> tuple[Report, dict[str, int]]:
    """What `transfer` does, without its display."""
    report = Report("leitner", NoRejects())
    with transaction.atomic():
        sink = sink or Filling()
        sink.begin()
        for stream in source.streams(report):
            sink.write(stream, lambda rows: None)
        sink.finish(report)
        return report, sink.verify(source)


def change(source: KeptSource, table: str, column: str, value: str | None, row: int = 0) -> None:
    names = [each.name for each in next(t for t in tables() if t.name == table).columns]
    values = list(source.rows[table][row])
    values[names.index(column)] = value
    source.rows[table][row] = tuple(values)


def test_every_value_of_every_kind_arrives_as_the_orm_reads_it() -> None:
    some_of_everything()
    before = as_the_orm_reads()
    kept = keep()
    empty_the_tables()
    report, held = fill(kept)
    assert as_the_orm_reads() == before
    assert held == {label: counts.read for label, counts in report.tables.items()}
    assert not report.mends
    assert not report.reasons


def test_ids_go_on_after_the_ones_that_came(source: KeptSource) -> None:
    fill(source)
    highest = Card.objects.order_by("-pk")[0].pk
    user = make_user("new@example.org")
    assert user.pk > max(int(str(row[0])) for row in source.rows["accounts_user"])
    assert make_card(user).pk == highest + 1


def test_progress_is_told_row_by_row(source: KeptSource) -> None:
    passed: list[int] = []
    with transaction.atomic():
        sink = Filling()
        sink.begin()
        for stream in source.streams(Report("leitner", NoRejects())):
            sink.write(stream, passed.append)
    assert sum(passed) == sum(source.totals().values())
    assert 0 not in passed


def test_columns_that_the_source_does_not_know_stay_empty(source: KeptSource) -> None:
    cards = next(table for table in tables() if table.name == "cards_card")
    given = [column for column in cards.columns if column.name not in {"due", "added_by_id"}]
    places = [cards.columns.index(column) for column in given]
    rows: list[Row] = [tuple(row[place] for place in places) for row in source.rows["cards_card"]]

    class Narrow(KeptSource):
        def streams(self, report: Report) -> Iterator[Any]:
            for stream in super().streams(report):
                if stream.table is cards:
                    yield type(stream)(cards, tuple(given), iter([rows]))
                else:
                    yield stream

    narrow = Narrow()
    narrow.rows = source.rows
    fill(narrow)
    assert Card.objects.count() == len(rows)
    assert not Card.objects.exclude(due=None, added_by=None).exists()


def test_a_target_with_accounts_is_refused(alice: User) -> None:
    make_user()
    connection.check_constraints()
    with pytest.raises(TransferError, match=r"holds 2 accounts already\. Add --merge"):
        fill(KeptSource())
    assert User.objects.count() == 2


def test_a_target_with_other_rows_is_refused() -> None:
    Group.objects.create(name="Helpers")
    connection.check_constraints()
    with pytest.raises(TransferError, match="auth_group of the target database holds 1 row "):
        fill(KeptSource())
    assert Group.objects.count() == 1


@pytest.mark.parametrize(
    ("table", "column", "value", "words"),
    [
        ("cards_card", "box", "0", "card_box_range"),
        ("cards_card", "front", "", "card_front_not_empty"),
        ("cards_card", "front", None, "front"),
        ("cards_card", "deck_id", "999999999", "cards_deck"),
        ("cards_box", "owner_id", "999999999", "accounts_user"),
        ("accounts_user", "email", "bob@example.org", "email"),
        ("cards_deck", "name", "", "deck_name_not_empty"),
    ],
)
def test_a_row_that_breaks_a_rule_is_one_sentence_and_nothing_is_left(
    source: KeptSource, table: str, column: str, value: str | None, words: str
) -> None:
    change(source, table, column, value)
    with pytest.raises(TransferError) as caught:
        fill(source)
    message = str(caught.value)
    assert words in message
    assert table in message
    assert message.endswith("Nothing was changed.")
    assert "\n" not in message
    assert not any(as_the_orm_reads().values())


def test_an_error_of_the_source_comes_through_as_it_is(source: KeptSource) -> None:
    class Broken(KeptSource):
        def streams(self, report: Report) -> Iterator[Any]:
            for stream in super().streams(report):
                yield type(stream)(stream.table, stream.columns, self.torn(stream.batches))

        def torn(self, batches: Iterator[list[Row]]) -> Iterator[list[Row]]:
            yield next(batches)
            raise TransferError("page 17 cannot be read")

    broken = Broken()
    broken.rows = source.rows
    with pytest.raises(TransferError, match="page 17 cannot be read"):
        fill(broken)
    assert not User.objects.exists()


def test_a_permission_of_an_app_that_is_gone_is_set_aside(source: KeptSource) -> None:
    change(source, "accounts_user_user_permissions", "permission_id", "blog.post.add_post")
    report, held = fill(source)
    counts = report.tables["user_user_permissions"]
    assert (counts.read, counts.rejected, held["user_user_permissions"]) == (1, 1, 0)
    rejects = report.rejects
    assert isinstance(rejects, NoRejects)
    assert rejects.rows[0][2]["permission_id"] == "blog.post.add_post"
    assert not User.objects.exclude(user_permissions=None).exists()


def test_a_log_entry_about_an_app_that_is_gone_stays_without_it(source: KeptSource) -> None:
    change(source, "django_admin_log", "content_type_id", "blog.post")
    report, held = fill(source)
    assert held["logentries"] == report.tables["logentries"].read == 2
    assert report.tables["logentries"].mended == 1
    assert LogEntry.objects.filter(content_type=None).count() == 2


TAMPER = {
    "a changed row": "UPDATE cards_card SET front = 'changed' WHERE id = {id}",
    "a row swapped for another": "UPDATE cards_card SET id = id + 1000000 WHERE id = {id}",
    "a lost row": "DELETE FROM cards_review",
    "a doubled row": (
        "INSERT INTO cards_tag (owner_id, name) SELECT owner_id, name || 'x' FROM cards_tag"
    ),
    "a value where none was given": "UPDATE cards_card SET deleted_at = created_at",
}


@pytest.mark.parametrize("statement", TAMPER.values(), ids=TAMPER)
def test_a_difference_is_found_and_taken_back(source: KeptSource, statement: str) -> None:
    # Reviews point at the last card, which one of these moves.
    source.rows["cards_review"] = source.rows["cards_review"][:1]
    source.rows["cards_importupdate"] = []
    change(source, "cards_review", "card_id", source.rows["cards_card"][0][0])

    class Tampering(Filling):
        def finish(self, report: Report) -> None:
            super().finish(report)
            with connection.cursor() as cursor:
                cursor.execute(statement.format(id=source.rows["cards_card"][-1][0]))

    with pytest.raises(TransferError, match="differs from the source"):
        fill(source, Tampering())
    assert not any(as_the_orm_reads().values())


def test_owners_are_counted_by_both_databases(source: KeptSource) -> None:
    class Forgetful(KeptSource):
        def cards_per_owner(self) -> Iterator[tuple[int, int]]:
            owners = list(super().cards_per_owner())
            return iter(owners[:-1])

    forgetful = Forgetful()
    forgetful.rows = source.rows
    with pytest.raises(TransferError, match=r"cards of the learners differ .* none there"):
        fill(forgetful)
