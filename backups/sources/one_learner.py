"""Of an archive, what belongs to one learner, made ready for the account that it comes back to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Self

from backups.own.owned import Owned, is_sign_in, travelling
from backups.rejects import NoRejects
from backups.report import Report
from backups.sources import Stream
from backups.sources.archive import ArchiveSource
from backups.tables import Column, Table
from backups.wire import Row

USERS = "accounts_user"
# Passes a batch of rows on, changed; TransferError when one of them cannot be taken.
Change = Callable[[Table, tuple[Column, ...], list[Row]], list[Row]]


@dataclass(frozen=True, slots=True)
class Goal:
    """Where the rows go: an account that is here, by its address, or a new one.

    `user_id` is the learner's id in the archive. To an account that is here nothing comes over
    that says who may sign in and how; a new one gets that too, but no rights.
    """

    user_id: str
    email: str
    there: bool


class OneLearner:
    """A source (see `backups.sources`) that gives the rows of one learner of an archive.

    Tables in `without` are not read; a reference into a table that is not read is emptied.
    """

    kind = "archive"

    def __init__(
        self,
        archive: ArchiveSource,
        goal: Goal,
        change: Change | None = None,
        without: frozenset[str] = frozenset(),
    ) -> None:
        self._archive, self._goal, self._change = archive, goal, change
        held = archive.rows()
        self._wanted = {
            table.name: owned
            for table, owned in travelling()
            if table.name in held
            and table.name not in without
            and not (goal.there and is_sign_in(table))
        }
        # The ids of rows that other rows belong to the learner by.
        self._kept: dict[str, set[str | None]] = {USERS: {goal.user_id}}
        for owned in self._wanted.values():
            if owned.parent and owned.parent.depth:
                self._kept[owned.parent.table] = set()

    def totals(self) -> dict[str, int]:
        """Rows of the whole archive: they are read through to find the learner's."""
        held = self._archive.rows()
        return {
            table.label: held[table.name] for table, _ in travelling() if table.name in self._wanted
        }

    def streams(self, report: Report) -> Iterator[Stream]:
        # Of all that passes, only what is the learner's counts.
        for stream in self._archive.streams(Report(self.kind, NoRejects())):
            if owned := self._wanted.get(stream.table.name):
                report.read(stream.table.label, 0)
                rows = self._theirs(stream, owned, report)
                yield Stream(stream.table, stream.columns, rows)

    def cards_per_owner(self) -> None:
        """An archive cannot count."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        """Whoever opened the archive closes it."""

    def _theirs(self, stream: Stream, owned: Owned, report: Report) -> Iterator[list[Row]]:
        table, columns = stream.table, stream.columns
        names = [column.name for column in columns]
        key, column = names.index(table.key), names.index(owned.column)
        kept = self._kept[owned.parent.table if owned.parent else USERS]
        lost = [index for index, each in enumerate(columns) if self._is_lost(each)]
        for batch in stream.batches:
            rows = [row for row in batch if row[column] in kept]
            if table.name == USERS:
                rows = [self._account(names, row) for row in rows]
            elif table.name in self._kept:
                self._kept[table.name].update(row[key] for row in rows)
            if lost:
                rows = [_emptied(row, lost) for row in rows]
            report.read(table.label, len(rows))
            if rows:
                yield self._change(table, columns, rows) if self._change else rows

    def _is_lost(self, column: Column) -> bool:
        """Whether it leads to a row that does not come along."""
        return column.references is not None and column.references not in self._wanted

    def _account(self, names: list[str], row: Row) -> Row:
        """The learner's own row: without rights, and of one that is there, without a say."""
        new: dict[str, str | None] = {"is_superuser": "f", "is_staff": "f"}
        if self._goal.there:
            # A password that cannot be used never takes the place of one here.
            new |= {"email": self._goal.email, "password": "!", "last_login": None}
        return tuple(new.get(name, value) for name, value in zip(names, row, strict=True))


def _emptied(row: Row, indexes: list[int]) -> Row:
    values = list(row)
    for index in indexes:
        values[index] = None
    return tuple(values)
