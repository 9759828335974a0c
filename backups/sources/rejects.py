"""A mended rejects file as a source: what the legacy source set aside comes in after all."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from backups.errors import TransferError
from backups.rejects import FIRST, LAST, uncell
from backups.sources.private_legacy import CsvFile, PrivateLegacy, open_csv, read_id
from backups.sources.sqlite_file import LEGACY


class RejectsSource(PrivateLegacy):
    """Rows of a rejects file, mended by hand: a CSV with the headings that `RejectsFile` writes.

    A card belongs to the account of its `user_id` in the same file, or of its `owner_email`, which
    may be known to the target only. An empty cell is NULL. TransferError, on entering, when the
    file is not of that form.
    """

    def __init__(self, path: Path, *, time_zone: str = "UTC", now: dt.datetime) -> None:
        super().__init__(time_zone=time_zone, now=now)
        self._path = path

    def fill(self) -> None:
        with open_csv(self._path) as file:
            if FIRST[0] not in file.headings:
                raise TransferError(
                    f"{self._path} is no rejects file: its first line has no heading {FIRST[0]}. "
                    "Keep the first line as this command wrote it."
                )
            for line, row in self._rows(file):
                self._insert(line, row)

    def _rows(self, file: CsvFile) -> Iterator[tuple[int, dict[str, str]]]:
        """The number of the line where a row ends, and its cells by heading."""
        headings = file.headings
        for line, cells in file.rows():
            if any(cells[len(headings) :]):
                raise self._refusal(line, "there are more cells than headings")
            if any(cells):
                cells += [""] * (len(headings) - len(cells))
                yield line, dict(zip(headings, cells, strict=False))

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
        try:
            self.store(table, values)
        except sqlite3.IntegrityError as error:
            raise self._refusal(line, f"{table} {id_} stands in the file twice") from error

    def _id(self, line: int, text: str) -> int:
        number = read_id(text)
        if number is None:
            raise self._refusal(line, f"the id {text[:40]!r} is not a whole number")
        return number

    def _refusal(self, line: int, problem: str) -> TransferError:
        return TransferError(
            f"In {self._path}, up to line {line}: {problem}. Mend that and run this again; nothing "
            "was changed."
        )
