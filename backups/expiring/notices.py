"""The two mails to somebody whose account is not used any more."""

from __future__ import annotations

import datetime as dt

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.urls import reverse

from backups.models import InactivityNotice

FIRST_AHEAD, SECOND_AHEAD = dt.timedelta(days=30), dt.timedelta(days=7)


def told(user_id: int, email: str, ahead: dt.timedelta, now: dt.datetime) -> None:
    """Send the mail, then note that it was sent: one twice is better than none.

    SMTPException when it is refused, OSError when the server is away.
    """
    context = {
        "site": settings.SITE_URL,
        "current_site": {"domain": settings.SITE_URL.partition("://")[2]},
        "sign_in": settings.SITE_URL + reverse("account_login"),
        "when": now + ahead,
    }
    get_adapter().render_mail("backups/email/account_unused", email, context).send()
    values = {"told_at": now} if ahead == FIRST_AHEAD else {"told_again_at": now}
    InactivityNotice.objects.update_or_create(user_id=user_id, defaults=values)
