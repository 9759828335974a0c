"""What makes loading slow on PostgreSQL, taken off and put back just as it was.

Indexes, unique constraints, primary keys, foreign keys (also other tables' that point at ours).
Definitions come from the catalogs, so that what an operator added is treated like our own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

# Some indexes would not come back just as they were: `pg_get_*def` does not tell where they lie,
# that rows are clustered or replicated by them, or their own statistics; and an expression that is
# read again may be written in other words than before. They stay, and are filled row by row.
_PLAIN = """
    x.indpred IS NULL AND x.indexprs IS NULL AND i.reltablespace = 0
    AND x.indisvalid AND NOT x.indisclustered AND NOT x.indisreplident
    AND NOT EXISTS (SELECT FROM pg_attribute a
                    WHERE a.attrelid = i.oid AND coalesce(a.attstattarget, -1) <> -1)
"""

# Keys have an index of their own; what it says beyond the constraint would be lost as well. A
# constraint that a view was built on cannot be dropped.
_CONSTRAINTS = f"""
SELECT c.contype::text, c.conrelid::regclass::text, quote_ident(c.conname),
       pg_get_constraintdef(c.oid), obj_description(c.oid, 'pg_constraint')
FROM pg_constraint c
LEFT JOIN pg_index x ON x.indexrelid = c.conindid AND c.contype <> 'f'
LEFT JOIN pg_class i ON i.oid = x.indexrelid
WHERE c.conparentid = 0 AND (
    c.contype = 'f' AND (c.conrelid = ANY(%(oids)s) OR c.confrelid = ANY(%(oids)s))
    OR c.contype IN ('p', 'u') AND c.conrelid = ANY(%(oids)s) AND {_PLAIN}
        AND i.reloptions IS NULL AND obj_description(i.oid, 'pg_class') IS NULL
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.refclassid = 'pg_constraint'::regclass
                        AND d.refobjid = c.oid AND d.deptype = 'n'))
ORDER BY c.contype DESC, 2, 3
"""  # noqa: S608

_INDEXES = f"""
SELECT 'i', x.indrelid::regclass::text, i.oid::regclass::text,
       pg_get_indexdef(i.oid), obj_description(i.oid, 'pg_class')
FROM pg_index x
JOIN pg_class i ON i.oid = x.indexrelid
WHERE x.indrelid = ANY(%(oids)s) AND {_PLAIN}
    AND NOT EXISTS (SELECT FROM pg_constraint c
                    WHERE c.conindid = i.oid AND c.contype IN ('p', 'u', 'x'))
ORDER BY 2, 3
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Part:
    """One of them; names are quoted where SQL needs it. Kinds: f, p, u (constraints), i (index)."""

    kind: str
    table: str
    name: str
    definition: str
    comment: str | None

    @property
    def drop(self) -> str:
        if self.kind == "i":
            return f"DROP INDEX {self.name}"
        return f"ALTER TABLE {self.table} DROP CONSTRAINT {self.name}"

    @property
    def create(self) -> str:
        if self.kind == "i":
            return self.definition
        return f"ALTER TABLE {self.table} ADD CONSTRAINT {self.name} {self.definition}"

    @property
    def comment_on(self) -> str:
        """COMMENT with a place for the text."""
        if self.kind == "i":
            return f"COMMENT ON INDEX {self.name} IS %s"
        return f"COMMENT ON CONSTRAINT {self.name} ON {self.table} IS %s"


def parts_of(cursor: Any, oids: list[int]) -> list[Part]:
    """The parts of the tables with these ids that can be put back exactly; foreign keys last."""
    cursor.execute(_CONSTRAINTS, {"oids": oids})
    constraints = [Part(*row) for row in cursor.fetchall()]
    cursor.execute(_INDEXES, {"oids": oids})
    indexes = [Part(*row) for row in cursor.fetchall()]
    # Keys before indexes, as they were made; foreign keys need the keys that they point at.
    keys = [part for part in constraints if part.kind != "f"]
    return [*keys, *indexes, *(part for part in constraints if part.kind == "f")]


def take_off(cursor: Any, parts: Iterable[Part]) -> None:
    for part in reversed(list(parts)):
        cursor.execute(part.drop)


def put_back(cursor: Any, parts: Iterable[Part]) -> None:
    """Build them again; the database checks every row against each."""
    for part in parts:
        cursor.execute(part.create)
        if part.comment is not None:
            cursor.execute(part.comment_on, [part.comment])
