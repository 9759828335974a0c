"""An archive as a source: what `backups.exporting` wrote, or an older release of it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice

from django.db import models

from backups.archive import ArchiveError, Member, Reader
from backups.csv_text import CsvError, csv_line, csv_rows
from backups.errors import TransferError
from backups.report import Report
from backups.sources import CsvText, Stream
from backups.tables import Column, Table, tables
from backups.wire import Row

BATCH = 1_000


class ArchiveSource:
    """The rows of an archive that was opened, and whose every checksum was read and found right.

    A table or column that an older release did not have yet gets what its model begins with.
    TransferError when the archive holds one that this release does not know.
    """

    kind = "archive"

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._members = {member.table: member for member in reader.manifest.tables}
        known = {table.name: {column.name for column in table.columns} for table in tables()}
        for member in reader.manifest.tables:
            if odd := set(member.columns) - known.get(member.table, set()):
                raise TransferError(
                    f"{reader.path.name} holds {member.table} with {', '.join(sorted(odd))}, which "
                    "this release of Leitner does not know. Update Leitner first."
                )

    def totals(self) -> dict[str, int]:
        return {table.label: self._members[table.name].rows for table in self._tables()}

    def streams(self, report: Report) -> Iterator[Stream]:
        for table in self._tables():
            member = self._members[table.name]
            given = [table.column(name) for name in member.columns]
            begun = {
                column: value
                for column in table.columns
                if column not in given and (value := beginning(table, column)) is not None
            }
            rows = self._rows(table, member, tuple(begun.values()), report)
            # The database can read the text by itself where no row needs a value more.
            text = None if begun else CsvText(lambda m=member: self._text(m), member.sha256)  # type: ignore[misc]
            yield Stream(table, (*given, *begun), rows, text)

    def cards_per_owner(self) -> None:
        """An archive cannot count; its texts are compared byte by byte instead."""

    def __enter__(self) -> ArchiveSource:
        return self

    def __exit__(self, *error: object) -> None: ...

    def _tables(self) -> Iterator[Table]:
        return (table for table in tables() if table.name in self._members)

    def _rows(
        self, table: Table, member: Member, begun: Row, report: Report
    ) -> Iterator[list[Row]]:
        width = len(member.columns)
        try:
            rows = csv_rows(self._reader.chunks(member))
            if next(rows, None) != member.columns:
                raise CsvError("its first row does not name its columns")
            while batch := list(islice(rows, BATCH)):
                report.read(table.label, len(batch))
                if any(len(row) != width for row in batch):
                    raise CsvError(f"a row has not {width} values")
                yield [(*row, *begun) for row in batch]
        except (CsvError, ArchiveError) as error:
            raise TransferError(
                f"{member.file} of {self._reader.path.name} cannot be read: {error}. Nothing was "
                "changed."
            ) from error

    def _text(self, member: Member) -> Iterator[bytes]:
        """The CSV without its first row."""
        chunks = self._reader.chunks(member)
        header = csv_line(member.columns).encode()
        start = b""
        while len(start) < len(header) and (chunk := next(chunks, b"")):
            start += chunk
        if not start.startswith(header):
            raise TransferError(
                f"{member.file} of {self._reader.path.name} does not begin with the names of its "
                "columns. Nothing was changed."
            )
        return chain([start[len(header) :]], chunks)


def beginning(table: Table, column: Column) -> str | None:
    """What a new row of the model begins with in this column, in wire form; None for NULL."""
    field = next(
        field for field in table.model._meta.concrete_fields if field.column == column.name
    )
    if field.null:
        return None
    value = field.get_default()
    if isinstance(field, models.BooleanField):
        return "t" if value else "f"
    known = field.has_default() or field.blank
    if not known or not isinstance(value, str | int):
        raise TransferError(
            f"The archive has no {column.name} for {table.name}, and there is no value to begin "
            "with. Restore it with the release that wrote it, and update then."
        )
    return str(value)
