"""An upload waits, compressed, until the learner decides; only a few may wait at a time."""

from __future__ import annotations

import datetime as dt
import zlib
from typing import TYPE_CHECKING

from cards.models import Import
from cards.writing import writing

if TYPE_CHECKING:
    from accounts.models import User

WAITING_MAX = 3


def receive_upload(*, owner: User, data: bytes, file_name: str, now: dt.datetime) -> Import:
    """Keep an upload for its preview. The learner's oldest undecided ones make room for it."""
    with writing(owner):
        source = Import.objects.create(
            owner=owner,
            file_name=file_name,
            data=zlib.compress(data, 1),
            created_at=now,
        )
        waiting = Import.objects.filter(owner=owner, applied_at=None).order_by("-id")
        old = list(waiting.values_list("id", flat=True)[WAITING_MAX:])
        Import.objects.filter(pk__in=old).delete()
    return source


def recent_imports(owner: User, limit: int = 10) -> list[Import]:
    """The last applied imports, without their data."""
    applied = Import.objects.filter(owner=owner).exclude(applied_at=None)
    return list(applied.defer("data").order_by("-applied_at", "-id")[:limit])
