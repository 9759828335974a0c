"""Merging: which deck and which card is there already, and whose text and place are the newer ones.

SQL over the staged (s), the mapped (m) and the target's rows (t); see the docstring of `merging`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.db.backends.base.base import BaseDatabaseWrapper

from backups.sinks.mapping import same
from backups.sinks.rules import UNDONE, run
from backups.sinks.staging import Staged

TEXT = ("front", "back", "link", "solved_on")
PLACE = ("box", "due", "last_reviewed")

# A live deck is the one of its name; else the one made at the same instant, which was renamed here
# since; else the one that was deleted here, unless a card that is not there yet would be deleted
# with it. A deck that is deleted in the source is known by its name and instant.
_DECKS = """coalesce(
(SELECT t.id FROM cards_deck t WHERE t.owner_id = {owner} AND t.name = s.name
    AND t.deleted_at IS NULL AND s.deleted_at IS NULL),
(SELECT CASE WHEN count(*) = 1 THEN min(t.id) END FROM cards_deck t
    WHERE t.owner_id = {owner} AND t.created_at = s.created_at
    AND t.deleted_at IS NULL AND s.deleted_at IS NULL AND NOT EXISTS (
        SELECT 1 FROM staged_cards_deck x WHERE x.owner_id = s.owner_id AND x.name = t.name
        AND x.deleted_at IS NULL)),
(SELECT min(t.id) FROM cards_deck t WHERE t.owner_id = {owner}
    AND t.created_at = s.created_at AND t.name = s.name
    AND (s.deleted_at IS NOT NULL OR s.id NOT IN (SELECT deck_id FROM new_cards)))
)"""
_NEW_CARDS = """
INSERT INTO new_cards SELECT DISTINCT c.deck_id FROM staged_cards_card c
JOIN mapped_accounts_user o ON o.from_row = c.owner_id
LEFT JOIN cards_card t ON t.owner_id = o.to_row AND t.guid = c.guid
WHERE t.id IS NULL AND c.deleted_at IS NULL
"""
_DECIDED = """
CREATE TEMP TABLE decided AS SELECT q.* FROM (
    SELECT m.from_row, m.to_row, t.owner_id,
        coalesce({text}, false) AS text, coalesce({place}, false) AS place
    FROM mapped_cards_card m JOIN staged_cards_card s ON s.id = m.from_row
    JOIN cards_card t ON t.id = m.to_row JOIN accounts_user u ON u.id = t.owner_id
    JOIN staged_accounts_user v ON v.id = s.owner_id WHERE NOT m.added) q
WHERE q.text OR q.place
"""
_TAKE = """
UPDATE cards_card SET {values} FROM staged_cards_card s JOIN decided d ON d.from_row = s.id
WHERE cards_card.id = d.to_row AND d.{decision}
"""
# The legacy app knows days only: of one and the same day, the answer given here counts. `r.on` is
# the learner's own day; an instant that belongs to no review came from the legacy app as well.
_LATER_DAY = """
s.last_reviewed IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM cards_review r WHERE r.card_id = t.id AND r."on" >= {there})
AND (t.last_reviewed IS NULL OR {here} < {there} OR EXISTS (
    SELECT 1 FROM cards_review r WHERE r.card_id = t.id AND r.answered_at = t.last_reviewed))
"""
# An answer given here at noon sharp is no day of the legacy app.
_NO_ANSWER = """
AND NOT EXISTS (
    SELECT 1 FROM cards_review r WHERE r.card_id = t.id AND r.answered_at = t.last_reviewed)
"""
_LATER_ANSWER = """
s.last_reviewed IS NOT NULL AND (t.last_reviewed IS NULL OR s.last_reviewed > t.last_reviewed)
"""
_NOT_TAKEN_BACK = f"""
AND (s.id, s.last_reviewed) NOT IN (SELECT r.card_id, r.answered_at
    FROM staged_cards_review r JOIN {UNDONE} x ON x.id = r.id)
"""  # noqa: S608
# Answered in neither place since: the place was changed by hand, or with the boxes. The source's
# counts as long as the learner has not signed in here.
_UNTOUCHED = """
s.last_reviewed {same} t.last_reviewed AND (u.last_login IS NULL OR u.last_login <= v.last_login)
"""


def deck_finder(connection: BaseDatabaseWrapper, cards: Staged | None) -> Callable[[str], str]:
    """For `Mapper.map`: which deck of the target a deck of the source is."""
    run(connection, "CREATE TEMP TABLE new_cards (deck_id bigint)")
    if cards:
        run(connection, _NEW_CARDS)
    return lambda owner: _DECKS.format(owner=owner)


def update_cards(
    connection: BaseDatabaseWrapper, cards: Staged, *, legacy: bool, reviews: bool
) -> int:
    """Text and place of cards that are there, where the source's are the newer; how many changed.

    `legacy`: the source tells days only. `reviews`: its reviews are staged too. The owners' ids are
    added to the table `touched`.
    """
    text = [name for name in TEXT if name in cards.given]
    place = [name for name in PLACE if name in cards.given]
    newer_place = _later(connection, legacy, reviews) if "last_reviewed" in place else "false"
    run(
        connection,
        _DECIDED.format(
            text=f"({_differ(connection, text)}) AND "
            "(t.edited_at IS NULL OR s.edited_at > t.edited_at)",
            place=f"({_differ(connection, place)}) AND ({newer_place})",
        ),
    )
    edited = [name for name in ("edited_at",) if name in cards.given]
    for columns, decision in ([*text, *edited], "text"), (place, "place"):
        if columns:
            values = ", ".join(f'"{name}" = s."{name}"' for name in columns)
            run(connection, _TAKE.format(values=values, decision=decision))
    return run(connection, "INSERT INTO touched SELECT owner_id FROM decided")


def _later(connection: BaseDatabaseWrapper, legacy: bool, reviews: bool) -> str:
    """SQL: the source's place is the newer one."""
    untouched = _UNTOUCHED.format(same=same(connection))
    if legacy:
        untouched += _NO_ANSWER
        here, there = _day(connection, "t.last_reviewed"), _day(connection, "s.last_reviewed")
        later = _LATER_DAY.format(here=here, there=there)
    else:
        later = _LATER_ANSWER + (_NOT_TAKEN_BACK if reviews else "")
    return f"({later}) OR ({untouched})"


def _day(connection: BaseDatabaseWrapper, instant: str) -> str:
    """SQL for the date of this instant, in UTC."""
    if connection.vendor == "postgresql":
        return f"({instant} AT TIME ZONE 'UTC')::date"
    return f"substr({instant}, 1, 10)"


def _differ(connection: BaseDatabaseWrapper, columns: Sequence[str]) -> str:
    """SQL: one of these columns is another one in the source than here."""
    equal = (f's."{name}" {same(connection)} t."{name}"' for name in columns)
    return f"NOT ({' AND '.join(equal)})" if columns else "false"
