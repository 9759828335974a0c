"""An empty database is filled: ids are kept, and everything is compared before it stays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from itertools import zip_longest

from django.db import connections
from django.db.transaction import atomic

from backups.checksum import checksum_of
from backups.errors import TransferError
from backups.report import Report
from backups.sinks.names import Names
from backups.sinks.postgres import PostgresStore
from backups.sinks.refusals import TARGET, refusals_explained
from backups.sinks.sqlite import SqliteStore
from backups.sources import CsvText, Source, Stream
from backups.tables import Column, Table, table, tables
from backups.wire import Checksum, Row

USERS, CARDS = "accounts_user", "cards_card"


@dataclass(slots=True)
class Filled:
    """What was written into one table; the text that it must give back, where there is one."""

    columns: tuple[Column, ...] = ()
    checksum: Checksum = field(default_factory=Checksum)
    text: CsvText | None = None


class Filling:
    """The sink for a database without people (see `backups.sinks`)."""

    def __init__(self, using: str = "default") -> None:
        self._connection = connections[using]
        postgres = self._connection.vendor == "postgresql"
        self._store = (PostgresStore if postgres else SqliteStore)(self._connection)
        self._filled: dict[str, Filled] = {}
        self._names: list[Names] = []

    def transaction(self) -> AbstractContextManager[None]:
        return atomic(using=self._connection.alias)

    def begin(self) -> None:
        """Lock first, look then: nobody can sign up between."""
        self._store.lock()
        # Accounts first: what they say is what helps.
        for each in sorted(tables(), key=lambda table: table.name != USERS):
            if rows := self._count(each):
                raise TransferError(_refusal(each, rows))
        self._store.make_ready()

    def write(self, stream: Stream, passed: Callable[[int], None]) -> None:
        table, columns = stream.table, stream.columns
        filled = self._filled[table.name] = Filled(columns)
        batches = _counted(stream.batches, passed)
        filled.text = text = stream.text and _passing(stream.text, passed)
        with refusals_explained(table.name):
            if any(column.named_by for column in columns):
                names = Names(self._connection, table, columns)
                self._names.append(names)
                translated = filter(None, names.translated(batches, filled.checksum))
                self._store.load(table, columns, translated, Checksum())
                filled.text = None if names.changed else text
            elif text and isinstance(self._store, PostgresStore):
                filled.checksum.rows = self._store.load_text(table, columns, text)
            else:
                self._store.load(table, columns, batches, filled.checksum)

    def finish(self, report: Report) -> None:
        with refusals_explained(TARGET):
            self._store.finish()
        for names in self._names:
            names.tell(report)

    def verify(self, source: Source) -> dict[str, int]:
        for each in tables():
            filled = self._filled.get(each.name) or Filled(each.columns)
            if filled.text:
                self._compare_text(each, filled, filled.text)
                continue
            empty = [column for column in each.columns if column not in filled.columns]
            arrived = checksum_of(self._connection, each, filled.columns, empty=empty)
            if arrived != filled.checksum:
                raise TransferError(_difference(each, filled.checksum, arrived))
        self._compare_owners(source)
        with refusals_explained(TARGET):
            self._store.check_constraints()
        return {table(name).label: done.checksum.rows for name, done in self._filled.items()}

    def _compare_text(self, table: Table, filled: Filled, text: CsvText) -> None:
        """The table, written as CSV again, must be the very text that it was read from."""
        rows = filled.checksum.rows
        if rows != text.rows:
            raise TransferError(_difference(table, Checksum(text.rows), Checksum(rows)))
        if self._store.sha256_of(table, filled.columns) != text.sha256:
            raise TransferError(_difference(table, Checksum(rows), Checksum(rows, 1)))

    def _count(self, table: Table) -> int:
        with self._connection.cursor() as cursor:
            cursor.execute(f'SELECT count(*) FROM "{table.name}"')  # noqa: S608
            (rows,) = cursor.fetchone()
        return int(rows)

    def _compare_owners(self, source: Source) -> None:
        """Cards of each owner, as both databases count them; one pair in memory at a time."""
        counted = source.cards_per_owner()
        if counted is None:
            return
        with self._connection.chunked_cursor() as cursor:
            cursor.execute(
                f'SELECT owner_id, count(*) FROM "{CARDS}" GROUP BY owner_id ORDER BY owner_id'  # noqa: S608
            )
            for theirs, ours in zip_longest(counted, cursor):
                if theirs != ours:
                    raise TransferError(
                        "The cards of the learners differ from the source's (learner, cards): "
                        f"{theirs or 'none'} there, {ours or 'none'} here. Nothing was changed."
                    )


def _counted(batches: Iterator[list[Row]], passed: Callable[[int], None]) -> Iterator[list[Row]]:
    for batch in batches:
        if batch:
            yield batch
            passed(len(batch))


def _passing(text: CsvText, passed: Callable[[int], None]) -> CsvText:
    """The same text; whoever shows how far it is hears of each piece."""

    def pieces() -> Iterator[bytes]:
        for piece in text.pieces():
            yield piece
            passed(0)

    return replace(text, pieces=pieces)


def has_accounts(people: int) -> str:
    """Why a database with this many accounts is not filled, and what to do."""
    return (
        f"The target database holds {people:,} account{'s' * (people != 1)} already. Add --merge "
        "to match them by e-mail, or name an empty database. Nothing was changed."
    )


def _refusal(table: Table, rows: int) -> str:
    if table.name == USERS:
        return has_accounts(rows)
    return (
        f"The table {table.name} of the target database holds {rows:,} row{'s' * (rows != 1)} "
        "already. Name an empty database. Nothing was changed."
    )


def _difference(table: Table, given: Checksum, arrived: Checksum) -> str:
    if given.rows != arrived.rows:
        what = f"{given.rows:,} rows were given and {arrived.rows:,} arrived"
    else:
        what = "the rows that arrived are not the rows that were given"
    return f"The table {table.name} differs from the source: {what}. Nothing was changed."
