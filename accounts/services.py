"""What changes an account. One verb-named function each."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from accounts.models import User
from accounts.reminders.claims import next_reminder
from leitner.versions import later_than

CHOICES = ("time_zone", "day_starts_at", "new_per_day", "again_rule", "theme", "remind_at")


def furnish(*, user: User) -> None:
    """Give a new account what it begins with: calls each function that ACCOUNT_CREATED names.

    Call it inside the transaction that makes the user. This app knows no other; the setting is how
    another one (its boxes, say) comes in. Accounts made by `createsuperuser` or in the admin are
    not furnished; they work without (cards then move by the intervals of the seven boxes).
    """
    for path in settings.ACCOUNT_CREATED:
        import_string(path)(user)


@transaction.atomic
def change_settings(*, user: User, now: dt.datetime) -> None:
    """Save the choices of `user` (validated, unsaved), and nothing else of the row.

    What was counted about the learner's cards may depend on them, so that it is counted anew; and
    so may the hour of the next reminder. Whoever asks for reminders again gets them again, also
    where the address was refused before.
    """
    row = User.objects.select_for_update().only("reminded_on").get(pk=user.pk)
    user.reminded_on = row.reminded_on
    user.next_reminder = next_reminder(user, now)
    user.data_version = later_than("data_version")
    fields = [*CHOICES, "next_reminder", "data_version"]
    if user.remind_at is not None:
        user.reminder_refusals = 0
        fields.append("reminder_refusals")
    user.save(update_fields=fields)
