"""CSV files of people as a source: loaded into a private database of the legacy app's shape.

There the same rules apply as to the app's own database.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Self

from backups.errors import TransferError
from backups.legacy.text import BadAddress, read_email
from backups.rejects import LAST
from backups.sources.legacy import LegacySource
from backups.sources.sqlite_file import LEGACY

DELIMITERS = ",;\t"
_TYPES = {"id": "INTEGER PRIMARY KEY", "user_id": "INTEGER", "leitner_box": "INTEGER"}
_TYPES |= dict.fromkeys(("solved_date", "next_review", "last_reviewed"), "DATE")
_TYPES["created_at"] = "TIMESTAMP"

# Owners who are named by their address only: an account of the file, or a row made for them, under
# an id that no user_id of the file means.
_OWNERS = """
INSERT INTO users (id, email)
SELECT (SELECT min(id) FROM (SELECT 0 AS id UNION ALL SELECT id FROM users
        UNION ALL SELECT user_id FROM cards WHERE typeof(user_id) = 'integer'))
    - row_number() OVER (ORDER BY email), email
FROM (SELECT DISTINCT one_form(owner_email) AS email FROM cards) WHERE email IS NOT NULL
AND email NOT IN (SELECT one_form(email) FROM users WHERE one_form(email) IS NOT NULL);
CREATE TEMP TABLE named (email TEXT PRIMARY KEY, id INTEGER);
INSERT INTO named SELECT one_form(email), min(id) FROM users
WHERE one_form(email) IS NOT NULL GROUP BY 1;
UPDATE cards SET user_id = (SELECT id FROM named WHERE email = one_form(owner_email))
WHERE owner_email IS NOT NULL
"""


class PrivateLegacy(LegacySource):
    """What `fill` puts into the tables of a database on the disk that nobody else sees."""

    def __init__(self, *, time_zone: str = "UTC", now: dt.datetime) -> None:
        self._private = sqlite3.connect("", isolation_level=None)
        super().__init__(self._private, time_zone=time_zone, now=now)
        self._columns: dict[str, set[str]] = {}

    def __enter__(self) -> Self:
        try:
            self._private.create_function("one_form", 1, _one_form, deterministic=True)
            self._private.execute("BEGIN")
            for table, names in LEGACY.items():
                names = (*names, LAST) if table == "cards" else names
                columns = ", ".join(f"{name} {_TYPES.get(name, 'TEXT')}" for name in names)
                self._private.execute(f"CREATE TABLE {table} ({columns})")
                self._columns[table] = set(names)
            self.fill()
            for statement in _OWNERS.split(";"):
                self._private.execute(statement)
        except BaseException:
            self._private.close()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        self._private.close()

    def fill(self) -> None:
        """Store all rows; TransferError when what holds them cannot be read."""
        raise NotImplementedError

    def store(self, table: str, values: Mapping[str, str | int]) -> None:
        """One row; sqlite3.IntegrityError when its id is there already.

        A column that the legacy app does not know must not get lost when the row is set aside.
        """
        for name in values.keys() - self._columns[table]:
            self.add_column(table, name)
        names = ", ".join(map(_quoted, values))
        marks = ", ".join("?" * len(values))
        self._private.execute(
            f"INSERT INTO {table} ({names}) VALUES ({marks})",  # noqa: S608
            list(values.values()),
        )

    def add_column(self, table: str, name: str) -> None:
        self._private.execute(f"ALTER TABLE {table} ADD COLUMN {_quoted(name)}")
        self._columns[table].add(name)


class CsvFile:
    """A CSV that people made: commas, semicolons or tabs between the cells, any line ends.

    UTF-8, UTF-16 and Windows-1252 are read. `headings` are in lower case.
    """

    def __init__(self, path: Path, file: io.TextIOBase) -> None:
        csv.field_size_limit(2**31 - 1)
        self.path = path
        first = file.readline()
        delimiter = max(DELIMITERS, key=first.count)
        self._reader = csv.reader(chain([first], file), delimiter=delimiter, strict=True)
        cells = next(self.rows(), (0, []))[1]
        self.headings = [cell.strip().lower() for cell in cells]
        twice = next((name for name in self.headings if name and self.headings.count(name) > 1), "")
        if twice:
            raise TransferError(f"{path} has two columns {twice}. Remove one of them.")

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """The number of the line where a row ends, and its cells; TransferError for bad quotes."""
        before = self._reader.line_num
        try:
            for cells in self._reader:
                before = self._reader.line_num
                yield before, cells
        except csv.Error as error:
            raise TransferError(
                f"In {self.path}, up to line {self._reader.line_num}: quotes do not match in the "
                f"row that begins in line {before + 1} ({error}). Mend that and run this again; "
                "nothing was changed."
            ) from error


@contextmanager
def open_csv(path: Path) -> Iterator[CsvFile]:
    """The file, whatever a spreadsheet made of its encoding; TransferError when it cannot be."""
    try:
        with path.open("rb") as raw, _as_text(raw) as file:
            yield CsvFile(path, file)
    except OSError as error:
        raise TransferError(f"{path} cannot be read ({error.strerror}).") from error


def _as_text(raw: io.BufferedReader) -> io.TextIOWrapper:
    start = raw.peek(2)[:2]
    if start in (b"\xff\xfe", b"\xfe\xff"):
        return io.TextIOWrapper(raw, "utf-16", "replace", newline="")
    return io.TextIOWrapper(raw, "utf-8-sig", "backups-1252", newline="")


def read_id(text: str) -> int | None:
    """A whole number that SQLite can hold; None for anything else."""
    try:
        number = int(text)
    except ValueError:
        return None
    return number if -(2**63) <= number < 2**63 else None


def _one_form(value: str | None) -> str | None:
    try:
        return read_email(value)
    except BadAddress:
        return None


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
