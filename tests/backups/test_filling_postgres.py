"""What PostgreSQL's tables are beside their rows is the same before and after."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from django.db import connection, transaction

from backups.errors import TransferError
from backups.report import Report
from backups.sinks import postgres
from backups.sinks.filling import Filling
from backups.tables import table, tables
from backups.wire import Checksum, Row
from tests.backups.kept import KeptSource, NoRejects, empty_the_tables, keep, some_of_everything
from tests.factories import make_user

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor == "sqlite", reason="about PostgreSQL's catalogs"),
]

# What an operator may have added.
EXTRAS = """
CREATE INDEX extra_partial ON cards_card (due) WHERE suspended AND tags IN ('a', 'b');
CREATE INDEX extra_expression ON cards_card (lower(front), (box + 1) DESC NULLS LAST);
CREATE INDEX extra_pattern ON cards_card (link varchar_pattern_ops) WITH (fillfactor = 70);
CREATE INDEX extra_hash ON cards_deck USING hash (name);
CREATE UNIQUE INDEX "Extra Covering" ON cards_deck (id) INCLUDE (name);
COMMENT ON INDEX extra_hash IS 'it''s 100 % mine';
ALTER TABLE cards_tag ADD CONSTRAINT extra_unique UNIQUE (id, name) DEFERRABLE INITIALLY DEFERRED;
COMMENT ON CONSTRAINT extra_unique ON cards_tag IS 'waits';
ALTER TABLE cards_review ADD CONSTRAINT extra_packed UNIQUE (id, "on") WITH (fillfactor = 60);
ALTER TABLE cards_box ADD CONSTRAINT extra_excluded EXCLUDE USING btree (id WITH =);
ALTER TABLE cards_card CLUSTER ON card_page;
ALTER TABLE cards_review REPLICA IDENTITY USING INDEX cards_review_pkey;
CREATE TABLE extra_diary (card_id bigint CONSTRAINT extra_diary_card REFERENCES cards_card (id)
    ON DELETE CASCADE DEFERRABLE, deck_id bigint);
ALTER TABLE extra_diary ADD CONSTRAINT extra_unchecked FOREIGN KEY (deck_id) REFERENCES cards_deck
    NOT VALID;
CREATE VIEW extra_view AS SELECT id, name FROM auth_group GROUP BY id;
"""

DECKS: list[Row] = [("1", "1", "a deck", "2026-01-31 12:00:00+00")]
CATALOGS = {
    "constraints": """
        SELECT conrelid::regclass::text, conname, contype, condeferrable, condeferred, convalidated,
               pg_get_constraintdef(oid), obj_description(oid, 'pg_constraint'), confdeltype,
               confupdtype, confmatchtype, conindid::regclass::text
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace""",
    "indexes": """
        SELECT x.indrelid::regclass::text, i.relname, pg_get_indexdef(i.oid), x.indisunique,
               x.indisprimary, x.indisexclusion, x.indimmediate, x.indisclustered, x.indisvalid,
               x.indisready, x.indisreplident, x.indoption::text, x.indclass::text,
               x.indcollation::text, i.reloptions, i.reltablespace, i.relam,
               obj_description(i.oid, 'pg_class')
        FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
        WHERE i.relnamespace = 'public'::regnamespace""",
    "columns": """
        SELECT attrelid::regclass::text, attname, atttypid, atttypmod, attnotnull, attidentity,
               attstattarget, attcollation
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND attnum > 0""",
    "tables": """
        SELECT relname, relkind, reloptions, reltablespace, relreplident, relpersistence,
               relacl::text
        FROM pg_class WHERE relnamespace = 'public'::regnamespace""",
    "triggers": """
        SELECT tgrelid::regclass::text, tgfoid::regproc::text, tgtype, tgenabled, tgdeferrable,
               tginitdeferred
        FROM pg_trigger""",
}


def catalogs() -> dict[str, list[Any]]:
    found = {}
    with connection.cursor() as cursor:
        for name, query in CATALOGS.items():
            cursor.execute(query)
            found[name] = sorted(cursor.fetchall(), key=repr)
    return found


def settings() -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, setting FROM pg_settings")
        return dict(cursor.fetchall())


@pytest.fixture
def source() -> KeptSource:
    some_of_everything()
    kept = keep()
    empty_the_tables()
    return kept


def fill(source: KeptSource) -> None:
    report = Report("leitner", NoRejects())
    sink = Filling()
    sink.begin()
    for stream in source.streams(report):
        sink.write(stream, lambda rows: None)
    sink.finish(report)
    sink.verify(source)


def test_indexes_and_constraints_are_what_they_were(source: KeptSource) -> None:
    with connection.cursor() as cursor:
        cursor.execute(EXTRAS.replace("%", "%%"), [])
    before = catalogs()
    fill(source)
    after = catalogs()
    for name in CATALOGS:
        assert after[name] == before[name]


def test_most_indexes_are_off_while_rows_come(source: KeptSource) -> None:
    seen: set[str] = set()

    class Looking(KeptSource):
        def streams(self, report: Report) -> Iterator[Any]:
            for stream in super().streams(report):
                with connection.cursor() as cursor:
                    cursor.execute(
                        "SELECT indexname FROM pg_indexes WHERE tablename = ANY(%s)",
                        [[table.name for table in tables()]],
                    )
                    seen.update(name for (name,) in cursor.fetchall())
                yield stream

    looking = Looking()
    looking.rows = source.rows
    fill(looking)
    # Conditions and expressions may be written differently when they are read again.
    assert seen == {
        "deck_name_unique",
        "card_import",
        "unique_authenticator_type",
        "unique_primary_email",
        "unique_verified_email",
        "user_next_reminder",
    }


def test_an_index_that_was_off_still_finds_what_is_wrong(source: KeptSource) -> None:
    source.rows["cards_tag"] *= 2
    with (
        pytest.raises(TransferError, match=r"tag_name_unique.*Key .*=\(\d+, a\) is duplicated"),
        transaction.atomic(),
    ):
        fill(source)


def test_the_site_is_fast_at_once(source: KeptSource) -> None:
    """Statistics are there, and every page of the cards is known to be visible to all."""
    fill(source)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT reltuples, relpages = relallvisible FROM pg_class WHERE relname = 'cards_card'"
        )
        assert cursor.fetchone() == (len(source.rows["cards_card"]), True)


def test_a_transaction_that_keeps_one_view_of_the_data_can_be_filled() -> None:
    """There, rows cannot be frozen as they come."""
    decks = table("cards_deck")
    other: Any = connection.copy()
    with closing(other):
        other.ensure_connection()
        other.connection.set_session(isolation_level="REPEATABLE READ", autocommit=False)
        store = postgres.PostgresStore(other)
        store.lock()
        store.make_ready()
        store.load(decks, decks.only("id", "owner_id", "name", "created_at"), [DECKS], Checksum())
        with other.cursor() as cursor:
            cursor.execute("SELECT name FROM cards_deck")
            assert cursor.fetchall() == [("a deck",)]
        other.connection.rollback()


def test_no_setting_outlives_the_transaction(source: KeptSource) -> None:
    before = settings()
    with transaction.atomic():
        fill(source)
        assert settings() != before
        transaction.set_rollback(True)
    assert settings() == before


def test_a_transfer_taken_back_leaves_the_next_ids_as_they_were(source: KeptSource) -> None:
    query = "SELECT schemaname, sequencename, last_value FROM pg_sequences ORDER BY 1, 2"
    with connection.cursor() as cursor:
        cursor.execute(query)
        before = cursor.fetchall()
        with transaction.atomic():
            fill(source)
            make_user()
            transaction.set_rollback(True)
        cursor.execute(query)
        assert cursor.fetchall() == before


def test_a_database_in_use_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "LOCK_SECONDS", 0.05)
    other: Any = connection.copy()
    with closing(other):
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM cards_card")
        with (
            pytest.raises(TransferError, match=r"Somebody else is using .* maintenance on"),
            transaction.atomic(),
        ):
            Filling().begin()


def test_a_database_in_another_encoding_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    class Latin:
        def execute(self, sql: str) -> None:
            assert sql == "SHOW server_encoding"

        def fetchone(self) -> tuple[str]:
            return ("LATIN1",)

    with pytest.raises(TransferError, match="is encoded in LATIN1 and cannot hold every text"):
        postgres.PostgresStore(connection)._check_encoding(Latin())
