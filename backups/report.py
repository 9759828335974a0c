"""What a transfer did: rows read, written, mended, set aside; the same for people and machines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

EXAMPLES = 5


class Rejects(Protocol):
    """Takes the rows that are set aside."""

    def add(self, table: str, row_id: str, reason: str, row: Mapping[str, object]) -> None: ...


@dataclass(slots=True)
class Counts:
    """Rows of one table of the source.

    `read` is counted by the source, `written` by the database that took them, after the fact; the
    transfer is undone unless `read` = `written` + `rejected`. `merged` of the written rows did not
    make a row of their own: an account whose address differs from another's by case only becomes
    part of that one.
    """

    read: int = 0
    written: int = 0
    mended: int = 0
    rejected: int = 0
    merged: int = 0


@dataclass(slots=True)
class Found:
    """How often something was found, and the first few rows where."""

    count: int = 0
    rows: list[str] = field(default_factory=list)

    def add(self, row_id: str) -> None:
        self.count += 1
        if len(self.rows) < EXAMPLES:
            self.rows.append(row_id)


@dataclass(slots=True)
class Report:
    """Filled while rows pass. Rules, reasons and notes are whole sentences in English."""

    kind: str
    rejects: Rejects
    tables: dict[str, Counts] = field(default_factory=dict)
    # By table and rule: what was mended, and how. By table and reason: what was set aside.
    mends: dict[tuple[str, str], Found] = field(default_factory=dict)
    reasons: dict[tuple[str, str], Found] = field(default_factory=dict)
    # What the operator must know besides: unknown tables and columns, accounts without a password.
    notes: list[str] = field(default_factory=list)

    def counts(self, table: str) -> Counts:
        return self.tables.setdefault(table, Counts())

    def read(self, table: str, rows: int = 1) -> None:
        self.counts(table).read += rows

    def mended(self, table: str, row_id: object, rules: Iterable[str]) -> None:
        """One row was changed by these rules (each a sentence); call it once a row."""
        self.counts(table).mended += 1
        for rule in rules:
            self.mends.setdefault((table, rule), Found()).add(str(row_id))

    def reject(self, table: str, row_id: object, reason: str, row: Mapping[str, object]) -> None:
        """One row is set aside, with the reason and everything that it held."""
        self.counts(table).rejected += 1
        self.reasons.setdefault((table, reason), Found()).add(str(row_id))
        self.rejects.add(table, str(row_id), reason, row)
