"""The mail itself: how many cards are due, in which decks, and how to make it stop."""

from __future__ import annotations

from collections.abc import Sequence

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.reminders.stopping import stop_path

DECKS_MAX = 10
# A deck's name and how many of its cards are due.
Decks = Sequence[tuple[str, int]]


def reminder(user: User, decks: Decks) -> EmailMessage:
    """The reminder for this learner, ready to be sent; `decks` must not be empty."""
    site = settings.SITE_URL.rstrip("/")
    stop = site + stop_path(user)
    most = sorted(decks, key=lambda deck: (-deck[1], deck[0]))
    context = {
        "count": sum(number for _name, number in decks),
        # One line each, whatever came in with an import.
        "decks": [(" ".join(name.split()), number) for name, number in most[:DECKS_MAX]],
        "more": len(decks[DECKS_MAX:]),
        "hour": f"{user.remind_at:02}:00",
        "site": site,
        "current_site": {"domain": site.partition("://")[2]},
        "stop": stop,
        "button": _("Review now"),
    }
    headers = {
        "Auto-Submitted": "auto-generated",
        "List-Unsubscribe": f"<{stop}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    message: EmailMessage = get_adapter().render_mail(
        "accounts/email/reminder", user.email, context, headers
    )
    return message
