"""Accounts whose time is over: never confirmed, or not used for long and told so twice."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from smtplib import SMTPException

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import User
from backups.expiring.notices import FIRST_AHEAD, SECOND_AHEAD, told
from backups.models import InactivityNotice
from backups.own.deleting import delete_account
from cards.models import Card, Review

logger = logging.getLogger(__name__)

DAY = dt.timedelta(days=1)
# So many mails a run: who is told tomorrow is deleted a day later.
MAILS_MAX = 500
Choose = Callable[[], QuerySet[User]]


def unconfirmed(now: dt.datetime, dry_run: bool) -> dict[str, int]:
    """Accounts whose address was never confirmed, whose owner never signed in, and without cards.

    Only a sign-up leaves such: accounts from elsewhere or from the admin are not meant.
    """
    if not settings.UNCONFIRMED_ACCOUNT_DAYS:
        return {"unconfirmed accounts": 0}
    addresses = EmailAddress.objects.filter(user=OuterRef("pk"))

    def chosen() -> QuerySet[User]:
        joined = now - settings.UNCONFIRMED_ACCOUNT_DAYS * DAY
        return _learners().filter(
            Exists(addresses),
            ~Exists(addresses.filter(verified=True)),
            ~Exists(Card.objects.filter(owner=OuterRef("pk"))),
            last_login=None,
            date_joined__lt=joined,
        )

    return {"unconfirmed accounts": _delete(chosen, dry_run)}


def inactive(now: dt.datetime, dry_run: bool) -> dict[str, int]:
    """Accounts not used for INACTIVE_ACCOUNT_DAYS: told 30 days and again 7 days ahead.

    Whoever signs in, answers or adds in between is not meant any more, and would be told anew.
    Nobody goes untold: where no mail can be sent, nothing happens.
    """
    if not settings.INACTIVE_ACCOUNT_DAYS or not settings.EMAIL_HOST:
        return {"inactive accounts told": 0, "inactive accounts": 0}
    before = now - settings.INACTIVE_ACCOUNT_DAYS * DAY + FIRST_AHEAD
    notices = InactivityNotice.objects

    def over() -> QuerySet[User]:
        ready = notices.filter(
            told_at__lte=now - FIRST_AHEAD, told_again_at__lte=now - SECOND_AHEAD
        )
        return _unused_since(before).filter(pk__in=ready.values("user"))

    gone = _delete(over, dry_run)
    again = notices.filter(told_at__lte=now - FIRST_AHEAD + SECOND_AHEAD, told_again_at=None)
    first = _unused_since(before).exclude(pk__in=notices.values("user"))
    second = _unused_since(before).filter(pk__in=again.values("user"))
    if dry_run:
        number = first.count() + second.count()
        return {"inactive accounts told": number, "inactive accounts": gone}
    notices.exclude(user__in=_unused_since(before)).delete()
    number = _tell(second, SECOND_AHEAD, now, MAILS_MAX)
    number += _tell(first, FIRST_AHEAD, now, MAILS_MAX - number)
    return {"inactive accounts told": number, "inactive accounts": gone}


def _learners() -> QuerySet[User]:
    return User.objects.filter(is_staff=False, is_superuser=False)


def _unused_since(before: dt.datetime) -> QuerySet[User]:
    """Learners who neither signed in nor answered nor added a card since."""
    return _learners().filter(
        Q(last_login=None) | Q(last_login__lt=before),
        ~Exists(Review.objects.filter(owner=OuterRef("pk"), answered_at__gte=before)),
        ~Exists(Card.objects.filter(owner=OuterRef("pk"), created_at__gte=before)),
        date_joined__lt=before,
    )


def _tell(users: QuerySet[User], ahead: dt.timedelta, now: dt.datetime, most: int) -> int:
    """Mails these what will happen, and notes it; how many. A refused address stops nobody else."""
    number = 0
    for pk, email in users.order_by("pk").values_list("pk", "email"):
        if number >= most:
            break
        try:
            told(pk, email, ahead, now)
            number += 1
        except SMTPException:
            logger.exception("The mail about an inactive account was refused.")
        except OSError:
            logger.exception("The mail server does not answer; the next run goes on.")
            break
    return number


def _delete(chosen: Choose, dry_run: bool) -> int:
    """Deletes these accounts as their owners would, each in one transaction; how many."""
    if dry_run:
        return chosen().count()
    number = 0
    for pk in list(chosen().values_list("pk", flat=True)):
        with transaction.atomic():
            # Whoever signed in a moment ago is not chosen any more.
            user = chosen().select_for_update(of=("self",)).filter(pk=pk).first()
            if user is not None:
                delete_account(user)
                number += 1
    return number
