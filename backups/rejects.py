"""The rejects file: rows that were set aside, to be mended by hand and fed in again.

CSV with the columns `table`, `row` (the id there), `reason`, then every column that such rows have
in the source, then `owner_email`, which is for whoever mends it. NULL and the empty text are both
an empty cell. Bytes that are no text are shown as \\xff.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from backups.errors import TransferError

FIRST, LAST = ("table", "row", "reason"), "owner_email"
# What a spreadsheet would take for a formula gets an apostrophe in front, and loses it on reading.
_FORMULA, _QUOTED = re.compile(r"'*[=+@\t\r-]"), re.compile(r"'+[=+@\t\r-]")


class NoRejects:
    """For transfers that take every row or none."""

    def add(self, table: str, row_id: str, reason: str, row: Mapping[str, object]) -> None:
        raise TransferError(f"Row {row_id} of {table} cannot be taken: {reason}")

    def keep(self) -> None:
        """There are none."""

    def discard(self) -> None:
        """There are none."""


class RejectsFile:
    """Takes rows in constant memory; the file at `path` is made by `keep`, if there are any."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._part = path.with_name(f"{path.name}.part")
        # Which columns the file needs is known after the last row: until then they wait here.
        self._waiting: IO[str] | None = None
        self._columns: dict[str, tuple[str, ...]] = {}  # By table.
        self._kept = False

    def add(self, table: str, row_id: str, reason: str, row: Mapping[str, object]) -> None:
        """Rows of one table must have the same columns. TransferError when the disk is full."""
        try:
            if self._waiting is None:
                self._waiting = TemporaryFile(  # noqa: SIM115  # `keep` or `discard` closes it.
                    "w+", encoding="utf-8", newline=""
                )
            self._columns.setdefault(table, tuple(row))
            cells = [table, row_id, reason, *map(_cell, row.values())]
            csv.writer(self._waiting).writerow(cells)
        except OSError as error:
            raise self._refusal(error) from error

    def keep(self) -> None:
        """Write the file, readable by its owner only; TransferError when it cannot be done.

        It is on the disk, whole, when this returns. A file of that name is never overwritten.
        """
        if self._waiting is None or self._kept:
            return
        try:
            descriptor = os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows(self._lines(self._waiting))
                file.flush()
                os.fsync(file.fileno())
            if self.path.exists():
                raise FileExistsError("it is there already")
            self._part.replace(self.path)
        except OSError as error:
            raise self._refusal(error) from error
        self._kept = True
        self._waiting.close()

    def discard(self) -> None:
        """Remove whatever this made."""
        if self._waiting is not None:
            self._waiting.close()
            self._part.unlink(missing_ok=True)
        if self._kept:
            self.path.unlink(missing_ok=True)
        self._waiting, self._kept = None, False

    def _lines(self, waiting: IO[str]) -> Iterator[list[str]]:
        columns = dict.fromkeys(name for names in self._columns.values() for name in names)
        columns.pop(LAST, None)  # Rows that come from such a file have it.
        yield [*FIRST, *map(_heading, columns), LAST]
        waiting.seek(0)
        for line in _reader(waiting):
            given = dict(zip(self._columns[line[0]], line[3:], strict=True))
            yield [*line[:3], *(given.get(name, "") for name in columns), given.get(LAST, "")]

    def _refusal(self, error: OSError) -> TransferError:
        return TransferError(
            f"The rejects file {self.path} cannot be written ({error.strerror or error}). "
            "Nothing was changed. Name another place with --rejects."
        )


def _reader(file: IO[str]) -> Iterator[list[str]]:
    csv.field_size_limit(2**31 - 1)  # A note may hold megabytes.
    return csv.reader(file)


def _heading(column: str) -> str:
    """A column of the source that is called as one of ours gets another heading."""
    return f"{column} (column)" if column.lower() in {*FIRST, LAST} else column


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "backslashreplace")
    if isinstance(value, str):
        value = value.encode("utf-8", "backslashreplace").decode()
        return f"'{value}" if _FORMULA.match(value) else value
    return str(value)


def uncell(cell: str) -> str:
    """What a cell of the file stands for: the apostrophe before a would-be formula goes."""
    return cell[1:] if _QUOTED.match(cell) else cell


def new_rejects(path: Path) -> RejectsFile:
    """The file for rows that are set aside; TransferError when it cannot be made there."""
    if path.exists():
        raise TransferError(
            f"{path} is there already. Name another file for the rows that are set aside with "
            "--rejects. Nothing was changed."
        )
    if not path.absolute().parent.is_dir():
        raise TransferError(f"There is no folder {path.parent} for the rejects file.")
    return RejectsFile(path)
