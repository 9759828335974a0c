"""The cards of the legacy app's database, quickly where they are clean and whole in any case."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from backups.legacy.dates import Days
from backups.legacy.rules import Checks, RawCard, clean_card, mend_card
from backups.report import Report
from backups.sources.legacy_accounts import whole_row
from backups.wire import Row

FIRST_ID, LAST_ID = -(2**63), 2**63 - 1
# Cards in a batch: PostgreSQL works on one while the next is read, if both fit in the pipe between.
BATCH = 200
# Characters of notes in a batch: two hundred notes of a megabyte would not fit in memory.
BATCH_TEXT = 2_000_000

ORPHAN = "Its account is not in the file. Name an owner in the column owner_email."
ACCOUNT_SET_ASIDE = "Its account was set aside."

_HEAD = """
SELECT c.id, a.owner, a.deck{columns} FROM cards c NOT INDEXED
LEFT JOIN temp.accounts a ON a.legacy = c.user_id WHERE c.id >= ? ORDER BY c.id
"""
_COLUMNS = (
    ", c.title, c.link, c.idea, c.solved_date, c.leitner_box, c.next_review, c.last_reviewed, "
    "c.created_at"
)
_CARDS, _ONE = _HEAD.format(columns=_COLUMNS), _HEAD.format(columns="") + " LIMIT 1"
_UNREAD = (None,) * 8
_HAS_ACCOUNT = "SELECT 1 FROM cards c JOIN users u ON u.id = c.user_id WHERE c.id = ?"


class Cards:
    """The cards of one source whose accounts are prepared."""

    def __init__(self, connection: sqlite3.Connection, checks: Checks, days: Days) -> None:
        self._connection, self._checks, self._days = connection, checks, days

    def batches(self, report: Report) -> Iterator[list[Row]]:
        """Rows of cards_card, with the columns `CARD_COLUMNS`; ids from 1 in the source's order."""
        batch: list[Row] = []
        number, seen, size, days = 1, 0, 0, self._days
        for raw in self._raw():
            row = clean_card(number, raw, days) or self._unclean(number, raw, report)
            seen += 1
            if row:
                batch.append(row)
                number += 1
                size += len(row[7] or "")
            if seen == BATCH or size > BATCH_TEXT:
                report.read("cards", seen)
                yield batch
                batch, seen, size = [], 0, 0
        report.read("cards", seen)
        if batch:
            yield batch

    def _raw(self) -> Iterator[RawCard]:
        """Every card, in order of the id; without its values when some text is not UTF-8."""
        next_id = FIRST_ID
        while True:
            try:
                for raw in self._connection.execute(_CARDS, (next_id,)):
                    yield raw
                    next_id = raw[0] + 1
                return
            except sqlite3.OperationalError as error:
                if "decode" not in str(error):
                    raise
            # sqlite3 gave up on the row after the last one, and on the rest with it.
            head = self._connection.execute(_ONE, (next_id,)).fetchone()
            yield (*head, *_UNREAD)
            if head[0] == LAST_ID:
                return
            next_id = head[0] + 1

    def _unclean(self, number: int, raw: RawCard, report: Report) -> Row | None:
        id_, owner, deck = raw[:3]
        whole = whole_row(self._connection, "cards", id_)
        if owner is None:
            known = self._connection.execute(_HAS_ACCOUNT, (id_,)).fetchone()
            report.reject("cards", id_, ACCOUNT_SET_ASIDE if known else ORPHAN, whole)
            return None
        row, rules = mend_card(number, whole, owner, deck, self._days, self._checks)
        if rules:
            report.mended("cards", id_, rules)
        return row
