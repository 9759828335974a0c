"""Every write to a learner's cards happens inside `writing(owner)`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import F

if TYPE_CHECKING:
    from accounts.models import User


@contextmanager
def writing(owner: User) -> Iterator[None]:
    """One transaction that begins by taking the learner's row.

    A learner's writes so happen one after the other, whatever the number of tabs, phones and
    imports: none waits for another in a circle, none works on what another is changing. Other
    learners and all readers go on beside it. The new `data_version` retires what was cached.
    """
    with transaction.atomic():
        get_user_model().objects.filter(pk=owner.pk).update(data_version=F("data_version") + 1)
        yield
