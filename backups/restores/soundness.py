"""The app's own look at a restored database: could everybody sign in, and find what is due?

Foreign keys, constraints and checksums are looked at before; here is what only the app knows.
"""

from __future__ import annotations

import datetime as dt
from functools import cache

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import BasePasswordHasher, identify_hasher, is_password_usable
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from accounts.hashers import is_usable_werkzeug
from backups.errors import TransferError
from cards.models import Card

# Of so many learners, those with the most cards, what is due is counted in two ways.
LEARNERS = 20

_DUE = """
SELECT count(*) FROM cards_card WHERE owner_id = %s AND deleted_at IS NULL
    AND NOT suspended AND due <= %s
"""
_MOST_CARDS = """
SELECT owner_id FROM cards_card GROUP BY owner_id ORDER BY count(*) DESC, owner_id LIMIT %s
"""
# What no foreign key can hold, as (how many rows are wrong, what is wrong with them).
_RULES = {
    "cards lie in a deck of somebody else": """
SELECT count(*) FROM cards_card c JOIN cards_deck d ON d.id = c.deck_id
WHERE d.owner_id <> c.owner_id""",
    "reviews are of a card of somebody else": """
SELECT count(*) FROM cards_review r JOIN cards_card c ON c.id = r.card_id
WHERE c.owner_id <> r.owner_id""",
    "cards lie in a box that their learner does not have": """
SELECT count(*) FROM cards_card c JOIN (
    SELECT owner_id, max(number) AS last FROM cards_box GROUP BY owner_id) b
ON b.owner_id = c.owner_id WHERE c.box > b.last""",
    "learners miss a box between others": """
SELECT count(*) FROM (SELECT owner_id FROM cards_box GROUP BY owner_id
    HAVING count(*) <> max(number) OR min(number) <> 1) q""",
    "answers count and were taken back at once": """
SELECT count(*) FROM cards_review r JOIN cards_undonereview u ON u.id = r.id""",
}


def check_sound(connection: BaseDatabaseWrapper) -> None:
    """TransferError when the app could not live with what is in this database."""
    with connection.cursor() as cursor:
        for problem, query in _RULES.items():
            cursor.execute(query)
            (wrong,) = cursor.fetchone()
            if wrong:
                raise TransferError(f"In the backup, {wrong:,} {problem}. Nothing was changed.")
    _check_due(connection, timezone.now())
    _check_passwords(connection)


def _check_due(connection: BaseDatabaseWrapper, now: dt.datetime) -> None:
    """What is due, by the query that every page uses and by plain SQL."""
    learners = get_user_model()._default_manager.using(connection.alias)
    with connection.cursor() as cursor:
        cursor.execute(_MOST_CARDS, [LEARNERS])
        for (pk,) in cursor.fetchall():
            learner = learners.get(pk=pk)
            try:
                today = learner.today(now)
            except (ValueError, KeyError) as error:  # ZoneInfo: an odd name, or an unknown one.
                raise TransferError(
                    f"The time zone of account {pk} of the backup is none. Nothing was changed."
                ) from error
            shown = Card.objects.using(connection.alias).of(learner).due(today).count()
            cursor.execute(_DUE, [pk, today])
            if cursor.fetchone() != (shown,):
                raise TransferError(
                    f"What is due cannot be told for account {pk} of the backup. Nothing was "
                    "changed."
                )


def _check_passwords(connection: BaseDatabaseWrapper) -> None:
    """Every account that has a password has one that it can sign in with."""
    users = get_user_model()._default_manager.using(connection.alias).order_by("pk")
    for pk, encoded in users.values_list("pk", "password").iterator(chunk_size=2_000):
        # An account without a password begins with "!"; it is set by mail.
        if encoded and is_password_usable(encoded) and not _is_whole(encoded):
            raise TransferError(
                f"The password of account {pk} of the backup is damaged: nobody could sign in "
                "with it. Nothing was changed."
            )


def _is_whole(encoded: str) -> bool:
    """Whether a hasher of ours made it, and all of it is there."""
    try:
        hasher = identify_hasher(encoded)
        if hasher.algorithm == "werkzeug":
            return is_usable_werkzeug(encoded)
        return _shape(hasher, encoded) == _own_shape(hasher)
    except Exception:  # Each hasher stumbles in its own way over what it did not make.
        return False


def _shape(hasher: BasePasswordHasher, encoded: str) -> tuple[int, bool]:
    """The length of the hash itself, and whether there is a salt."""
    parts = hasher.decode(encoded)
    return len(parts["hash"]), bool(parts["salt"])


@cache
def _own_shape(hasher: BasePasswordHasher) -> tuple[int, bool]:
    """Of a hash that the hasher makes itself."""
    return _shape(hasher, hasher.encode("any", hasher.salt()))
