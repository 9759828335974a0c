"""A database in use is merged into: nothing that is there is lost, nothing comes twice.

All rows of the source are first put into temporary tables beside the real ones, while everybody
goes on working. Only then are the learners whom it is about locked, in the order of their ids, so
that an answer given meanwhile waits a moment and is seen; other learners notice nothing.

What is there already stays as it is, and what is missing is added under new ids. Rows are
recognised as `mapping.natural_key` says: accounts by e-mail address, cards by owner and guid,
reviews by their UUID. An account whose address was changed here is not recognised: the source's
account then comes as a new one, because nothing says that it is the same person. Of rows that are
there, only this changes:

- An account's password comes from the source while the one here is still a migrated one and the
  source's is another one that can be used; so it does while nobody signed in here and there is none
  here, or the address was not confirmed: a stranger may have signed up with it. It never comes to
  an account with rights. Rights, groups, second factors and further addresses never come over to an
  account or a group that is there.
- A card's front, back, link and day of solving come from the source unless the text was edited
  here; if it was edited in both, the later edit counts.
- A card's box, due date and last review come from the source when it was answered there later
  than here. The legacy app knows only days: on one and the same day, the answer given here counts.
  A card answered in neither place since, whose place differs, was moved by hand: the source's place
  counts until its learner has signed in here.
- Deleted, suspended, deck and tags stay as they are here. A card that is new lies in its own deck,
  also if that was renamed here; if it was deleted here, a deck of that name is made anew.
- Reviews are added, except those that were taken back here; those that count here are not taken
  back. Boxes of a learner who has some stay; one is added only for cards that lie behind the last.

So a cut-over can be rehearsed, run, switched and run again: learners who still answered in the old
site bring that along, and nobody's newer answer is stepped back. A second run changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

from django.db import connections
from django.db.transaction import atomic

from backups.checksum import WIRE_SETTINGS
from backups.errors import TransferError
from backups.report import Report
from backups.sentences import gettext_noop
from backups.sinks.card_rules import deck_finder, update_cards
from backups.sinks.comparing import check_owners, check_rows
from backups.sinks.mapping import Mapper
from backups.sinks.postgres import SETTINGS
from backups.sinks.refusals import TARGET, refusals_explained
from backups.sinks.rules import BOXES, CARDS, DECKS, REVIEWS, USERS, run, settle, update_passwords
from backups.sinks.staging import Staged, stage
from backups.sources import Source, Stream
from backups.tables import tables
from leitner.versions import later

# Any number, as long as no other lock of this database has it.
ONE_AT_A_TIME = 0x1E17_4E12
_LOCK = """
SELECT count(*) FROM (SELECT t.id FROM accounts_user t
    JOIN staged_accounts_user s ON s.email = t.email ORDER BY t.id FOR NO KEY UPDATE OF t) locked
"""
# Who signed up in this very moment is recognised after all.
_JUST_SIGNED_UP = """
UPDATE mapped_accounts_user SET to_row = t.id, added = false
FROM accounts_user t, staged_accounts_user s
WHERE mapped_accounts_user.added AND s.id = mapped_accounts_user.from_row
    AND t.email = s.email AND t.id <> mapped_accounts_user.to_row
"""
# Caches about these learners are stale (see `leitner.versions`).
_NEW_VERSIONS = """
UPDATE accounts_user
SET data_version = {greatest}(data_version + 1, {least})
WHERE id IN (SELECT user_id FROM touched)
    AND id IN (SELECT to_row FROM mapped_accounts_user WHERE NOT added)
"""


class Merging:
    """The sink for a database with people (see `backups.sinks`)."""

    def __init__(self, using: str = "default") -> None:
        self._connection = connections[using]
        self._staged: dict[str, Staged] = {}
        self._helpers = ["touched"]

    def transaction(self) -> AbstractContextManager[None]:
        return atomic(using=self._connection.alias)

    def begin(self) -> None:
        """Nobody but another merge is held off yet."""
        if self._connection.vendor == "postgresql":
            with self._connection.cursor() as cursor:
                cursor.execute(WIRE_SETTINGS)
                cursor.execute(SETTINGS)
                cursor.execute("SET LOCAL work_mem = '64MB'")
                self._hold_off_others(cursor)
        self._run("CREATE TEMP TABLE touched (user_id bigint)")

    def write(self, stream: Stream, passed: Callable[[int], None]) -> None:
        with refusals_explained(stream.table.name):
            self._staged[stream.table.name] = stage(self._connection, stream, passed)

    def finish(self, report: Report) -> None:
        mapper = Mapper(self._connection)
        for staged in self._in_order():
            staged.tell(report)
            with refusals_explained(staged.table.name):
                self._merge(staged, mapper, report)
        if USERS in self._staged:
            postgres = self._connection.vendor == "postgresql"
            greatest = "GREATEST" if postgres else "max"
            self._run(_NEW_VERSIONS.format(greatest=greatest, least=later(0)))

    def verify(self, source: Source) -> dict[str, int]:
        for staged in self._staged.values():
            check_rows(self._connection, staged, self._staged.keys())
        check_owners(self._connection, source, cards=CARDS in self._staged)
        with refusals_explained(TARGET):
            self._connection.check_constraints()
        self._tidy_up()
        return {staged.table.label: staged.rows for staged in self._staged.values()}

    def _hold_off_others(self, cursor: Any) -> None:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
        if cursor.fetchone() != (True,):
            raise TransferError(
                gettext_noop(
                    "Another migration into this database is under way. Let it end, then run this "
                    "again. Nothing was changed."
                )
            )

    def _in_order(self) -> Iterator[Staged]:
        """Parents first; boxes last, because which of them are needed is known after the cards."""
        for table in sorted(tables(), key=lambda table: table.name == BOXES):
            if table.name in self._staged:
                yield self._staged[table.name]

    def _merge(self, staged: Staged, mapper: Mapper, report: Report) -> None:
        """Match, add and update the rows of one table."""
        name, found = staged.table.name, None
        if name == USERS:
            self._lock()
        if name == DECKS:
            found = deck_finder(self._connection, self._staged.get(CARDS))
            self._helpers.append("new_cards")
        mapper.map(staged, found)
        left_out = settle(self._connection, staged)
        self._insert(staged)
        if name == USERS:
            self._run(_JUST_SIGNED_UP)
            self._lock()
        updated = self._update(staged, report.kind)
        self._tell(staged, updated, left_out, report)

    def _insert(self, staged: Staged) -> None:
        values, columns = [], staged.table.columns
        for column in columns:
            mapped = column.references in self._staged
            here = f'm."{column.name}"' if mapped else f's."{column.name}"'
            values.append("m.to_row" if column.name == staged.table.key else here)
        names = ", ".join(f'"{column.name}"' for column in columns)
        conflict = "ON CONFLICT (email) DO NOTHING" if staged.table.name == USERS else ""
        self._run(
            f'INSERT INTO "{staged.table.name}" ({names}) SELECT {", ".join(values)} '  # noqa: S608
            f'FROM "{staged.name}" s JOIN "{staged.mapped}" m '
            f'ON m.from_row = s."{staged.table.key}" '
            f"WHERE m.added ORDER BY m.to_row {conflict}"
        )
        for column in columns:
            if column.references == USERS:
                self._run(
                    f'INSERT INTO touched SELECT DISTINCT "{column.name}" '  # noqa: S608
                    f'FROM "{staged.mapped}" WHERE added'
                )

    def _update(self, staged: Staged, kind: str) -> int:
        """Rows that are there and take something from the source; how many."""
        if staged.table.name == USERS:
            return update_passwords(self._connection)
        if staged.table.name == CARDS:
            self._helpers.append("decided")
            return update_cards(
                self._connection, staged, legacy=kind == "legacy", reviews=REVIEWS in self._staged
            )
        return 0

    def _tell(self, staged: Staged, updated: int, left_out: int, report: Report) -> None:
        """What became of rows that were there, or could not be added to what is there."""
        with self._connection.cursor() as cursor:
            cursor.execute(f'SELECT count(*) FROM "{staged.mapped}" WHERE NOT added')  # noqa: S608
            (known,) = cursor.fetchone()
        there, label = known - left_out, staged.table.label
        if there:
            changed = f"; {updated:,} of them took something from the source" if updated else ""
            report.notes.append(f"{there:,} of the {label} were there already{changed}.")
        if left_out:
            report.notes.append(
                f"{left_out:,} of the {label} were not added: what was there already decides."
            )

    def _lock(self) -> None:
        if self._connection.vendor == "postgresql":
            self._run(_LOCK)

    def _tidy_up(self) -> None:
        """A connection may serve another merge after this one."""
        names = [name for staged in self._staged.values() for name in (staged.name, staged.mapped)]
        for name in [*names, *self._helpers]:
            self._run(f'DROP TABLE "{name}"')

    def _run(self, sql: str) -> int:
        return run(self._connection, sql)
