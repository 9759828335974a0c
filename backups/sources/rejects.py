"""A mended rejects file as a source: what the legacy source set aside comes in after all.

It is loaded into a private database of the legacy app's shape; the same rules apply again.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import sqlite3
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Self

from backups.errors import TransferError
from backups.legacy_text import BadAddress, read_email
from backups.rejects import FIRST, LAST, uncell
from backups.sources.legacy import LegacySource
from backups.sources.sqlite_file import LEGACY

DELIMITERS = ",;\t"
_TYPES = {"id": "INTEGER PRIMARY KEY", "user_id": "INTEGER", "leitner_box": "INTEGER"}
_TYPES |= dict.fromkeys(("solved_date", "next_review", "last_reviewed"), "DATE")
_TYPES["created_at"] = "TIMESTAMP"

# Owners who are named by their address only: an account of the file, or a row made for them.
_OWNERS = """
INSERT INTO users (email)
SELECT DISTINCT one_form(owner_email) FROM cards WHERE one_form(owner_email) IS NOT NULL
AND one_form(owner_email) NOT IN (
    SELECT one_form(email) FROM users WHERE one_form(email) IS NOT NULL);
CREATE TEMP TABLE named (email TEXT PRIMARY KEY, id INTEGER);
INSERT INTO named SELECT one_form(email), min(id) FROM users
WHERE one_form(email) IS NOT NULL GROUP BY 1;
UPDATE cards SET user_id = (SELECT id FROM named WHERE email = one_form(owner_email))
WHERE owner_email IS NOT NULL
"""


class RejectsSource(LegacySource):
    """Rows of a rejects file, mended by hand: a CSV with the headings that `RejectsFile` writes.

    A card belongs to the account of its `user_id` in the same file, or of its `owner_email`, which
    may be known to the target only. An empty cell is NULL. Commas, semicolons and tabs between the
    cells, any line ends, UTF-8, UTF-16 and Windows-1252 are read. TransferError, on entering, when
    the file is not of that form.
    """

    def __init__(self, path: Path, *, time_zone: str = "UTC", now: dt.datetime) -> None:
        # The empty name is a database on the disk that nobody else sees.
        self._private = sqlite3.connect("", isolation_level=None)
        super().__init__(self._private, time_zone=time_zone, now=now)
        self._path = path
        self._columns: dict[str, set[str]] = {}

    def __enter__(self) -> Self:
        try:
            self._load()
        except BaseException:
            self._private.close()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        self._private.close()

    def _load(self) -> None:
        self._private.create_function("one_form", 1, _one_form, deterministic=True)
        self._private.execute("BEGIN")
        for table, names in LEGACY.items():
            names = (*names, LAST) if table == "cards" else names
            columns = ", ".join(f"{name} {_TYPES.get(name, 'TEXT')}" for name in names)
            self._private.execute(f"CREATE TABLE {table} ({columns})")
            self._columns[table] = set(names)
        try:
            with self._path.open("rb") as raw, _as_text(raw) as file:
                for line, row in self._rows(file):
                    self._insert(line, row)
        except OSError as error:
            raise TransferError(f"{self._path} cannot be read ({error.strerror}).") from error
        for statement in _OWNERS.split(";"):
            self._private.execute(statement)

    def _rows(self, file: io.TextIOBase) -> Iterator[tuple[int, dict[str, str]]]:
        """The number of the line where a row ends, and its cells by heading."""
        csv.field_size_limit(2**31 - 1)
        first = file.readline()
        delimiter = max(DELIMITERS, key=first.count)
        reader = csv.reader(chain([first], file), delimiter=delimiter, strict=True)
        try:
            headings = [cell.strip().lower() for cell in next(reader, [])]
            self._check_headings(headings)
            for cells in reader:
                if any(cells[len(headings) :]):
                    raise self._refusal(reader.line_num, "there are more cells than headings")
                if any(cells):
                    cells += [""] * (len(headings) - len(cells))
                    yield reader.line_num, dict(zip(headings, cells, strict=False))
        except csv.Error as error:
            raise self._refusal(reader.line_num, f"quotes do not match ({error})") from error

    def _check_headings(self, headings: list[str]) -> None:
        if FIRST[0] not in headings:
            raise TransferError(
                f"{self._path} is no rejects file: its first line has no heading {FIRST[0]}. Keep "
                "the first line as this command wrote it."
            )
        twice = next((name for name in headings if name and headings.count(name) > 1), None)
        if twice:
            raise TransferError(f"{self._path} has two columns {twice}. Remove one of them.")

    def _insert(self, line: int, row: dict[str, str]) -> None:
        table = row["table"].strip().lower()
        if table not in LEGACY:
            raise self._refusal(line, f"the table is {table!r}; it must be users or cards")
        missing = [name for name in LEGACY[table] if name not in row]
        if missing:
            raise self._refusal(line, f"{table} need a column {' and a column '.join(missing)}")
        values: dict[str, str | int] = {
            name: uncell(cell) for name, cell in row.items() if cell and name and name not in FIRST
        }
        if table == "users":
            values.pop(LAST, None)
        if id_ := (row["id"] or row.get("row", "")).strip():
            values["id"] = self._id(line, id_)
        for name in values.keys() - self._columns[table]:
            # A column that the legacy app does not know: it must not get lost when set aside again.
            self._private.execute(f"ALTER TABLE {table} ADD COLUMN {_quoted(name)}")
            self._columns[table].add(name)
        names = ", ".join(map(_quoted, values))
        marks = ", ".join("?" * len(values))
        try:
            self._private.execute(
                f"INSERT INTO {table} ({names}) VALUES ({marks})",  # noqa: S608
                list(values.values()),
            )
        except sqlite3.IntegrityError as error:
            raise self._refusal(line, f"{table} {id_} stands in the file twice") from error

    def _id(self, line: int, text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = 2**63
        if not -(2**63) <= number < 2**63:
            raise self._refusal(line, f"the id {text[:40]!r} is not a whole number")
        return number

    def _refusal(self, line: int, problem: str) -> TransferError:
        return TransferError(
            f"In {self._path}, up to line {line}: {problem}. Mend that and run this again; nothing "
            "was changed."
        )


def _as_text(raw: io.BufferedReader) -> io.TextIOWrapper:
    """The file as text, whatever a spreadsheet made of its encoding."""
    start = raw.peek(2)[:2]
    if start in (b"\xff\xfe", b"\xfe\xff"):
        return io.TextIOWrapper(raw, "utf-16", "replace", newline="")
    return io.TextIOWrapper(raw, "utf-8-sig", "backups-1252", newline="")


def _one_form(value: str | None) -> str | None:
    try:
        return read_email(value)
    except BadAddress:
        return None


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
