"""A consistent look at somebody else's SQLite file, without leaving a trace beside it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from backups.errors import TransferError
from backups.sources.private_copy import copied, said

HEADER = b"SQLite format 3\0"
# What the check says about single rows or an index, not about damage: columns were declared one way
# and filled another. Each row is looked at anyway, and no index is relied on.
ABOUT_ROWS = (
    "NULL value in ",
    "CHECK constraint failed in ",
    "NUMERIC value in ",
    "TEXT value in ",
    "non-unique entry in index ",
    "row ",
    "wrong # of entries in index ",
)
Kind = Literal["legacy", "leitner"]

# What a database must have to be one of the two.
LEGACY = {
    "users": ("id", "email", "password_hash", "created_at"),
    "cards": (
        "id", "user_id", "title", "link", "idea", "solved_date", "leitner_box", "next_review",
        "last_reviewed", "created_at",
    ),
}  # fmt: skip
LEITNER = ("django_migrations", "accounts_user", "cards_card")


@contextmanager
def open_snapshot(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that sees the database at `path` as it was at one moment, and found sound.

    It is only read from (TEMP tables are fine); `isolation_level` is None and a transaction is
    open. What is read is a private copy (0.2 s for 500 MB that are in memory): reading in place
    would make the app that lives there wait with its writes until all is done, and a write-ahead
    log or an unfinished transaction cannot be read without writing beside it.
    TransferError when it is no sound database.
    """
    source = _file(path)
    with TemporaryDirectory(prefix="leitner-", ignore_cleanup_errors=True) as folder:
        try:
            with closing(_open(copied(source, Path(folder)))) as connection:
                check(connection, source)
                yield connection
        except sqlite3.DatabaseError as error:
            raise _explained(source, error) from error


def check(connection: sqlite3.Connection, source: Path) -> None:
    """TransferError unless every page of the database is in order.

    quick_check rather than integrity_check, which takes twice as long to compare tables with their
    indexes (1.1 s instead of 0.5 s for a million cards): rows are never looked up by an index of
    the source.
    """
    for (found,) in connection.execute("PRAGMA quick_check(1000000)"):
        if found != "ok" and not found.startswith(ABOUT_ROWS):
            raise TransferError(_damaged(source, found.splitlines()[-1]))


def kind_of(connection: sqlite3.Connection) -> Kind:
    """Whose database it is; TransferError when it is neither, saying what is missing."""
    query = "SELECT lower(name), type, upper(coalesce(sql, '')) FROM sqlite_master"
    found = {name: (type_, sql) for name, type_, sql in connection.execute(query)}
    if all(found.get(name, ("", ""))[0] == "table" for name in LEITNER):
        return "leitner"
    missing = [name for name in LEGACY if name not in found]
    if missing:
        raise TransferError(
            f"This database is neither the legacy app's nor Leitner's: it has no table "
            f"{' and no table '.join(missing)}. Name the file that the app itself used."
        )
    for name, needed in LEGACY.items():
        _check_table(connection, name, *found[name], needed)
    return "legacy"


def _check_table(
    connection: sqlite3.Connection, name: str, type_: str, sql: str, needed: tuple[str, ...]
) -> None:
    if type_ != "table" or sql.startswith("CREATE VIRTUAL"):
        what = "virtual table" if type_ == "table" else type_
        raise TransferError(
            f"In this database {name} is a {what}, not a table as the legacy app makes it. "
            "Copy its rows into a plain table of that name."
        )
    info = connection.execute(f"PRAGMA table_info({name})").fetchall()
    columns = {column.lower(): (kind.upper(), key) for _, column, kind, _, _, key in info}
    missing = [column for column in needed if column not in columns]
    if missing:
        raise TransferError(
            f"The table {name} of this database has no column {' and no column '.join(missing)}, "
            "so it is not one that the legacy app made. Add what is missing to a copy of it."
        )
    keys = [column for column, (_, key) in columns.items() if key]
    if keys != ["id"] or columns["id"][0] != "INTEGER" or "WITHOUT ROWID" in sql:
        raise TransferError(
            f"In the table {name} of this database, id is not the INTEGER PRIMARY KEY that the "
            "legacy app makes it. Copy its rows into a table where it is."
        )


def _file(path: Path) -> Path:
    """The file itself, whatever links lead there; TransferError when it cannot be a database."""
    try:
        source = path.resolve(strict=True)
        if not source.is_file():
            raise TransferError(f"{path} is not a file. Name the SQLite file itself.")
        size = source.stat().st_size
        with source.open("rb") as file:
            start = file.read(len(HEADER))
    except FileNotFoundError as error:
        raise TransferError(f"There is no file {path}.") from error
    except (OSError, RuntimeError) as error:
        raise TransferError(f"{path} cannot be read ({said(error)}).") from error
    if not size:
        raise TransferError(
            f"{path} is empty: it holds no database. Name the file that the app itself used."
        )
    if start != HEADER:
        raise TransferError(
            f"{path} is not an SQLite database, or it is encrypted. Name the database file itself, "
            "decrypted."
        )
    return source


def _open(copy: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(copy.as_uri(), uri=True, isolation_level=None)
    try:
        # No trusted_schema = OFF: SQLite 3.40 refuses the JSON_VALID of Django's own checks then.
        # What a schema could call here are SQLite's functions, and ours, which only look at values.
        for pragma in ("cell_size_check = ON", "temp_store = FILE"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _explained(source: Path, error: sqlite3.DatabaseError) -> TransferError:
    problem = str(error)
    if "not a database" in problem:
        return TransferError(f"{source} is not an SQLite database, or it is encrypted.")
    if "full" in problem or "unable to open" in problem:
        return TransferError(
            f"Temporary files cannot be written ({problem}). The variable TMPDIR names a folder "
            "with room for them."
        )
    return TransferError(_damaged(source, problem))


def _damaged(source: Path, problem: str) -> str:
    return (
        f"{source} is cut short or damaged ({problem}). Take an undamaged copy, or save what can "
        "be saved into a new file with `sqlite3 FILE .recover`."
    )
