"""The ways that bench_migrate compares; each runs in a process of its own and prints its costs."""

from __future__ import annotations

import json
import os
import resource
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

LEGACY = {
    "users": "id, email, password_hash, created_at",
    "cards": "id, user_id, title, link, idea, solved_date, leitner_box, next_review, "
    "last_reviewed, created_at",
}
LEGACY_TABLES = """
CREATE TABLE users (id bigint NOT NULL, email text NOT NULL, password_hash text NOT NULL,
    created_at timestamptz NOT NULL);
CREATE TABLE cards (id bigint NOT NULL, user_id bigint NOT NULL, title text NOT NULL, link text,
    idea text, solved_date date NOT NULL, leitner_box integer NOT NULL, next_review date NOT NULL,
    last_reviewed date, created_at timestamptz NOT NULL);
"""
LEGACY_INDEXES = """
ALTER TABLE users ADD PRIMARY KEY (id), ADD UNIQUE (email);
ALTER TABLE cards ADD PRIMARY KEY (id);
CREATE INDEX ON cards (user_id, next_review, id);
CREATE INDEX ON cards (user_id, id);
ALTER TABLE cards ADD FOREIGN KEY (user_id) REFERENCES users ON DELETE CASCADE;
"""


class CopyText:
    """Rows of SQLite as the file that COPY reads, and nothing more."""

    def __init__(self, rows: sqlite3.Cursor) -> None:
        self._rows = rows

    def read(self, size: int) -> bytes:
        lines = ["\t".join(map(_field, row)) for row in self._rows.fetchmany(500)]
        return ("\n".join(lines) + "\n").encode() if lines else b""


def _field(value: object) -> str:
    if value is None:
        return "\\N"
    if not isinstance(value, str):
        return str(value)
    if "\\" in value:
        value = value.replace("\\", "\\\\")
    if "\n" in value:
        value = value.replace("\n", "\\n")
    if "\r" in value:
        value = value.replace("\r", "\\r")
    if "\t" in value:
        value = value.replace("\t", "\\t")
    return value


def copy(file: Path, url: str) -> float:
    """(a) The legacy tables as they are."""
    start = time.perf_counter()
    with closing(sqlite3.connect(file)) as source, closing(_connect(url)) as target:
        cursor = target.cursor()
        cursor.execute(LEGACY_TABLES)
        for table, columns in LEGACY.items():
            _copy(cursor, source, table, columns)
        cursor.execute(LEGACY_INDEXES)
        cursor.execute("ANALYZE users, cards")
        target.commit()
    return time.perf_counter() - start


def mapped(file: Path, url: str) -> float:
    """(b) Our tables, without their indexes at first."""
    from backups.sinks.taken_off import parts_of, put_back, take_off

    with closing(sqlite3.connect(file)) as source, closing(_connect(url)) as target:
        cursor = target.cursor()
        tables = _tables(source)
        cursor.execute("SELECT %s::regclass[]::oid[]::bigint[]", [list(tables)])
        parts = parts_of(cursor, cursor.fetchone()[0])
        take_off(cursor, parts)
        target.commit()
        start = time.perf_counter()
        for table, columns in tables.items():
            _copy(cursor, source, table, columns)
        put_back(cursor, parts)
        cursor.execute(f"ANALYZE {', '.join(tables)}")
        target.commit()
        return time.perf_counter() - start


def save(file: Path, url: str) -> float:
    """The rows that ours wrote, as a file for `mapped`."""
    start = time.perf_counter()
    with closing(sqlite3.connect(file)) as out, closing(_connect(url)) as source:
        cursor = source.cursor()
        cursor.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid "
            "WHERE c.relkind = 'r' AND a.attname IN ('owner_id', 'user_id', 'last_login') "
            "AND c.relnamespace = 'public'::regnamespace AND c.reltuples > 0 ORDER BY c.oid"
        )
        for (table,) in cursor.fetchall():
            _save_table(out, source, table)
        out.commit()
    return time.perf_counter() - start


def _save_table(out: sqlite3.Connection, source: Any, table: str) -> None:
    with source.cursor(name="rows") as rows:
        rows.itersize = 1_000
        rows.execute(f'SELECT * FROM "{table}" ORDER BY id')  # noqa: S608
        first = rows.fetchone()
        columns = ", ".join(f'"{column.name}"' for column in rows.description)
        places = ", ".join("?" for _ in rows.description)
        out.execute(f'CREATE TABLE "{table}" ({columns})')
        insert = f'INSERT INTO "{table}" VALUES ({places})'  # noqa: S608
        out.execute(insert, _plain(first))
        out.executemany(insert, map(_plain, rows))


def _plain(row: tuple[Any, ...]) -> list[Any]:
    return [value if type(value) in (int, str, type(None)) else str(value) for value in row]


def _tables(source: sqlite3.Connection) -> dict[str, str]:
    """The columns of each table of the file, in the order in which the tables were made."""
    names = [name for (name,) in source.execute("SELECT name FROM sqlite_master ORDER BY rowid")]
    return {
        name: ", ".join(f'"{row[1]}"' for row in source.execute(f'PRAGMA table_info("{name}")'))
        for name in names
    }


def _copy(cursor: Any, source: sqlite3.Connection, table: str, columns: str) -> None:
    rows = source.execute(f'SELECT {columns} FROM "{table}" ORDER BY id')  # noqa: S608
    cursor.copy_expert(f'COPY "{table}" ({columns}) FROM STDIN', CopyText(rows))


def _connect(url: str) -> Any:
    import psycopg2

    connection = psycopg2.connect(url)
    connection.cursor().execute("SET TIME ZONE 'UTC'")
    return connection


def pgloader(file: Path, url: str) -> float:
    """(c) With its defaults."""
    parts = urlsplit(url)
    (socket,) = parse_qs(parts.query)["host"]  # It has a spelling of its own for these.
    return _command("pgloader", str(file), f"postgresql://postgres@unix:{socket}:5432{parts.path}")


def ours(file: Path, url: str) -> float:
    """(d) The whole command, from its start to its end."""
    command = [sys.executable, "manage.py", "migrate_from_sqlite", str(file)]
    return _command(*command, "--json", "--no-progress", "--rejects", f"{file}.{os.getpid()}.csv")


def _command(*command: str) -> float:
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True)
    seconds = time.perf_counter() - start
    if done.returncode not in (0, 2):
        raise SystemExit(f"{done.returncode}:\n{done.stdout}{done.stderr}")
    return seconds


def main(way: str, file: Path) -> None:
    """Print seconds, CPU seconds of this process and its children, and the larger one's memory."""
    ways = {"copy": copy, "mapped": mapped, "pgloader": pgloader, "ours": ours, "save": save}
    seconds = ways[way](file, os.environ["DATABASE_URL"])
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    used = [resource.getrusage(kind) for kind in kinds]
    costs = {
        "seconds": seconds,
        "client": sum(each.ru_utime + each.ru_stime for each in used),
        "mb": max(each.ru_maxrss for each in used) / 1024,
    }
    print(json.dumps(costs))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
