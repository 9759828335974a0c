"""Who is to be reminded next, and the conditional UPDATEs that settle who reminds them.

`next_reminder` moves on before the mail is sent, so that a second job, a second run or one after a
crash finds nothing left to do: at most one mail a day, whatever happens.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from allauth.account.models import EmailAddress
from django.db.models import Case, DateTimeField, Exists, OuterRef, Q, QuerySet, Value, When

from accounts.models import REFUSALS_MAX, User
from accounts.reminders import times

BATCH = 100
FAR = dt.timedelta(days=8)


def wish_of(user: User) -> times.Wish:
    """What this learner asked for; `remind_at` must be set."""
    return times.Wish(cast(int, user.remind_at), user.day_starts_at, user.zone)


def due_at(user: User) -> dt.datetime:
    """When this learner is to be reminded next; somebody who asked for it."""
    return cast(dt.datetime, user.next_reminder)


def next_reminder(user: User, now: dt.datetime) -> dt.datetime | None:
    """When to remind this learner next, None for never."""
    if user.remind_at is None:
        return None
    return times.next_after(now, wish_of(user), user.reminded_on)


def waiting(now: dt.datetime) -> Iterator[Sequence[User]]:
    """Everybody whose hour has come, in batches; `confirmed` tells whether mail may be sent.

    Each batch is a query of its own, by key, so that nothing is held while mails are on their way.
    """
    confirmed = EmailAddress.objects.filter(
        user=OuterRef("pk"), email=OuterRef("email"), verified=True
    )
    names = ("email", "is_active", "time_zone", "day_starts_at", "remind_at")
    users = (
        User.objects.filter(next_reminder__lte=now)
        .annotate(confirmed=Exists(confirmed))
        .only(*names, "next_reminder", "reminded_on", "reminder_refusals")
        .order_by("next_reminder", "pk")
    )
    found = list(users[:BATCH])
    while found:
        yield found
        at, pk = found[-1].next_reminder, found[-1].pk
        later = Q(next_reminder__gt=at) | Q(next_reminder=at, pk__gt=pk)
        found = list(users.filter(later, next_reminder__gte=at)[:BATCH])


def pass_over(users: Sequence[User], now: dt.datetime) -> None:
    """Those get no mail this time: their next turn, by one UPDATE."""
    if not users:
        return
    _give_turns(users, User.objects.filter(next_reminder__lte=now), now)


def bring_back(now: dt.datetime) -> None:
    """Turns that a clock which was ahead has put far away; a right one puts none beyond `FAR`."""
    far = User.objects.filter(next_reminder__gt=now + FAR)
    names = ("time_zone", "day_starts_at", "remind_at", "reminded_on")
    while users := list(far.only(*names).order_by("next_reminder", "pk")[:BATCH]):
        _give_turns(users, far, now)


def _give_turns(users: Sequence[User], among: QuerySet[User], now: dt.datetime) -> None:
    """Their next turn after `now`, for those of them who are `among` these still."""
    turns = [When(pk=user.pk, then=Value(next_reminder(user, now))) for user in users]
    rows = among.filter(pk__in=[user.pk for user in users], remind_at__isnull=False)
    rows.update(next_reminder=Case(*turns, output_field=DateTimeField()))


@dataclass(frozen=True, slots=True)
class Claim:
    """One learner's reminder of one day, which nobody else will send."""

    user: User
    next_turn: dt.datetime

    def _rows(self) -> QuerySet[User]:
        """The learner's row as the claim left it: what was changed since is not touched."""
        return User.objects.filter(pk=self.user.pk, next_reminder=self.next_turn)

    def release(self) -> None:
        """It was not sent: the next run tries again, as long as it makes sense."""
        before = {"next_reminder": self.user.next_reminder, "reminded_on": self.user.reminded_on}
        self._rows().update(**before)

    def delivered(self) -> None:
        """The address works."""
        if self.user.reminder_refusals:
            User.objects.filter(pk=self.user.pk).update(reminder_refusals=0)

    def refused(self) -> bool:
        """The address was refused for good; whether that ends the reminders."""
        count = self.user.reminder_refusals + 1
        if count < REFUSALS_MAX:
            self._rows().update(reminder_refusals=count)
            return False
        off = {"reminder_refusals": count, "remind_at": None, "next_reminder": None}
        return bool(self._rows().update(**off))


def claim(user: User, now: dt.datetime) -> Claim | None:
    """Take this learner's turn; None when somebody else did, or the learner changed their mind."""
    wish = wish_of(user)
    day = times.day_of(due_at(user), wish)
    next_turn = times.next_after(now, wish, day)
    taken = User.objects.filter(
        pk=user.pk,
        email=user.email,
        is_active=True,
        remind_at=user.remind_at,
        next_reminder=user.next_reminder,
    ).update(next_reminder=next_turn, reminded_on=day)
    return Claim(user, next_turn) if taken else None
