"""One learner's data come back beside everybody else's, as they were.

Merged into the account like by `merging`, with one difference: what was in use in the file and lies
in the trash here comes out of it. What was done here since stays: cards that are new, texts that
were edited, places of cards that were answered.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db.transaction import atomic

from backups.errors import TransferError
from backups.report import Report
from backups.sentences import gettext_noop
from backups.sinks.mapping import Mapper
from backups.sinks.merging import Merging
from backups.sinks.rules import CARDS, DECKS, USERS
from backups.sinks.staging import Staged

# Once, after the accounts: `owner` is the id of the learner here.
_CARDS = """
UPDATE cards_card SET deleted_at = NULL WHERE owner_id = {owner} AND deleted_at IS NOT NULL
    AND guid IN (SELECT guid FROM staged_cards_card WHERE deleted_at IS NULL)
"""
# A deck that is deleted in the file holds no card that is not.
_CARDS_OF_DELETED = """
UPDATE staged_cards_card SET deleted_at = (
    SELECT d.deleted_at FROM staged_cards_deck d WHERE d.id = staged_cards_card.deck_id)
WHERE deleted_at IS NULL
    AND deck_id IN (SELECT id FROM staged_cards_deck WHERE deleted_at IS NOT NULL)
"""
_IN_USE = "SELECT deck_id FROM cards_card WHERE owner_id = {owner} AND deleted_at IS NULL"
# Of decks of one name the last one comes back, unless there is one of that name.
_DECKS = """
UPDATE cards_deck SET deleted_at = NULL WHERE id IN (
    SELECT max(t.id) FROM cards_deck t WHERE t.owner_id = {owner} AND t.deleted_at IS NOT NULL
    AND (t.id IN ({in_use}){wanted})
    AND NOT EXISTS (SELECT 1 FROM cards_deck o
        WHERE o.owner_id = {owner} AND o.deleted_at IS NULL AND o.name = t.name)
    GROUP BY t.name)
"""
_WANTED = """ OR EXISTS (SELECT 1 FROM staged_cards_deck s
    WHERE s.name = t.name AND s.created_at = t.created_at AND s.deleted_at IS NULL)"""
# Cards whose deck stays deleted lie in the one of its name.
_MOVED = """
UPDATE cards_card SET deck_id = (
    SELECT o.id FROM cards_deck t JOIN cards_deck o
    ON o.owner_id = t.owner_id AND o.name = t.name AND o.deleted_at IS NULL
    WHERE t.id = cards_card.deck_id)
WHERE owner_id = {owner} AND deleted_at IS NULL
    AND deck_id IN (SELECT id FROM cards_deck WHERE owner_id = {owner} AND deleted_at IS NOT NULL)
"""


@dataclass(slots=True)
class Brought:
    """What came of one table's rows: not there before, out of the trash, there already."""

    new: int = 0
    back: int = 0
    there: int = 0


class BringingBack(Merging):
    """The sink for one learner's rows (see `backups.sinks`).

    `user_id` is the account here; None when there is none, and one must be made.
    """

    def __init__(self, user_id: int | None, using: str = "default") -> None:
        super().__init__(using)
        self._user_id = user_id
        self.brought: dict[str, Brought] = {}

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """On SQLite, too, others go on writing until all rows lie in temporary tables."""
        with _begun_without_lock(self._connection), atomic(using=self._connection.alias):
            yield

    def _hold_off_others(self, cursor: Any) -> None:
        """Nobody: rows of one account are written, by whoever holds the lock of its row."""
        if self._user_id is None:
            super()._hold_off_others(cursor)

    def _lock(self) -> None:
        super()._lock()
        if self._connection.vendor == "sqlite":
            # Whatever writes locks the database, and waits for that as long as any answer does.
            self._run("UPDATE accounts_user SET id = id WHERE false")

    def _merge(self, staged: Staged, mapper: Mapper, report: Report) -> None:
        name = staged.table.name
        super()._merge(staged, mapper, report)
        if name == USERS:
            self._check_account()
            if self._user_id is not None:
                self._take_out_of_trash(self._user_id, report)
        brought = self.brought.setdefault(name, Brought())
        with self._connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(CASE WHEN added THEN 1 END), "  # noqa: S608
                "count(CASE WHEN NOT added AND to_row IS NOT NULL THEN 1 END) "
                f'FROM "{staged.mapped}"'
            )
            brought.new, known = cursor.fetchone()
        brought.there = max(0, known - brought.back)

    def _check_account(self) -> None:
        """The rows go to the account that they are meant for, and to no other."""
        with self._connection.cursor() as cursor:
            cursor.execute("SELECT added, to_row FROM mapped_accounts_user")
            found = cursor.fetchall()
        wanted = [(False, self._user_id)]
        if [(bool(added), row) for added, row in found] == wanted:
            return
        if self._user_id is None and len(found) == 1 and found[0][0]:
            return
        raise TransferError(
            gettext_noop(
                "The account changed its address, came or went in this very moment. Nothing was "
                "changed; try again."
            )
        )

    def _take_out_of_trash(self, owner: int, report: Report) -> None:
        decks, cards = DECKS in self._staged, CARDS in self._staged
        back = Brought(), Brought()
        if decks and cards:
            self._run(_CARDS_OF_DELETED)
        if cards:
            back[1].back = self._run(_CARDS.format(owner=owner))
        in_use = _IN_USE.format(owner=owner)
        wanted = _WANTED if decks else ""
        back[0].back = self._run(_DECKS.format(owner=owner, in_use=in_use, wanted=wanted))
        self._run(_MOVED.format(owner=owner))
        self.brought |= {DECKS: back[0], CARDS: back[1]}
        if back[0].back or back[1].back:
            self._run(f"INSERT INTO touched VALUES ({owner})")  # noqa: S608
            report.notes.append(
                f"{back[1].back:,} cards and {back[0].back:,} decks came out of the trash."
            )


@contextmanager
def _begun_without_lock(connection: Any) -> Iterator[None]:
    """Transactions of SQLite begun in the block lock the database when they first write to it.

    Until then they must not read its tables either: a view of the data that is older than what
    somebody else wrote since cannot be written to. Temporary tables are another database.
    """
    if connection.vendor != "sqlite":
        yield
        return
    connection.ensure_connection()
    usual, connection.transaction_mode = connection.transaction_mode, "DEFERRED"
    try:
        yield
    finally:
        connection.transaction_mode = usual
