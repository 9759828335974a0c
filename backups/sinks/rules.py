"""Merging: what stays out of a target that has people, and what is fitted to what is there.

SQL over the staged (s), the mapped (m) and the target's rows (t); see the docstring of `merging`.
"""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper

from backups.sinks.staging import Staged
from cards.scheduling import MAX_INTERVAL

USERS, CARDS, DECKS, BOXES = "accounts_user", "cards_card", "cards_deck", "cards_box"
ADDRESSES, CONFIRMATIONS = "account_emailaddress", "account_emailconfirmation"
REVIEWS, UNDONE = "cards_review", "cards_undonereview"

# What an account may do and how it signs in does not come over to an account, or a group, that is
# there: by the column that names it.
RIGHTS = {
    "accounts_user_groups": "user_id",
    "accounts_user_user_permissions": "user_id",
    "auth_group_permissions": "group_id",
    "mfa_authenticator": "user_id",
}

# A password that was renewed in the old site, while the one here is still the migrated one; or none
# that anybody has signed in with: without one, or of an address that nobody confirmed, it may be a
# stranger's. It never opens an account with rights, for the old site let anybody take any address.
_PASSWORDS = """
UPDATE accounts_user SET password = s.password
FROM staged_accounts_user s JOIN mapped_accounts_user m ON m.from_row = s.id AND NOT m.added
WHERE accounts_user.id = m.to_row AND accounts_user.password <> s.password
    AND s.password <> '' AND substr(s.password, 1, 1) <> '!'
    AND NOT accounts_user.is_staff AND NOT accounts_user.is_superuser
    AND (substr(accounts_user.password, 1, 9) = 'werkzeug$'
    OR accounts_user.last_login IS NULL AND (
        substr(accounts_user.password, 1, 1) = '!' OR accounts_user.password = ''
        OR accounts_user.id IN (SELECT user_id FROM account_emailaddress WHERE NOT verified)
            AND accounts_user.id NOT IN (SELECT user_id FROM account_emailaddress WHERE verified)))
"""
# A learner's boxes stay as they are. One is added only behind the last, and only if a card lies
# there or deeper: a box that was taken away here would come back else.
_NO_SUCH_BOXES = """
owner_id IN (SELECT owner_id FROM cards_box) AND from_row NOT IN (
    SELECT s.id FROM staged_cards_box s JOIN mapped_cards_box b ON b.from_row = s.id
    WHERE s.number > (SELECT max(o.number) FROM cards_box o WHERE o.owner_id = b.owner_id)
    AND s.number <= (SELECT max(c.box) FROM cards_card c WHERE c.owner_id = b.owner_id))
"""
# Their days go on growing.
_FIT_BOXES = """
UPDATE staged_cards_box
SET interval_days = {least}({most}, {greatest}(interval_days, o.days + number - o.last))
FROM mapped_cards_box m JOIN (SELECT owner_id, max(number) AS last, max(interval_days) AS days
    FROM cards_box GROUP BY owner_id) o ON o.owner_id = m.owner_id
WHERE m.from_row = staged_cards_box.id AND m.added
"""
# By another address, whoever reads its mail could set a new password for an account that is there.
_STRANGE = """
from_row IN (SELECT s.id FROM staged_account_emailaddress s
    JOIN mapped_accounts_user o ON o.from_row = s.user_id AND NOT o.added
    JOIN accounts_user u ON u.id = o.to_row WHERE s.email <> u.email)
"""
# An account has one primary address, and an address is confirmed for one account alone.
_PRIMARY = """
UPDATE staged_account_emailaddress SET "primary" = false
FROM mapped_account_emailaddress m JOIN account_emailaddress t
    ON t.user_id = m.user_id AND t."primary"
WHERE m.from_row = staged_account_emailaddress.id AND m.added
"""
_CONFIRMED = """
UPDATE staged_account_emailaddress SET verified = false
FROM mapped_account_emailaddress m, account_emailaddress t
WHERE t.email = staged_account_emailaddress.email AND t.verified
    AND m.from_row = staged_account_emailaddress.id AND m.added
"""


def run(connection: BaseDatabaseWrapper, sql: str) -> int:
    """Run one statement; how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return max(int(cursor.rowcount), 0)


def update_passwords(connection: BaseDatabaseWrapper) -> int:
    """Of accounts that are there; how many got another password."""
    return run(connection, _PASSWORDS)


def settle(connection: BaseDatabaseWrapper, staged: Staged) -> int:
    """Decide which of the rows to be added stay out, and fit the others; how many stay out."""
    name = staged.table.name
    if name == ADDRESSES:
        run(connection, _PRIMARY)
        run(connection, _CONFIRMED)
        return _leave_out(connection, staged, _STRANGE)
    if name == CONFIRMATIONS:
        gone = "SELECT from_row FROM mapped_account_emailaddress WHERE to_row IS NULL"
        mine = f"SELECT id FROM {staged.name} WHERE email_address_id IN ({gone})"  # noqa: S608
        return _leave_out(connection, staged, f"from_row IN ({mine})")
    if name == BOXES:
        postgres = connection.vendor == "postgresql"
        least, greatest = ("LEAST", "GREATEST") if postgres else ("min", "max")
        run(connection, _FIT_BOXES.format(least=least, greatest=greatest, most=MAX_INTERVAL))
        return _leave_out(connection, staged, _NO_SUCH_BOXES)
    if column := RIGHTS.get(name):
        parent = staged.table.column(column).references
        there = f"SELECT to_row FROM mapped_{parent} WHERE NOT added"  # noqa: S608
        return _leave_out(connection, staged, f'"{column}" IN ({there})')
    # An answer that was taken back does not return; one that counts is not taken back.
    if other := {REVIEWS: UNDONE, UNDONE: REVIEWS}.get(name):
        return _leave_out(connection, staged, f"from_row IN (SELECT id FROM {other})")  # noqa: S608
    return 0


def _leave_out(connection: BaseDatabaseWrapper, staged: Staged, condition: str) -> int:
    sql = f'UPDATE "{staged.mapped}" SET to_row = NULL, added = false WHERE added AND '  # noqa: S608
    return run(connection, sql + condition)
