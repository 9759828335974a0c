"""What a transfer did: rows read, written, mended, set aside; the same for people and machines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

EXAMPLES = 5


class Rejects(Protocol):
    """Takes the rows that are set aside."""

    def add(self, table: str, row_id: str, reason: str, row: Mapping[str, object]) -> None: ...

    def keep(self) -> None:
        """What was added is safe on the disk under its final name, if there was anything."""

    def discard(self) -> None:
        """Nothing is left on the disk."""


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
    seconds: float = 0.0


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

    def counts_if_known(self, table: str) -> Counts:
        """The counts of one of the source's tables; of nothing for what was made along the way."""
        return self.tables.get(table, Counts())

    @property
    def rejected(self) -> int:
        """Rows set aside in all tables."""
        return sum(counts.rejected for counts in self.tables.values())

    def as_json(self) -> dict[str, object]:
        """The part of the command's JSON that is known here."""
        names = "read", "written", "mended", "rejected", "merged"
        return {
            "source": self.kind,
            "tables": {
                table: {name: getattr(counts, name) for name in names}
                for table, counts in self.tables.items()
            },
            "mended": [_found(*key, found) for key, found in self.mends.items()],
            "set_aside": [_found(*key, found) for key, found in self.reasons.items()],
            "notes": self.notes,
        }

    def as_text(self) -> str:
        """A table of the counts, then what was mended, set aside and noticed."""
        lines = [f"{'':22}{'read':>11}{'written':>11}{'mended':>11}{'rejected':>11}{'seconds':>9}"]
        for table, counts in self.tables.items():
            numbers = (counts.read, counts.written, counts.mended, counts.rejected)
            cells = "".join(f"{number:11,}" for number in numbers)
            lines.append(f"{table:22}{cells}{counts.seconds:9.1f}")
        lines += _listed("Mended:", self.mends)
        lines += _listed("Set aside:", self.reasons)
        lines += ["", "To know:", *(f"  {note}" for note in self.notes)] if self.notes else []
        return "\n".join(lines)


def _found(table: str, what: str, found: Found) -> dict[str, object]:
    return {"table": table, "what": what, "rows": found.count, "examples": found.rows}


def _listed(title: str, kinds: Mapping[tuple[str, str], Found]) -> list[str]:
    if not kinds:
        return []
    lines = ["", title]
    for (table, what), found in kinds.items():
        more = ", ..." if found.count > len(found.rows) else ""
        lines.append(f"  {found.count:,} of {table}: {what} (id {', '.join(found.rows)}{more})")
    return lines
