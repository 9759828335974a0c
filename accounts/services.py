"""What changes an account. One verb-named function each."""

from __future__ import annotations

from django.conf import settings
from django.utils.module_loading import import_string

from accounts.models import User
from leitner.versions import later_than

CHOICES = ("time_zone", "day_starts_at", "new_per_day", "again_rule", "theme")


def furnish(*, user: User) -> None:
    """Give a new account what it begins with: calls each function that ACCOUNT_CREATED names.

    Call it inside the transaction that makes the user. This app knows no other; the setting is how
    another one (its boxes, say) comes in. Accounts made by `createsuperuser` or in the admin are
    not furnished; they work without (cards then move by the intervals of the seven boxes).
    """
    for path in settings.ACCOUNT_CREATED:
        import_string(path)(user)


def change_settings(*, user: User) -> None:
    """Save the choices of `user` (validated, unsaved), and nothing else of the row.

    What was counted about the learner's cards may depend on them, so that it is counted anew.
    """
    user.data_version = later_than("data_version")
    user.save(update_fields=[*CHOICES, "data_version"])
