"""An account goes with every row of its learner, in a few statements, however large it is."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connections, transaction
from django.utils import timezone

from accounts.models import User
from backups.own.owned import Owned, owned
from backups.tables import tables
from cards.remembering import forget


class LastAdmin(Exception):
    """Without this account nobody could get into the admin."""


def delete_account(user: User, using: str = "default") -> None:
    """Delete the account and all that is this learner's, in one transaction; sign them out.

    LastAdmin, and nothing is changed, when it may use the admin and no other superuser remains.
    What the admin log says of the learner's rows is emptied.
    """
    keys = []
    with transaction.atomic(using=using):
        users = User.objects.using(using)
        # In one order, and held until the end: of two last admins one stays.
        admins = users.filter(is_superuser=True, is_active=True).order_by("pk")
        others = set(admins.select_for_update().values_list("pk", flat=True))
        user = users.select_for_update().get(pk=user.pk)
        if (user.is_staff or user.is_superuser) and not others - {user.pk}:
            raise LastAdmin
        sessions = UserSession.objects.using(using).filter(user_id=user.pk)
        keys = list(sessions.values_list("session_key", flat=True))
        with connections[using].cursor() as cursor:
            for each in _children_first():
                cursor.execute(_silenced(each, user.pk, using))
                where = each.condition(user.pk)
                cursor.execute(f'DELETE FROM "{each.table}" WHERE {where}')  # noqa: S608
    for key in keys:
        import_module(settings.SESSION_ENGINE).SessionStore(key).delete()
    forget(user, user.today(timezone.now()))


def _children_first() -> Iterator[Owned]:
    """What does not travel belongs to what does, to other rows or to the learner alone."""
    found = dict(owned())
    order = [table.name for table in reversed(tables()) if table.name in found]
    others = [each for name, each in found.items() if name not in order]
    yield from sorted(others, key=lambda each: -each.depth)
    yield from (found[name] for name in order)


def _silenced(each: Owned, user_id: int, using: str) -> str:
    """SQL that takes the words out of what the admin log says about these rows."""
    meta = each.model._meta
    kind = ContentType.objects.db_manager(using).get_for_model(each.model).pk
    rows = f'SELECT CAST("{meta.pk.column}" AS text) FROM "{each.table}"'  # noqa: S608
    return (
        f"UPDATE \"{LogEntry._meta.db_table}\" SET object_repr = '', change_message = '' "  # noqa: S608
        f"WHERE content_type_id = {kind} "
        f"AND object_id IN ({rows} WHERE {each.condition(user_id)})"
    )
