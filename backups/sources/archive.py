"""An archive as a source: what `backups.archives.exporting` wrote, or an older release of it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice
from typing import Self

from backups.archives.archive import ArchiveError, Member, Reader
from backups.archives.csv_text import LETTERS_MAX, CsvError, csv_line, csv_rows
from backups.errors import TransferError
from backups.report import Report
from backups.sentences import gettext_noop
from backups.sources import CsvText, Stream
from backups.sources.older_archive import beginning, check_complete
from backups.tables import Column, Table, table, tables
from backups.wire import Row
from backups.wire_forms import Forms

BATCH = 1_000
NO_HEADER = gettext_noop("its first row does not name its columns")


class ArchiveSource:
    """The rows of an archive that was opened, and whose every checksum was read and found right.

    A table or column that an older release did not have yet gets what its model begins with.
    TransferError when the archive holds one that this release does not know, or lacks one that its
    own release had. No value may have more than `letters_max` letters.
    """

    kind = "archive"

    def __init__(self, reader: Reader, letters_max: int = LETTERS_MAX) -> None:
        self._reader, self._letters_max = reader, letters_max
        self._members = {member.table: member for member in reader.manifest.tables}
        known = {table.name: {column.name for column in table.columns} for table in tables()}
        for member in reader.manifest.tables:
            if odd := set(member.columns) - known.get(member.table, set()):
                raise TransferError(
                    gettext_noop(
                        "%(name)s holds %(table)s with %(columns)s, which this release of Leitner "
                        "does not know. Leitner must be updated first. Nothing was changed."
                    ),
                    name=reader.name,
                    table=member.table,
                    columns=", ".join(sorted(odd)),
                )
            twice = len(member.columns) != len(set(member.columns))
            if twice or member.table not in known or not keyed(member):
                raise TransferError(
                    gettext_noop(
                        "%(name)s holds %(file)s without a column that tells its rows apart, or "
                        "with one twice. Leitner did not make it. Nothing was changed."
                    ),
                    name=reader.name,
                    file=member.file,
                )
        check_complete(reader.manifest, reader.name)

    def totals(self) -> dict[str, int]:
        return {table.label: self._members[table.name].rows for table in self._tables()}

    def rows(self) -> dict[str, int]:
        """How many rows each table holds, by the tables' names."""
        return {name: member.rows for name, member in self._members.items()}

    def streams(self, report: Report) -> Iterator[Stream]:
        for each in self._tables():
            member = self._members[each.name]
            given = each.only(*member.columns)
            begun = {
                column: value
                for column in each.columns
                if column not in given and (value := beginning(each, column)) is not None
            }
            rows = self._rows(each, member, given, tuple(begun.values()), report)
            # A database can read and compare the text by itself where no row needs a value more.
            whole = len(given) == len(each.columns)
            text = self._as_text(each, member, report) if whole else None
            yield Stream(each, (*given, *begun), rows, text)

    def cards_per_owner(self) -> None:
        """An archive cannot count; its texts are compared byte by byte instead."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        """Whoever opened the archive closes it."""

    def _tables(self) -> Iterator[Table]:
        return (table for table in tables() if table.name in self._members)

    def _rows(
        self,
        table: Table,
        member: Member,
        given: tuple[Column, ...],
        begun: Row,
        report: Report,
    ) -> Iterator[list[Row]]:
        forms, number = Forms(table, given), 0
        try:
            rows = csv_rows(self._reader.chunks(member), self._letters_max)
            if next(rows, None) != member.columns:
                raise CsvError(NO_HEADER)
            while batch := list(islice(rows, BATCH)):
                for row in batch:
                    number += 1
                    if len(row) != len(given):
                        text = gettext_noop("row %(row)s has %(values)s values, not %(columns)s")
                        raise CsvError(text, row=number, values=len(row), columns=len(given))
                    if complaint := forms.complaint(tuple(row)):
                        text = gettext_noop("in row %(row)s %(problem)s")
                        raise CsvError(text, row=number, problem=complaint)
                report.read(table.label, len(batch))
                yield [(*row, *begun) for row in batch]
            if number != member.rows:
                text = gettext_noop("it has %(rows)s rows, and the manifest tells of %(told)s")
                raise CsvError(text, rows=f"{number:,}", told=f"{member.rows:,}")
        except (CsvError, ArchiveError) as error:
            raise self._refusal(member, error) from error

    def _as_text(self, table: Table, member: Member, report: Report) -> CsvText:
        def pieces() -> Iterator[bytes]:
            done = told = 0
            for piece in self._text(member):
                yield piece
                done += len(piece)
                # How far the text is tells how many rows have passed; the last piece makes it even.
                share = member.rows * done // max(member.bytes, 1)
                report.read(table.label, share - told)
                told = share
            report.read(table.label, member.rows - told)

        return CsvText(pieces, member.rows, member.sha256)

    def _text(self, member: Member) -> Iterator[bytes]:
        """The CSV without its first row."""
        header = csv_line(member.columns).encode()
        start = b""
        try:
            chunks = self._reader.chunks(member)
            while len(start) < len(header) and (chunk := next(chunks, b"")):
                start += chunk
            if not start.startswith(header):
                raise CsvError(NO_HEADER)
            yield from chain([start[len(header) :]], chunks)
        except (CsvError, ArchiveError) as error:
            raise self._refusal(member, error) from error

    def _refusal(self, member: Member, problem: CsvError | ArchiveError) -> TransferError:
        if isinstance(problem, ArchiveError):  # It names the archive itself.
            return TransferError(gettext_noop("%(why)s Nothing was changed."), why=problem)
        return TransferError(
            gettext_noop(
                "%(name)s has a %(file)s that cannot be read: %(why)s. Nothing was changed."
            ),
            name=self._reader.name,
            file=member.file,
            why=problem,
        )


def keyed(member: Member) -> bool:
    """Whether the primary key is among the columns."""
    return table(member.table).key in member.columns
