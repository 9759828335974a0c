"""Every write to a learner's cards happens inside `writing(owner)`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.contrib.auth import get_user_model
from django.db import transaction

from leitner.versions import later, later_than

if TYPE_CHECKING:
    from accounts.models import User


@contextmanager
def writing(owner: User) -> Iterator[int | None]:
    """One transaction that begins by taking the learner's row.

    A learner's writes so happen one after the other, whatever the number of tabs, phones and
    imports: none waits for another in a circle, none works on what another is changing. Other
    learners and all readers go on beside it. The new `data_version` retires what was cached.

    Yields the new version when nothing was written since `owner` was read; None when it is not
    known, or does not follow `owner.data_version` at once.
    """
    with transaction.atomic():
        users = get_user_model().objects.filter(pk=owner.pk)
        version = later(owner.data_version)
        if users.filter(data_version=owner.data_version).update(data_version=version):
            yield version
        else:
            users.update(data_version=later_than("data_version"))
            yield None
