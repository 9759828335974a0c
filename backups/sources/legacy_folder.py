"""A folder that the legacy app's backup_data.py wrote: users.csv and cards.csv, without passwords.

Cards come back to their owners by e-mail address. Rows that cannot be used are set aside.
"""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from backups.errors import TransferError
from backups.rejects import LAST
from backups.report import Report
from backups.sources import Stream
from backups.sources.private_legacy import CsvFile, PrivateLegacy, open_csv, read_id

# Without these nothing can be made of a row.
NEEDED = {"users": ("id", "email"), "cards": ("title",)}
KNOWN = {
    "users": ("created_at",),
    "cards": (
        "id", "link", "idea", "solved_date", "leitner_box", "next_review", "last_reviewed",
        "created_at",
    ),
}  # fmt: skip
TOO_MANY = "cells_too_many"

TOO_FEW_CELLS = "The row has fewer cells than the first line has headings."
TOO_MANY_CELLS = "The row has more cells than the first line has headings."
NO_ID = "Its id is not a whole number."
TWICE = "Another row before it has the same id."
NO_USERS = (
    "There is no users.csv beside cards.csv, so that user_id says nothing about who owns a card: "
    f"cards without an {LAST} were set aside. Add a users.csv, or a column {LAST}."
)


class LegacyFolder(PrivateLegacy):
    """The two files as a source; the folder is only read from.

    TransferError, on entering, when it has no cards.csv, or one that is no CSV.
    """

    def __init__(self, folder: Path, *, time_zone: str = "UTC", now: dt.datetime) -> None:
        super().__init__(time_zone=time_zone, now=now)
        self._folder = folder
        self._notes: list[str] = []

    def fill(self) -> None:
        # Whatever is set aside waits here for the report, which comes later.
        self._private.execute(
            "CREATE TEMP TABLE aside (tbl TEXT, id TEXT, reason TEXT, cells TEXT)"
        )
        files = {entry.name.lower(): entry for entry in _entries(self._folder)}
        if "cards.csv" not in files:
            raise TransferError(
                f"{self._folder} holds no cards.csv: it is no backup of the legacy app. Nothing "
                "was changed."
            )
        for table in ("users", "cards"):
            if path := files.get(f"{table}.csv"):
                with open_csv(path) as file:
                    self._read(table, file)
        if "users.csv" not in files:
            self._notes.append(NO_USERS)

    def totals(self) -> dict[str, int]:
        totals = super().totals()
        for table, rows in self._private.execute("SELECT tbl, count(*) FROM aside GROUP BY tbl"):
            totals[table] += rows
        return totals

    def streams(self, report: Report) -> Iterator[Stream]:
        report.notes += self._notes
        yield from super().streams(report)
        for table, id_, reason, cells in self._private.execute("SELECT * FROM aside"):
            info = self._private.execute(f"PRAGMA table_info({table})")
            row = dict.fromkeys((name for _, name, *_ in info), None) | json.loads(cells)
            report.read(table)
            report.reject(table, id_, reason, row)

    def emails(self) -> set[str]:
        """The addresses of all accounts of the folder; ask when the streams were read."""
        return {email for (email,) in self._private.execute("SELECT email FROM owners")}

    def _read(self, table: str, file: CsvFile) -> None:
        missing = [name for name in NEEDED[table] if name not in file.headings]
        if missing or (table == "cards" and not {"user_id", LAST} & set(file.headings)):
            raise TransferError(
                f"{file.path} has no column {' and no column '.join(missing or ['user_id'])}. "
                "Nothing was changed."
            )
        for name in KNOWN[table]:
            if name not in file.headings:
                self._notes.append(f"{file.path.name} has no column {name}; it was made up for.")
        for _, cells in file.rows():
            if any(cells):
                self._take(table, file.headings, cells)

    def _take(self, table: str, headings: list[str], cells: list[str]) -> None:
        more = cells[len(headings) :]
        row = zip(headings, cells, strict=False)
        values: dict[str, str | int] = {name: cell for name, cell in row if name and cell}
        id_ = str(values.get("id", ""))
        number = read_id(id_)
        if len(cells) < len(headings):
            self._set_aside(table, id_, TOO_FEW_CELLS, values)
        elif more:
            self._set_aside(table, id_, TOO_MANY_CELLS, values | {TOO_MANY: ", ".join(more)})
        elif number is None and "id" in headings:
            self._set_aside(table, id_, NO_ID, values)
        else:
            try:
                self.store(table, values | ({} if number is None else {"id": number}))
            except sqlite3.IntegrityError:
                self._set_aside(table, id_, TWICE, values)

    def _set_aside(self, table: str, id_: str, reason: str, values: dict[str, str | int]) -> None:
        for name in values.keys() - self._columns[table]:
            self.add_column(table, name)
        row = (table, id_, reason, json.dumps(values))
        self._private.execute("INSERT INTO aside VALUES (?, ?, ?, ?)", row)


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError as error:
        raise TransferError(f"{folder} cannot be read ({error.strerror}).") from error
