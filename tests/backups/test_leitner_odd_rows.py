"""Rows that Django never writes are mended or set aside, with a reason; none stops the rest."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backups.report import Report
from backups.sources.leitner import LeitnerSource
from backups.sources.sqlite_file import open_snapshot
from backups.tables import table
from backups.wire import Row
from cards.models import Card
from tests.answers import NOON, TODAY
from tests.backups.leitner_files import Aside, changed, empty_file, living_in, merge
from tests.factories import make_card, make_review, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Two learners; three cards, 1 to 3, of the first; a review of card 1."""
    path = empty_file(tmp_path)
    with living_in(path):
        alice = make_user("alice@example.org")
        make_user("charlie@example.org")
        cards = [make_card(alice, due=TODAY, created_at=NOON) for _ in range(3)]
        make_review(cards[0], answered_at=NOON)
    return path


def read(path: Path) -> tuple[dict[str, list[Row]], Report, Aside]:
    rows: dict[str, list[Row]] = {}
    aside = Aside()
    report = Report("leitner", aside)
    with open_snapshot(path) as snapshot, LeitnerSource(snapshot) as source:
        for stream in source.streams(report):
            rows[stream.table.name] = [row for batch in stream.batches for row in batch]
            counts = report.tables[stream.table.label]
            assert counts.read == len(rows[stream.table.name]) + counts.rejected
        assert sum(cards for _, cards in source.cards_per_owner()) == len(rows["cards_card"])
    return rows, report, aside


def value(rows: dict[str, list[Row]], name: str, key: str = "1") -> str | None:
    """Of this card."""
    columns = [column.name for column in table("cards_card").columns]
    row = next(row for row in rows["cards_card"] if row[0] == key)
    return row[columns.index(name)]


@pytest.mark.parametrize(
    ("sets", "column", "result", "rule"),
    [
        ("front = 'a' || char(0) || 'b'", "front", "a\ufffdb", "NUL characters"),
        ("front = CAST(x'61e962' AS TEXT)", "front", "aéb", "not UTF-8"),
        ("back = x'6869'", "back", "hi", "Bytes in the place of a text"),
        ("suspended = 'true'", "suspended", "t", "Yes or no"),
        ("added_by_id = 77", "added_by_id", None, "led nowhere"),
    ],
)
def test_what_is_plain_is_mended(
    file: Path, sets: str, column: str, result: str | None, rule: str
) -> None:
    rows, report, aside = read(changed(file, f"UPDATE cards_card SET {sets} WHERE id = 1"))  # noqa: S608
    assert value(rows, column) == result
    assert len(rows["cards_card"]) == 3
    assert report.tables["cards"].mended == 1
    [(label, said)] = report.mends
    assert label == "cards"
    assert rule in said
    assert not aside


@pytest.mark.parametrize(
    ("sets", "reason"),
    [
        ("due = '2026-02-30'", "due is no date."),
        ("due = 'soon'", "due is no date."),
        ("due = '0000-01-01'", "due is no date."),
        ("created_at = 1774699200", "created_at is no date and time."),
        ("created_at = '2026-03-28 24:00:00'", "created_at is no date and time."),
        ("created_at = '2026-03-28 12:00:00.1234567'", "created_at is no date and time."),
        ("last_reviewed = '2026-03-28T12:00:00Z'", "last_reviewed is no date and time."),
        ("box = 99", "It breaks the rule card_box_range."),
        ("box = 'deep'", "box is no whole number."),
        ("box = 100000", "box is out of range."),
        ("front = ''", "It breaks the rule card_front_not_empty."),
        ("link = printf('%.2001c', 'x')", "link is longer than 2000 characters."),
        ("owner_id = 999", "owner_id leads to none of the users."),
        ("deck_id = 999", "deck_id leads to none of the decks."),
        ("suspended = 7", "suspended is no yes or no."),
    ],
)
def test_what_nobody_can_know_is_set_aside_with_the_whole_row(
    file: Path, sets: str, reason: str
) -> None:
    rows, report, aside = read(changed(file, f"UPDATE cards_card SET {sets} WHERE id = 2"))  # noqa: S608
    assert len(rows["cards_card"]) == 2
    assert report.tables["cards"].rejected == 1
    [(label, row_id, said, row)] = aside
    assert (label, row_id, said) == ("cards", "2", reason)
    assert row["back"]


def test_what_hangs_on_a_row_that_was_set_aside_goes_with_it(file: Path) -> None:
    changed(file, "UPDATE accounts_user SET email = 'Alice@example.org' WHERE id = 1")
    rows, _, aside = read(file)
    assert [row[0] for row in rows["accounts_user"]] == ["2"]
    assert rows["cards_card"] == rows["cards_review"] == []
    reasons = {(label, reason) for label, _, reason, _ in aside}
    assert ("users", "It breaks the rule user_email_lower_case.") in reasons
    assert ("cards", "owner_id leads to one of the users that was set aside.") in reasons
    assert ("reviews", "owner_id leads to one of the users that was set aside.") in reasons


def test_a_missing_value_is_no_value(file: Path) -> None:
    changed(
        file,
        "CREATE TABLE copy AS SELECT * FROM cards_tag",
        "DROP TABLE cards_tag",
        "CREATE TABLE cards_tag (id INTEGER PRIMARY KEY, owner_id, name)",
        "INSERT INTO cards_tag VALUES (1, 1, NULL), (2, 1, 'a'), (3, 1, 'a'), (4, '1', 'b'), "
        "(5, 2.0, 'b'), (6, 1, 'a' || char(0)), (7, 1, 'a' || char(65533)), (8, NULL, 'b')",
    )
    rows, _, aside = read(file)
    assert rows["cards_tag"] == [
        ("2", "1", "a"), ("7", "1", "a\ufffd"), ("4", "1", "b"), ("5", "2", "b")
    ]  # fmt: skip
    assert {row_id: reason for _, row_id, reason, _ in aside} == {
        "1": "name is empty.",
        "3": "Another row is the same where none may be.",
        "6": "Mended, it would be the same as another row where none may be.",
        "8": "owner_id is empty.",
    }


@pytest.mark.parametrize(
    "text",
    [
        '{"a": "\\u0000"}',
        '{"a": "\\ud800"}',
        "[1e999999999]",
        "[1e-99999]",
        "[NaN]",
        "{",
        "[" * 9999,
        "",
    ],
    ids=["NUL", "half", "large", "small", "NaN", "open", "deep", "empty"],
)
def test_json_that_postgresql_cannot_hold_is_set_aside(file: Path, text: str) -> None:
    changed(
        file,
        "INSERT INTO mfa_authenticator (user_id, type, data, created_at) "
        "SELECT 1, 'totp', '{}', '2026-01-01 00:00:00'",
        "PRAGMA ignore_check_constraints = ON",
        f"UPDATE mfa_authenticator SET data = '{text}'",  # noqa: S608
    )
    rows, _, aside = read(file)
    assert rows["mfa_authenticator"] == []
    assert [reason for _, _, reason, _ in aside] == ["data is no JSON that PostgreSQL can hold."]


def test_ids_in_another_notation_are_read(file: Path) -> None:
    changed(
        file,
        "UPDATE cards_review SET id = upper(substr(id, 1, 8)) || '-' || upper(substr(id, 9, 4)) "
        "|| '-' || substr(id, 13, 4) || '-' || substr(id, 17, 4) || '-' || substr(id, 21)",
    )
    rows, report, _ = read(file)
    assert len(rows["cards_review"]) == 1
    assert report.tables["reviews"].mended == 1
    assert (rows["cards_review"][0][0] or "").islower()


odd = st.one_of(
    st.none(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(),
    st.binary(max_size=12),
    st.text(max_size=12),
    st.sampled_from(["2026-03-28", "2026-03-28 12:00:00", "t", "1", " 3 ", "1e3", "now", "\0"]),
)
columns = st.sampled_from([c.name for c in table("cards_card").columns if c.name != "id"])


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(st.tuples(st.integers(1, 3), columns, odd), min_size=1, max_size=4))
def test_whatever_stands_there_the_target_takes_it_or_it_is_set_aside(
    tmp_path_factory: pytest.TempPathFactory,
    file: Path,
    values: list[tuple[int, str, object]],
) -> None:
    path = tmp_path_factory.mktemp("odd") / "odd.sqlite3"
    path.write_bytes(file.read_bytes())
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("CREATE TABLE loose AS SELECT * FROM cards_card")
        raw.execute("DROP TABLE cards_card")
        names = [column.name for column in table("cards_card").columns]
        rest = ", ".join(f'"{name}"' for name in names[1:])
        raw.execute(f"CREATE TABLE cards_card (id INTEGER PRIMARY KEY, {rest})")
        raw.execute(f"INSERT INTO cards_card SELECT id, {rest} FROM loose")  # noqa: S608
        for key, column, new in values:
            raw.execute(f'UPDATE cards_card SET "{column}" = ? WHERE id = ?', (new, key))  # noqa: S608
    with transaction.atomic():
        report, _ = merge(path)
        counts = report.tables["cards"]
        assert counts.read == 3 == counts.written + counts.rejected
        assert Card.objects.count() == counts.written
        transaction.set_rollback(True)
