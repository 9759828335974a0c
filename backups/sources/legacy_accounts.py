"""Who owns what in the legacy app's database: accounts whose addresses are one become one.

The maps from its ids to ours are TEMP tables of its connection, so that memory stays small.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.utils.translation import gettext

from backups.legacy.dates import Days, Value, wire_instant
from backups.legacy.rules import NO_PASSWORD, Checks, joined, usable_password
from backups.legacy.text import BadAddress, read_email
from backups.report import Report
from backups.wire import Row
from cards.scheduling import CLASSIC

BATCH = 1_000
# Accounts without a password that are named one by one; the others are counted.
NAMED = 200

ONE_FORM = "The e-mail address got its one form: lower case, composed letters, no blanks around."
MERGED = "The e-mail address is another account's too: its cards go to that account."
ADDRESS_ONLY = "Only the address is known: if the account is new, its password is set by mail."

USER_COLUMNS = (
    "id", "password", "is_superuser", "email", "is_active", "is_staff", "date_joined", "time_zone",
    "day_starts_at", "new_per_day", "again_rule", "theme", "data_version",
    "reminder_refusals",
)  # fmt: skip
ADDRESS_COLUMNS = "id", "user_id", "email", "verified", "primary"
BOX_COLUMNS = "id", "owner_id", "number", "interval_days"
DECK_COLUMNS = "id", "owner_id", "name", "created_at"

# accounts: every account with an address; `owner` and `deck` are our ids, as text.
# owners: our accounts; who leads is whose address was in its one form already, else the oldest.
# decks: one for every owner with cards. Indexes of the source are not trusted.
_TABLES = """
CREATE TEMP TABLE accounts (
    legacy INTEGER PRIMARY KEY, email TEXT NOT NULL, clean INTEGER NOT NULL, owner TEXT, deck TEXT);
CREATE TEMP TABLE owners (owner INTEGER PRIMARY KEY, legacy INTEGER NOT NULL, email TEXT UNIQUE);
CREATE TEMP TABLE decks (deck INTEGER PRIMARY KEY, owner INTEGER UNIQUE, cards INTEGER NOT NULL);
"""
_LEADERS = """
INSERT INTO owners (legacy, email) SELECT legacy, email FROM (
    SELECT legacy, email,
        row_number() OVER (PARTITION BY email ORDER BY clean DESC, legacy) AS place
    FROM accounts) WHERE place = 1 ORDER BY legacy;
"""
_OWNERS = "UPDATE accounts SET owner = (SELECT owner FROM owners o WHERE o.email = accounts.email)"
_DECKS = """
INSERT INTO decks (owner, cards)
SELECT CAST(a.owner AS INTEGER) AS owner, sum(held.cards)
FROM (SELECT user_id, count(*) AS cards FROM cards NOT INDEXED GROUP BY user_id) held
JOIN accounts a ON a.legacy = held.user_id GROUP BY 1 ORDER BY 1
"""
_ACCOUNT_DECKS = """
UPDATE accounts SET deck =
    (SELECT deck FROM decks d WHERE d.owner = CAST(accounts.owner AS INTEGER))
"""
_USERS = """
SELECT u.id, u.email, u.password_hash, u.created_at, a.email, a.owner, o.legacy
FROM users u NOT INDEXED LEFT JOIN accounts a ON a.legacy = u.id
LEFT JOIN owners o ON o.owner = CAST(a.owner AS INTEGER) ORDER BY u.id
"""


@contextmanager
def lenient(connection: sqlite3.Connection) -> Iterator[None]:
    """Within it, text that is not UTF-8 is read as bytes instead of raising."""
    before = connection.text_factory
    connection.text_factory = _text_or_bytes
    try:
        yield
    finally:
        connection.text_factory = before


def _text_or_bytes(data: bytes) -> str | bytes:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data


def whole_row(connection: sqlite3.Connection, table: str, id_: int) -> dict[str, Value]:
    """Every column of one row, unknown ones too."""
    with lenient(connection):
        cursor = connection.execute(f"SELECT * FROM {table} WHERE id = ?", (id_,))  # noqa: S608
        row = cursor.fetchone()
    return dict(zip((name for name, *_ in cursor.description), row, strict=True))


def in_batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while batch := list(islice(rows, BATCH)):
        yield batch


class Accounts:
    """The accounts of one source; `prepare` first."""

    def __init__(
        self, connection: sqlite3.Connection, checks: Checks, days: Days, time_zone: str
    ) -> None:
        self._connection, self._checks, self._days = connection, checks, days
        self._without_password = 0
        # There, a day began at midnight UTC: cards stay due when they were.
        learner = get_user_model()()
        defaults = (getattr(learner, name) for name in USER_COLUMNS[9:])
        self._choices = (time_zone, "0", *map(str, defaults))

    def prepare(self) -> None:
        """Fill the maps: one look at all users and one at the owners of all cards."""
        for statement in _TABLES.split(";"):
            self._connection.execute(statement)
        users = "SELECT id, email FROM users NOT INDEXED ORDER BY id"
        with lenient(self._connection):
            self._connection.executemany(
                "INSERT INTO accounts (legacy, email, clean) VALUES (?, ?, ?)",
                self._addresses(self._connection.execute(users)),
            )
        for statement in (_LEADERS, _OWNERS, _DECKS, _ACCOUNT_DECKS):
            self._connection.execute(statement)

    def cards_per_owner(self) -> Iterator[tuple[int, int]]:
        yield from self._connection.execute("SELECT owner, cards FROM decks ORDER BY owner")

    def users(self, report: Report) -> Iterator[Row]:
        """Rows of accounts_user, with the columns `USER_COLUMNS`."""
        rows = self._connection.cursor()
        with lenient(self._connection):
            rows.execute(_USERS)
            while batch := rows.fetchmany(BATCH):
                report.read("users", len(batch))
                for raw in batch:
                    row = self._user(raw, report)
                    if row:
                        yield row
        if self._without_password > NAMED:
            more = self._without_password - NAMED
            report.notes.append(f"So must the owners of {more:,} more accounts.")

    def addresses(self) -> Iterator[Row]:
        """Every address counts as confirmed, so that nobody is locked out."""
        for owner, email in self._connection.execute("SELECT owner, email FROM owners"):
            yield str(owner), str(owner), email, "t", "t"

    def boxes(self) -> Iterator[Row]:
        for (owner,) in self._connection.execute("SELECT owner FROM owners"):
            for number, days in enumerate(CLASSIC, 1):
                id_ = (owner - 1) * len(CLASSIC) + number
                yield str(id_), str(owner), str(number), str(days)

    def decks(self) -> Iterator[Row]:
        name, now = gettext("My cards"), wire_instant(self._checks.now)
        for deck, owner in self._connection.execute("SELECT deck, owner FROM decks"):
            yield str(deck), str(owner), name, now

    @staticmethod
    def _addresses(users: Iterator[tuple[int, Value]]) -> Iterator[tuple[int, str, bool]]:
        for id_, stored in users:
            try:
                email = read_email(stored)
            except BadAddress:
                continue
            yield id_, email, email == stored

    def _user(self, raw: tuple[Any, ...], report: Report) -> Row | None:
        id_, stored, hash_, created, email, owner, leader = raw
        if email is None:
            self._reject(id_, stored, report)
            return None
        if leader != id_:
            report.counts("users").merged += 1
            report.mended("users", id_, [MERGED])
            return None
        rules = [] if stored == email else [ONE_FORM]
        password = usable_password(hash_, self._checks)
        if hash_ is None and created is None:
            rules.append(ADDRESS_ONLY)
            since = wire_instant(self._checks.now)
        else:
            since = joined(created, self._days, self._checks, rules)
            rules += [] if password else [NO_PASSWORD]
        if password is None:
            self._note(f"{id_} ({email})", hash_, report)
        if rules:
            report.mended("users", id_, rules)
        password = password or make_password(None)
        return (owner, password, "f", email, "t", "f", since, *self._choices)

    def _reject(self, id_: int, stored: Value, report: Report) -> None:
        try:
            read_email(stored)
        except BadAddress as reason:
            report.reject("users", id_, str(reason), whole_row(self._connection, "users", id_))

    def _note(self, account: str, hash_: Value, report: Report) -> None:
        self._without_password += 1
        if self._without_password <= NAMED:
            known = "came without a password; unless it was here before, its owner"
            lost = "has a password that cannot be checked; its owner"
            said = known if hash_ is None else lost
            report.notes.append(f"Account {account} {said} must set a new one by mail.")
