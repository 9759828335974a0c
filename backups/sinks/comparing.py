"""After a merge: every row of the source is in the target, and rows that were added are equal."""

from __future__ import annotations

from collections.abc import Collection
from itertools import zip_longest

from django.db.backends.base.base import BaseDatabaseWrapper

from backups.errors import TransferError
from backups.sentences import gettext_noop
from backups.sinks.mapping import same
from backups.sinks.staging import Staged
from backups.sources import Source

# How many staged rows are not in the target, or not as they should be.
_WRONG = """
SELECT count(*) FROM "{staged}" s
LEFT JOIN "{mapped}" m ON m.from_row = s."{key}"
LEFT JOIN "{table}" t ON t."{key}" = m.to_row
WHERE m.from_row IS NULL OR m.to_row IS NOT NULL AND (t."{key}" IS NULL OR {different})
"""
_CARDS_PER_OWNER = """
SELECT s.owner_id, count(*) FROM staged_cards_card s
JOIN mapped_cards_card m ON m.from_row = s.id
JOIN cards_card t ON t.id = m.to_row AND t.owner_id = m.owner_id
GROUP BY s.owner_id ORDER BY s.owner_id
"""


def check_rows(connection: BaseDatabaseWrapper, staged: Staged, known: Collection[str]) -> None:
    """TransferError unless each staged row is in the target, or left out by a rule.

    `known` are the tables whose rows were mapped to other ids.
    """
    table, equal = staged.table, same(connection)
    different = []
    for column in table.columns:
        name = f'"{column.name}"'
        if column.name == table.key:
            continue
        if column.references in known:
            different.append(f"m.added AND NOT t.{name} {equal} m.{name}")
            # Nothing that a row refers to may have got lost on the way.
            different.append(f"s.{name} IS NOT NULL AND m.{name} IS NULL")
        else:
            different.append(f"m.added AND NOT t.{name} {equal} s.{name}")
    sql = _WRONG.format(
        staged=staged.name,
        mapped=staged.mapped,
        table=table.name,
        key=table.key,
        different=" OR ".join(different),
    )
    with connection.cursor() as cursor:
        cursor.execute(sql)
        (wrong,) = cursor.fetchone()
    if wrong:
        raise TransferError(
            gettext_noop(
                "%(wrong)s of %(rows)s rows of %(table)s are not in the target as they should be. "
                "Nothing was changed; please report this with the file that was read."
            ),
            wrong=f"{wrong:,}",
            rows=f"{staged.rows:,}",
            table=table.name,
        )


def check_owners(connection: BaseDatabaseWrapper, source: Source, cards: bool) -> None:
    """TransferError unless each learner of the source has all cards of theirs in the target.

    `cards`: whether there were any. One pair is in memory at a time.
    """
    counted = source.cards_per_owner()
    if counted is None:
        return
    with connection.chunked_cursor() as cursor:
        cursor.execute(_CARDS_PER_OWNER if cards else "SELECT 0, 0 WHERE false")
        for theirs, ours in zip_longest(counted, cursor):
            if theirs != ours:
                raise TransferError(
                    gettext_noop(
                        "The cards of the learners differ from the source's (learner in the "
                        "source, cards): %(theirs)s there, %(ours)s here. Nothing was changed."
                    ),
                    theirs=theirs or "-",
                    ours=ours or "-",
                )
